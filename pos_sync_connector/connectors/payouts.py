"""What a system paid out to the bank: the payments it took, less what it gave back and kept as fees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from .records import Record, _frozen


class PayoutStatus(str, Enum):
    """PENDING: on its way; FAILED: the bank refused it, or the system took it back."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


class PayoutEntryKind(str, Enum):
    """CARRIED: money held back, or moved from one payout to another; DISPUTE: what a customer's bank has taken back."""

    PAYMENT = "payment"
    REFUND = "refund"
    FEE = "fee"
    CARRIED = "carried"
    DISPUTE = "dispute"
    OTHER = "other"


@_frozen
class PayoutEntry(Record):
    """One amount of a payout: `net` = `gross` - `fee`. What the merchant loses is negative; a FEE has no gross.

    `payment_id` is the external id of the `Payment` that was taken, or given back; `name` the system's own word.
    """

    external_id: str
    kind: PayoutEntryKind
    name: str = ""
    gross: Decimal
    fee: Decimal = Decimal(0)
    net: Decimal
    payment_id: str = ""
    order_id: str = ""
    happened_at: datetime | None = None


@_frozen
class Payout(Record):
    """Money that a system sent to the bank: `net` = `gross` - `fees`; a negative one was taken from there.

    `location_id`: the shop whose money it is, where payouts are made by shop. `reference` may stand on the bank
    statement. `arrives_on`: where the system tells when the bank has it.
    """

    external_id: str
    currency: str
    status: PayoutStatus
    location_id: str = ""
    reference: str = ""
    gross: Decimal
    fees: Decimal
    net: Decimal
    sent_at: datetime
    arrives_on: date | None = None
    entries: tuple[PayoutEntry, ...] = ()
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


def settled(kind: PayoutEntryKind, gross: Decimal, fee: Decimal) -> dict[str, Any]:
    """The amounts of an entry; what a FEE takes is all fee, wherever the system writes it."""
    if kind is PayoutEntryKind.FEE:
        gross, fee = Decimal(0), fee - gross
    return {"kind": kind, "gross": gross, "fee": fee, "net": gross - fee}
