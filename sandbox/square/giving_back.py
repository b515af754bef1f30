"""Money and goods that come back: refunds through the API, and what a till takes back."""

from __future__ import annotations

from .answers import Rejected, not_found, required
from .pricing import price
from .returns import amount_back, give_back, refund_order, returned, settle
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
    sale = known(shop, payment["order_id"])
    order = refund_order(sale, amount_back(sale, wanted["amount"]), shop.new_id("REF"), shop.stamp())
    order["source"] = {"name": "Sandbox application"}
    status = "PENDING" if shop.refunds_wait else "COMPLETED"
    row = give_back(order, payment, wanted["amount"], shop.new_id(""), reason=body.get("reason", ""), status=status)
    _keep(shop, order, row)
    return {"refund": dict(row)}


def take_back(shop: Shop, key: str, line_uid: str) -> Row:
    """What a till does when a line comes back: an order that returns it, and its money."""
    sale = known(shop, key)
    line = next(row for row in sale["line_items"] if row["uid"] == line_uid)
    order = refund_order(sale, returned(sale, line), shop.new_id("RET"), shop.stamp())
    refund = give_back(
        order, sale["tenders"][0], line["total_money"]["amount"], shop.new_id(""), reason="Returned goods"
    )
    _keep(shop, order, refund)
    return order


def end_refund(shop: Shop, key: str, status: str) -> None:
    """The bank says what became of a pending refund."""
    refund = shop.refunds[key]
    settle(shop.orders[refund["order_id"]], refund, status, shop.stamp())
    shop.tell("refund.updated", "refund", key, {"refund": refund})


def _keep(shop: Shop, order: Row, refund: Row) -> None:
    shop.orders[order["id"]] = price(order)
    shop.refunds[refund["id"]] = refund
    shop.tell("refund.created", "refund", refund["id"], {"refund": refund})


def _refused(code: str, detail: str) -> Rejected:
    return Rejected(400, code, detail, category="REFUND_ERROR")
