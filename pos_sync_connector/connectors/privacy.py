"""What a system asks of whoever keeps its customers' data: to tell what is kept of one, or to erase them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class PrivacyKind(str, Enum):
    TELL_CUSTOMER = "tell_customer"
    ERASE_CUSTOMER = "erase_customer"
    ERASE_EVERYBODY = "erase_everybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequest:
    """Comes as a webhook and belongs to no flow. `customer_id` and `order_ids` are the system's own; of everybody there
    are none. `account_id` as in `Event`."""

    event_id: str
    kind: PrivacyKind
    account_id: str = ""
    customer_id: str = ""
    order_ids: tuple[str, ...] = ()
