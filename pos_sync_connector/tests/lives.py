"""A sale and what becomes of it, drawn at random: what the system tells of it one after another, and what must be in
the books at the end, worked out here from what was drawn alone.

Prices are whole dollars, so that no tax is rounded: what is tried is what is booked where.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from ..connectors import records as rec
from .posting_common import by_card, paid
from .sales_common import charge, line, order, refund

DOLLARS = st.integers(1, 99).map(Decimal)
RATES = ("", "7", "10")
GOODS = st.tuples(st.integers(1, 3), DOLLARS, st.sampled_from(RATES))
STEPS = ("edit", "line", "shipping", "tip", "card", "exchange", "cancel", "cancel for a fee")
PAID_BY = ("card", "cash", "gift card", "parts", "later", "deposit")
LIVES = st.fixed_dictionaries(
    {
        "goods": st.lists(GOODS, min_size=1, max_size=3),
        "card": st.one_of(st.just(Decimal(0)), DOLLARS),
        "shipping": st.one_of(st.none(), st.tuples(DOLLARS, st.sampled_from(RATES))),
        "tip": st.one_of(st.just(Decimal(0)), DOLLARS),
        "paid": st.sampled_from(PAID_BY),
        "rounding": st.integers(-2, 2).map(lambda cents: Decimal(cents) / 100),
        "by_channel": st.booleans(),
        "currency": st.sampled_from(("USD", "USD", "EUR")),
        "steps": st.lists(st.sampled_from(STEPS), max_size=2),
    }
)
_CARD = "v-gift"


def _tax(rate, base, by_channel=False):
    if not rate:
        return ()
    amount = base * Decimal(rate) / 100
    return (rec.LineTax(tax_id=rate, rate=Decimal(rate), amount=amount, remitted_by_channel=by_channel),)


def _taxed(taxes):
    return sum((tax.amount for tax in taxes), Decimal(0))


@dataclass
class Item:
    """A line; `left`: pieces that were not refunded."""

    key: str
    count: int
    price: Decimal
    rate: str
    is_card: bool = False
    left: int = 0


class Life:
    """`versions` of the order, in the order in which they were; `refunds`; `book`: {role: amount in its currency}."""

    def __init__(self, key, drawn, at):
        self.key, self.drawn, self.at = key, drawn, at
        self.by_channel = drawn["by_channel"]
        self.items = [Item(f"{key}-{n}", *goods, left=goods[0]) for n, goods in enumerate(drawn["goods"])]
        if drawn["card"]:
            self.items.append(Item(f"{key}-card", 1, drawn["card"], "", True, 1))
        self.shipping, self.tip = drawn["shipping"], drawn["tip"]
        self.shipped, self.tipped = bool(drawn["shipping"]), bool(drawn["tip"])
        self.status, self.versions, self.refunds, self.payments = rec.OrderStatus.COMPLETED, [], [], []
        self.book = defaultdict(Decimal)
        for item in self.items:
            self.count(item, item.count)
        self.count_charges(1)
        self.pay()
        self.tell()
        for number, step in enumerate(drawn["steps"]):
            self.moment = at + timedelta(days=number + 1)
            if self.status is not rec.OrderStatus.CANCELLED:
                getattr(self, f"do_{step.replace(' ', '_')}")()

    # The books

    def count(self, item, pieces):
        """Pieces that are sold; negative: refunded."""
        base = pieces * item.price
        taxes = _taxed(_tax(item.rate, base))
        self.book["gift cards" if item.is_card else "sales"] -= base
        self.count_tax(item.rate, taxes)

    def count_tax(self, rate, amount):
        if amount:
            self.book["channel" if self.by_channel else f"tax {rate}"] -= amount

    def count_charges(self, sign):
        if self.shipped:
            amount, rate = self.shipping
            self.book["shipping"] -= sign * amount
            self.count_tax(rate, sign * _taxed(_tax(rate, amount)))
        if self.tipped:
            self.book["tips"] -= sign * self.tip

    def receive(self, role, amount, rounding=Decimal(0)):
        self.book[role] += amount + rounding
        self.book["rounding"] -= rounding

    # Payments

    @property
    def gross(self):
        """What the order comes to, whatever was refunded."""
        total = sum((item.count * item.price for item in self.items), Decimal(0)) + self.tip
        total += sum((_taxed(_tax(item.rate, item.count * item.price)) for item in self.items), Decimal(0))
        return total + (self.shipping[0] + _taxed(_tax(self.shipping[1], self.shipping[0])) if self.shipping else 0)

    def pay(self):
        how, total = self.drawn["paid"], self.gross
        if how == "later":
            self.book["receivable"] += total
            return
        half = (total / 2).quantize(Decimal("0.01"))
        parts = {
            "card": [("card", total)],
            "cash": [("cash", total)],
            "gift card": [("gift card", total)],
            "parts": [("cash", half), ("card", total - half)],
            "deposit": [("cash", half), ("card", total - half)],
        }[how]
        for number, (kind, amount) in enumerate(parts):
            self.payments.append(self.payment(f"{self.key}-p{number}", kind, amount, self.at + timedelta(days=number)))
            if how == "deposit" and not number:
                self.tell(rec.OrderStatus.OPEN)

    def payment(self, key, kind, amount, at, sign=1):
        """A payment, counted in the books; `sign` -1: it goes back."""
        rounding = self.drawn["rounding"] if kind == "cash" else Decimal(0)
        role = {"cash": "till", "card": "clearing", "gift card": "gift cards"}[kind]
        self.receive(role, sign * amount, sign * rounding)
        values = {"rounding": rounding, "paid_at": at, "currency": self.drawn["currency"]}
        if kind == "gift card":
            return paid(key, amount, "Voucher", rec.PaymentKind.GIFT_CARD, **values)
        return by_card(key, amount, **values) if kind == "card" else paid(key, amount, **values)

    # What is told

    def tell(self, status=None):
        status = status or self.status
        tax = sum((_taxed(_tax(item.rate, item.count * item.price)) for item in self.items), Decimal(0))
        tax += _taxed(_tax(self.shipping[1], self.shipping[0])) if self.shipping else 0
        later = self.drawn["paid"] == "later"
        if later and status is rec.OrderStatus.COMPLETED:
            status = rec.OrderStatus.OPEN
        delivered = rec.Fulfilment(
            external_id=f"{self.key}-f",
            order_id=self.key,
            status=rec.FulfilmentStatus.DELIVERED,
            lines=tuple((item.key, Decimal(item.count)) for item in self.items),
            updated_at=self.at,
        )
        closed = self.at + timedelta(days=1) if self.drawn["paid"] == "deposit" and len(self.payments) > 1 else None
        self.versions.append(
            order(
                self.key,
                *map(self.line, self.items),
                charges=tuple(self.charges()),
                payments=tuple(self.payments),
                fulfilments=(delivered,) if later else (),
                status=status,
                paid=not later and status is not rec.OrderStatus.OPEN,
                currency=self.drawn["currency"],
                gross=self.gross,
                tax=tax,
                created_at=self.at,
                closed_at=closed,
            )
        )

    def line(self, item):
        net = item.count * item.price
        taxes = _tax(item.rate, net, self.by_channel)
        sold = {"variant_id": _CARD, "is_gift_card": True} if item.is_card else {}
        return line(
            item.key,
            quantity=item.count,
            unit_price=item.price,
            taxes=taxes,
            net=net,
            tax=_taxed(taxes),
            gross=net + _taxed(taxes),
            **sold,
        )

    def charges(self):
        if self.shipping:
            yield self.charge("shipping", rec.ChargeKind.SHIPPING, *self.shipping)
        if self.tip:
            yield self.charge("tip", rec.ChargeKind.TIP, self.tip)

    def charge(self, name, kind, amount, rate=""):
        taxes = _tax(rate, amount, self.by_channel)
        return charge(f"{self.key}-{name}", kind, amount, taxes=taxes, net=amount, tax=_taxed(taxes))

    def back(self, rows=(), charges=(), *, money=True, overpaid=Decimal(0)):
        """A refund of pieces of lines and of charges."""
        lines = [self.returned(item, pieces) for item, pieces in rows]
        gross = sum((row.gross for row in lines), Decimal(0)) + sum((row.net + row.tax for row in charges), Decimal(0))
        gross += overpaid
        tax = sum((row.tax for row in (*lines, *charges)), Decimal(0))
        key = f"{self.key}-r{len(self.refunds)}"
        money = money and gross > 0
        if money and self.drawn["paid"] == "later":
            money = False
            self.book["receivable"] -= gross
        kind = {"gift card": "gift card", "cash": "cash"}.get(self.drawn["paid"], "card")
        payments = (self.payment(f"{key}-p", kind, gross, self.moment, -1),) if money else ()
        self.refunds.append(
            refund(
                key,
                self.key,
                gross,
                net=gross - tax,
                tax=tax,
                lines=tuple(lines),
                charges=tuple(charges),
                overpayment=overpaid,
                payments=payments,
                currency=self.drawn["currency"],
                refunded_at=self.moment,
            )
        )
        return gross

    def returned(self, item, pieces):
        net = pieces * item.price
        taxes = _tax(item.rate, net, self.by_channel)
        item.left -= pieces
        self.count(item, -pieces)
        return rec.RefundLine(
            order_line_id=item.key,
            quantity=Decimal(pieces),
            net=net,
            tax=_taxed(taxes),
            gross=net + _taxed(taxes),
            taxes=taxes,
        )

    # What becomes of it

    def goods(self):
        return [item for item in self.items if item.left and not item.is_card]

    def do_line(self):
        for item in self.goods()[:1]:
            self.back([(item, 1)])

    def do_card(self):
        for item in self.items:
            if item.is_card and item.left:
                self.back([(item, 1)])

    def do_shipping(self):
        self.charges_back("shipping")

    def do_tip(self):
        self.charges_back("tip")

    def charges_back(self, *names):
        found = self.open_charges(*names)
        if found:
            self.back(charges=found)

    def open_charges(self, *names):
        """The charges of those names that were not refunded; they count as refunded from here on."""
        shipped, tipped = self.shipped and "shipping" in names, self.tipped and "tip" in names
        kept = self.shipped and not shipped, self.tipped and not tipped
        self.shipped, self.tipped = shipped, tipped
        self.count_charges(-1)
        self.shipped, self.tipped = kept
        rows = {row.kind.value: row for row in self.charges()}
        return [rows[name] for name, wanted in (("shipping", shipped), ("tip", tipped)) if wanted]

    def do_edit(self):
        """Takes out a line that nothing was refunded of; what was paid for it goes back."""
        whole = [item for item in self.goods() if item.left == item.count]
        if len(whole) < 2:
            return
        item = whole[-1]
        worth = item.count * item.price
        worth += _taxed(_tax(item.rate, worth))
        self.count(item, -item.count)
        self.items.remove(item)
        self.tell()
        if self.drawn["paid"] == "later":
            self.book["receivable"] -= worth
        else:
            self.back(overpaid=worth)

    def do_exchange(self):
        """A piece comes back, and something dearer is sold in its place: the difference is paid by card."""
        for item in self.goods()[:1]:
            worth = self.back([(item, 1)], money=False)
            price = worth.to_integral_value() + 20
            other = Item(f"{self.key}-x{len(self.refunds)}", 1, price, "", left=1)
            self.items.append(other)
            self.count(other, 1)
            if self.drawn["paid"] == "later":
                self.book["receivable"] += price - worth
            else:
                number = len(self.payments)
                self.payments.append(self.payment(f"{self.key}-p{number}", "card", price - worth, self.moment))
            self.tell()

    def do_cancel(self, fee=Decimal(0)):
        """All that was not refunded goes back, but for a fee. What nobody has paid is no more, without a refund."""
        if self.drawn["paid"] == "later":
            if not self.refunds:
                self.status = rec.OrderStatus.CANCELLED
                self.book.clear()
                self.tell()
            return
        self.status = rec.OrderStatus.CANCELLED
        rows = [(item, item.left) for item in self.items if item.left]
        charges = self.open_charges("shipping", "tip")
        if not rows and not charges:
            return
        if fee:
            charges.append(self.charge("fee", rec.ChargeKind.FEE, -fee))
            self.book["sales"] -= fee
        self.back(rows, charges)
        self.tell()

    def do_cancel_for_a_fee(self):
        worth = sum((item.left * item.price for item in self.items), Decimal(0))
        self.do_cancel(Decimal(1) if worth > 1 else Decimal(0))
