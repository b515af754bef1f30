"""What becomes of orders now and then: each fate of its own order of 100.00 of goods, taxed or not, with shipping."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from .money import Purse
from .parts import blank, cents_of, fulfil, line, refund, shipping_line, total, transaction
from .people import address
from .sales import SalesMaker
from .values import Row, gid, stamp

_RATES = [("State Tax", 0.1)]
_DEAR, _CHEAP, _POST = 8000, 2000, 1000


class Fates:
    """Adds orders to those of a maker, `count` of each fate."""

    def __init__(self, maker: SalesMaker):
        self._maker = maker
        self._key = maker.key
        self._purse = Purse(maker.currency)

    def add(self, count: int) -> None:
        for number in range(count):
            for place, (name, fate) in enumerate(FATES.items()):
                made = self._maker.until - timedelta(days=20 + number, hours=place)
                row = self._order(name, stamp(made))
                self.later = stamp(made + timedelta(days=3))
                fate(self, row)
                self._maker.orders.append(row)

    def _order(self, name: str, when: str) -> Row:
        row, purse = blank(self._key(), when, self._maker.currency, self._maker.currency), self._purse
        goods = [variant for variant in self._maker.variants if not variant["product"]["isGiftCard"]]
        row["lineItems"] = [
            line(self._key(), purse, variant, purse.whole(price), 1, [], rates, False)
            for variant, price, rates in zip(goods, (_DEAR, _CHEAP), (_RATES, []), strict=False)
        ]
        taxes = purse.taxes_of(purse.whole(_POST), _RATES, False)
        row["shippingLines"] = [shipping_line(self._key(), purse, purse.whole(_POST), taxes, _RATES, "Post")]
        row["shippingAddress"] = row["billingAddress"] = address(self._key(), {}, "1 Harbour St")
        row["note"] = name
        total(row, purse)
        return row

    def paid(self, row: Row, amount: int | None = None, gateway: str = "shopify_payments") -> Row:
        owed = cents_of(row["totalPriceSet"])
        amount = owed if amount is None else amount
        made = transaction(row, self._key(), self._purse, "SALE", gateway, amount, row["createdAt"])
        row["transactions"].append(made)
        row["displayFinancialStatus"] = "PAID" if amount >= owed else "PARTIALLY_PAID"
        return made

    def sent(self, row: Row) -> None:
        fulfil(row, self._key(), row["lineItems"], self._maker.places[0], row["createdAt"])

    def back(self, row: Row, places: list[int], *, given: int = 0, **more) -> Row:
        """So many lines come back, or are taken out, and so much is refunded."""
        backs = [(row["lineItems"][place], 1) for place in places]
        made = refund(row, self._key, self._purse, backs, self.later, money=True, place=None, given=given)
        made |= more
        return made

    def adjust(self, made: Row, amount: int, reason: str) -> None:
        made["orderAdjustments"].append({
            "id": gid("OrderAdjustment", self._key()), "reason": reason, "amountSet": self._purse.bag(amount),
            "taxAmountSet": self._purse.bag(0),
        })  # fmt: skip

    def round_cash(self, row: Row, made: Row, cents: int, which: str) -> None:
        made["amountRoundingSet"] = self._purse.bag(cents)
        row["totalCashRoundingAdjustment"] |= {which: self._purse.bag(cents)}

    def worth(self, cents: int) -> int:
        return self._purse.whole(cents)

    def take_off(self, row: Row, cents: int) -> None:
        row["currentTotalPriceSet"] = self._purse.bag(cents_of(row["currentTotalPriceSet"]) - cents)


def _gift_card(fates: Fates, row: Row) -> None:
    row["lineItems"][1]["isGiftCard"] = True
    fates.paid(row)


def _marketplace(fates: Fates, row: Row) -> None:
    row["sourceName"] = "facebook"
    for part in (*row["lineItems"], *row["shippingLines"]):
        for tax in part["taxLines"]:
            tax["channelLiable"] = True
    fates.paid(row)


def _rounded(fates: Fates, row: Row) -> None:
    row |= {"sourceName": "pos", "retailLocation": fates._maker.places[0]}
    fates.round_cash(row, fates.paid(row, gateway="cash"), fates.worth(200) // 100, "paymentSet")
    fates.sent(row)


def _edited(fates: Fates, row: Row) -> None:
    """Taken out after it was paid, and refunded later by a refund that names nothing."""
    fates.paid(row)
    worth = cents_of(row["lineItems"][1]["originalTotalSet"])
    out = fates.back(row, [1], note=None)
    out["refundLineItems"][0]["restockType"] = "CANCEL"
    fates.adjust(out, -worth, "PENDING_REFUND_DISCREPANCY")
    fates.adjust(fates.back(row, [], given=worth), worth, "PENDING_REFUND_DISCREPANCY")
    row["edited"] = True


def _pending(fates: Fates, row: Row) -> None:
    """The bank has not made it yet."""
    fates.paid(row)
    worth = cents_of(row["lineItems"][1]["originalTotalSet"])
    status = row["displayFinancialStatus"]
    made = fates.back(row, [1], given=worth)
    made["transactions"][0]["status"] = "PENDING"
    made["totalRefundedSet"] = row["totalRefundedSet"] = fates._purse.bag(0)
    row["displayFinancialStatus"] = status


def _shipping_back(fates: Fates, row: Row) -> None:
    fates.paid(row)
    sold = row["shippingLines"][0]
    net, tax = cents_of(sold["originalPriceSet"]), sum(cents_of(item["priceSet"]) for item in sold["taxLines"])
    made = fates.back(row, [], given=net + tax)
    made["refundShippingLines"].append({
        "id": gid("RefundShippingLine", fates._key()), "shippingLine": sold, "subtotalAmountSet": fates._purse.bag(net),
        "taxAmountSet": fates._purse.bag(tax),
    })  # fmt: skip
    fates.take_off(row, net + tax)


def _fee_kept(fates: Fates, row: Row) -> None:
    fates.paid(row)
    fates.sent(row)
    worth = cents_of(row["lineItems"][1]["originalTotalSet"])
    fee = fates.worth(500)
    fates.adjust(fates.back(row, [1], given=worth - fee), -fee, "REFUND_DISCREPANCY")
    fates.take_off(row, -fee)


def _goodwill(fates: Fates, row: Row) -> None:
    fates.paid(row)
    amount = fates.worth(500)
    fates.adjust(fates.back(row, [], given=amount), -amount, "REFUND_DISCREPANCY")
    fates.take_off(row, amount)


def _exchanged(fates: Fates, row: Row) -> None:
    """For something dearer, of which the difference was paid."""
    fates.paid(row)
    fates.sent(row)
    worth = cents_of(row["lineItems"][1]["originalTotalSet"])
    before, more = row["originalTotalPriceSet"], fates.worth(5000)
    variant = row["lineItems"][0]["variant"]
    row["lineItems"].append(line(fates._key(), fates._purse, variant, worth + more, 1, [], [], False))
    total(row, fates._purse)
    row["originalTotalPriceSet"] = before
    fates.paid(row, more)["processedAt"] = fates.later
    fates.back(row, [1])
    row |= {"returnStatus": "RETURNED", "displayFinancialStatus": "PAID"}


def _cancelled(fates: Fates, row: Row) -> None:
    fates.paid(row)
    sold = row["shippingLines"][0]
    made = fates.back(row, [0, 1], given=cents_of(row["totalPriceSet"]))
    net, tax = cents_of(sold["originalPriceSet"]), sum(cents_of(item["priceSet"]) for item in sold["taxLines"])
    made["refundShippingLines"].append({
        "id": gid("RefundShippingLine", fates._key()), "shippingLine": sold, "subtotalAmountSet": fates._purse.bag(net),
        "taxAmountSet": fates._purse.bag(tax),
    })  # fmt: skip
    for item in made["refundLineItems"]:
        item["restockType"] = "CANCEL"
    fates.take_off(row, net + tax)
    row |= {"cancelledAt": fates.later, "cancelReason": "CUSTOMER"}


def _deposit(fates: Fates, row: Row) -> None:
    fates.paid(row, fates.worth(3000), "cash")


def _on_account(fates: Fates, row: Row) -> None:
    """A company's order: sent, and to be paid within 30 days."""
    fates.sent(row)
    place = {"__typename": "CompanyLocation", "id": gid("CompanyLocation", 5), "name": "Plant", "phone": None,
             "taxRegistrationId": "US-123", "billingAddress": None}  # fmt: skip
    row |= {
        "poNumber": f"PO-{row['legacyResourceId'][-4:]}", "closedAt": None,
        "purchasingEntity": {
            "__typename": "PurchasingCompany", "location": place, "contact": None,
            "company": {"__typename": "Company", "id": gid("Company", 4), "name": "Millbrook Works"},
        },
        "paymentTerms": {"id": gid("PaymentTerms", fates._key()), "paymentTermsName": "Net 30", "dueInDays": 30},
    }  # fmt: skip


def _risky(fates: Fates, row: Row) -> None:
    fates.paid(row)
    row["risk"] = {"recommendation": "INVESTIGATE", "assessments": []}


FATES: dict[str, Callable[[Fates, Row], None]] = {
    "a gift card": _gift_card,
    "a marketplace remits the tax": _marketplace,
    "cash, rounded": _rounded,
    "edited and refunded": _edited,
    "a refund on its way": _pending,
    "shipping refunded": _shipping_back,
    "a fee was kept": _fee_kept,
    "goodwill": _goodwill,
    "exchanged": _exchanged,
    "cancelled and refunded": _cancelled,
    "a deposit": _deposit,
    "on account": _on_account,
    "a risk": _risky,
}
