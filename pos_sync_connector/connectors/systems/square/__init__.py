"""Square: points of sale, online shop, invoices. The version of its API that everything here is written for is pinned:
`VERSION` goes with every request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ... import records as rec
from ...answers import Account, Book, Choice, Event, Pushed, WebhookRequest
from ...cash_counts import CashCount
from ...errors import Failure
from ...flows import Flow
from ...http import Answer
from ...http_failures import explain_foreign
from ...lazy import cached_property
from ...oauth_connector import OAuthConnector
from ...pagers import body_cursor
from ...pages import Cursor, Malformed, Page, indexed, listed
from ...parcels import Parcel
from ...passes import Part, passes
from ...payouts import Payout
from ...registry import register
from ...settings import Setting, SettingKind
from ...subscriptions import Subscribed
from ...throttle import Budget
from ...windows import Days, Window
from . import access, api, payments, places, webhooks
from .cash_drawers import CashDrawerReader
from .catalog import CatalogReader
from .customers import CustomerReader
from .orders import OrderReader
from .payouts import PayoutReader
from .push_orders import OrderPusher
from .push_parcels import ParcelPusher
from .push_refunds import RefundPusher
from .push_status import StatusPusher
from .references import ReferenceReader
from .refunds import RefundReader
from .stock import StockReader
from .subscriptions import Subscriptions
from .totals import TotalsReader
from .values import text

VERSION = "2025-08-20"
PRODUCTION = "https://connect.squareup.com"


@register
class Square(OAuthConnector):
    """Square, Connect API v2. Source: Square's own OpenAPI description of that version."""

    code = "square"
    name = "Square"
    counts = Book.PAYMENTS
    settings_help = access.HELP
    oauth = access.OAUTH
    settings = (
        *access.SETTINGS,
        Setting(
            "url",
            "Address",
            SettingKind.URL,
            default=PRODUCTION,
            help="Leave it as it is. For a token of Square's sandbox: https://connect.squareupsandbox.com.",
        ),
        Setting(
            "price_level",
            "Prices of",
            SettingKind.CHOICE,
            required=False,
            help="A location whose own prices are taken where it has some. Empty: the ordinary prices.",
            choices_from="price_levels",
            feeds=(Flow.PRODUCTS_PULL,),
        ),
        Setting(
            "location",
            "Location for orders",
            SettingKind.CHOICE,
            required=False,
            help="Orders that are sent go there, unless their warehouse is mapped to another. Empty: the main one.",
            choices_from="order_locations",
        ),
        *webhooks.SETTINGS,
    )

    # Square publishes no limit, and answers 429 beyond it.
    budget = Budget(calls=10, seconds=1, burst=1)
    webhook_topics, webhook_help = webhooks.TOPICS, webhooks.HELP
    products_a_page = 100
    counts_a_page = 500
    customers_a_page = 100
    orders_a_page = 200
    payouts_a_page = 20
    cash_counts_a_page = 50

    # What the form asks

    def check(self) -> Account:
        merchant, main = self._merchant, self._locations.get(self._merchant.get("main_location_id") or "", {})
        return Account(
            external_id=merchant["id"],
            name=text(merchant.get("business_name")) or merchant["id"],
            version=VERSION,
            currency=text(merchant.get("currency")),
            timezone=text(main.get("timezone")),
        )

    def locations(self) -> Iterable[rec.Location | Malformed]:
        return listed(self._listed_places, places.location, lambda row: row["id"])

    def tax_rates(self) -> Iterable[rec.TaxRate]:
        return self._catalog.tax_rates()

    def price_levels(self) -> Iterable[rec.PriceLevel]:
        found = listed(self._locations.values(), places.level, lambda row: row["id"])
        return (level for level in found if isinstance(level, rec.PriceLevel))

    def payment_methods(self) -> Iterable[rec.PaymentMethod]:
        return payments.payment_methods()

    def customer_groups(self) -> Iterable[rec.CustomerGroup]:
        return self._customers.groups()

    def order_locations(self) -> Iterable[Choice]:
        return [
            Choice(row["id"], places.name(row))
            for row in self._locations.values()
            if row.get("status") != "INACTIVE"
        ]

    # Products and stock

    def pull_products(self, cursor: Cursor) -> Iterator[Page[rec.Product]]:
        """Items by Square's paging; later those that changed, or a variation of theirs, or a category, modifier list or
        option that they refer to, and those that were deleted."""
        types = ["ITEM", "ITEM_VARIATION"] if cursor.since else ["ITEM"]
        part = Part(
            fetch=lambda position, started: self._catalog.search(types, position, cursor.since, self.products_a_page),
            following=body_cursor("cursor"),
            read=self._catalog.page,
        )
        more = ReferenceReader(self._api, self._catalog).parts(cursor.since, self.products_a_page)
        return passes([part, *more], cursor, self._now)

    def get_product(self, external_id: str) -> rec.Product | None:
        return self._catalog.get(external_id)

    def download(self, image: rec.Image) -> bytes:
        return self.picture(image.url)

    def pull_stock(self, cursor: Cursor) -> Iterator[Page[rec.StockLevel]]:
        """What Square counts: a variation that it does not track has no count."""
        part = Part(
            fetch=lambda position, started: self._stock.search(position, cursor.since, self.counts_a_page),
            following=body_cursor("cursor"),
            read=self._stock.page,
        )
        return passes([part] if self._places() else [], cursor, self._now)

    def get_stock(self, external_id: str) -> rec.StockLevel | None:
        return self._stock.get(external_id)

    # Customers and orders

    def pull_customers(self, cursor: Cursor) -> Iterator[Page[rec.Customer]]:
        def fetch(position: str, started: datetime) -> dict[str, Any]:
            return self._customers.search(position, cursor.since, started, self.customers_a_page)

        part = Part(fetch=fetch, following=body_cursor("cursor"), read=self._customers.page)
        return passes([part], cursor, self._now)

    def get_customer(self, external_id: str) -> rec.Customer | None:
        return self._customers.get(external_id)

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        """Orders without those that only take back, which `pull_refunds` gives."""
        parts = self._orders.parts(cursor.since, self.orders_a_page, self._orders.page)
        return passes(parts, cursor, self._now)

    def get_order(self, external_id: str) -> rec.Order | None:
        return self._orders.get(external_id)

    def find_order(self, number: str) -> rec.Order | None:
        return self._orders.find(number, self._now())

    def pull_refunds(self, cursor: Cursor) -> Iterator[Page[rec.Refund]]:
        return passes(self._refunds.parts(cursor.since, self.orders_a_page), cursor, self._now)

    def pull_order_status(self, cursor: Cursor) -> Iterator[Page[rec.OrderStatusChange]]:
        """Of orders that carry a reference, where the key of a pushed one stands."""
        parts = self._orders.parts(cursor.since, self.orders_a_page, self._orders.status_page)
        return passes(parts, cursor, self._now)

    def pull_payouts(self, cursor: Cursor) -> Iterator[Page[Payout]]:
        parts = PayoutReader(self._api).parts(self._locations, cursor.since, self.payouts_a_page)
        return passes(parts, cursor, self._now)

    def pull_cash_counts(self, cursor: Cursor) -> Iterator[Page[CashCount]]:
        parts = CashDrawerReader(self._api).parts(self._locations, cursor.since, self.cash_counts_a_page)
        return passes(parts, cursor, self._now)

    # Pushes

    def find_customer(self, customer: rec.Customer) -> list[rec.Customer]:
        return self._customers.candidates(customer)

    def push_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        return self._customers.push(customer, key)

    def push_order(self, order: rec.Order, *, key: str) -> Pushed:
        return self._order_pusher.push(order, key)

    def find_pushed_order(self, key: str) -> Pushed | None:
        return self._order_pusher.find(key)

    def push_order_status(self, change: rec.OrderStatusChange, *, key: str) -> Pushed:
        return StatusPusher(self._api, self._orders).push(change, key)

    def push_parcel(self, parcel: Parcel, *, key: str) -> Pushed:
        return ParcelPusher(self._api, self._orders).push(parcel, key)

    def push_refund(self, refund: rec.Refund, *, key: str) -> tuple[rec.Refund, ...]:
        return RefundPusher(self._api, self._orders, self._refunds, self._stock, self._now).push(refund, key)

    def push_stock(self, level: rec.StockLevel, *, key: str) -> Pushed:
        return self._stock.push(level, key, self._now())

    # Proof and real time

    def control_totals(self, days: Days) -> Iterable[rec.ControlTotals]:
        return TotalsReader(self._api).of(days)

    def orders_in(self, window: Window) -> Iterator[Page[rec.Order]]:
        paid = TotalsReader(self._api).orders_paid(window)
        yield Page(**self._orders.page(list(self._orders.rows(paid).values())), cursor=Cursor())

    def webhook(self, request: WebhookRequest) -> list[Event]:
        return webhooks.read(request, self.values["webhook_key"])

    def register_webhooks(self, url: str, topics: Iterable[str]) -> Subscribed:
        """Webhooks belong to the application: its own token registers them, a permission that it was given can't."""
        app = self.entered_with("app_token")
        return Subscriptions(api.Api(app), VERSION, self.values["webhook_key"], self.store).register(url, topics)

    # How it is asked

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Square-Version": VERSION}

    def _error(self, answer: Answer) -> Failure | None:
        return api.explain(self._place(""), answer, self.redact)

    def _now(self) -> datetime:
        """Square's clock."""
        self._merchant  # noqa: B018 - whatever was asked last tells the time; this is asked where nothing was
        return self.system_time or self.clock()

    def _places(self) -> dict[str, str]:
        """Currencies by location."""
        return indexed(self._locations.values(), lambda row: row["id"], lambda row: text(row.get("currency")))

    def _order_place(self) -> str:
        return self.values["location"] or self._merchant["main_location_id"]

    @cached_property
    def _api(self) -> api.Api:
        return api.Api(self)

    @cached_property
    def _merchant(self) -> dict[str, Any]:
        merchant = self._api.get("v2/merchants/me", "merchant").get("merchant")
        if not isinstance(merchant, dict):
            raise explain_foreign(self._place(""))
        return merchant

    @cached_property
    def _locations(self) -> dict[str, dict[str, Any]]:
        return indexed(self._listed_places, lambda row: row["id"], dict)

    @cached_property
    def _listed_places(self) -> list[Any]:
        return api.rows(self._api.get("v2/locations", "locations"), "locations")

    @cached_property
    def _catalog(self) -> CatalogReader:
        return CatalogReader(self._api)

    @cached_property
    def _stock(self) -> StockReader:
        return StockReader(self._api, self._places)

    @cached_property
    def _customers(self) -> CustomerReader:
        return CustomerReader(self._api)

    @cached_property
    def _orders(self) -> OrderReader:
        return OrderReader(self._api, self._places)

    @cached_property
    def _refunds(self) -> RefundReader:
        return RefundReader(self._api, self._orders)

    @cached_property
    def _order_pusher(self) -> OrderPusher:
        return OrderPusher(self._api, self._orders, self._places, self._order_place, self._now)
