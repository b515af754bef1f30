"""The contract between the engine and a system: `Connector`, its settings, its flows, and pages with their cursors.

A system is one class. Implementing a flow's method IS supporting that flow; nothing else declares it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from . import records as rec
from .answers import Account, Book, Pushed, Told, WebhookRequest
from .cash_counts import CashCount
from .errors import Failure
from .flows import FLOWS, Flow
from .guard import guarded
from .pages import Cursor, Malformed, Page
from .parcels import Parcel
from .payouts import Payout
from .settings import Setting
from .subscriptions import Subscribed
from .windows import Days, Window


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

    Every method may raise the four kinds of `errors`; nothing else leaves a connector (see `guard`).
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
    # Whether it keeps what its open orders need apart from what is on hand; elsewhere a sale lowers the one count.
    keeps_reserved_apart: ClassVar[bool] = False
    # How often it is asked by default, where that is not what `FLOWS` says.
    polls: ClassVar[Mapping[Flow, timedelta]] = {}
    # The topics of its webhooks with the flows that each tells of, and how a person has them sent to an address.
    webhook_topics: ClassVar[Mapping[str, frozenset[Flow]]] = {}
    webhook_help: ClassVar[str] = ""
    # Whether it can tell the buyer of a parcel that is reported to it, and leave that.
    notifies_buyers: ClassVar[bool] = False

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

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, method in list(vars(cls).items()):
            if name in CONTRACT and callable(method):
                setattr(cls, name, guarded(method))

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

    def locations(self) -> Iterable[rec.Location | Malformed]:
        raise NotImplementedError

    def tax_rates(self) -> Iterable[rec.TaxRate | Malformed]:
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

    def pull_cash_counts(self, cursor: Cursor) -> Iterator[Page[CashCount]]:
        raise NotImplementedError

    # One by id, None when the system has no such record

    def get_product(self, external_id: str) -> rec.Product | None:
        """The product with that id, or the product of the variant with that id."""
        raise NotImplementedError

    def get_customer(self, external_id: str) -> rec.Customer | None:
        raise NotImplementedError

    def get_order(self, external_id: str) -> rec.Order | None:
        raise NotImplementedError

    def find_order(self, number: str) -> rec.Order | None:
        """The order with that number, as people see it."""
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

    def push_parcel(self, parcel: Parcel, *, key: str) -> Pushed:
        """Reports a parcel of an order that the system has, once: what an earlier call made is found, and gets what is
        new of carrier and tracking. The answer holds the parcel's id there. Raises NeedsFixing where less of the order
        is left to be fulfilled, Skip where it has nothing that a parcel can be reported on."""
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


# What the engine calls, and a stranger's answer may upset.
CONTRACT = frozenset(
    name
    for name, method in vars(Connector).items()
    if callable(method) and not name.startswith("_") and name not in ("close", "implements", "flows")
)
