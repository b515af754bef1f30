"""What Square refunds, as `Refund` records.

Every refund makes an order of its own that names the sale (`returns`); the sale itself stays as it was. It says which
goods came back, or holds one custom amount where none did. The refund of the payment names that order; only one that
names a sale (an order that was cancelled with its payment) is read by itself. What did not go through is no refund:
it is reported as deleted; what is still pending is none yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from ... import records as rec
from ...errors import NeedsFixing
from ...marks import unmarked
from ...moments import read_moment, write_moment
from ...pagers import body_cursor
from ...pages import parse_each
from ...passes import Part
from . import payments
from .adding_up import check_sum
from .api import Api, at, rows
from .order_lines import Shape, returned
from .orders import OrderReader, currency_of, is_refund
from .values import Row, money, pass_end, stated, text

_COMPLETED = ("COMPLETED",)
_MOST = 100
_NEVER = datetime.min.replace(tzinfo=timezone.utc)


class RefundReader:
    """Reads for one connection."""

    def __init__(self, api: Api, orders: OrderReader):
        self._api = api
        self._orders = orders

    def parts(self, since: datetime | None, orders_a_page: int) -> list[Part]:
        """Orders that take back, then refunds of payments: those that belong to no such order, or have moved on since
        theirs was written. What an exchange refunds stands on the order that it makes."""
        return [
            *self._orders.parts(since, orders_a_page, self.of_orders, _COMPLETED),
            Part(
                name="payments",
                fetch=lambda position, started: self._payment_refunds(position, since, started),
                following=body_cursor("cursor"),
                read=lambda answer: self._of_payments(rows(answer, "refunds")),
            ),
        ]

    # Of orders

    def of_orders(self, found: Iterable[Row]) -> dict[str, Any]:
        items = [
            {"order": row, "back": back, "place": place}
            for row in found
            if is_refund(row)
            for place, back in enumerate(row["returns"])
        ]
        sales = self._orders.rows(item["back"]["source_order_id"] for item in items)
        undone = [item for item in items if _states(item["order"]) == {True}]
        settled = [item for item in items if item not in undone and not _is_pending(item["order"])]
        records, malformed = parse_each(
            settled,
            lambda item: self._returned(item, sales.get(item["back"]["source_order_id"], {})),
            _return_id,
        )
        return {"records": records, "malformed": malformed, "deleted": tuple(map(_return_id, undone))}

    def _returned(self, item: dict[str, Any], sale: Row) -> rec.Refund:
        row, back = item["order"], item["back"]
        currency = currency_of(row) or _currency_back(back)
        shape = Shape({"returns": [back]}, currency).returned()
        amounts = back.get("return_amounts") or (row.get("return_amounts") if len(row["returns"]) == 1 else None) or {}
        total = shape.total()
        gross = -total if stated(amounts.get("total_money")) is None else money(amounts["total_money"])
        check_sum(f"refund {row['id']}", gross, -total, currency)
        tax, parts = stated(amounts.get("tax_money")), _parts(back, shape)
        if not parts and not tax:
            # No tax of an amount that is for nothing in particular: how much of it is tax is not said.
            tax = None
        return rec.Refund(
            external_id=_return_id(item),
            order_id=back["source_order_id"],
            number=payments.receipt_number(row),
            currency=currency,
            gross=gross,
            net=None if tax is None else gross - tax,
            tax=tax,
            **parts,
            payments=payments.given_back(
                (row.get("refunds") or ()) if item["place"] == 0 else (), payments.types_of(sale)
            ),
            **_reason(next((text(refund.get("reason")) for refund in row.get("refunds") or ()), "")),
            location_id=text(row.get("location_id")),
            refunded_at=read_moment(row.get("closed_at") or row.get("created_at")),  # type: ignore[arg-type]
            updated_at=read_moment(row.get("updated_at")),
            raw=row,
        )

    # Of payments

    def _payment_refunds(self, position: str, since: datetime | None, started: datetime) -> dict[str, Any]:
        params: dict[str, Any] = {"sort_field": "UPDATED_AT", "sort_order": "ASC", "limit": _MOST}
        # Without a beginning Square lists the last year only.
        params["updated_at_begin_time"] = write_moment(since) if since else "2009-01-01T00:00:00.000Z"
        params["updated_at_end_time"] = pass_end(started)
        return self._api.get("v2/refunds", "refunds", params=at(position, params))

    def _of_payments(self, found: Sequence[Row]) -> dict[str, Any]:
        known = self._orders.rows(text(row["order_id"]) for row in found if row.get("order_id"))
        alone, later, known_by_order = [], [], []
        for row in found:
            order = known.get(text(row.get("order_id"))) or {}
            if not order.get("returns"):
                alone.append(row)
                continue
            known_by_order.append(row["id"])
            if is_refund(order) and _changed(row) > _changed(order):
                later.append(order)
        undone = tuple(row["id"] for row in alone if row.get("status") in payments.UNDONE)
        records, malformed = parse_each(
            (row for row in alone if row["id"] not in undone and row.get("status") != payments.PENDING),
            lambda row: self.amount(row, known.get(text(row.get("order_id"))) or {}),
            lambda row: row["id"],
        )
        returned = self.of_orders(later)
        return {
            "records": (*records, *returned["records"]),
            "malformed": (*malformed, *returned["malformed"]),
            # One that an order makes is no second refund by the id of its payment.
            "deleted": (*undone, *known_by_order, *returned["deleted"]),
        }

    def amount(self, row: Row, sale: Row) -> rec.Refund:
        """A refund of a payment, of which only the amount is known."""
        if not row.get("order_id"):
            raise NeedsFixing(
                "Square refunded money that belongs to no sale. Book it by hand, then drop this message.",
                code="refund-without-sale",
                trace="refund-without-sale",
            )
        return rec.Refund(
            external_id=row["id"],
            order_id=text(row["order_id"]),
            currency=text(row["amount_money"]["currency"]),
            gross=money(row["amount_money"]),
            payments=payments.given_back([row], payments.types_of(sale)),
            **_reason(text(row.get("reason"))),
            location_id=text(row.get("location_id")),
            refunded_at=read_moment(row["created_at"]),  # type: ignore[arg-type]
            updated_at=read_moment(row.get("updated_at")),
            raw=row,
        )


def _reason(stated: str) -> dict[str, str]:
    """The reason without our key, which a refund bears that was sent from Odoo."""
    reason, key = unmarked(stated)
    return {"reason": reason, "source_reference": key}


def _parts(back: Row, shape: Shape) -> dict[str, Any]:
    """Lines and charges with positive amounts; none where only an amount was refunded."""
    if not shape.charges and all(map(_is_amount, back.get("return_line_items") or ())):
        return {}
    return {
        "lines": tuple(_back(shape.lines)),
        "charges": tuple(returned(charge) for charge in shape.charges),
    }


def _is_amount(row: Row) -> bool:
    """Whether a line only says how much was refunded: no goods that were sold came back with it."""
    named = row.get("source_line_item_uid") or row.get("catalog_object_id")
    return row.get("item_type") == "CUSTOM_AMOUNT" and not named


def _back(lines: Iterable[rec.OrderLine]) -> Iterator[rec.RefundLine]:
    for line in lines:
        yield rec.RefundLine(
            order_line_id=line.refunded_line_id,
            variant_id=line.variant_id,
            name=line.name,
            quantity=-line.quantity,
            net=-line.net if line.net is not None else None,
            tax=-line.tax if line.tax is not None else None,
            gross=-line.gross if line.gross is not None else None,
            taxes=returned(line).taxes,
        )


def _return_id(item: dict[str, Any]) -> str:
    """The order's own id; an order that takes back from several sales makes a refund of each."""
    return item["order"]["id"] if item["place"] == 0 else f"{item['order']['id']}:{item['place']}"


def _states(row: Row) -> set[bool]:
    """Whether the refunds of an order's payments were refused."""
    return {refund.get("status") in payments.UNDONE for refund in row.get("refunds") or ()}


def _is_pending(row: Row) -> bool:
    return any(refund.get("status") == payments.PENDING for refund in row.get("refunds") or ())


def _changed(row: Row) -> datetime:
    return read_moment(row.get("updated_at") or row.get("created_at")) or _NEVER


def _currency_back(back: Row) -> str:
    found = [(back.get("return_amounts") or {}).get("total_money")]
    found += [line.get("total_money") for line in back.get("return_line_items") or ()]
    return next((text(item["currency"]) for item in found if item and item.get("currency")), "")
