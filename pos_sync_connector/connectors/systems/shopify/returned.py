"""What the rows are that Shopify calls refunds:

    an edit that took goods out of the order          no money, and nothing came back
    a refund                                          money that was refunded, or goods that came back
    one that is on its way                            its transactions are pending or failed: nothing has moved yet

and what a refund comes to. Its lines, shipping and duties are what it is worth; where another amount was refunded,
adjustments say why. They are read by their size, because their sign is that of the order in one case and that of the
refund in another; two that cancel each other say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ... import records as rec
from ...moments import read_moment
from .payments import RECEIVED
from .values import Row, key_of, money, nodes, number, text

_ZERO = Decimal(0)
# What an order says of its returns where some of it has come back.
RETURNED = ("RETURNED", "IN_PROGRESS", "INSPECTION_COMPLETE")
# The difference is still to be refunded, or is refunded at last: no reason to keep it.
_OUTSTANDING = "PENDING_REFUND_DISCREPANCY"
_BALANCING = "FULL_RETURN_BALANCING_ADJUSTMENT"
_NAMES = {
    rec.ChargeKind.FEE: "Kept from the refund",
    rec.ChargeKind.DISCOUNT: "Refunded beside the goods",
    rec.ChargeKind.ROUNDING: "Rounding of the refund",
}


@dataclass(slots=True)
class Removed:
    """What an edit took out of a line: how many, and what they came to before tax was added, with their tax."""

    quantity: Decimal = _ZERO
    subtotal: Decimal = _ZERO
    tax: Decimal = _ZERO


def removals(refunds: Iterable[Row], status: str | None = None) -> dict[str, Removed]:
    """What edits took out of lines, by the line. `status`: that of the order's returns."""
    found: dict[str, Removed] = {}
    for refund in refunds:
        for row in nodes(refund, "refundLineItems") if is_edit(refund, status) else ():
            gone = found.setdefault(key_of(row["lineItem"]), Removed())
            gone.quantity += number(row["quantity"])
            gone.subtotal += money(row["subtotalSet"])
            gone.tax += money(row["totalTaxSet"])
    return found


def is_edit(refund: Row, status: str | None = None) -> bool:
    """Whether goods were taken out of the order, and did not come back. Nothing was refunded for them: where money was
    withheld an adjustment says so, and where they were exchanged there is a return, which mostly restocks them."""
    if money(refund.get("totalRefundedSet")) or refund.get("return") or _transactions(refund):
        return False
    beside = (*nodes(refund, "refundShippingLines"), *(refund.get("duties") or ()))
    if beside or any(_adjusted(refund, outstanding=False)):
        return False
    kinds = {row.get("restockType") for row in nodes(refund, "refundLineItems")}
    return "CANCEL" in kinds if status in RETURNED else True


def edits(order: Row) -> list[Row]:
    """The rows of an order that took goods out of it. Of one that was cancelled since, having been paid in full, they
    are refunded with it; of one that never was they had left before, and the cancellation took out the rest."""
    found = [row for row in order.get("refunds") or () if is_edit(row, order.get("returnStatus"))]
    if not order.get("cancelledAt"):
        return found
    ended = read_moment(order["cancelledAt"])
    return [row for row in found if read_moment(row.get("createdAt")) < ended] if is_paid_in_part(order) else []  # type: ignore[operator]


def is_paid_in_part(order: Row) -> bool:
    return _ZERO < received(order) < total(order)


def received(order: Row) -> Decimal:
    rows = [row for row in order.get("transactions") or () if row["status"] == "SUCCESS"]
    came = sum((money(row["amountSet"]) for row in rows if row["kind"] in RECEIVED), _ZERO)
    return came - sum((abs(money(row["amountSet"])) for row in rows if row["kind"] == "CHANGE"), _ZERO)


def total(order: Row) -> Decimal:
    """A till takes the tip beside the order's total."""
    beside = money(order.get("totalTipReceivedSet")) if order.get("retailLocation") else _ZERO
    return money(order.get("totalPriceSet")) + beside


def is_on_its_way(refund: Row) -> bool:
    """Whether money was asked for that has not left yet."""
    rows = _transactions(refund)
    return bool(rows) and not any(row["status"] == "SUCCESS" for row in rows)


def _refunded(refund: Row) -> Decimal:
    rows = _transactions(refund)
    left = sum((abs(money(row["amountSet"])) for row in rows if row["status"] == "SUCCESS"), _ZERO)
    return left if rows else money(refund.get("totalRefundedSet"))


def _transactions(refund: Row) -> list[Row]:
    return [row for row in nodes(refund, "transactions") if row["kind"] == "REFUND"]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a refund takes back: lines and charges, the money that was refunded, and the difference that adjustments
    explain (negative: it was kept)."""

    lines: tuple[rec.RefundLine, ...]
    charges: tuple[rec.Charge, ...]
    money: Decimal
    # Of the difference so much is said to be outstanding.
    outstanding: bool = False

    @property
    def amount(self) -> Decimal:
        lines = sum((line.gross or _ZERO for line in self.lines), _ZERO)
        return lines + sum(((charge.net or _ZERO) + (charge.tax or _ZERO) for charge in self.charges), _ZERO)

    @property
    def tax(self) -> Decimal:
        lines = sum((line.tax or _ZERO for line in self.lines), _ZERO)
        return lines + sum((charge.tax or _ZERO for charge in self.charges), _ZERO)


def worth(refund: Row, inclusive: bool) -> Worth:
    lines, charges = [], []
    for row in nodes(refund, "refundLineItems"):
        (charges if is_tip(row["lineItem"]) else lines).append(_line(row, inclusive))
    found = [_tip(refund, line) for line in charges]
    found += _shipping(refund, inclusive)
    found += _duties(refund)
    plain = Worth(tuple(lines), tuple(found), _refunded(refund))
    outstanding = any(_adjusted(refund, outstanding=True))
    explained = tuple(_explained(refund, plain.money - plain.amount))
    return Worth(plain.lines, (*plain.charges, *explained), plain.money, outstanding)


def is_tip(line: Row) -> bool:
    """A web checkout writes the tip as a line of its own."""
    return not line.get("variant") and not line.get("product") and text(line.get("title")).lower() == "tip"


def _line(row: Row, inclusive: bool) -> rec.RefundLine:
    subtotal, tax = money(row["subtotalSet"]), money(row["totalTaxSet"])
    gross = subtotal if inclusive else subtotal + tax
    sold = row["lineItem"]
    return rec.RefundLine(
        order_line_id=key_of(sold),
        variant_id=key_of(sold.get("variant")),
        name=text(sold.get("name")),
        quantity=number(row["quantity"]),
        net=gross - tax,
        tax=tax,
        gross=gross,
        restock=row.get("restockType") != "NO_RESTOCK",
    )


def _charge(refund: Row, kind: rec.ChargeKind, key: str, name: str, net: Decimal, tax: Decimal, amount: Decimal):
    external_id = f"{kind.value}:{key or key_of(refund)}"
    return rec.Charge(external_id=external_id, kind=kind, name=name, amount=amount, net=net, tax=tax)


def _tip(refund: Row, line: rec.RefundLine) -> rec.Charge:
    gross, tax = line.gross or _ZERO, line.tax or _ZERO
    return _charge(refund, rec.ChargeKind.TIP, line.order_line_id, line.name or "Tip", gross - tax, tax, gross)


def _shipping(refund: Row, inclusive: bool) -> Iterator[rec.Charge]:
    for row in nodes(refund, "refundShippingLines"):
        subtotal, tax = money(row["subtotalAmountSet"]), money(row["taxAmountSet"])
        sold = row.get("shippingLine") or {}
        name, net = text(sold.get("title")) or "Shipping", subtotal - tax if inclusive else subtotal
        if net or tax:
            yield _charge(refund, rec.ChargeKind.SHIPPING, key_of(sold), name, net, tax, subtotal)


def _duties(refund: Row) -> Iterator[rec.Charge]:
    for row in refund.get("duties") or ():
        amount = money(row["amountSet"])
        yield _charge(refund, rec.ChargeKind.DUTY, key_of(row.get("originalDuty")), "Duties", amount, _ZERO, amount)


def _adjusted(refund: Row, *, outstanding: bool) -> tuple[Decimal, Decimal]:
    """Amount and tax of the adjustments of one sort."""
    rows = [row for row in nodes(refund, "orderAdjustments") if (row.get("reason") == _OUTSTANDING) == outstanding]
    amount = sum((money(row.get("amountSet")) for row in rows), _ZERO)
    return amount, sum((money(row.get("taxAmountSet")) for row in rows), _ZERO)


def _explained(refund: Row, difference: Decimal) -> Iterator[rec.Charge]:
    """What the adjustments say of the difference between what was refunded and what it is worth."""
    amount, tax = _adjusted(refund, outstanding=False)
    later = abs(sum(_adjusted(refund, outstanding=True), _ZERO))
    for total in (amount, amount + tax):
        for whole in (abs(total), -abs(total)):
            if whole and difference - whole in (_ZERO, later, -later):
                signed = tax.copy_sign(whole)
                balancing = any(row.get("reason") == _BALANCING for row in nodes(refund, "orderAdjustments"))
                less = rec.ChargeKind.FEE if whole < 0 else rec.ChargeKind.DISCOUNT
                kind = rec.ChargeKind.ROUNDING if balancing else less
                yield _charge(refund, kind, "", _NAMES[kind], whole - signed, signed, whole)
                return
