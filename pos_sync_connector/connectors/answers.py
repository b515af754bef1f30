"""What a system answers beside records: who it is, what a push created, what a webhook says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from .door import MOST_ID, clean_text
from .flows import Flow
from .privacy import PrivacyRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who is on the other side. `external_id` must stay the same for one account: another one is refused later."""

    external_id: str
    name: str
    version: str = ""
    currency: str = ""
    timezone: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a setting that only the system knows (`Setting.choices_from`): what is stored and what is shown."""

    external_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push made, or found made before, at the target.

    `lines` are pairs of our line's external id and theirs. `complete` False: steps may be missing (a confirmation, a
    payment); pushing again with the same key goes on from there.
    """

    external_id: str
    number: str = ""
    url: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    complete: bool = True


class Book(str, Enum):
    """What a system's own count is of: orders by the time they were made, or the money of them by the time it moved."""

    ORDERS = "orders"
    PAYMENTS = "payments"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A webhook as it came in: `body` is raw, `url` the public address that it was sent to."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a webhook tells: the flow, the id of its record, and the record where the payload has all of it.

    Without `external_id` it is a nudge: something of the flow has changed. `account_id` is the `Account.external_id`
    that it belongs to, where the system tells: one signature may cover the webhooks of many accounts.
    """

    event_id: str
    flow: Flow
    account_id: str = ""
    external_id: str = ""
    record: Any = None
    deleted: bool = False
    happened_at: datetime | None = None

    def __post_init__(self) -> None:
        for value in (self.event_id, self.account_id, self.external_id):
            if not isinstance(value, str) or value != clean_text(value) or len(value) > MOST_ID:
                raise ValueError("an id of a webhook is none")


# What a webhook may tell.
Told = Event | PrivacyRequest
