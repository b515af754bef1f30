"""What comes back to the shop. Square makes an order of its own for every refund, whether goods come back or only
money: the refund of the payment names that order, and the order names the sale. The same refund has two ids: in that
order only the part that follows the payment's (`Zr3` of `pay1_Zr3`)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Row = dict[str, Any]
# What a refund of a payment is called in its order.
_STATES = {"COMPLETED": "APPROVED"}


def refund_order(sale: Row, back: Row, key: str, made: str) -> Row:
    """The order that takes back what a `returns` entry says."""
    return {
        "id": key, "location_id": sale["location_id"], "source": {"name": "Square Point of Sale"}, "created_at": made,
        "updated_at": made, "closed_at": made, "state": "COMPLETED", "version": 1, "line_items": [],
        "returns": [back], "_currency": sale["_currency"],
    }  # fmt: skip


def give_back(order: Row, tender: Row, amount: int, suffix: str, *, reason: str, status: str = "COMPLETED") -> Row:
    """Refunds an amount of a tender by that order; returns the refund of the payment."""
    made = order["created_at"]
    money = {"amount": amount, "currency": order["_currency"]}
    told: Row = {"location_id": order["location_id"], "amount_money": money, "created_at": made}
    if reason:
        told["reason"] = reason
    order.setdefault("refunds", []).append(
        {**told, "id": suffix, "tender_id": tender["id"], "transaction_id": order["returns"][0]["source_order_id"],
         "status": _STATES.get(status, status)}
    )  # fmt: skip
    return {**told, "id": f"{tender['id']}_{suffix}", "order_id": order["id"], "payment_id": tender["id"],
            "status": status, "updated_at": made}  # fmt: skip


def settle(order: Row, refund: Row, status: str, at: str) -> None:
    """A refund that was pending has come to an end."""
    refund |= {"status": status, "updated_at": at}
    for row in order["refunds"]:
        if f"{row['tender_id']}_{row['id']}" == refund["id"]:
            row["status"] = _STATES.get(status, status)
    order |= {"updated_at": at, "version": order["version"] + 1}


def amount_back(sale: Row, amount: int) -> Row:
    """The `returns` entry of money that no goods came back for."""
    line = {"uid": f"{sale['id']}-amount", "item_type": "CUSTOM_AMOUNT", "quantity": "1",
            "total_money": {"amount": amount, "currency": sale["_currency"]}}  # fmt: skip
    return {"uid": f"{sale['id']}-back", "source_order_id": sale["id"], "return_line_items": [line]}


def returned(sale: Row, line: Row) -> Row:
    """The `returns` entry that takes a whole line of a sale back."""
    taxes = {row["uid"]: row for row in sale.get("taxes") or ()}
    used = [row["tax_uid"] for row in line.get("applied_taxes") or ()]
    item: Row = {
        "uid": f"{line['uid']}-back",
        "source_line_item_uid": line["uid"],
        "quantity": line["quantity"],
        "item_type": line.get("item_type", "ITEM"),
        "gross_return_money": line["gross_sales_money"],
    }
    copied = (
        "name variation_name catalog_object_id catalog_version quantity_unit base_price_money "
        "variation_total_price_money total_tax_money total_discount_money total_money total_service_charge_money "
        "applied_taxes applied_discounts applied_service_charges"
    ).split()
    item |= {name: deepcopy(line[name]) for name in copied if name in line}
    if line.get("modifiers"):
        item["return_modifiers"] = [
            {**deepcopy(row), "uid": f"{row['uid']}-back", "source_modifier_uid": row["uid"]}
            for row in line["modifiers"]
        ]
    back: Row = {"uid": f"{sale['id']}-back", "source_order_id": sale["id"], "return_line_items": [item]}
    if used:
        back["return_taxes"] = [
            {**{key: value for key, value in taxes[uid].items() if key != "auto_applied"}, "source_tax_uid": uid}
            for uid in used
        ]
    return back
