"""Odoo, another database of it: version 14 and later, as it stands, without an addon on the other side.

What is pushed is made exactly once: Odoo's own import takes an External ID made of the idempotency key.

JSON-2 with an API key from 19 on, XML-RPC before. External ids carry their kind ("variant-12"), since ids of Odoo are
unique within a model only. A connection sees one company of the other Odoo.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ... import records as rec
from ...answers import Account, Choice, Pushed
from ...errors import Failure, NeedsFixing
from ...http import Answer, HttpConnector
from ...lazy import cached_property
from ...pages import Cursor, Malformed, Page
from ...parcels import Parcel
from ...registry import register
from ...windows import Days, Window
from .fields import Rows
from .passes import Part, pages
from .products import ProductReader, product_of
from .push_customers import CustomerPusher
from .push_orders import OrderPusher
from .push_parcels import ParcelPusher
from .push_refunds import RefundPusher
from .push_steps import OrderSteps
from .rpc import Rpc, Transport
from .sales import SalesReader
from .session import choose_transport, chosen, major, open_rpc, read_version
from .settings import SETTINGS
from .setup import SetupReader
from .stock import StockReader
from .values import key, number, text
from .versions import PLAIN_MESSAGES_SINCE, lacks


@register
class Odoo(HttpConnector):
    """Odoo 14 and later. Source: Odoo's own code (models product, stock, point_of_sale; module rpc)."""

    code = "odoo"
    name = "Odoo"
    settings_help = (
        "Make an API key in the other Odoo: click your name, then Preferences, Account Security, New API Key. "
        "The key can do what its user can: one who may read products, sales and inventory is enough to pull. To send "
        "orders the user needs Sales / User, to send payments and refunds also Invoicing, to send deliveries and "
        "returns also Inventory / User."
    )
    settings = SETTINGS
    blamed = {
        **HttpConnector.blamed,
        "no-odoo": "url",
        "wrong-database": "database",
    }

    # Their pictures take long: a page is the shortest time in which another flow can have its turn.
    products_a_page = 25
    variants_a_page = 100
    customers_a_page = 100
    orders_a_page = 50
    refunds_a_page = 100

    # What the form asks

    def check(self) -> Account:
        """The account's id is the database's own where the key may read it, else its address; with the company."""
        company = self._setup.company()
        place = self._setup.database_id() or f"{urlsplit(self.values['url']).netloc}/{self.values['database']}"
        return Account(
            external_id=f"{place}/{key('company', company['id'])}",
            name=company["name"],
            version=self._version,
            currency=self._products.currencies[company["currency_id"]],
            timezone=text(self._rpc.context.get("tz")),
            notes=(*self._setup.notes(), *lacks(major(self._version))),
        )

    def companies(self) -> Iterable[Choice]:
        """Those that the key's user may work in."""
        user = self._rpc.read("res.users", [self._rpc.user_id], ["company_ids"])[0]
        context = {"allowed_company_ids": user["company_ids"]}
        rows = self._rpc.search_read("res.company", [("id", "in", user["company_ids"])], ["name"], context=context)
        return [Choice(key("company", row["id"]), row["name"]) for row in rows]

    def locations(self) -> Iterable[rec.Location | Malformed]:
        return self._setup.locations(self._stock.places, self._stock.unreadable_places)

    def tax_rates(self) -> Iterable[rec.TaxRate | Malformed]:
        return self._setup.tax_rates()

    def price_levels(self) -> Iterable[rec.PriceLevel | Malformed]:
        return self._setup.price_levels()

    def payment_methods(self) -> Iterable[rec.PaymentMethod | Malformed]:
        return self._setup.payment_methods()

    def customer_groups(self) -> Iterable[rec.CustomerGroup | Malformed]:
        return self._setup.customer_groups()

    def payment_journals(self) -> Iterable[Choice]:
        """Of the connection's company, for money that comes in."""
        domain = [
            ("type", "in", ["bank", "cash"]),
            ("company_id", "in", self._rpc.context["allowed_company_ids"]),
            ("active", "=", True),
        ]
        rows = self._rows.allowed("account.journal", domain, ["name"])
        return [Choice(key("journal", row["id"]), row["name"]) for row in rows]

    # Products and stock

    def pull_products(self, cursor: Cursor) -> Iterator[Page[rec.Product]]:
        """Templates by id, archived ones too. A changed one that may not be sold any more is told as deleted."""

        def domain(started: datetime) -> list[Any]:
            return self._products.changed(cursor.since, started) if cursor.since else self._sold

        def read(ids: list[int], started: datetime) -> dict[str, Any]:
            # A first pull has asked for these only; a later one must find out which may not be sold any more.
            sold = self._ids("product.template", [("id", "in", ids), *self._sold]) if cursor.since else ids
            products, malformed = self._products.read(sold, started)
            gone = tuple(key("template", template) for template in sorted(set(ids) - set(sold)))
            return {"records": products, "malformed": malformed, "deleted": gone}

        part = Part("product.template", domain, read)
        return pages(self._rpc, [part], cursor, self.products_a_page, self._now)

    def get_product(self, external_id: str) -> rec.Product | None:
        template = product_of(self._rpc, external_id)
        products, malformed = self._products.read([template] if template else [], self._now())
        if malformed:
            raise malformed[0].failure
        return products[0] if products else None

    def download(self, image: rec.Image) -> bytes:
        owner = self._products.image(image.url)
        if owner is None:
            raise NeedsFixing("The image does not belong to this Odoo. Pull its product again.", code="unknown-image")
        model, row_id, name = owner
        rows = self._rpc.search_read(model, [("id", "=", row_id)], [name])
        return base64.b64decode(rows[0][name] or b"") if rows else b""

    def pull_stock(self, cursor: Cursor) -> Iterator[Page[rec.StockLevel]]:
        """Each tracked variant at each place, zeros too; then those whose quantity may have changed."""

        def domain(started: datetime) -> list[Any]:
            changed = self._stock.changed(cursor.since) if cursor.since else []
            return [*self._stock.tracked, *self._sold, *changed]

        def read(ids: list[int], started: datetime) -> dict[str, Any]:
            return {"records": self._stock.read(ids, started)}

        in_use = sum(not place.archived for place in self._stock.places)
        parts = [Part("product.product", domain, read, each=in_use)] if self._stock.places else []
        return pages(self._rpc, parts, cursor, self.variants_a_page, self._now)

    def get_stock(self, external_id: str) -> rec.StockLevel | None:
        variant = number("variant", external_id.partition("@")[0]) or 0
        ids = self._ids("product.product", [*self._stock.tracked, ("id", "=", variant)])
        levels = self._stock.read(ids, self._now())
        return next((level for level in levels if level.external_id == external_id), None)

    # Customers and orders

    def pull_customers(self, cursor: Cursor) -> Iterator[Page[rec.Customer]]:
        return self._sales.pull_customers(cursor, self.customers_a_page)

    def get_customer(self, external_id: str) -> rec.Customer | None:
        return self._sales.get_customer(external_id)

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        """Orders of sales, then those of tills; refunds are none, `pull_refunds` gives them."""
        return self._sales.pull_orders(cursor, self.orders_a_page)

    def get_order(self, external_id: str) -> rec.Order | None:
        return self._sales.get_order(external_id)

    def find_order(self, number: str) -> rec.Order | None:
        return self._sales.find_order(number)

    def pull_refunds(self, cursor: Cursor) -> Iterator[Page[rec.Refund]]:
        """Credit notes for sales, then what tills took back."""
        return self._sales.pull_refunds(cursor, self.refunds_a_page)

    def pull_order_status(self, cursor: Cursor) -> Iterator[Page[rec.OrderStatusChange]]:
        """Of orders with a customer reference, where the key of a pushed one stands."""
        return self._sales.pull_order_status(cursor, self.orders_a_page)

    def control_totals(self, days: Days) -> Iterable[rec.ControlTotals]:
        return self._sales.control_totals(days, formatted=major(self._version) >= 19)

    def orders_in(self, window: Window) -> Iterator[Page[rec.Order]]:
        return self._sales.orders_in(window, self.orders_a_page)

    def refunds_in(self, window: Window) -> Iterator[Page[rec.Refund]]:
        return self._sales.refunds_in(window, self.refunds_a_page)

    # Pushes

    def find_customer(self, customer: rec.Customer) -> list[rec.Customer]:
        return self._customer_pusher.find(customer)

    def push_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        return self._customer_pusher.push(customer, key)

    def update_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        """The row is known by the key that it was made with."""
        return self._customer_pusher.push(customer, key)

    def push_order(self, order: rec.Order, *, key: str) -> Pushed:
        return self._order_pusher.push(order, key)

    def find_pushed_order(self, key: str) -> Pushed | None:
        return self._order_pusher.find(key)

    def push_order_status(self, change: rec.OrderStatusChange, *, key: str) -> Pushed:
        """Cancels the order, validates its deliveries, invoices and pays it: what of that is stated and not done."""
        order = number("sale", change.external_id)
        if order is None:
            raise NeedsFixing("Only orders of sales can be changed from here, not those of tills.", code="not-a-sale")
        self._steps.follow(order, change)
        return Pushed(external_id=change.external_id)

    def push_parcel(self, parcel: Parcel, *, key: str) -> Pushed:
        """Validates what the parcel holds of the order's deliveries there."""
        return ParcelPusher(self._rpc, self._steps).push(parcel)

    def push_refund(self, refund: rec.Refund, *, key: str) -> tuple[rec.Refund, ...]:
        pusher = self._order_pusher
        notes, currencies = self._sales.credit_notes, self._products.currencies
        return RefundPusher(self._rpc, self._steps, notes, pusher.service, currencies).push(refund, key)

    # How it is read

    def _ids(self, model: str, domain: list[Any], limit: int = 0) -> list[int]:
        return [row["id"] for row in self._rpc.search_read(model, domain, ["id"], limit=limit)]

    def _now(self) -> datetime:
        """That Odoo's clock."""
        self._rpc.call("res.users", "context_get")
        return self.system_time or self.clock()

    @cached_property
    def _sold(self) -> list[Any]:
        """A domain on templates and on variants."""
        return [("sale_ok", "=", True)] if self.values["products"] == "sold" else []

    @cached_property
    def _version(self) -> str:
        return read_version(self, self.values["protocol"])

    @cached_property
    def _transport(self) -> Transport:
        return choose_transport(self, self.values, self._version)

    @cached_property
    def _rpc(self) -> Rpc:
        return open_rpc(self._transport, self.values)

    @cached_property
    def _products(self) -> ProductReader:
        return ProductReader(self._rpc, chosen(self.values, "price_level", "pricelist"))

    @cached_property
    def _stock(self) -> StockReader:
        return StockReader(self._rpc, self.values["stock_by"], self._products.units)

    @cached_property
    def _sales(self) -> SalesReader:
        return SalesReader(
            self._rpc,
            self.values["orders"],
            self._products.currencies,
            lambda: self._products.units,
            lambda: frozenset(place.external_id for place in self._stock.places),
            self._now,
        )

    @cached_property
    def _steps(self) -> OrderSteps:
        journal = chosen(self.values, "payment_journal", "journal")
        return OrderSteps(self._rpc, journal, major(self._version) >= PLAIN_MESSAGES_SINCE)

    @cached_property
    def _customer_pusher(self) -> CustomerPusher:
        return CustomerPusher(self._rpc, self._sales.customers, self.values["url"])

    @cached_property
    def _order_pusher(self) -> OrderPusher:
        return OrderPusher(
            self._rpc, self._customer_pusher, self._steps, self._products.currencies, self.values["url"]
        )

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self._rpc)

    @cached_property
    def _setup(self) -> SetupReader:
        return SetupReader(self._rpc, self._products.currencies)

    def _error(self, answer: Answer) -> Failure | None:
        transport = self.__dict__.get("_transport")
        return transport.explain(answer) if transport else None
