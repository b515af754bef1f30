"""A year of a shop's sales: taxes in and on top, discounts, modifiers, service charges, tips, returns, exchanges."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from .catalogue import stamp
from .pricing import price
from .returns import amount_back, give_back, refund_order, returned

Row = dict[str, Any]


class SalesMaker:
    """Makes `orders`, `payments` and `refunds` out of what the shop sells and who buys there."""

    def __init__(self, random: Random, objects: list[Row], customers: list[Row], places: list[Row], until: datetime):
        self._random = random
        self._customers = customers
        self._places = places
        self._until = until
        self._taxes = {row["id"]: row["tax_data"] for row in objects if row["type"] == "TAX"}
        self._sold = [
            (row, variation)
            for row in objects
            if row["type"] == "ITEM" and not row["is_deleted"]
            for variation in row["item_data"]["variations"]
        ]
        self.orders: list[Row] = []
        self.payments: list[Row] = []
        self.refunds: list[Row] = []

    def make(self, count: int) -> None:
        for number in range(count):
            sale = self.sale(number)
            chance = self._random.random()
            if sale["state"] == "COMPLETED" and sale["line_items"] and chance < 0.10:
                self.back(sale, number, exchange=chance < 0.03)
            elif sale["state"] == "COMPLETED" and sale.get("tenders") and chance < 0.13:
                self._refund_amount(sale, number)

    # Sales

    def sale(self, number: int) -> Row:
        random, place = self._random, self._random.choice(self._places)
        made = self._until - timedelta(minutes=random.randint(100, 500_000))
        order: Row = {
            "id": f"ORDER{number:07d}",
            "location_id": place["id"],
            "source": {"name": random.choice(["Square Point of Sale", "Square Online"])},
            "created_at": stamp(made),
            "updated_at": stamp(made + timedelta(minutes=1)),
            "version": 1,
            "state": "OPEN",
            "line_items": [],
            "_currency": place["currency"],
        }
        if random.random() < 0.4 and self._customers:
            order["customer_id"] = random.choice(self._customers)["id"]
        if random.random() < 0.15:
            order["reference_id"] = f"web-{number}"
        taxes: dict[str, Row] = {}
        for at in range(random.randint(1, 4)):
            order["line_items"].append(self._line(order, at, taxes))
        if taxes:
            order["taxes"] = list(taxes.values())
        self._add_discounts(order)
        self._add_charges(order)
        self._settle(order, made)
        self.orders.append(order)
        return order

    def _line(self, order: Row, at: int, taxes: dict[str, Row]) -> Row:
        random = self._random
        item, variation = random.choice(self._sold)
        data = variation["item_variation_data"]
        by_weight = data.get("measurement_unit_id")
        line: Row = {
            "uid": f"{order['id']}-{at}",
            "catalog_object_id": variation["id"],
            "catalog_version": variation["version"],
            "name": item["item_data"]["name"],
            "variation_name": data["name"],
            "item_type": "ITEM",
            "quantity": f"{random.randint(5, 4000) / 1000:.3f}" if by_weight else str(random.randint(1, 3)),
            "base_price_money": self._money(
                order, (data.get("price_money") or {"amount": random.randint(100, 999)})["amount"]
            ),
        }
        if by_weight:
            unit = "IMPERIAL_WEIGHT_OUNCE" if by_weight == "UNIT-OZ" else "METRIC_KILOGRAM"
            measured = {"weight_unit": unit, "type": "TYPE_WEIGHT"}
            line["quantity_unit"] = {"measurement_unit": measured, "precision": 3}
        if item["item_data"].get("modifier_list_info") and random.random() < 0.6:
            line["modifiers"] = [
                {"uid": f"{line['uid']}-m", "catalog_object_id": "MOD-OAT", "name": "Oat", "quantity": "1",
                 "base_price_money": self._money(order, 75)}
            ]  # fmt: skip
        if random.random() < 0.05:
            for name in ("catalog_object_id", "catalog_version", "variation_name"):
                del line[name]
            line |= {"item_type": "CUSTOM_AMOUNT", "name": "Custom Amount"}
        for tax_id in item["item_data"]["tax_ids"]:
            tax = self._taxes[tax_id]
            taxes.setdefault(
                tax_id,
                {"uid": f"{order['id']}-{tax_id}", "catalog_object_id": tax_id, "catalog_version": 1,
                 "name": tax["name"], "percentage": tax["percentage"], "type": tax["inclusion_type"],
                 "scope": "LINE_ITEM"},
            )  # fmt: skip
            line.setdefault("applied_taxes", []).append(
                {"uid": f"{line['uid']}-{tax_id}", "tax_uid": taxes[tax_id]["uid"]}
            )
        return line

    def _add_discounts(self, order: Row) -> None:
        random, rows = self._random, []
        if random.random() < 0.2:
            rows.append({"uid": "off", "name": "Happy hour", "percentage": random.choice(["5", "12.5", "33"]),
                         "type": "FIXED_PERCENTAGE", "scope": "ORDER"})  # fmt: skip
        if random.random() < 0.1:
            rows.append({"uid": "amount", "name": "Voucher", "amount_money": self._money(order, 100),
                         "type": "FIXED_AMOUNT", "scope": "ORDER"})  # fmt: skip
        if rows:
            order["discounts"] = rows

    def _add_charges(self, order: Row) -> None:
        random, rows = self._random, []
        if random.random() < 0.12:
            row = {"uid": "gratuity", "name": "Auto gratuity", "percentage": "18", "type": "AUTO_GRATUITY",
                   "calculation_phase": "SUBTOTAL_PHASE", "treatment_type": "LINE_ITEM_TREATMENT",
                   "taxable": bool(order.get("taxes"))}  # fmt: skip
            if order.get("taxes"):
                tax = order["taxes"][0]
                row["applied_taxes"] = [{"uid": "gratuity-tax", "tax_uid": tax["uid"]}]
            rows.append(row)
        if random.random() < 0.06:
            rows.append({"uid": "service", "name": "Service", "percentage": "7.5", "type": "CUSTOM",
                         "calculation_phase": "APPORTIONED_PERCENTAGE_PHASE", "taxable": True,
                         "treatment_type": "APPORTIONED_TREATMENT"})  # fmt: skip
        if rows:
            order["service_charges"] = rows

    def _settle(self, order: Row, made: datetime) -> None:
        random = self._random
        price(order)
        chance = random.random()
        if chance < 0.04:
            order |= {"state": "CANCELED", "closed_at": stamp(made + timedelta(minutes=1))}
        elif chance < 0.09:
            order["fulfillments"] = [self._pickup(made)]
        elif chance < 0.12:
            order["fulfillments"] = [self._pickup(made) | {"state": "RESERVED"}]
            self._pay(order, made)
        else:
            self._pay(order, made)
            order |= {"state": "COMPLETED", "closed_at": stamp(made + timedelta(minutes=1))}
        price(order)

    def _pickup(self, made: datetime) -> Row:
        details = {"recipient": {"display_name": "Ada Müller"}, "schedule_type": "ASAP",
                   "pickup_at": stamp(made + timedelta(minutes=20)), "note": "Ring twice"}  # fmt: skip
        return {"uid": "pickup", "type": "PICKUP", "state": "PROPOSED", "pickup_details": details}

    def _pay(self, order: Row, made: datetime) -> None:
        """By one or two tenders, some with a tip."""
        random, total = self._random, order["total_money"]["amount"]
        amounts = [total]
        if total > 500 and random.random() < 0.1:
            amounts = [200, total - 200]
        for at, amount in enumerate(amounts):
            tip = random.choice([0, 0, 100, 250]) if amount else 0
            kind = random.choice(["CARD", "CARD", "CASH", "EXTERNAL"])
            key = f"{random.getrandbits(40):010x}{order['id']}{at}"
            payment = payment_of(order, key, kind, amount, tip, stamp(made))
            self.payments.append(payment)
            order.setdefault("tenders", []).append(tender_of(payment))

    # What comes back

    def back(self, sale: Row, number: int, *, exchange: bool) -> Row:
        """Takes the sale's first line back, a part of it where it can be parted; in exchange for the like."""
        random, line = self._random, sale["line_items"][0]
        made = min(self._until - timedelta(minutes=30), _moment(sale["created_at"]) + timedelta(days=1))
        order = refund_order(sale, returned(sale, line), f"RETURN{number:07d}", stamp(made))
        if exchange:
            order["line_items"] = [
                {"uid": f"{order['id']}-0", "name": "Something else", "quantity": "1", "item_type": "CUSTOM_AMOUNT",
                 "base_price_money": self._money(sale, random.randint(50, 900))}
            ]  # fmt: skip
        price(order)
        net = order["net_amounts"]["total_money"]["amount"]
        if net > 0:
            payment = payment_of(order, f"{random.getrandbits(40):010x}{order['id']}", "CASH", net, 0, stamp(made))
            self.payments.append(payment)
            order["tenders"] = [tender_of(payment)]
        elif net < 0 and sale.get("tenders"):
            self.refunds.append(
                give_back(order, sale["tenders"][0], -net, f"R{number:07d}", reason="Returned goods")
            )
        self.orders.append(price(order))
        return order

    def _refund_amount(self, sale: Row, number: int) -> None:
        tender = sale["tenders"][0]
        status = "FAILED" if self._random.random() < 0.2 else "COMPLETED"
        made = min(self._until - timedelta(minutes=30), _moment(sale["created_at"]) + timedelta(hours=5))
        amount = max(1, tender["amount_money"]["amount"] // 3)
        order = refund_order(sale, amount_back(sale, amount), f"REFUND{number:07d}", stamp(made))
        self.refunds.append(give_back(order, tender, amount, f"A{number:06d}", reason="Goodwill", status=status))
        self.orders.append(price(order))

    def _money(self, order: Row, amount: int) -> Row:
        return {"amount": amount, "currency": order["_currency"]}


def payment_of(order: Row, key: str, kind: str, amount: int, tip: int, at: str) -> Row:
    """A payment: its amount is without the tip."""
    currency = order["_currency"]
    row: Row = {
        "id": key,
        "created_at": at,
        "updated_at": at,
        "amount_money": {"amount": amount, "currency": currency},
        "total_money": {"amount": amount + tip, "currency": currency},
        "approved_money": {"amount": amount + tip, "currency": currency},
        "status": "COMPLETED",
        "source_type": kind,
        "location_id": order["location_id"],
        "order_id": order["id"],
        "receipt_number": key[-4:],
    }
    if tip:
        row["tip_money"] = {"amount": tip, "currency": currency}
    if kind == "CARD":
        row["card_details"] = {"status": "CAPTURED", "card": {"card_brand": "VISA", "last_4": "1111"}}
    elif kind == "CASH":
        row["cash_details"] = {"buyer_supplied_money": row["total_money"],
                               "change_back_money": {"amount": 0, "currency": currency}}  # fmt: skip
    else:
        row["external_details"] = {"type": "OTHER", "source": "Voucher"}
    return row


def tender_of(payment: Row) -> Row:
    """The same money on the order: its amount is with the tip."""
    kind = {"EXTERNAL": "OTHER"}.get(payment["source_type"], payment["source_type"])
    row: Row = {
        "id": payment["id"],
        "payment_id": payment["id"],
        "location_id": payment["location_id"],
        "transaction_id": payment["order_id"],
        "created_at": payment["created_at"],
        "amount_money": payment["total_money"],
        "type": kind,
    }
    if payment.get("tip_money"):
        row["tip_money"] = payment["tip_money"]
    if kind == "CARD":
        card = payment["card_details"].get("card", {})
        row["card_details"] = {"status": "CAPTURED", "entry_method": "EMV", "card": card}
    return row


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


