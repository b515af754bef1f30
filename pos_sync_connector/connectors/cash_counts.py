"""What was in a cash drawer from its opening to its count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from .records import Record, _frozen


@_frozen
class CashCount(Record):
    """A drawer's shift that is over; amounts are positive, also what left the drawer.

    `expected` = `opening` + `cash_sales` - `cash_refunds` + `paid_in` - `paid_out`, as the system states it; `counted`
    and `closed_at` are None until somebody has counted. `paid_in` and `paid_out` are for other reasons than sales.
    """

    external_id: str
    name: str = ""
    location_id: str = ""
    staff: str = ""
    currency: str
    opened_at: datetime
    ended_at: datetime | None = None
    closed_at: datetime | None = None
    opening: Decimal
    cash_sales: Decimal = Decimal(0)
    cash_refunds: Decimal = Decimal(0)
    paid_in: Decimal = Decimal(0)
    paid_out: Decimal = Decimal(0)
    expected: Decimal
    counted: Decimal | None = None
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def difference(self) -> Decimal | None:
        """What was found beyond what was expected; negative where cash is missing."""
        return None if self.counted is None else self.counted - self.expected
