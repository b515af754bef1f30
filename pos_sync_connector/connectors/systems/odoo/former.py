"""What older versions of Odoo tell in another way than by a field: found here from what they do have.

    until 15    rewards are marked lines, gift cards (15) a model of their own; an order has no status of delivery
    14          what a till takes back names no line that it takes back
    17          a part of a combo names its parent only
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ... import records as rec
from . import fields
from .values import decimal

if TYPE_CHECKING:
    from .sold import Sold

_RETURNED = "refunded_orderline_id"
_AS_SOLD = ("product_id", "price_unit", "discount")


# Rewards and gift cards ----------------------------------------------------------------------------------------------


def former_charge(row: Mapping[str, Any]) -> rec.ChargeKind | None:
    """What a line of 14 or 15 stands for, where its mark says so. From 16 on the reward itself says more."""
    if row.get("gift_card_id") and decimal(row["price_subtotal"]) < 0:
        return rec.ChargeKind.GIFT_CARD
    if "reward_id" not in row and (row.get("is_reward_line") or row.get("is_program_reward")):
        return rec.ChargeKind.DISCOUNT
    return None


def former_cards(row: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The gift cards of 15 that a line sells or is paid with."""
    used = (row["gift_card_id"],) if row.get("gift_card_id") else ()
    return {"gift_cards": used or tuple(row.get("generated_gift_card_ids") or ())}


# Combos --------------------------------------------------------------------------------------------------------------


def choices_of_parts(rows: fields.Rows, sold: Iterable[Sold]) -> dict[int, int]:
    """By line the choice of a combo (17) that it is of, where one choice alone of its parent has its product."""
    products = {line.number: line.product for line in sold}
    parts = [line for line in sold if line.parent in products and not line.combo_item]
    if not parts or not rows.has("pos.combo.line", "combo_id"):
        return {}
    parents = rows.by_id("product.product", {products[line.parent] for line in parts}, ["combo_ids"])
    combos = {number for row in parents.values() for number in row["combo_ids"]}
    inside = [("combo_id", "in", sorted(combos)), ("product_id", "in", sorted({line.product for line in parts}))]
    with_product = defaultdict(set)
    for row in rows.read("pos.combo.line", inside, ["combo_id", "product_id"]):
        with_product[row["product_id"]].add(row["combo_id"])
    found = {}
    for line in parts:
        own = with_product[line.product] & set(parents.get(products[line.parent], {}).get("combo_ids", ()))
        if len(own) == 1:
            found[line.number] = own.pop()
    return found


# Deliveries ----------------------------------------------------------------------------------------------------------


def delivery_states(rows: fields.Rows, orders: list[dict[str, Any]]) -> dict[int, str]:
    """By order what `delivery_status` says from 16 on, of what has an Inventory: full, partial, pending."""
    if not orders or rows.has("sale.order", "delivery_status") or not rows.has("stock.picking", "sale_id"):
        return {}
    states = defaultdict(set)
    domain = [("sale_id", "in", [row["id"] for row in orders]), ("state", "!=", "cancel")]
    for row in rows.allowed("stock.picking", domain, ["sale_id", "state"]):
        states[row["sale_id"]].add(row["state"])
    return {
        order: "full" if found == {"done"} else "partial" if "done" in found else "pending"
        for order, found in states.items()
    }


# Returns at tills ----------------------------------------------------------------------------------------------------


class TakenBack:
    """Links what a till of 14 has taken back with “Return Products”. That makes an order with the receipt number of the
    sale, whose name is the sale's with a word behind it, and so are the names of its lines."""

    def __init__(self, rows: fields.Rows):
        self._rows = rows

    @property
    def needed(self) -> bool:
        return not self._rows.has("pos.order.line", _RETURNED)

    def link(self, payloads: list[dict[str, Any]], companies: list[int]) -> None:
        """Gives the lines that take back the field by which later versions name what they take back."""
        backs = [item for item in payloads if item["lines"] and all(decimal(row["qty"]) < 0 for row in item["lines"])]
        receipts = sorted({item["order"]["pos_reference"] for item in backs if item["order"]["pos_reference"]})
        if not receipts:
            return
        domain = [("pos_reference", "in", receipts), ("company_id", "in", companies)]
        sales = defaultdict(list)
        for row in self._rows.read("pos.order", domain, ["name", "pos_reference"]):
            sales[row["pos_reference"]].append(row)
        origins = {item["order"]["id"]: _origin(item["order"], sales) for item in backs}
        lines = defaultdict(list)
        wanted = [("order_id", "in", sorted(set(origins.values()) - {0})), ("qty", ">", 0)]
        for row in self._rows.read("pos.order.line", wanted, ["order_id", "name", "qty", *_AS_SOLD]):
            lines[row["order_id"]].append(row)
        for item in backs:
            left = list(lines[origins[item["order"]["id"]]])
            for row in item["lines"]:
                sold = next((line for line in left if _takes_back(row, line)), None)
                row[_RETURNED] = sold["id"] if sold else False
                if sold:
                    left.remove(sold)


def _origin(back: Mapping[str, Any], sales: Mapping[str, list[dict[str, Any]]]) -> int:
    """The order that one takes back; of several the one with the longest name, for a return of a return."""
    found = [
        row
        for row in sales[back["pos_reference"]]
        if row["id"] < back["id"] and str(back["name"]).startswith(f"{row['name']} ")
    ]
    return max(found, key=lambda row: len(row["name"]))["id"] if found else 0


def _takes_back(row: Mapping[str, Any], sold: Mapping[str, Any]) -> bool:
    return (
        all(row[name] == sold[name] for name in _AS_SOLD)
        and str(row["name"]).startswith(f"{sold['name']} ")
        and -decimal(row["qty"]) <= decimal(sold["qty"])
    )
