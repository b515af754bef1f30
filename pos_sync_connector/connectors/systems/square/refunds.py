"""What Square gives back, as `Refund` records.

Goods that come back make an order of their own that names the sale (`returns`); the sale itself stays as it was. Money
given back without goods is a refund of a payment only. What did not go through is no refund: it is told as deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...errors import NeedsFixing
from ...marks import unmarked
from ...moments import read_moment, write_moment
from ...pagers import body_cursor
from ...pages import parse_each
from ...passes import Part
from . import payments
from .api import Api, at, rows
from .order_lines import Shape
from .orders import OrderReader, currency_of, is_refund
from .values import Row, money, pass_end, stated, text

_COMPLETED = ("COMPLETED",)
_MOST = 100


class RefundReader:
    """Reads for one connection."""

    def __init__(self, api: Api, orders: OrderReader):
        self._api = api
        self._orders = orders

    def parts(self, since: datetime | None, orders_a_page: int) -> list[Part]:
        """Orders that take back, then refunds of payments that belong to none."""
        return [
            *self._orders.parts(since, orders_a_page, self._returns, _COMPLETED),
            Part(
                name="payments",
                fetch=lambda position, started: self._payment_refunds(position, since, started),
                following=body_cursor("cursor"),
                read=lambda answer: self._amounts(rows(answer, "refunds")),
            ),
        ]

    # Goods

    def _returns(self, found: Sequence[Row]) -> dict[str, Any]:
        returns = [
            {"order": row, "back": back, "place": place}
            for row in found
            if is_refund(row)
            for place, back in enumerate(row["returns"])
        ]
        sales = self._orders.rows(item["back"]["source_order_id"] for item in returns)
        undone = [item for item in returns if _is_undone(item["order"])]
        records, malformed = parse_each(
            (item for item in returns if item not in undone),
            lambda item: self._returned(item, sales.get(item["back"]["source_order_id"], {})),
            _return_id,
        )
        return {"records": records, "malformed": malformed, "deleted": tuple(map(_return_id, undone))}

    def _returned(self, item: dict[str, Any], sale: Row) -> rec.Refund:
        row, back = item["order"], item["back"]
        currency = currency_of(row)
        shape = Shape({"returns": [back]}, currency).returned()
        amounts = back.get("return_amounts") or row.get("return_amounts") or {}
        tax = stated(amounts.get("tax_money"))
        gross = stated(amounts.get("total_money"))
        if gross is None:
            gross = -sum((line.gross or Decimal(0) for line in shape.lines), Decimal(0))
        return rec.Refund(
            external_id=_return_id(item),
            order_id=back["source_order_id"],
            number=payments.receipt_number(row),
            currency=currency or text((amounts.get("total_money") or {}).get("currency")),
            gross=gross,
            net=None if tax is None else gross - tax,
            tax=tax,
            lines=tuple(_back(shape.lines)),
            payments=payments.given_back(
                (row.get("refunds") or ()) if item["place"] == 0 else (),
                {text(tender.get("id")): tender["type"] for tender in sale.get("tenders") or ()},
            ),
            **_reason(next((text(refund.get("reason")) for refund in row.get("refunds") or ()), "")),
            location_id=text(row.get("location_id")),
            refunded_at=read_moment(row.get("closed_at") or row.get("created_at")),  # type: ignore[arg-type]
            updated_at=read_moment(row.get("updated_at")),
            raw=row,
        )

    # Money alone

    def _payment_refunds(self, position: str, since: datetime | None, started: datetime) -> dict[str, Any]:
        params: dict[str, Any] = {"sort_field": "UPDATED_AT", "sort_order": "ASC", "limit": _MOST}
        # Without a beginning Square lists the last year only.
        params["updated_at_begin_time"] = write_moment(since) if since else "2009-01-01T00:00:00.000Z"
        params["updated_at_end_time"] = pass_end(started)
        return self._api.get("v2/refunds", "refunds", params=at(position, params))

    def _amounts(self, found: Sequence[Row]) -> dict[str, Any]:
        known = self._orders.rows(text(row["order_id"]) for row in found if row.get("order_id"))
        alone = [row for row in found if not (known.get(text(row.get("order_id"))) or {}).get("returns")]
        undone = tuple(row["id"] for row in alone if row.get("status") in payments.UNDONE)
        records, malformed = parse_each(
            (row for row in alone if row["id"] not in undone),
            lambda row: self.amount(row, known.get(text(row.get("order_id"))) or {}),
            lambda row: row["id"],
        )
        return {"records": records, "malformed": malformed, "deleted": undone}

    def amount(self, row: Row, sale: Row) -> rec.Refund:
        """A refund of a payment, of which only the amount is known."""
        if not row.get("order_id"):
            raise NeedsFixing(
                "Square gave money back that belongs to no sale. Book it by hand, then drop this message.",
                code="refund-without-sale",
                trace=f"refund-without-sale:{row['id']}",
            )
        tenders = {text(item.get("payment_id") or item.get("id")): item["type"] for item in sale.get("tenders") or ()}
        return rec.Refund(
            external_id=row["id"],
            order_id=text(row["order_id"]),
            currency=text(row["amount_money"]["currency"]),
            gross=money(row["amount_money"]),
            payments=payments.given_back([row], tenders),
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


def _back(lines: Iterable[rec.OrderLine]) -> Iterator[rec.RefundLine]:
    """Lines of a return as positive amounts."""
    for line in lines:
        yield rec.RefundLine(
            order_line_id=line.refunded_line_id,
            variant_id=line.variant_id,
            name=line.name,
            quantity=-line.quantity,
            net=-line.net if line.net is not None else None,
            tax=-line.tax if line.tax is not None else None,
            gross=-line.gross if line.gross is not None else None,
        )


def _return_id(item: dict[str, Any]) -> str:
    """The order's own id; an order that takes back from several sales makes a refund of each."""
    return item["order"]["id"] if item["place"] == 0 else f"{item['order']['id']}:{item['place']}"


def _is_undone(row: Row) -> bool:
    """Whether all money of a return was refused."""
    refunds = row.get("refunds") or ()
    return bool(refunds) and all(refund.get("status") in payments.UNDONE for refund in refunds)
