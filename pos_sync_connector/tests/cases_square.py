"""Orders, refunds and items as Square sends them, in short. Money is in cents; what nobody names is as in an ordinary
sale at the till, paid by card."""

from __future__ import annotations

SOLD = "2026-03-02T10:30:00.000Z"
NEXT_DAY = "2026-03-03T09:00:00.000Z"
TEA, COFFEE = "VARTEA", "VARCOFFEE"
_NAMES = {TEA: "Tea", COFFEE: "Coffee"}
_SUMS = ("total", "tax", "discount", "tip", "service_charge")


def cents(amount):
    return {"amount": amount, "currency": "USD"}


def _sums(**amounts):
    return {f"{name}_money": cents(amounts.get(name, 0)) for name in _SUMS}


def item(uid, price, variation=TEA, count=1, kind="ITEM", name=""):
    total = cents(price * count)
    sold = {"catalog_object_id": variation, "variation_name": "Regular"} if variation else {}
    return {
        "uid": uid,
        **sold,
        "name": name or _NAMES.get(variation, "Thing"),
        "quantity": str(count),
        "item_type": kind,
        "base_price_money": cents(price),
        "variation_total_price_money": total,
        "gross_sales_money": total,
        "total_tax_money": cents(0),
        "total_discount_money": cents(0),
        "total_money": total,
        "total_service_charge_money": cents(0),
    }


def service(uid, amount, sold=""):
    """A service charge; `sold`: the one that it takes back."""
    return {
        "uid": uid,
        **({"source_service_charge_uid": sold} if sold else {"type": "CUSTOM"}),
        "name": "Table",
        "amount_money": cents(amount),
        "applied_money": cents(amount),
        "total_money": cents(amount),
        "total_tax_money": cents(0),
        "calculation_phase": "SUBTOTAL_PHASE",
        "taxable": False,
    }


def order(key, *lines, services=(), tip=0, by="CARD", state="COMPLETED", **more):
    """`by`: how all of it is paid."""
    charged = sum(row["total_money"]["amount"] for row in services)
    total = sum(row["total_money"]["amount"] for row in lines) + charged + tip
    payment = f"PAY{key}"
    tender = {
        "id": payment,
        "location_id": "LOCATION1",
        "transaction_id": key,
        "payment_id": payment,
        "type": by,
        "created_at": SOLD,
        "amount_money": cents(total),
        "tip_money": cents(tip),
        **({"card_details": {"status": "CAPTURED", "entry_method": "EMV"}} if by == "CARD" else {}),
    }
    sums = _sums(total=total, tip=tip, service_charge=charged)
    return {
        "id": key,
        "location_id": "LOCATION1",
        "source": {"name": "Point of Sale"},
        "state": state,
        "version": 4,
        "created_at": SOLD,
        "updated_at": SOLD,
        "closed_at": SOLD,
        "line_items": list(lines),
        **({"service_charges": list(services)} if services else {}),
        "total_money": sums["total_money"],
        **{f"total_{name}": amount for name, amount in sums.items() if name != "total_money"},
        "tenders": [tender],
        "net_amounts": sums,
        **more,
    }


def returned(key, sale, *lines, services=(), tip=0):
    """The order of its own that takes back what another one sold. `lines`: pairs of the sold line and the line that
    it was sold as."""
    rows = [_line_back(uid, row) for uid, row in lines]
    charged = sum(row["total_money"]["amount"] for row in services)
    total = sum(row["total_money"]["amount"] for row in rows) + charged + tip
    sums = _sums(total=total, tip=tip, service_charge=charged)
    tips = [{"uid": f"{key}-tip", "applied_money": cents(tip), "source_tender_uid": f"PAY{sale}"}] if tip else []
    back = {
        "uid": f"{key}-back",
        "source_order_id": sale,
        "return_line_items": rows,
        "return_amounts": sums,
        "return_service_charges": list(services),
        "return_tips": [{**row, "source_tender_id": f"PAY{sale}"} for row in tips],
    }
    sent = {
        "id": f"PAY{sale}_{key}",
        "location_id": "LOCATION1",
        "transaction_id": sale,
        "tender_id": f"PAY{sale}",
        "created_at": NEXT_DAY,
        "reason": "",
        "amount_money": cents(total),
        "status": "APPROVED",
    }
    return {
        "id": key,
        "location_id": "LOCATION1",
        "source": {"name": "Point of Sale"},
        "state": "COMPLETED",
        "version": 3,
        "created_at": NEXT_DAY,
        "updated_at": NEXT_DAY,
        "closed_at": NEXT_DAY,
        "returns": [back],
        "return_amounts": sums,
        "net_amounts": {name: cents(-amount["amount"]) for name, amount in sums.items()},
        "refunds": [sent],
    }


def _line_back(uid, sold):
    kept = {name: value for name, value in sold.items() if name not in ("gross_sales_money",)}
    return {**kept, "uid": f"{uid}-back", "source_line_item_uid": uid, "gross_return_money": sold["gross_sales_money"]}


def payment_refund(key, sale, amount):
    return {
        "id": f"PAY{sale}_{key}",
        "status": "COMPLETED",
        "amount_money": cents(amount),
        "payment_id": f"PAY{sale}",
        "order_id": sale,
        "created_at": NEXT_DAY,
        "updated_at": NEXT_DAY,
        "location_id": "LOCATION1",
        "destination_type": "CARD",
        "reason": "",
    }


def product(key, name, *variations):
    """`variations`: (id, name, price)."""
    told = {"updated_at": "2026-01-01T00:00:00Z", "version": 1, "is_deleted": False}
    rows = [
        {
            "id": variation,
            "type": "ITEM_VARIATION",
            **told,
            "item_variation_data": {
                "item_id": key,
                "ordinal": place,
                "pricing_type": "FIXED_PRICING",
                "name": called,
                "price_money": cents(price),
            },
        }
        for place, (variation, called, price) in enumerate(variations, 1)
    ]
    data = {"name": name, "product_type": "REGULAR", "variations": rows}
    return {"id": key, "type": "ITEM", **told, "present_at_all_locations": True, "item_data": data}


def customer(key, first, last, email):
    moment = "2026-03-01T00:00:00Z"
    named = {"id": key, "given_name": first, "family_name": last, "email_address": email}
    return {**named, "created_at": moment, "updated_at": moment}


CATALOGUE = (
    product("ITEMTEA", "Tea", (TEA, "Regular", 1000)),
    product("ITEMCOFFEE", "Coffee", (COFFEE, "Regular", 400)),
)
