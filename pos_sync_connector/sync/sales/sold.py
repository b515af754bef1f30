"""What is a sale: of an order's record, and as one condition for days, entries and counts."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from odoo.tools import SQL

from ...connectors.records import FulfilmentStatus, OrderStatus, PaymentKind

SOLD = (OrderStatus.PAID.value, OrderStatus.COMPLETED.value)


def is_sold():
    """Of the table `sale`: an order that is confirmed here and paid or completed at the system; and a cancelled one
    that was paid in full: its refunds reverse it, as far as they go. Any other cancelled order is no sale."""
    return SQL(
        """
        ((sale.state = 'sale' AND sale.pos_sync_status IN %(sold)s)
         OR (sale.pos_sync_status = %(cancelled)s AND sale.amount_total > 0
             AND sale.amount_total < 0.005 + (
                 SELECT COALESCE(sum(money.amount + COALESCE(money.tip, 0)), 0) FROM pos_sync_payment money
                  WHERE money.order_id = sale.id AND money.kind IS DISTINCT FROM %(on_account)s)
                 -- Goods that came back for no money paid for others.
                 + (SELECT COALESCE(sum(back.gross - COALESCE(back.overpayment, 0)), 0) FROM pos_sync_refund back
                     WHERE back.order_id = sale.id AND back.gone IS NOT TRUE
                       AND NOT EXISTS (SELECT FROM pos_sync_payment money WHERE money.refund_id = back.id)
                       AND EXISTS (SELECT FROM pos_sync_payment money WHERE money.order_id = sale.id))))
        """,
        sold=SOLD,
        cancelled=OrderStatus.CANCELLED.value,
        on_account=PaymentKind.ON_ACCOUNT.value,
    )


def is_kept():
    """Of the table `sale`: an order whose money counts. What its system has cancelled was received all the same, and
    goes back by refunds; what a person has cancelled in Odoo does not count."""
    return SQL("(sale.state <> 'cancel' OR sale.pos_sync_status = %s)", OrderStatus.CANCELLED.value)


def cancelled_here(order):
    """Whether a person has cancelled it in Odoo, and not its system."""
    return order.state == "cancel" and order.pos_sync_status != OrderStatus.CANCELLED.value


def was_paid(record, order):
    """Of an order and its record: whether all that it comes to was received, in money or in exchange for what came
    back, so that only refunds reverse it."""
    received = sum(
        payment.amount + payment.tip for payment in record.payments if payment.kind is not PaymentKind.ON_ACCOUNT
    )
    exchanged = order.pos_sync_refund_ids.filtered(lambda refund: not refund.gone and not refund.payment_ids)
    if received and exchanged:
        received += sum(Decimal(str(refund.gross - refund.overpayment)) for refund in exchanged)
    return 0 < record.totals.gross <= received


_GONE = (FulfilmentStatus.SHIPPED, FulfilmentStatus.DELIVERED, FulfilmentStatus.PICKED_UP)


def handed_over(record):
    """An order whose goods have all left is completed, paid or not: it is sold on credit, as with cash on delivery."""
    if record.status is not OrderStatus.OPEN:
        return record
    left = Counter()
    for fulfilment in record.fulfilments:
        if fulfilment.status in _GONE:
            for line_id, quantity in fulfilment.lines:
                left[line_id] += quantity
    goods = [line for line in record.lines if line.quantity > 0 and not line.parent_id and not line.is_gift_card]
    if goods and all(left[line.external_id] >= line.quantity for line in goods):
        return replace(record, status=OrderStatus.COMPLETED)
    return record
