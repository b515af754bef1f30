"""Money and goods that come back: refunds through the API, and what a till takes back."""

from __future__ import annotations

from .answers import Rejected, not_found, required
from .pricing import price
from .sales import returned
from .selling import known
from .shop import Row, Shop


def refund_payment(shop: Shop, body: Row) -> Row:
    """Money alone: goods come back at a till only."""
    required(body, "idempotency_key", "payment_id", "amount_money")
    for name, most in (("idempotency_key", 45), ("reason", 192)):
        if len(body.get(name) or "") > most:
            raise Rejected(400, "VALUE_TOO_LONG", f"At most {most} characters.", field=name)
    payment = shop.payments.get(body["payment_id"])
    if payment is None:
        raise not_found(f"payment {body['payment_id']}")
    if payment["status"] != "COMPLETED":
        raise _refused("REFUND_ERROR_PAYMENT_NEEDS_COMPLETION", "The payment must be completed to be refunded.")
    already = sum(
        row["amount_money"]["amount"]
        for row in shop.refunds.values()
        if row["payment_id"] == payment["id"] and row["status"] not in ("FAILED", "REJECTED")
    )
    wanted = body["amount_money"]
    if wanted["currency"] != payment["total_money"]["currency"]:
        raise Rejected(400, "CURRENCY_MISMATCH", "Not the payment's currency.", field="amount_money.currency")
    if not 0 < wanted["amount"] <= payment["total_money"]["amount"] - already:
        raise _refused("REFUND_AMOUNT_INVALID", "The requested refund amount exceeds the amount available to refund.")
    now = shop.stamp()
    row = {
        "id": f"{payment['id']}_{shop.new_id('')}", "status": "COMPLETED", "location_id": payment["location_id"],
        "order_id": payment["order_id"], "payment_id": payment["id"], "amount_money": body["amount_money"],
        "reason": body.get("reason", ""), "created_at": now, "updated_at": now,
    }  # fmt: skip
    shop.refunds[row["id"]] = row
    shop.tell("refund.created", "refund", row["id"], {"refund": row})
    return {"refund": row}


def take_back(shop: Shop, key: str, line_uid: str) -> Row:
    """What a till does when a line comes back: an order that returns it, and its money."""
    sale = known(shop, key)
    line = next(row for row in sale["line_items"] if row["uid"] == line_uid)
    now, new = shop.stamp(), shop.new_id("RET")
    order: Row = {
        "id": new, "location_id": sale["location_id"], "source": {"name": "Square Point of Sale"}, "created_at": now,
        "updated_at": now, "closed_at": now, "state": "COMPLETED", "version": 1, "line_items": [],
        "returns": [returned(sale, line)], "_currency": sale["_currency"],
    }  # fmt: skip
    tender, amount = sale["tenders"][0], line["total_money"]
    refund = {"id": f"{tender['id']}_{new}", "location_id": sale["location_id"], "reason": "Returned goods",
              "amount_money": amount, "created_at": now}  # fmt: skip
    order["refunds"] = [{**refund, "tender_id": tender["id"], "status": "APPROVED"}]
    shop.refunds[refund["id"]] = {**refund, "order_id": new, "payment_id": tender["id"], "status": "COMPLETED",
                                  "updated_at": now}  # fmt: skip
    shop.orders[new] = price(order)
    shop.tell("refund.created", "refund", refund["id"], {"refund": shop.refunds[refund["id"]]})
    return order


def _refused(code: str, detail: str) -> Rejected:
    return Rejected(400, code, detail, category="REFUND_ERROR")
