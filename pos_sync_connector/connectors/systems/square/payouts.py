"""What Square paid out, as `Payout` records: location by location, in the order in which they were made.

Square's words for what a payout holds, beside CHARGE and REFUND, are many; those that are not named here are OTHER. A
payout of type SIMPLE has no entries: it is one of those of a later payout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ...errors import NeedsFixing
from ...moments import read_moment, write_moment
from ...pagers import body_cursor
from ...pages import parse_each
from ...passes import Part
from ...payouts import Payout, PayoutEntry, PayoutEntryKind, PayoutStatus, settled
from .api import Api, at, rows
from .values import Row, money, pass_end, text

_STATUSES = {"SENT": PayoutStatus.PENDING, "PAID": PayoutStatus.PAID, "FAILED": PayoutStatus.FAILED}
_KINDS = {
    "CHARGE": PayoutEntryKind.PAYMENT,
    "REFUND": PayoutEntryKind.REFUND,
    **dict.fromkeys(
        "FEE TAX_ON_FEE DEPOSIT_FEE DEPOSIT_FEE_REVERSED PROCESSING_FEE PROCESSING_FEE_REFUND FREE_PROCESSING "
        "UNDO_PROCESSING_FEE_REFUND SUBSCRIPTION_FEE SUBSCRIPTION_FEE_REFUND SUBSCRIPTION_FEE_PAID_REFUND "
        "PAID_SERVICE_FEE PAID_SERVICE_FEE_REFUND THIRD_PARTY_FEE THIRD_PARTY_FEE_REFUND GIFT_CARD_LOAD_FEE "
        "GIFT_CARD_LOAD_FEE_REFUND UNDO_GIFT_CARD_LOAD_FEE_REFUND LOCAL_OFFERS_FEE".split(),
        PayoutEntryKind.FEE,
    ),
    **dict.fromkeys(
        "RESERVE_HOLD RESERVE_RELEASE HOLD_ADJUSTMENT RELEASE_ADJUSTMENT RETURNED_PAYOUT MONEY_TRANSFER "
        "MONEY_TRANSFER_REVERSAL".split(),
        PayoutEntryKind.CARRIED,
    ),
    **dict.fromkeys(("DISPUTE", "OPEN_DISPUTE"), PayoutEntryKind.DISPUTE),
}
_MOST = 100
_FORBIDDEN = (
    "Square does not show payouts to this connection. Press Connect on it again, and allow them; or switch payouts off."
)
# Without a beginning Square lists the last year only.
_FIRST = "2009-01-01T00:00:00.000Z"


class PayoutReader:
    """Reads for one connection."""

    def __init__(self, api: Api):
        self._api = api

    def parts(self, places: Iterable[str], since: datetime | None, limit: int) -> list[Part]:
        return [self._part(place, since, limit) for place in places]

    def _part(self, place: str, since: datetime | None, limit: int) -> Part:
        def fetch(position: str, started: datetime) -> Row:
            asked = {
                "location_id": place,
                "begin_time": write_moment(since) if since else _FIRST,
                "end_time": pass_end(started),
                "sort_order": "ASC",
                "limit": limit,
            }
            return self._ask("v2/payouts", "payouts", at(position, asked))

        return Part(name=place, fetch=fetch, following=body_cursor("cursor"), read=self.page)

    def page(self, answer: Row) -> dict[str, Any]:
        records, malformed = parse_each(rows(answer, "payouts"), self._payout, lambda row: row["id"])
        return {"records": records, "malformed": malformed}

    def _payout(self, row: Row) -> Payout:
        return payout(row, self._entries(row) if row.get("type") != "SIMPLE" else ())

    def _entries(self, row: Row) -> list[dict[str, Any]]:
        path = f"v2/payouts/{row['id']}/payout-entries"
        asked = {"sort_order": "ASC", "limit": _MOST}
        return list(self._api.every(lambda position: self._ask(path, "payout_entries", at(position, asked)),
                                    "payout_entries"))  # fmt: skip

    def _ask(self, path: str, key: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._api.get_if_allowed(path, key, params, NeedsFixing(_FORBIDDEN, code="payouts-forbidden"))


def payout(row: Row, found: Iterable[Row]) -> Payout:
    """Raises what a malformed payload makes it."""
    entries = tuple(_entry(item) for item in found)
    net = money(row["amount_money"])
    fees = sum((entry.fee for entry in entries), Decimal(0))
    return Payout(
        external_id=row["id"],
        currency=text(row["amount_money"]["currency"]),
        status=_STATUSES[row["status"]],
        location_id=text(row["location_id"]),
        reference=text(row.get("end_to_end_id")),
        gross=net + fees,
        fees=fees,
        net=net,
        sent_at=read_moment(row["created_at"]),  # type: ignore[arg-type]
        arrives_on=date.fromisoformat(row["arrival_date"]) if row.get("arrival_date") else None,
        entries=entries,
        updated_at=read_moment(row.get("updated_at")),
        raw=row,
    )


def _entry(row: Row) -> PayoutEntry:
    word = text(row.get("type"))
    details: Row = row.get(f"type_{word.lower()}_details") or {}
    kind = _KINDS.get(word, PayoutEntryKind.OTHER)
    # A refund is known by its own id, wherever it was given back.
    key = details.get("refund_id") if kind is PayoutEntryKind.REFUND else details.get("payment_id")
    return PayoutEntry(
        external_id=row["id"],
        name=word.replace("_", " ").capitalize(),
        payment_id=text(key),
        happened_at=read_moment(row.get("effective_at")),
        **settled(kind, money(row.get("gross_amount_money")), money(row.get("fee_amount_money"))),
    )
