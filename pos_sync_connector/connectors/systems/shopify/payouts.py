"""What Shopify Payments paid out, as `Payout` records, in the order in which they were made. What a payout is made of
stands in the account's book of balance transactions, which is asked for all payouts of a page at once.

Shopify's words for what moves money, beside CHARGE and REFUND, are many; those that are not named here are OTHER. A
TRANSFER is the payout itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ...errors import NeedsFixing
from ...moments import read_moment
from ...pages import parse_each
from ...passes import Part
from ...payouts import Payout, PayoutEntry, PayoutEntryKind, PayoutStatus, settled
from .api import Api
from .values import Row, key_of, number, text

SCOPE = "read_shopify_payments_payouts"
_PAYOUTS = """
query Payouts($first: Int!, $after: String, $search: String) {
  shopifyPaymentsAccount {
    payouts(first: $first, after: $after, query: $search, sortKey: ISSUED_AT) {
      pageInfo { hasNextPage endCursor }
      nodes { id issuedAt status transactionType externalTraceId net { amount currencyCode } } } } }
"""
_ENTRIES = """
query PayoutEntries($first: Int!, $after: String, $search: String) {
  shopifyPaymentsAccount {
    balanceTransactions(first: $first, after: $after, query: $search, sortKey: PROCESSED_AT) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id type test transactionDate sourceOrderTransactionId associatedOrder { id } associatedPayout { id }
        amount { amount } fee { amount } net { amount } } } } }
"""
_STATUSES = {
    "SCHEDULED": PayoutStatus.PENDING,
    "IN_TRANSIT": PayoutStatus.PENDING,
    "PAID": PayoutStatus.PAID,
    "FAILED": PayoutStatus.FAILED,
    "CANCELED": PayoutStatus.FAILED,
}
_KINDS = {
    "CHARGE": PayoutEntryKind.PAYMENT,
    "REFUND": PayoutEntryKind.REFUND,
    **dict.fromkeys(
        "STRIPE_FEE REFERRAL_FEE REFERRAL_FEE_TAX CHARGEBACK_FEE CHARGEBACK_FEE_REFUND APPLICATION_FEE_REFUND "
        "ACH_BANK_FAILURE_DEBIT_FEE ACH_BANK_FAILURE_DEBIT_REVERSAL_FEE".split(),
        PayoutEntryKind.FEE,
    ),
    **dict.fromkeys(
        "RESERVED_FUNDS RESERVED_FUNDS_REVERSAL RESERVED_FUNDS_WITHDRAWAL CHARGEBACK_HOLD CHARGEBACK_HOLD_RELEASE "
        "TRANSFER_CANCEL TRANSFER_FAILURE TRANSFER_REFUND BALANCE_TRANSFER_INBOUND BALANCE_TRANSFER_OUTBOUND".split(),
        PayoutEntryKind.CARRIED,
    ),
    **dict.fromkeys(("DISPUTE_WITHDRAWAL", "DISPUTE_REVERSAL"), PayoutEntryKind.DISPUTE),
}
_SELF = "TRANSFER"


class PayoutReader:
    """Reads for one connection. `may_read`: whether the app has the access that payouts need."""

    def __init__(self, api: Api, may_read: Callable[[], bool]):
        self._api = api
        self._may_read = may_read

    def part(self, since: datetime | None, limit: int) -> Part:
        if not self._may_read():
            raise NeedsFixing(
                "Shopify does not show payouts to the app of this connection. Give it the access "
                f"“{SCOPE}” there and install it again; or switch payouts off.",
                code="payouts-forbidden",
            )
        search = f"issued_at:>='{since.strftime('%Y-%m-%dT%H:%M:%SZ')}'" if since else None
        return self._api.part(_PAYOUTS, ("shopifyPaymentsAccount", "payouts"), limit, self.page, search=search)

    def page(self, answer: Row) -> dict[str, Any]:
        rows = list(answer.get("nodes") or ())
        entries = self._entries(rows)
        records, malformed = parse_each(rows, lambda row: payout(row, entries[row["id"]]), key_of)
        return {"records": records, "malformed": malformed}

    def _entries(self, rows: Sequence[Row]) -> dict[str, list[Row]]:
        """By the payout's own id."""
        found: dict[str, list[Row]] = defaultdict(list)
        if rows:
            search = " OR ".join(f"payments_transfer_id:{key_of(row)}" for row in rows)
            for entry in self._api.every(_ENTRIES, "shopifyPaymentsAccount", "balanceTransactions", search=search):
                found[text((entry.get("associatedPayout") or {}).get("id"))].append(entry)
        return found


def payout(row: Row, found: Iterable[Row]) -> Payout:
    """Raises what a malformed payload makes it."""
    entries = tuple(_entry(item) for item in found if item["type"] != _SELF and not item.get("test"))
    net = _amount(row["net"])
    if row["transactionType"] == "WITHDRAWAL":
        net = -abs(net)
    fees = sum((entry.fee for entry in entries), Decimal(0))
    return Payout(
        external_id=key_of(row),
        currency=text(row["net"]["currencyCode"]),
        status=_STATUSES[row["status"]],
        reference=text(row.get("externalTraceId")),
        gross=net + fees,
        fees=fees,
        net=net,
        sent_at=read_moment(row["issuedAt"]),  # type: ignore[arg-type]
        entries=entries,
        raw=row,
    )


def _entry(row: Row) -> PayoutEntry:
    word = text(row["type"])
    return PayoutEntry(
        external_id=key_of(row),
        name=word.replace("_", " ").capitalize(),
        payment_id=text(row.get("sourceOrderTransactionId")),
        order_id=key_of(row.get("associatedOrder")),
        happened_at=read_moment(row.get("transactionDate")),
        **settled(_KINDS.get(word, PayoutEntryKind.OTHER), _amount(row["amount"]), _amount(row["fee"])),
    )


def _amount(value: Row) -> Decimal:
    return number(value["amount"])
