"""BioTrack (BioTrackTHC), the shop program, read from its own PostgreSQL database: it has no other way in or out.

Never written to: BioTrack's own program and the state's traceability depend on what only it may write. So customers
and orders can't be sent there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ... import records as rec
from ...answers import Account, Choice
from ...connector import Connector
from ...errors import NeedsFixing
from ...flows import Flow
from ...lazy import cached_property
from ...pages import Cursor, Page
from ...registry import register
from ...windows import Days, Window
from .customers import CustomerReader
from .prices import PriceReader, level_number
from .products import ProductReader
from .refunds import RefundReader
from .rooms import RoomReader, read_rooms
from .schema import Schema
from .session import Session
from .settings import SETTINGS
from .setup import SetupReader
from .stock import StockReader
from .ticket_rows import TicketRows
from .tickets import TicketReader
from .totals import TotalsReader
from .values import ShopClock

_NIGHTLY = timedelta(days=1)


@register
class BioTrack(Connector):
    """BioTrack of 2015 and later. Sources: a client's database schema, public code that reads such databases."""

    code = "biotrack"
    name = "BioTrack"
    # Lines that are marked as returned, and amounts of headers, have no time that the tables could be searched by.
    uncounted_refunds = "%#%"
    settings_help = (
        "BioTrack's support gives you address, user and password of the database in your shop; ask for a user who may "
        "only read. Data comes from BioTrack only: its database must not be written to from outside, so customers and "
        "orders can't be sent there."
    )
    settings = SETTINGS
    sweeps = dict.fromkeys(
        (Flow.PRODUCTS_PULL, Flow.STOCK_PULL, Flow.CUSTOMERS_PULL, Flow.ORDERS_PULL, Flow.REFUNDS_PULL), _NIGHTLY
    )
    polls = dict.fromkeys((Flow.ORDERS_PULL, Flow.REFUNDS_PULL), timedelta(hours=3))
    blamed = {
        "bad-address": "host",
        "bad-credentials": "password",
        "certificate": "ssl_root",
        "client-certificate": "ssl_certificate",
        "no-database": "database",
        "no-ssl": "sslmode",
        "not-admitted": "user",
        "ssl-required": "sslmode",
        "unreachable": "host",
    }

    products_a_page = 100
    levels_a_page = 200
    customers_a_page = 100
    orders_a_page = 100
    statement_timeout = 2.0

    def close(self) -> None:
        session = self.__dict__.get("_session")
        if session is not None:
            session.close()

    # What the form asks

    def check(self) -> Account:
        level_number(self.values["price_level"])
        return self._setup.account(f"{self.values['host']}:{self.values['port']}/{self.values['database']}")

    def locations(self) -> Iterable[rec.Location]:
        return list(self._setup.locations())

    def tax_rates(self) -> Iterable[rec.TaxRate]:
        return list(self._setup.tax_rates())

    def price_levels(self) -> Iterable[rec.PriceLevel]:
        return list(self._setup.price_levels())

    def rooms(self) -> Iterable[Choice]:
        return list(self._setup.rooms())

    def payment_methods(self) -> Iterable[rec.PaymentMethod]:
        return list(self._setup.payment_methods())

    def customer_groups(self) -> Iterable[rec.CustomerGroup]:
        return list(self._setup.customer_groups())

    # Pulls

    def pull_products(self, cursor: Cursor) -> Iterator[Page[rec.Product]]:
        return self._products.pull(cursor, self.products_a_page, self._now())

    def get_product(self, external_id: str) -> rec.Product | None:
        return self._products.get(external_id)

    def pull_stock(self, cursor: Cursor) -> Iterator[Page[rec.StockLevel]]:
        return self._stock.pull(cursor, self.levels_a_page, self._now())

    def get_stock(self, external_id: str) -> rec.StockLevel | None:
        return self._stock.get(external_id)

    def pull_customers(self, cursor: Cursor) -> Iterator[Page[rec.Customer]]:
        return self._customers.pull(cursor, self.customers_a_page, self._now())

    def get_customer(self, external_id: str) -> rec.Customer | None:
        return self._customers.get(external_id)

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        return self._tickets.pull(cursor, self.orders_a_page, self._now())

    def get_order(self, external_id: str) -> rec.Order | None:
        return self._tickets.get(external_id)

    def pull_refunds(self, cursor: Cursor) -> Iterator[Page[rec.Refund]]:
        return self._refunds.pull(cursor, self.orders_a_page, self._now())

    def control_totals(self, days: Days) -> Iterable[rec.ControlTotals]:
        return self._totals.read(days)

    def orders_in(self, window: Window) -> Iterator[Page[rec.Order]]:
        return self._tickets.sold_in(window, self.orders_a_page)

    # How it is read

    def _now(self) -> datetime:
        """By the database's clock: what it stamps from now on belongs to the next pass."""
        row = self._session.row("SELECT now() AS now")
        return self._clock.utc(row["now"]) if row else self.clock()  # type: ignore[return-value]

    @cached_property
    def _session(self) -> Session:
        return Session(self.values, timeout=self.statement_timeout)

    @cached_property
    def _schema(self) -> Schema:
        return Schema(self._session)

    @cached_property
    def _clock(self) -> ShopClock:
        return ShopClock(self.values["timezone"])

    @cached_property
    def _currency(self) -> str:
        currency = self.values["currency"].upper()
        if len(currency) != 3 or not currency.isalpha():
            raise NeedsFixing("“Currency” must be a code of three letters, such as USD.", code="bad-setting")
        return currency

    @cached_property
    def _window(self) -> timedelta:
        days = self.values["window"]
        if not 0 <= days <= 366:
            raise NeedsFixing("“Days to look back” must be between 0 and 366.", code="bad-setting")
        return timedelta(days=days)

    @cached_property
    def _rooms(self) -> RoomReader:
        chosen = read_rooms(self.values["rooms"])
        return RoomReader(self._session, self._schema, chosen, self.values["stock_by"])

    @cached_property
    def _setup(self) -> SetupReader:
        return SetupReader(self._session, self._schema, self._rooms, self.values["timezone"], self._currency)

    @cached_property
    def _products(self) -> ProductReader:
        level = level_number(self.values["price_level"])
        prices = PriceReader(self._session, self._schema, level, self.values["price_source"])
        return ProductReader(self._session, self._schema, prices, self._clock, self._currency)

    @cached_property
    def _stock(self) -> StockReader:
        return StockReader(self._session, self._schema, self._rooms)

    @cached_property
    def _customers(self) -> CustomerReader:
        levels = dict(self._setup.levels())
        return CustomerReader(self._session, self._schema, self._clock, levels, self.values["details"])

    @cached_property
    def _rows(self) -> TicketRows:
        return TicketRows(self._session, self._schema, self._clock)

    @cached_property
    def _tickets(self) -> TicketReader:
        return TicketReader(
            self._session, self._schema, self._rows, self._customers, self._clock, self._currency, self._window
        )

    @cached_property
    def _refunds(self) -> RefundReader:
        return RefundReader(
            self._session, self._schema, self._rows, self._tickets, self._clock, self._currency, self._window
        )

    @cached_property
    def _totals(self) -> TotalsReader:
        return TotalsReader(self._session, self._schema, self._currency)
