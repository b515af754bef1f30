"""An outside system that lives in memory, and the engine run against it as its cron runs it."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from PIL import Image as Picture

from odoo import fields
from odoo.tests import TransactionCase

from ..connectors import records as rec
from ..connectors.answers import Account, Choice
from ..connectors.connector import Connector
from ..connectors.flows import Flow
from ..connectors.pages import Cursor, Page, parse_each
from ..connectors.registry import registry
from ..connectors.settings import Setting, SettingKind

STARTED = datetime(2026, 1, 5, 8, 0, tzinfo=timezone.utc)


def picture(color: str = "red") -> bytes:
    """A PNG of one color."""
    stream = io.BytesIO()
    Picture.new("RGB", (8, 8), color).save(stream, "PNG")
    return stream.getvalue()


@dataclass
class World:
    """What one account of the test system holds, and how it behaves. Time stands still unless a test moves it.

    `plan` holds what happens at the next calls of a method, one entry a call: an exception is raised, a callable is
    called, None lets the call through. `calls` counts them.
    """

    account: Account = field(
        default_factory=lambda: Account(external_id="account-1", name="Corner Shop", version="7.1", currency="USD")
    )
    now: datetime = STARTED
    products: dict[str, Any] = field(default_factory=dict)
    stock: dict[str, rec.StockLevel] = field(default_factory=dict)
    locations: list[rec.Location] = field(default_factory=list)
    taxes: list[rec.TaxRate] = field(default_factory=list)
    levels: list[rec.PriceLevel] = field(default_factory=list)
    areas: list[Choice] = field(default_factory=list)
    pictures: dict[str, Any] = field(default_factory=dict)
    page_size: int = 200
    plan: dict[str, list] = field(default_factory=dict)
    calls: Counter = field(default_factory=Counter)
    deleted: list[str] = field(default_factory=list)
    step: Callable[[], None] = lambda: None

    def put(self, *products: rec.Product) -> None:
        """Adds or changes products; each change is a minute later than the one before."""
        for product in products:
            self.now += timedelta(minutes=1)
            self.products[product.external_id] = replace(product, updated_at=self.now)

    def put_later(self, *products: rec.Product) -> None:
        """Adds or changes products so much later that an incremental pull does not read the earlier ones again."""
        self.now += timedelta(hours=1)
        self.put(*products)

    def change(self, external_id: str, **values) -> rec.Product:
        self.put(replace(self.products[external_id], **values))
        return self.products[external_id]

    def break_product(self, external_id: str, why: str = "price is no number") -> None:
        """From now on the system sends this product in a form that can't be read."""
        self.products[external_id] = {"id": external_id, "why": why}

    def count(self, variant_id: str, quantity, location_id: str = "shop") -> rec.StockLevel:
        level = rec.StockLevel(
            external_id=rec.stock_id(variant_id, location_id),
            variant_id=variant_id,
            location_id=location_id,
            quantity=Decimal(str(quantity)),
            updated_at=self.now,
        )
        self.stock[level.external_id] = level
        return level

    def happens(self, method: str) -> None:
        self.calls[method] += 1
        self.step()
        planned = self.plan.get(method)
        event = planned.pop(0) if planned else None
        if isinstance(event, BaseException):
            raise event
        if event:
            event()


class TestSystem(Connector):
    """The test system. `worlds` holds its accounts by the value of the setting "account"."""

    __test__ = False

    code = "test"
    name = "Test System"
    settings = (
        Setting("account", "Account"),
        Setting("token", "Access token", SettingKind.SECRET, required=False),
        Setting(
            "price_level",
            "Price level",
            SettingKind.CHOICE,
            required=False,
            choices_from="price_levels",
            feeds=(Flow.PRODUCTS_PULL,),
        ),
        Setting(
            "areas", "Areas", SettingKind.CHOICES, default="0", choices=(("0", "Anywhere"),), choices_from="areas"
        ),
    )
    worlds: dict[str, World] = {}

    @property
    def world(self) -> World:
        return self.worlds[self.values["account"]]

    def check(self) -> Account:
        self.world.happens("check")
        return self.world.account

    def locations(self):
        self.world.happens("locations")
        return tuple(self.world.locations)

    def tax_rates(self):
        return tuple(self.world.taxes)

    def price_levels(self):
        return tuple(self.world.levels)

    def areas(self):
        return tuple(self.world.areas)

    def pull_products(self, cursor: Cursor) -> Iterator[Page[rec.Product]]:
        return self._pages("pull_products", self.world.products.values(), cursor, deleted=self.world.deleted)

    def pull_stock(self, cursor: Cursor) -> Iterator[Page[rec.StockLevel]]:
        return self._pages("pull_stock", self.world.stock.values(), cursor)

    def get_product(self, external_id: str) -> rec.Product | None:
        self.world.happens("get_product")
        for product in self.world.products.values():
            known = (
                {product["id"]}
                if isinstance(product, dict)
                else {
                    product.external_id,
                    *(variant.external_id for variant in product.variants),
                }
            )
            if external_id in known:
                return self._parse(product)
        return None

    def get_stock(self, external_id: str) -> rec.StockLevel | None:
        self.world.happens("get_stock")
        return self.world.stock.get(external_id)

    def download(self, image: rec.Image) -> bytes:
        self.world.happens("download")
        content = self.world.pictures[image.url]
        if isinstance(content, BaseException):
            raise content
        return content

    def _pages(self, method, items, cursor, deleted=()):
        changed = [
            item
            for item in items
            if isinstance(item, dict) or not cursor.since or not item.updated_at or item.updated_at >= cursor.since
        ]
        size, start = self.world.page_size, int(cursor.position or 0)
        while True:
            self.world.happens(method)
            chunk = changed[start : start + size]
            start += size
            records, malformed = parse_each(chunk, self._parse, lambda payload: payload["id"])
            moments = [record.updated_at for record in records]
            cursor = cursor.at("" if start >= len(changed) else str(start), *moments)
            yield Page(records=records, cursor=cursor, malformed=malformed, deleted=tuple(deleted), total=len(changed))
            if not cursor.position:
                return

    @staticmethod
    def _parse(payload):
        if isinstance(payload, dict):
            if "name" in payload:
                return product(payload["id"], name=payload["name"])
            raise ValueError(payload["why"])
        return payload


def price(amount, level="", currency="USD") -> rec.Price:
    return rec.Price(level=level, amount=Decimal(str(amount)), currency=currency)


def options(**values) -> tuple[rec.OptionValue, ...]:
    return tuple(rec.OptionValue(option=option, value=value) for option, value in values.items())


def variant(external_id, amount=10, **values) -> rec.Variant:
    """A variant with one price in dollars; `amount` None: no price."""
    if amount is not None:
        values.setdefault("prices", (price(amount),))
    return rec.Variant(external_id=external_id, **values)


def product(external_id, amount=10, **values) -> rec.Product:
    """A product named after its id, with one variant `v-<id>` unless `variants` are given. Values that a variant has
    go to that variant."""
    own = {
        name: values.pop(name)
        for name in ("sku", "barcode", "cost", "prices", "open_price", "weight")
        if name in values
    }
    values.setdefault("variants", (variant(f"v-{external_id}", amount, **own),))
    values.setdefault("name", f"Product {external_id}")
    return rec.Product(external_id=external_id, **values)


def combo(external_id, amount=10, **choices) -> rec.Product:
    """A combo; `choices` name the variant ids of each choice."""
    return product(
        external_id,
        amount,
        kind=rec.ProductKind.COMBO,
        combos=tuple(
            rec.ComboChoice(
                external_id=f"{external_id}-{name}",
                name=name,
                items=tuple(rec.ComboItem(variant_id=variant_id) for variant_id in variant_ids),
            )
            for name, variant_ids in choices.items()
        ),
    )


class EngineCase(TransactionCase):
    """One connection of the test system, set up and connected, in a company that counts in dollars."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {TestSystem.code: TestSystem}))
        cls.startClassPatcher(patch.dict(TestSystem.worlds, clear=True))
        cls.company = cls.env["res.company"].create(
            {"name": "Engine Test Company", "currency_id": cls.env.ref("base.USD").id}
        )
        cls.env.user.write({"company_ids": [(4, cls.company.id)], "company_id": cls.company.id})
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.world = World()
        cls.connection = cls.connect("main", cls.world)

    def setUp(self):
        super().setUp()
        # The worlds are outside the database: what a test does to them is undone here.
        for name in list(TestSystem.worlds):
            if name != "main":
                del TestSystem.worlds[name]
        fresh = World()
        self.world.__dict__.update(fresh.__dict__)

    @classmethod
    def connect(cls, account, world=None, **values):
        """A connection to an account, tested and with its first setup pull done."""
        if world is None:
            world = World(
                account=Account(external_id=f"account-{account}", name=account, version="7.1", currency="USD")
            )
        TestSystem.worlds[account] = world
        connection = cls.env["pos.sync.connection"].create(
            {"name": f"Connection {account}", "system": "test", "company_id": cls.company.id, **values}
        )
        connection.setting_ids.filtered(lambda row: row.key == "account").value = account
        connection.action_test()
        connection._stream("setup_pull").write({"first_done": True, "requested": False})
        return connection

    # Running

    @classmethod
    @contextmanager
    def in_test_mode(cls):
        """Jobs open cursors of their own: inside, these are the test's. Like Odoo's own for a test, but for a class
        too."""
        # A test with a server of its own is in it throughout.
        entered = cls._registry_patched
        cls.env.flush_all()
        if not entered:
            cls.registry_enter_test_mode_cls()
        try:
            yield
        finally:
            if not entered:
                cls.registry_leave_test_mode()
            cls.env.invalidate_all()

    @classmethod
    def registry_leave_test_mode(cls):
        # Entering has this called once more when the class has ended.
        return super().registry_leave_test_mode() if cls._registry_patched else None

    @classmethod
    def run_job(cls, stream):
        """One run of the stream's cron, as the scheduler would do it."""
        with cls.in_test_mode():
            stream.sudo().cron_id.method_direct_trigger()
        stream.invalidate_recordset()

    def pull(self, flow="products_pull", connection=None, full=False):
        """Asks for a pull and runs its slices until the pass has ended or stopped. Returns its run."""
        stream = (connection or self.connection)._stream(flow)
        stream._request(full=full)
        return self.pull_requested(stream)

    def pull_requested(self, stream):
        """Runs the slices of a pull that was asked for, until the pass has ended or stopped. Returns its run."""
        before = self.env["pos.sync.run"].search([("stream_id", "=", stream.id)])
        for _slice in range(50):
            self.run_job(stream)
            if not stream.run_id or stream.sentence:
                break
            for other in stream._gives_way_to(fields.Datetime.now()):
                self.run_job(other)
        else:
            self.fail(f"{stream.display_name} did not end within 50 slices")
        self.env.invalidate_all()
        return self.env["pos.sync.run"].search([("stream_id", "=", stream.id)]) - before or stream.last_run_id

    def drain(self, flow="products_pull", connection=None):
        """Runs the stream once more because of messages that wait; nothing else asks for it."""
        self.run_job((connection or self.connection)._stream(flow))

    # Looking

    def link(self, external_id, entity="product", connection=None):
        return (
            self.env["pos.sync.mapping"]
            ._find(connection or self.connection, entity, [external_id])
            .get(external_id, self.env["pos.sync.mapping"])
        )

    def template(self, external_id, connection=None):
        return self.link(external_id, connection=connection).product_tmpl_id

    def variant(self, external_id, connection=None):
        return self.link(external_id, "variant", connection).product_id

    def messages(self, flow="products_pull", connection=None, states=("waiting", "held", "failed")):
        stream = (connection or self.connection)._stream(flow)
        return self.env["pos.sync.message"].search([("stream_id", "=", stream.id), ("state", "in", states)], order="id")

    def message(self, external_id, **where):
        return self.messages(**where).filtered(lambda message: message.external_id == external_id)

    def pricelist_price(self, external_id, connection=None):
        """The fixed price of a variant on the connection's pricelist, None without one."""
        connection = connection or self.connection
        items = self.env["product.pricelist.item"].search(
            [
                ("pricelist_id", "=", connection.pricelist_id.id),
                ("product_id", "=", self.variant(external_id, connection).id),
            ]
        )
        self.assertLessEqual(len(items), 1, f"{external_id} has several prices on the pricelist")
        return items.fixed_price if items else None

    def counts(self, run):
        """The counts of a run that are not zero."""
        names = ("read", "created", "updated", "unchanged", "skipped", "held", "failed", "deleted")
        return {name: run[f"{name}_count"] for name in names if run[f"{name}_count"]}

    def assertCounts(self, run, **expected):
        self.assertEqual(self.counts(run), expected)

    def assertNothingFailed(self, flow="products_pull", connection=None):
        found = self.messages(flow, connection)
        self.assertFalse(found, [(message.external_id, message.code, message.sentence) for message in found])

    def map_tax(self, external_id, rate=10.0, connection=None, **values):
        """A tax of the system, with a tax of Odoo unless `tax_id` says otherwise."""
        connection = connection or self.connection
        if "tax_id" not in values and not values.get("ignored"):
            values["tax_id"] = self.make_tax(rate).id
        return self.env["pos.sync.tax"].create(
            {"connection_id": connection.id, "external_id": external_id, "name": external_id, "rate": rate, **values}
        )

    def make_tax(self, rate=10.0, company=None):
        Tax, company = self.env["account.tax"].sudo(), company or self.company
        group = self.env["account.tax.group"].sudo().search([("company_id", "=", company.id)], limit=1)
        if not group:
            group = group.create({"name": "Taxes", "company_id": company.id, "country_id": self.env.ref("base.us").id})
        return Tax.create(
            {
                "name": f"Tax {rate} #{Tax.search_count([])}",
                "amount": rate,
                "type_tax_use": "sale",
                "company_id": company.id,
                "country_id": self.env.ref("base.us").id,
                "tax_group_id": group.id,
            }
        )


def encoded(content: bytes) -> bytes:
    return base64.b64encode(content)
