"""The steps that bring a sale order of another Odoo on: confirm, deliver, invoice, pay, cancel.

Each looks at the state first, so that one that was done before, its answer lost, is not done again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from ... import records as rec
from ...errors import NeedsFixing
from ...lazy import cached_property
from . import fields
from .rpc import Rpc
from .sale_orders import MODEL
from .upsert import Ids, external_id, upsert
from .values import decimal, number, text

_UNCONFIRMED = ("draft", "sent")
_HANDED_OVER = (rec.FulfilmentStatus.SHIPPED, rec.FulfilmentStatus.DELIVERED, rec.FulfilmentStatus.PICKED_UP)
_PAID = ("paid", "in_payment", "reversed")
# Done without asking: the rest of a delivery becomes one of its own, what is not reserved is taken all the same.
_NO_QUESTIONS = {"skip_backorder": True, "skip_immediate": True, "skip_sms": True, "skip_expired": True}


class OrderSteps:
    """`journal` is the id of the journal that payments go to, 0 where the connection names none; `plain_messages`:
    whether messages are texts there, HTML else."""

    def __init__(self, rpc: Rpc, journal: int, plain_messages: bool):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._journal = journal
        self._plain_messages = plain_messages

    def follow(self, order: int, change: rec.OrderStatusChange) -> None:
        """Does what `change` states and is not done yet."""
        if change.status is rec.OrderStatus.CANCELLED:
            self.cancel(order)
        elif change.status is not rec.OrderStatus.DRAFT:
            self.confirm(order)
            handed_over = [item for item in change.fulfilments if item.status in _HANDED_OVER]
            if handed_over:
                self.deliver(order, handed_over)
            if change.paid:
                self.pay_rest(order, change.updated_at)

    def confirm(self, order: int, state: str = "") -> None:
        """`state` is that of the order where it has just been read."""
        if (state or self._state(order)) in _UNCONFIRMED:
            self.do(MODEL, "action_confirm", order, unless=lambda: self._state(order) not in _UNCONFIRMED)

    def cancel(self, order: int) -> None:
        """Raises NeedsFixing for one that Odoo does not let go: locked, delivered."""
        if self._state(order) != "cancel":
            self.do(MODEL, "action_cancel", order, context={"disable_cancel_warning": True})
            if self._state(order) != "cancel":
                raise NeedsFixing(
                    "That Odoo did not cancel the order. Cancel it there by hand, then drop this message.",
                    code="not-cancelled",
                )

    # Deliveries

    def deliver(self, order: int, fulfilments: Sequence[rec.Fulfilment] = (), *, track: bool = True) -> None:
        """Validates deliveries until all that `fulfilments` hold together is delivered ("line-12" with quantities):
        everything, where there are none or one of them names no lines. `track`: what was delivered before gets the
        tracking of the last one where it has none."""
        left = self._left_to_deliver(order, fulfilments)
        for picking in self._pickings(order):
            moves = self._rows.read(
                "stock.move",
                [("picking_id", "=", picking["id"]), ("state", "not in", ("done", "cancel"))],
                ["product_uom_qty", "quantity", "quantity_done", "picked", "sale_line_id"],
            )
            done = {move["id"]: self._take(move, left) for move in moves}
            if not any(done.values()):
                continue
            if fulfilments:
                self.write_tracking(picking, fulfilments[-1])
            for move, quantity in done.items():
                values = {self.quantity_field: quantity, **self._picked(quantity > 0)}
                self._rpc.call("stock.move", "write", [move], vals=values)
            self.do("stock.picking", "button_validate", picking["id"], context=_NO_QUESTIONS)
        if fulfilments and track:
            self._track(order, fulfilments[-1])

    def finish(self, picking: int) -> None:
        """Validates a picking with all that it asks for."""
        domain = [("picking_id", "=", picking), ("state", "not in", ("done", "cancel"))]
        for move in self._rpc.search_read("stock.move", domain, ["product_uom_qty"]):
            values = {self.quantity_field: decimal(move["product_uom_qty"])}
            self._rpc.call("stock.move", "write", [move["id"]], vals={**values, **self._picked(True)})
        self.do("stock.picking", "button_validate", picking, context=_NO_QUESTIONS)

    def _picked(self, value: bool) -> dict[str, bool]:
        return {"picked": value} if self._has_picked else {}

    def _left_to_deliver(self, order: int, fulfilments: Sequence[rec.Fulfilment]) -> dict[int | None, Decimal] | None:
        """By line of the order; None: everything."""
        if not all(item.lines for item in fulfilments) or not fulfilments:
            return None
        left: dict[int | None, Decimal] = defaultdict(Decimal)
        for item in fulfilments:
            for line, quantity in item.lines:
                left[number("line", line)] += quantity
        for row in self._rpc.search_read("sale.order.line", [("order_id", "=", order)], ["qty_delivered"]):
            left[row["id"]] -= decimal(row["qty_delivered"])
        return left

    def _take(self, move: dict[str, Any], left: dict[int | None, Decimal] | None) -> Decimal:
        ordered = decimal(move["product_uom_qty"])
        if left is None:
            return ordered
        taken = max(min(left.get(move["sale_line_id"], Decimal(0)), ordered), Decimal(0))
        left[move["sale_line_id"]] = left.get(move["sale_line_id"], Decimal(0)) - taken
        return taken

    def _track(self, order: int, fulfilment: rec.Fulfilment) -> None:
        """Carrier and tracking number on what was delivered before."""
        if not self._rows.has("stock.picking", "carrier_tracking_ref"):
            return
        domain = [("sale_id", "=", order), ("state", "=", "done"), ("carrier_tracking_ref", "=", False)]
        for picking in self._rows.read("stock.picking", domain, ["carrier_tracking_ref"]):
            self.write_tracking(picking, fulfilment)

    def _pickings(self, order: int) -> list[dict[str, Any]]:
        """The deliveries of the order that are still to be done, the first step first."""
        domain = [("sale_id", "=", order), ("state", "not in", ("done", "cancel"))]
        names = ["carrier_tracking_ref", "picking_type_code"]
        return [
            row
            for row in self._rows.read("stock.picking", domain, names)
            if row["picking_type_code"] in ("outgoing", "internal")
        ]

    def write_tracking(self, picking: dict[str, Any], fulfilment: rec.Fulfilment) -> None:
        parts = (fulfilment.carrier, fulfilment.tracking_number, fulfilment.tracking_url)
        if not any(parts):
            return
        if "carrier_tracking_ref" in picking:
            if fulfilment.tracking_number:
                values = {"carrier_tracking_ref": fulfilment.tracking_number}
                self._rpc.call("stock.picking", "write", [picking["id"]], vals=values)
            if not fulfilment.carrier:
                return
        body = " ".join(filter(None, parts))
        self.say("stock.picking", picking["id"], body)

    @cached_property
    def quantity_field(self) -> str:
        return self._rows.names("stock.move", ["quantity", "quantity_done"])[0]

    @cached_property
    def _has_picked(self) -> bool:
        return self._rows.has("stock.move", "picked")

    # Money

    def settle(self, order: int, stated: rec.Order, key: str) -> None:
        """Invoices the order, posts that and pays it with the payments of `stated`. An order that can't be invoiced as
        a whole yet, since products of it are invoiced on delivery, is paid into the customer's account."""
        payments = stated.payments or tuple(_one_payment(stated))
        if not self._journal and payments:
            raise _no_journal()
        invoices = self._invoices(order)
        if invoices or self._can_be_invoiced(order):
            invoices = self.invoice(order, stated.closed_at or stated.created_at)
        for payment in payments:
            memo = " ".join(filter(None, (payment.method_name, payment.reference, key, payment.external_id)))
            if self._is_paid_in(memo):
                continue
            due = next((row for row in invoices if row["payment_state"] not in _PAID), None)
            if due:
                self._pay_invoice(due, payment, memo, stated)
                invoices = self._invoices(order)
            else:
                self._pay_in(order, payment, memo, f"{key}_{payment.external_id}", stated)

    def pay_rest(self, order: int, at: datetime | None) -> None:
        """Invoices the order where it is not, and pays what is open."""
        if not self._journal:
            raise _no_journal()
        for row in self.invoice(order, at):
            if row["payment_state"] not in _PAID:
                self._register(row["id"], {"journal_id": self._journal})

    def invoice(self, order: int, at: datetime | None) -> list[dict[str, Any]]:
        """The posted invoices of the order, made where there are none and something is to be invoiced."""
        invoices = self._invoices(order)
        if not invoices and self._order(order, "invoice_status")["invoice_status"] == "to invoice":
            wizard = "sale.advance.payment.inv"
            values = {"advance_payment_method": "delivered"}
            if self._rows.has(wizard, "sale_order_ids"):
                values |= {"sale_order_ids": [[6, 0, [order]]]}
            context = {"active_model": MODEL, "active_ids": [order], "active_id": order}
            made = self._create(wizard, values, context)
            self.do(wizard, "create_invoices", made, context=context, unless=lambda: bool(self._invoices(order)))
            invoices = self._invoices(order)
        for row in invoices:
            if row["state"] == "draft":
                if at and not row["invoice_date"]:
                    self._rpc.call("account.move", "write", [row["id"]], vals={"invoice_date": at.date().isoformat()})
                self.do("account.move", "action_post", row["id"])
        return self._invoices(order)

    def _can_be_invoiced(self, order: int) -> bool:
        """Whether all of it can."""
        names = ["qty_to_invoice", "product_uom_qty", "display_type"]
        rows = self._rows.read("sale.order.line", [("order_id", "=", order)], names)
        sold = [row for row in rows if not row["display_type"]]
        return all(decimal(row["qty_to_invoice"]) == decimal(row["product_uom_qty"]) for row in sold)

    def _invoices(self, order: int) -> list[dict[str, Any]]:
        ids = self._order(order, "invoice_ids")["invoice_ids"]
        names = ["state", "move_type", "payment_state", "amount_residual", "invoice_date"]
        domain = [("id", "in", ids), ("move_type", "=", "out_invoice"), ("state", "!=", "cancel")]
        return self._rows.read("account.move", domain, names) if ids else []

    def _pay_invoice(self, invoice: dict[str, Any], payment: rec.Payment, memo: str, stated: rec.Order) -> None:
        at = payment.paid_at or stated.closed_at or stated.created_at
        self._register(
            invoice["id"],
            {
                "journal_id": self._journal,
                "amount": payment.amount + payment.tip,
                "payment_date": at.date().isoformat(),
                "communication": memo,
            },
        )

    def _register(self, invoice: int, values: dict[str, Any]) -> None:
        context = {"active_model": "account.move", "active_ids": [invoice], "dont_redirect_to_payments": True}
        wizard = self._create("account.payment.register", values, context)
        self.do("account.payment.register", "action_create_payments", wizard, context=context)

    def pay_out(self, note: int, memo: str) -> None:
        """Gives back the money of a credit note, where there is a journal to pay it from."""
        if self._journal:
            self._register(note, {"journal_id": self._journal, "communication": memo})

    def _pay_in(self, order: int, payment: rec.Payment, memo: str, key: str, stated: rec.Order) -> None:
        partner = self._order(order, "partner_id")["partner_id"]
        at = payment.paid_at or stated.closed_at or stated.created_at
        values = {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": Ids.of(partner),
            "amount": payment.amount + payment.tip,
            "date": at.date(),
            "journal_id": Ids.of(self._journal),
            self._memo_field: memo,
        }
        made = upsert(self._rpc, "account.payment", external_id("payment", key), values)
        self.do("account.payment", "action_post", made)

    def _is_paid_in(self, memo: str) -> bool:
        domain = [(self._memo_field, "=", memo), ("state", "not in", ("draft", "cancel", "canceled"))]
        return self._rpc.count("account.payment", domain) > 0

    @cached_property
    def _memo_field(self) -> str:
        return self._rows.names("account.payment", ["memo", "ref"])[0]

    # Calls

    def _order(self, order: int, name: str) -> dict[str, Any]:
        return self._rpc.read(MODEL, [order], [name])[0]

    def _state(self, order: int) -> str:
        return text(self._order(order, "state")["state"])

    def say(self, model: str, row: int, words: str) -> None:
        """A message on the row's history."""
        body = words if self._plain_messages else "<br>".join(escape(words).splitlines())
        self._rpc.call(model, "message_post", [row], body=body, idempotent=False)

    def _create(self, model: str, values: dict[str, Any], context: dict[str, Any]) -> int:
        made = self._rpc.call(model, "create", vals_list=[values], context=context, idempotent=False)
        return int(made[0])

    def do(
        self,
        model: str,
        method: str,
        row: int,
        *,
        context: dict[str, Any] | None = None,
        unless: Callable[[], bool] | None = None,
    ) -> None:
        """Calls a method. Where Odoo refuses, `unless` tells whether another try, whose answer was lost, has done it in
        this moment."""
        try:
            self._rpc.call(model, method, [row], context=context, idempotent=False)
        except NeedsFixing:
            if unless is None or not unless():
                raise


def _no_journal() -> NeedsFixing:
    return NeedsFixing(
        "The order is paid, but the connection names no journal for payments. Choose “Journal for payments” in its "
        "settings, or have orders arrive unpaid.",
        code="missing-setting",
        trace="missing-setting:payment_journal",
    )


def _one_payment(order: rec.Order) -> Iterable[rec.Payment]:
    """For an order that is paid, nobody says how."""
    if order.totals.gross > 0:
        yield rec.Payment(external_id="paid", amount=order.totals.gross, currency=order.currency)
