"""What an order comes to: Square's own arithmetic, in minor units, as far as its documentation and samples tell it.

Amounts are rounded half to even for the whole order and then shared out to the lines by their weight.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]
_OF_CHARGES = {"total": "total_money", "tax": "total_tax_money", "service_charge": "applied_money"}


def price(order: Row) -> Row:
    """Fills in whatever Square computes of `order`, whose lines have names and prices; the same object."""
    currency = _currency(order)
    lines = order.setdefault("line_items", [])
    nets = [_begin(line, currency) for line in lines]
    nets = _discounts(order, lines, nets, currency)
    apportioned = _apportioned(order, lines, nets, currency)
    bases = [net + extra for net, extra in zip(nets, apportioned, strict=True)]
    charges = [row for row in order.get("service_charges") or () if not _is_apportioned(row)]
    _fixed_charges(charges, sum(nets), currency)
    taxed = _taxes(order, lines, bases, charges, currency)
    for line, base, extra, (tax, included) in zip(lines, bases, apportioned, taxed, strict=True):
        line["total_tax_money"] = _money(tax, currency)
        line["total_service_charge_money"] = _money(extra, currency)
        line["total_money"] = _money(base + tax - included, currency)
        line["gross_sales_money"] = _money(line.pop("_gross") - included, currency)
    total = sum(line["total_money"]["amount"] for line in lines)
    total += sum(row["total_money"]["amount"] for row in charges)
    tips = sum((tender.get("tip_money") or {}).get("amount", 0) for tender in order.get("tenders") or ())
    rounding = ((order.get("rounding_adjustment") or {}).get("amount_money") or {}).get("amount", 0)
    sums = {
        "total": total + tips + rounding,
        "tax": sum(line["total_tax_money"]["amount"] for line in lines)
        + sum(row["total_tax_money"]["amount"] for row in charges),
        "discount": sum(line["total_discount_money"]["amount"] for line in lines),
        "tip": tips,
        "service_charge": sum(row["applied_money"]["amount"] for row in charges) + sum(apportioned),
    }
    back = _returned(order, currency)
    for name, amount in sums.items():
        order[f"total_{name}_money" if name != "total" else "total_money"] = _money(amount, currency)
    order["net_amounts"] = {f"{name}_money": _money(amount - back[name], currency) for name, amount in sums.items()}
    if order.get("returns"):
        order["return_amounts"] = {f"{name}_money": _money(amount, currency) for name, amount in back.items()}
    paid = sum(tender["amount_money"]["amount"] for tender in order.get("tenders") or ())
    given = sum(row["amount_money"]["amount"] for row in order.get("refunds") or ())
    due = sums["total"] - back["total"] - paid + given
    order["net_amount_due_money"] = _money(max(due, 0), currency)
    return order


def share(amount: int, weights: list[int]) -> list[int]:
    """`amount` by `weights`, in whole units, whose sum it is."""
    total, passed, given, found = sum(weights), 0, 0, []
    for weight in weights:
        passed += weight
        upto = int((Decimal(amount) * passed / total).quantize(Decimal(1), ROUND_HALF_UP)) if total else 0
        found.append(upto - given)
        given = upto
    return found


def _begin(line: Row, currency: str) -> int:
    """The line's price before everything else, modifiers with it."""
    quantity = Decimal(line["quantity"])
    item = _round(line["base_price_money"]["amount"] * quantity)
    line["variation_total_price_money"] = _money(item, currency)
    total = item
    for extra in line.get("modifiers") or ():
        many = quantity * Decimal(extra.get("quantity") or "1")
        amount = _round(extra["base_price_money"]["amount"] * many)
        extra["total_price_money"] = _money(amount, currency)
        total += amount
    line["_gross"] = total
    line["total_discount_money"] = _money(0, currency)
    return total


def _discounts(order: Row, lines: list[Row], nets: list[int], currency: str) -> list[int]:
    """Percentages from the smallest on, then amounts."""
    for line in lines:
        if line.get("applied_discounts"):
            own = {row["uid"] for row in order.get("discounts") or () if row["scope"] != "ORDER"}
            line["applied_discounts"] = [row for row in line["applied_discounts"] if row["discount_uid"] in own]
    nets = list(nets)
    rows = order.get("discounts") or []
    rows.sort(key=lambda row: (row.get("percentage") is None, Decimal(row.get("percentage") or 0)))
    for row in rows:
        row.setdefault("type", "FIXED_PERCENTAGE" if row.get("percentage") else "FIXED_AMOUNT")
        hit = [at for at, line in enumerate(lines) if _applies(row, line, "applied_discounts", "discount_uid")]
        weights = [nets[at] for at in hit]
        if row.get("percentage"):
            amount = _round(Decimal(sum(weights)) * Decimal(row["percentage"]) / 100)
        else:
            amount = min(row["amount_money"]["amount"], sum(weights))
        row["applied_money"] = _money(amount, currency)
        for at, part in zip(hit, share(amount, weights), strict=True):
            nets[at] -= part
            lines[at]["total_discount_money"]["amount"] += part
            _apply(lines[at], "applied_discounts", "discount_uid", row["uid"], part, currency)
    return nets


def _apportioned(order: Row, lines: list[Row], nets: list[int], currency: str) -> list[int]:
    found = [0] * len(lines)
    for line in lines:
        line.pop("applied_service_charges", None)
    for row in order.get("service_charges") or ():
        if not _is_apportioned(row):
            continue
        amount = _charge_amount(row, sum(nets))
        row["applied_money"] = row["total_money"] = _money(amount, currency)
        row["total_tax_money"] = _money(0, currency)
        for at, part in enumerate(share(amount, nets)):
            found[at] += part
            _apply(lines[at], "applied_service_charges", "service_charge_uid", row["uid"], part, currency)
    return found


def _fixed_charges(charges: list[Row], subtotal: int, currency: str) -> None:
    for row in charges:
        row.setdefault("calculation_phase", "SUBTOTAL_PHASE")
        row.setdefault("treatment_type", "LINE_ITEM_TREATMENT")
        row.setdefault("type", "CUSTOM")
        amount = _charge_amount(row, subtotal)
        row["applied_money"] = row["total_money"] = _money(amount, currency)
        row["total_tax_money"] = _money(0, currency)


def _taxes(
    order: Row, lines: list[Row], bases: list[int], charges: list[Row], currency: str
) -> list[tuple[int, int]]:
    """Pairs of all tax on a line and what of it is inside its price."""
    taxes, included = [0] * len(lines), [0] * len(lines)
    rows = order.get("taxes") or []
    inside = sum((Decimal(row["percentage"]) for row in rows if row.get("type") == "INCLUSIVE"), Decimal(0))
    for row in rows:
        row.setdefault("type", "ADDITIVE")
        row.setdefault("scope", "ORDER")
        subjects = [line for line in lines if _applies(row, line, "applied_taxes", "tax_uid")]
        subjects += [charge for charge in charges if _names(charge, "applied_taxes", "tax_uid", row["uid"])]
        at = {id(line): place for place, line in enumerate(lines)}
        weights = [bases[at[id(item)]] if id(item) in at else item["applied_money"]["amount"] for item in subjects]
        rate = Decimal(row["percentage"])
        is_inclusive = row["type"] == "INCLUSIVE"
        amount = _round(sum(weights) * rate / (100 + inside)) if is_inclusive else _round(sum(weights) * rate / 100)
        row["applied_money"] = _money(amount, currency)
        for item, part in zip(subjects, share(amount, weights), strict=True):
            _apply(item, "applied_taxes", "tax_uid", row["uid"], part, currency)
            place = at.get(id(item))
            if place is None:
                item["total_tax_money"]["amount"] += part
                item["total_money"] = _money(item["total_money"]["amount"] + (0 if is_inclusive else part), currency)
            else:
                taxes[place] += part
                included[place] += part if is_inclusive else 0
    return list(zip(taxes, included, strict=True))


def _returned(order: Row, currency: str) -> dict[str, int]:
    names = ("total", "tax", "discount", "tip", "service_charge")
    found = dict.fromkeys(names, 0)
    for back in order.get("returns") or ():
        amounts = {
            name: sum((row.get(f"total_{name}_money" if name != "total" else "total_money") or {}).get("amount", 0)
                      for row in back.get("return_line_items") or ())
            for name in names
        }  # fmt: skip
        tips = sum(row["applied_money"]["amount"] for row in back.get("return_tips") or ())
        amounts["tip"] += tips
        amounts["total"] += tips
        for charge in back.get("return_service_charges") or ():
            for name, key in _OF_CHARGES.items():
                amounts[name] += (charge.get(key) or {}).get("amount", 0)
        amounts["total"] += ((back.get("rounding_adjustment") or {}).get("amount_money") or {}).get("amount", 0)
        back["return_amounts"] = {f"{name}_money": _money(amount, currency) for name, amount in amounts.items()}
        found = {name: found[name] + amounts[name] for name in names}
    return found


def _applies(row: Row, line: Row, key: str, name: str) -> bool:
    return row.get("scope") == "ORDER" or _names(line, key, name, row["uid"])


def _names(item: Row, key: str, name: str, uid: str) -> bool:
    return any(applied[name] == uid for applied in item.get(key) or ())


def _apply(item: Row, key: str, name: str, uid: str, amount: int, currency: str) -> None:
    rows = item.setdefault(key, [])
    row = next((row for row in rows if row[name] == uid), None)
    if row is None:
        row = {"uid": f"{uid}-{item.get('uid', '')}"[:60], name: uid}
        rows.append(row)
    row["applied_money"] = _money(amount, currency)


def _is_apportioned(row: Row) -> bool:
    return row.get("treatment_type") == "APPORTIONED_TREATMENT"


def _charge_amount(row: Row, subtotal: int) -> int:
    if row.get("percentage"):
        return _round(Decimal(subtotal) * Decimal(row["percentage"]) / 100)
    return row["amount_money"]["amount"]


def _currency(order: Row) -> str:
    priced = [line["base_price_money"] for line in order.get("line_items") or ()]
    priced += [row["total_money"] for back in order.get("returns") or () for row in back.get("return_line_items") or ()]
    return priced[0]["currency"] if priced else order.get("_currency", "USD")


def _round(amount: Decimal | int) -> int:
    return int(Decimal(amount).quantize(Decimal(1), ROUND_HALF_EVEN))


def _money(amount: int, currency: str) -> Row:
    return {"amount": int(amount), "currency": currency}
