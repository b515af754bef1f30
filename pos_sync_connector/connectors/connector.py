"""The contract between the engine and a system: `Connector`, its settings, its flows, and pages with their cursors.

A system is one class. Implementing a flow's method IS supporting that flow; nothing else declares it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any, ClassVar, Generic, TypeVar

from . import records as rec
from .errors import Failure, NeedsFixing
from .payouts import Payout
from .privacy import PrivacyRequest
from .subscriptions import Subscribed
from .windows import Days, Window

R = TypeVar("R")


# Flows ---------------------------------------------------------------------------------------------------------------


class Flow(str, Enum):
    """A kind of data in one direction. What belongs to each stands in `FLOWS`."""

    SETUP_PULL = "setup_pull"
    PRODUCTS_PULL = "products_pull"
    STOCK_PULL = "stock_pull"
    CUSTOMERS_PULL = "customers_pull"
    ORDERS_PULL = "orders_pull"
    REFUNDS_PULL = "refunds_pull"
    ORDER_STATUS_PULL = "order_status_pull"
    PROMOTIONS_PULL = "promotions_pull"
    PAYOUTS_PULL = "payouts_pull"
    CUSTOMERS_PUSH = "customers_push"
    ORDERS_PUSH = "orders_push"
    ORDER_STATUS_PUSH = "order_status_push"
    REFUNDS_PUSH = "refunds_push"
    PRODUCTS_PUSH = "products_push"
    STOCK_PUSH = "stock_push"

    @property
    def info(self) -> FlowInfo:
        return FLOWS[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowInfo:
    """`method` of `Connector` that supports the flow; `one`: the method that reads one of its records by id; `record`
    that it moves; `after`: flows that must have ended once before it starts; `every`: default schedule; `overlap`: how
    far an incremental pull goes back behind the newest modification it has seen, for transactions that the system
    commits late; `sweep`: how often everything is read again, to find deletions and what the increment can't see;
    `moved`: whether the engine moves it: what it does not move no connection offers, whatever a system can do."""

    label: str
    method: str
    one: str = ""
    record: type | None
    after: tuple[Flow, ...] = ()
    every: timedelta
    overlap: timedelta = timedelta(minutes=15)
    sweep: timedelta | None = timedelta(days=7)
    moved: bool = True

    @property
    def push(self) -> bool:
        return self.method.startswith("push_")


_MINUTES_5, _MINUTE, _HOURS_3, _DAY = timedelta(minutes=5), timedelta(minutes=1), timedelta(hours=3), timedelta(days=1)

FLOWS: Mapping[Flow, FlowInfo] = {
    Flow.SETUP_PULL: FlowInfo(
        label="Locations, taxes and price levels", method="locations", record=None, every=_DAY, sweep=None
    ),
    Flow.PRODUCTS_PULL: FlowInfo(
        label="Products",
        method="pull_products",
        one="get_product",
        record=rec.Product,
        after=(Flow.SETUP_PULL,),
        every=_MINUTES_5,
    ),
    Flow.STOCK_PULL: FlowInfo(
        label="Stock",
        method="pull_stock",
        one="get_stock",
        record=rec.StockLevel,
        after=(Flow.PRODUCTS_PULL,),
        every=_MINUTES_5,
    ),
    Flow.CUSTOMERS_PULL: FlowInfo(
        label="Customers",
        method="pull_customers",
        one="get_customer",
        record=rec.Customer,
        after=(Flow.SETUP_PULL,),
        every=_HOURS_3,
    ),
    Flow.ORDERS_PULL: FlowInfo(
        label="Orders",
        method="pull_orders",
        one="get_order",
        record=rec.Order,
        after=(Flow.SETUP_PULL, Flow.PRODUCTS_PULL, Flow.CUSTOMERS_PULL),
        every=_HOURS_3,
    ),
    Flow.REFUNDS_PULL: FlowInfo(
        label="Refunds", method="pull_refunds", record=rec.Refund, after=(Flow.ORDERS_PULL,), every=_HOURS_3
    ),
    Flow.ORDER_STATUS_PULL: FlowInfo(
        label="Order status", method="pull_order_status", record=rec.OrderStatusChange, every=_MINUTES_5, sweep=None
    ),
    Flow.PROMOTIONS_PULL: FlowInfo(
        label="Promotions",
        method="pull_promotions",
        record=rec.Promotion,
        after=(Flow.PRODUCTS_PULL,),
        every=_HOURS_3,
        moved=False,
    ),
    # A payout is listed by when it was made, and arrives days later.
    Flow.PAYOUTS_PULL: FlowInfo(
        label="Payouts",
        method="pull_payouts",
        record=Payout,
        after=(Flow.ORDERS_PULL,),
        every=_DAY,
        overlap=timedelta(days=14),
        sweep=None,
    ),
    Flow.CUSTOMERS_PUSH: FlowInfo(
        label="Send customers", method="push_customer", record=rec.Customer, every=_MINUTE, sweep=None
    ),
    Flow.ORDERS_PUSH: FlowInfo(label="Send orders", method="push_order", record=rec.Order, every=_MINUTE, sweep=None),
    Flow.ORDER_STATUS_PUSH: FlowInfo(
        label="Send order status", method="push_order_status", record=rec.OrderStatusChange, every=_MINUTE, sweep=None
    ),
    Flow.REFUNDS_PUSH: FlowInfo(
        label="Send refunds", method="push_refund", record=rec.Refund, every=_MINUTE, sweep=None
    ),
    Flow.PRODUCTS_PUSH: FlowInfo(
        label="Send products", method="push_product", record=rec.Product, every=_MINUTE, sweep=None, moved=False
    ),
    Flow.STOCK_PUSH: FlowInfo(
        label="Send stock", method="push_stock", record=rec.StockLevel, every=_MINUTE, sweep=None
    ),
}


# Settings ------------------------------------------------------------------------------------------------------------


class SettingKind(str, Enum):
    TEXT = "text"
    SECRET = "secret"  # noqa: S105
    URL = "url"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a person enters for a connection.

    `help` says where in the system to find it. `choices` are pairs of value and label; where there are some that can
    be known only after asking the system, `choices_from` names the `Connector` method that gives them, as `PriceLevel`s
    or `Choice`s. Of CHOICES any number is taken: they are kept with commas between them, so that no value holds one.
    `feeds` are the flows whose records change with it. `way_in`: credentials of which one kind is enough, so that none
    is `required`. `handed_out`: nobody enters it, the system hands it out.
    """

    key: str
    label: str
    kind: SettingKind = SettingKind.TEXT
    required: bool = True
    default: str = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    choices_from: str = ""
    feeds: tuple[Flow, ...] = ()
    way_in: bool = False
    handed_out: bool = False

    @property
    def secret(self) -> bool:
        return self.kind is SettingKind.SECRET

    def read(self, text: str | None) -> Any:
        """The typed value of what was entered; raises NeedsFixing with a sentence that names the field."""
        text = (text or "").strip() or self.default
        if not text:
            if self.required:
                raise NeedsFixing(
                    f"“{self.label}” is empty: enter it on the connection.", code="missing-setting", details=self.key
                )
            return {SettingKind.BOOLEAN: False, SettingKind.INTEGER: None, SettingKind.CHOICES: ()}.get(self.kind, "")
        if self.kind is SettingKind.BOOLEAN:
            return text.lower() in ("1", "true", "yes")
        if self.kind is SettingKind.INTEGER:
            try:
                return int(text)
            except ValueError:
                raise NeedsFixing(
                    f"“{self.label}” must be a whole number.", code="bad-setting", details=self.key
                ) from None
        if self.kind is SettingKind.URL:
            return _read_url(self, text)
        chosen = self.parts(text) if self.kind is SettingKind.CHOICES else (text,)
        if self.choices and not self.choices_from and not set(chosen) <= dict(self.choices).keys():
            raise NeedsFixing(
                f"“{self.label}”: choose one of the values offered.", code="bad-setting", details=self.key
            )
        return chosen if self.kind is SettingKind.CHOICES else text

    @staticmethod
    def parts(text: str | None) -> tuple[str, ...]:
        """The values that a text of CHOICES names, each once."""
        return tuple(dict.fromkeys(filter(None, map(str.strip, (text or "").split(",")))))


def _read_url(setting: Setting, text: str) -> str:
    if "://" not in text:
        text = f"https://{text}"
    scheme, _, rest = text.partition("://")
    if scheme not in ("http", "https") or not rest.strip("/") or any(mark in rest for mark in " @"):
        raise NeedsFixing(
            f"“{setting.label}” must be a web address such as https://shop.example.com.",
            code="bad-setting",
            details=setting.key,
            trace="bad-url",
        )
    return f"{scheme}://{rest.rstrip('/')}"


# Pages ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a stream has come. The engine stores it as text; a provider reads and makes it.

    A pass asks for what was modified at or after `since` (UTC, inclusive; None: everything). `position` is where the
    pass's next page begins, in words of the provider's own; `""` when no pass is under way. `reached` is the newest
    modification that the pass has seen: it becomes the `since` of the next one. `memory` is what a pass leaves to
    those after it where moments tell too little, in words of the provider's own; a full pass begins without it.
    """

    since: datetime | None = None
    position: str = ""
    reached: datetime | None = None
    memory: str = ""

    def dumps(self) -> str:
        moments = {"since": self.since, "reached": self.reached}
        texts = {"position": self.position, **({"memory": self.memory} if self.memory else {})}
        return json.dumps({**texts, **{key: value and value.isoformat() for key, value in moments.items()}})

    @classmethod
    def loads(cls, text: str | None) -> Cursor:
        """A cursor that can't be read starts from the beginning: pulling again is safe, missing something is not."""
        try:
            data = json.loads(text or "{}")
            since, reached = (
                datetime.fromisoformat(data[key]) if data.get(key) else None for key in ("since", "reached")
            )
            return cls(
                since=since, position=data.get("position") or "", reached=reached, memory=data.get("memory") or ""
            )
        except (ValueError, TypeError, AttributeError):
            return cls()

    def at(self, position: str, *moments: datetime | None, memory: str | None = None) -> Cursor:
        """The cursor after a page: where the next begins (`""`: the pass is over) and what the page has seen."""
        seen = [moment for moment in (self.reached, *moments) if moment]
        kept = self.memory if memory is None else memory
        return replace(self, position=position, reached=max(seen) if seen else None, memory=kept)

    def next_pass(self, overlap: timedelta) -> Cursor:
        """The cursor of the pass that follows: back by `overlap` behind the newest modification seen."""
        return Cursor(since=self.reached - overlap if self.reached else self.since, memory=self.memory)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A payload of a page that can't be made a record: it is kept with what is wrong, and its page goes on."""

    external_id: str
    raw: Any
    failure: Failure


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """`records` with the `cursor` that follows them. `deleted` are external ids that the system says are gone.
    `total`: how many records the whole pass has, where the system tells, for progress."""

    records: tuple[R, ...]
    cursor: Cursor
    malformed: tuple[Malformed, ...] = ()
    deleted: tuple[str, ...] = ()
    total: int | None = None

    @property
    def last(self) -> bool:
        return not self.cursor.position


def parse_each(
    payloads: Iterable[Any], parse: Callable[[Any], R], identify: Callable[[Any], Any]
) -> tuple[tuple[R, ...], tuple[Malformed, ...]]:
    """Records and what could not be made one. `parse` may raise `Failure`, or what a malformed payload makes it."""
    parsed, malformed = [], []
    for payload in payloads:
        try:
            parsed.append(parse(payload))
        except Failure as failure:
            malformed.append(Malformed(_identity(identify, payload), payload, failure.alone()))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            failure = NeedsFixing(
                f"The system sent a record that can't be read: {error}. Correct it there, then retry.",
                code="malformed",
                details=f"{type(error).__name__}: {error}",
                trace=f"malformed:{type(error).__name__}:{error}",
            )
            malformed.append(Malformed(_identity(identify, payload), payload, failure))
    return tuple(parsed), tuple(malformed)


def _identity(identify: Callable[[Any], Any], payload: Any) -> str:
    try:
        return str(identify(payload) or "")
    except (AttributeError, LookupError, TypeError, ValueError):
        return ""


# What a system answers beside records --------------------------------------------------------------------------------


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


# What a webhook may tell.
Told = Event | PrivacyRequest


# The connector -------------------------------------------------------------------------------------------------------


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


_ABOUT_CREDENTIALS = ("bad-credentials", "forbidden")


class Connector:
    """Base of every system. A subclass sets `code`, `name` and `settings` and implements what its system can do.

    `settings` are given as entered (text by key) and read into `self.settings` with their types. `clock` (aware UTC
    now) and `sleep` (seconds) are injected, so that nobody waits in a test. `store` is called with `{key: text}` as
    soon as the system hands out new values of settings, a refreshed token say, and returns when they are safe.
    `renewing` keeps all others from renewing the same credentials while it is entered, and gives the settings as they
    are stored by then; None where nobody else has them.

    Every method may raise the four kinds of `errors`; nothing else leaves a connector.
    """

    code: ClassVar[str] = ""
    name: ClassVar[str] = ""
    settings_help: ClassVar[str] = ""
    settings: ClassVar[tuple[Setting, ...]] = ()
    # By the code of a failure the setting that it is about: there a person reads its sentence. Credentials that are
    # not accepted are the first secret without being named here.
    blamed: ClassVar[Mapping[str, str]] = {}
    # What `control_totals` counts, and the refunds that it can't: a pattern of SQL's LIKE for their external ids.
    counts: ClassVar[Book] = Book.ORDERS
    uncounted_refunds: ClassVar[str] = ""
    # How often everything is read again, where a flow's own schedule is not often enough for this system.
    sweeps: ClassVar[Mapping[Flow, timedelta]] = {}
    # The topics of its webhooks with the flows that each tells of, and how a person has them sent to an address.
    webhook_topics: ClassVar[Mapping[str, frozenset[Flow]]] = {}
    webhook_help: ClassVar[str] = ""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        store: Callable[[Mapping[str, str]], None] | None = None,
        renewing: Callable[[], AbstractContextManager[Mapping[str, str] | None]] | None = None,
    ):
        self.values: dict[str, Any] = {item.key: item.read(settings.get(item.key)) for item in type(self).settings}
        self.clock = clock
        self.sleep = sleep
        self.store = store or (lambda values: None)
        self.renewing = renewing or nullcontext

    def close(self) -> None:
        """Gives back what the connector holds open."""

    def __enter__(self) -> Connector:
        return self

    def __exit__(self, *exc) -> None:
        self.close()

    # What the form asks

    def check(self) -> Account:
        """ "Test connection": who is there. Reads only."""
        raise NotImplementedError

    def locations(self) -> Iterable[rec.Location]:
        raise NotImplementedError

    def tax_rates(self) -> Iterable[rec.TaxRate]:
        """The taxes that it lists. Where it names them on orders only: those of its newest orders, found at little
        cost, so that they can be matched before the first order comes."""
        return ()

    def price_levels(self) -> Iterable[rec.PriceLevel]:
        return ()

    def payment_methods(self) -> Iterable[rec.PaymentMethod]:
        return ()

    def customer_groups(self) -> Iterable[rec.CustomerGroup]:
        return ()

    def complete_from(self, flow: Flow) -> datetime | None:
        """The moment before which the system hides data of this flow; None: it hides nothing."""
        return None

    # Pulls: pages from the cursor on, to the end of the pass

    def pull_products(self, cursor: Cursor) -> Iterator[Page[rec.Product]]:
        raise NotImplementedError

    def pull_stock(self, cursor: Cursor) -> Iterator[Page[rec.StockLevel]]:
        raise NotImplementedError

    def pull_customers(self, cursor: Cursor) -> Iterator[Page[rec.Customer]]:
        raise NotImplementedError

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        raise NotImplementedError

    def pull_refunds(self, cursor: Cursor) -> Iterator[Page[rec.Refund]]:
        raise NotImplementedError

    def pull_order_status(self, cursor: Cursor) -> Iterator[Page[rec.OrderStatusChange]]:
        raise NotImplementedError

    def pull_promotions(self, cursor: Cursor) -> Iterator[Page[rec.Promotion]]:
        raise NotImplementedError

    def pull_payouts(self, cursor: Cursor) -> Iterator[Page[Payout]]:
        raise NotImplementedError

    # One by id, None when the system has no such record

    def get_product(self, external_id: str) -> rec.Product | None:
        """The product with that id, or the product of the variant with that id."""
        raise NotImplementedError

    def get_customer(self, external_id: str) -> rec.Customer | None:
        raise NotImplementedError

    def get_order(self, external_id: str) -> rec.Order | None:
        raise NotImplementedError

    def get_stock(self, external_id: str) -> rec.StockLevel | None:
        raise NotImplementedError

    def download(self, image: rec.Image) -> bytes:
        """The content of an image of a product."""
        raise NotImplementedError

    # Pushes. `key` is the idempotency key: the same key twice makes one thing

    def push_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        """Makes the customer. `external_id` is ours; the target's stands in the answer."""
        raise NotImplementedError

    def update_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        """Brings the customer that `push_customer` made with that key up to date: `external_id` is the target's own.
        Where a system can't do that, changes stay here."""
        raise NotImplementedError

    def find_customer(self, customer: rec.Customer) -> list[rec.Customer]:
        """Customers of the system that may be this one, by phone and e-mail."""
        raise NotImplementedError

    def push_order(self, order: rec.Order, *, key: str) -> Pushed:
        """Makes the order: DRAFT a proposal, OPEN one to be paid there, PAID and COMPLETED with their payments where
        `paid`. `customer_id` and the lines' `variant_id`s are the target's own; `external_id` is ours."""
        raise NotImplementedError

    def find_pushed_order(self, key: str) -> Pushed | None:
        """What an earlier push with that key made; asked before a push whose answer was lost is sent again."""
        raise NotImplementedError

    def push_order_status(self, change: rec.OrderStatusChange, *, key: str) -> Pushed:
        """Brings the order with the target's id `change.external_id` to that status; doing so twice changes nothing."""
        raise NotImplementedError

    def push_refund(self, refund: rec.Refund, *, key: str) -> tuple[rec.Refund, ...]:
        """Gives back the amount of `refund` and puts back what its lines say is restocked; `order_id` and the lines'
        ids are the target's own. Tells what the system made of it as `pull_refunds` does, nothing where only goods came
        back. What an earlier call with that key did is found there, and not done again. Raises NeedsFixing where less
        is left of what was paid."""
        raise NotImplementedError

    def push_product(self, product: rec.Product, *, key: str) -> Pushed:
        raise NotImplementedError

    def push_stock(self, level: rec.StockLevel, *, key: str) -> Pushed:
        """Says how many there are, whatever the system has had."""
        raise NotImplementedError

    # Proof and real time

    def control_totals(self, days: Days) -> Iterable[rec.ControlTotals]:
        """What was sold, taken and given back, by day, location and currency, in the order of the days; nothing of days
        on which nothing happened. Counted by the system itself, never by summing `pull_orders`.

        Many days are asked for at once, and whoever asks may stop after any of them: give a day as soon as it is whole,
        and hold no more than the sums of a few. No transaction stays open meanwhile."""
        raise NotImplementedError

    def orders_in(self, window: Window) -> Iterator[Page[rec.Order]]:
        """All orders that `control_totals` may have counted in the window, and maybe more; to find the one that is
        missing. Nothing changed before it was made: what was modified since the window began has them all."""
        return self.pull_orders(Cursor(since=window.starts_at))

    def refunds_in(self, window: Window) -> Iterator[Page[rec.Refund]]:
        """All refunds that were given in the window, and maybe more. None changed before it was given."""
        return self.pull_refunds(Cursor(since=window.starts_at))

    def webhook(self, request: WebhookRequest) -> list[Told]:
        """What a webhook tells, after its signature was verified; raises Refused when it does not hold."""
        raise NotImplementedError

    def register_webhooks(self, url: str, topics: Iterable[str]) -> Subscribed:
        """Has the system send these topics to that address, once each, and to no former address of the same token;
        none at all: it sends nothing there any more. Whatever was registered before is mended. A key that the system
        signs with and tells is given to `store`."""
        raise NotImplementedError

    # What the class can do

    @classmethod
    def implements(cls, method: str) -> bool:
        return getattr(cls, method) is not getattr(Connector, method)

    @classmethod
    def flows(cls) -> tuple[Flow, ...]:
        """The flows that the system supports and the engine moves, in their order."""
        return tuple(flow for flow, info in FLOWS.items() if info.moved and cls.implements(info.method))

    @classmethod
    def setting(cls, key: str) -> Setting | None:
        return next((item for item in cls.settings if item.key == key), None)

    @classmethod
    def setting_of(cls, failure: Failure) -> str:
        """The key of the setting that a failed test is about; "" where that can't be told."""
        if failure.code in ("missing-setting", "bad-setting") and cls.setting(failure.details):
            return failure.details
        key = cls.blamed.get(failure.code, "")
        if not key and failure.code in _ABOUT_CREDENTIALS:
            key = next((item.key for item in cls.settings if item.secret), "")
        return key if cls.setting(key) else ""


@dataclass(slots=True)
class Registry:
    """The systems by code."""

    _systems: dict[str, type[Connector]] = field(default_factory=dict)

    def add(self, system: type[Connector]) -> type[Connector]:
        if not system.code or not system.name:
            raise ValueError(f"{system.__name__} needs a code and a name")
        known = self._systems.setdefault(system.code, system)
        if known is not system and known.__qualname__ != system.__qualname__:
            raise ValueError(f"two systems have the code {system.code!r}")
        return system

    def get(self, code: str) -> type[Connector]:
        """Raises NeedsFixing when no such system is installed."""
        try:
            return self._systems[code]
        except KeyError:
            raise NeedsFixing(
                f"There is no system “{code}”. It came with a module that is not installed any more.",
                code="unknown-system",
            ) from None

    def all(self) -> tuple[type[Connector], ...]:
        return tuple(sorted(self._systems.values(), key=lambda system: system.name.lower()))


registry = Registry()


def register(system: type[Connector]) -> type[Connector]:
    """Class decorator: makes the system known under its code."""
    return registry.add(system)
