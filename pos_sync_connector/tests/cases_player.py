"""Plays a case: what systems tell and people do, step by step, through the real connectors, the engine and the buttons;
then looks at what came of it.

A step is a pair: what happens, and with what. `order`, `refund`, `product`, `customer`: the system tells it, new or
changed, as it sends it; `unknown`: its answer when it is asked for a customer whom it does not list; `post`: an
accountant posts all days; `look`: what must be found by then, as at the end; any other is a method of `People`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from odoo.fields import Command

from ..connectors import records as rec
from ..connectors.registry import registry
from .cases_books import Books
from .cases_found import Found
from .cases_shops import SETTINGS, ShopifyShop, SquareShop, ToldShopify, ToldSquare
from .sales_common import SalesCase, product

_TOLD = {"shopify": ToldShopify, "square": ToldSquare}


@dataclass(frozen=True)
class Case:
    """`settings`: see `CasesCase.set_up`. `found`: what must be found at the end; see `CasesCase.look`."""

    name: str
    system: str
    steps: tuple[tuple, ...]
    found: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moves_money(self) -> bool:
        return any(step[0] == "post" for step in self.steps)


class People:
    """What somebody does in Odoo."""

    def make_customer(self, **values):
        self.made[values["name"]] = self.env["res.partner"].create(values)

    def make_product(self, name, barcode="", code=""):
        values = {"name": name, "barcode": barcode, "default_code": code, "is_storable": True}
        self.made[name] = self.env["product.product"].create(values)

    def set_code(self, variant, code):
        self.variant(variant, self.case_connection).default_code = code

    def set_taxes(self, key, rates):
        taxes = self.env["account.tax"]
        for rate in rates:
            taxes |= self.make_tax(rate)
        self.template(key, self.case_connection).taxes_id = [Command.set(taxes.ids)]

    def archive(self, key):
        self.template(key, self.case_connection).action_archive()

    def rename(self, key, name):
        self.link(key, "customer", self.case_connection).partner_id.name = name

    def confirm_and_deliver(self, key):
        order = self.sale(key)
        order.action_confirm()
        for picking in order.picking_ids:
            for move in picking.move_ids:
                move.quantity, move.picked = move.product_uom_qty, True
            picking.with_context(skip_sms=True).button_validate()

    def send_customer(self, **values):
        country = values.pop("country", "US")
        values["country_id"] = self.env["res.country"].search([("code", "=", country)]).id
        partner = self.env["res.partner"].create(values)
        self.case_connection._stream("customers_push").enabled = True
        self.env["pos.sync.send"]._start(partner)
        self.drain("customers_push", self.case_connection)


class CasesCase(People, Found, SalesCase):
    """Three connections of one company: Shopify, Square, and the test system for records as any reader makes them. Tea
    at 10, coffee at 4, and a gift card."""

    mode = "summary"
    # The ids of tea, coffee and the gift card at each shop: (product, variant).
    catalogue: Mapping[str, tuple] = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, _TOLD))
        cls.env.user.group_ids += cls.env.ref("account.group_account_manager")
        cls.books = Books(cls.env, cls.company)
        cls.startClassPatcher(patch.object(ToldShopify, "shop", ShopifyShop()))
        cls.startClassPatcher(patch.object(ToldSquare, "shop", SquareShop()))
        for key, row in cls.shopify_catalogue():
            ToldShopify.shop.products[key] = row
        for key, row in cls.square_catalogue():
            ToldSquare.shop.products[key] = row
        cls.sales_world.put(product("gift", 50, kind=rec.ProductKind.GIFT_CARD))
        cls._stocked["products"] = dict(cls.sales_world.products)
        cls.connections = {"records": cls.connection}
        for system, settings in SETTINGS.items():
            cls.connections[system] = cls.open(system, settings)
        for connection in cls.connections.values():
            cls.read(connection, "setup_pull", "products_pull")
            connection._stream("customers_pull").write({"first_done": True})
            cls.env["pos.sync.posting.period"].create(
                {"connection_id": connection.id, "date_from": "2026-01-01", "mode": cls.mode}
            )
            cls.env["pos.sync.import_orders"]._ensure_charge_products(connection)
            cls.books.choose(connection)

    @classmethod
    def shopify_catalogue(cls):
        return ()

    @classmethod
    def square_catalogue(cls):
        return ()

    @classmethod
    def open(cls, system, settings):
        """A connection as a person sets it up."""
        connection = cls.env["pos.sync.connection"].create(
            {
                "name": system.title(),
                "system": system,
                "company_id": cls.company.id,
                "points_from": "2026-01-01",
                "entries_from": "2026-01-01",
            }
        )
        rows = {row.key: row for row in connection.setting_ids}
        for key, value in settings.items():
            rows[key]["secret_input" if rows[key].kind == "secret" else "value"] = value
        connection.action_test()
        assert connection.state == "connected", connection.state_message or connection.setting_ids.mapped("problem")
        return connection

    @classmethod
    def read(cls, connection, *flows):
        for flow in flows:
            stream = connection._stream(flow)
            stream._request()
            cls.run_job(stream)

    def setUp(self):
        super().setUp()
        for told, kind in ((ToldShopify, ShopifyShop), (ToldSquare, SquareShop)):
            fresh = kind()
            fresh.products = dict(told.shop.products)
            self.patch(told, "shop", fresh)
        self.made, self.told, self.sentences = {}, {}, []

    # Playing

    def play(self, case):
        self.case_connection = self.connections[case.system]
        self.shop = _TOLD[case.system].shop if case.system in _TOLD else self.world
        self.set_up(case.settings)
        for what, *given in case.steps:
            if hasattr(self, f"do_{what}"):
                getattr(self, f"do_{what}")(*given)
            else:
                getattr(self, what)(**given[0])
        self.look(case.found)
        if case.moves_money:
            self.assertTwiceIsOnce(case)

    def set_up(self, settings):
        """`taxes`: {the reader's id: rate}; `stock`: Odoo delivers; `orders_from`; `zone` of the company; `places`:
        {id: (name, zone)}; `tax_rounding`; `points`: one a dollar."""
        connection, company = self.case_connection, self.company
        company.partner_id.tz = settings.get("zone", "UTC")
        if settings.get("orders_from"):
            connection.orders_from = settings["orders_from"]
        if settings.get("tax_rounding"):
            company.tax_calculation_rounding_method = settings["tax_rounding"]
        if settings.get("points"):
            connection.action_make_program()
        if settings.get("stock"):
            self.keep_stock(connection)
        if settings.get("places"):
            self.know_places(settings["places"])
            # As of a shop that is connected with these places.
            connection.timezone = False
            connection.action_test()
            self.read(connection, "setup_pull")
        for key, rate in settings.get("taxes", {}).items():
            self.know_tax(key, rate)

    def know_places(self, places):
        if self.shop is not self.world:
            self.shop.know_places(places)
            return
        self.world.locations = [
            rec.Location(external_id=key, name=name, timezone=zone, currency="USD")
            for key, (name, zone) in places.items()
        ]

    def know_tax(self, key, rate):
        """A tax that orders name: made by the button, as one that Odoo does not have."""
        stated = rec.LineTax(tax_id=key, name=key, rate=Decimal(str(rate)), inclusive="INCLUSIVE" in key)
        known = self.env["pos.sync.tax"]._learn(self.case_connection, [stated])
        known.action_make_tax()

    def keep_stock(self, connection):
        connection.stock_policy = "odoo"
        goods = (
            self.env["pos.sync.mapping"]
            .search([("connection_id", "=", connection.id), ("entity", "=", "variant")])
            .product_id
        )
        goods = goods.filtered(lambda item: item.type == "consu")
        goods.is_storable = True
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        for item in goods:
            self.env["stock.quant"]._update_available_quantity(item, warehouse.lot_stock_id, 100)

    # What a system tells

    def do_order(self, payload, refunds_first=False):
        if isinstance(payload, rec.Order):
            self.world.sell(payload)
        else:
            self.shop.tell("orders", payload)
        flows = ["orders_pull", "refunds_pull"]
        self.pull_flows(*(reversed(flows) if refunds_first else flows))

    def do_refund(self, payload):
        if isinstance(payload, rec.Refund):
            self.world.give_back(payload)
        else:
            self.shop.tell("orders" if "returns" in payload else "refunds", payload)
        self.pull_flows("orders_pull", "refunds_pull")

    def do_product(self, payload):
        if isinstance(payload, rec.Product):
            self.world.put(payload)
        else:
            self.shop.tell("products", payload)
        self.pull_flows("products_pull")

    def do_customer(self, payload):
        if isinstance(payload, rec.Customer):
            self.world.know(payload)
        else:
            self.shop.tell("customers", payload)
        self.pull_flows("customers_pull")

    def do_unknown(self, key, payload=None):
        """What the system answers about a customer whom it does not list."""
        if payload:
            self.shop.unlisted[key] = payload

    def pull_flows(self, *flows):
        for flow in flows:
            if flow == "refunds_pull":
                self.case_connection._stream("orders_pull").first_done = True
            self.pull(flow, self.case_connection)

    # What an accountant does

    def do_post(self):
        self.env["pos.sync.day"].action_gather()
        self.books.choose(self.case_connection)
        days = self.env["pos.sync.day"].search([("connection_id", "=", self.case_connection.id)], order="date")
        days.action_post()
        self.sentences = [f"{day.display_name}: {day.sentence}" for day in days if day.sentence]

    def assertTwiceIsOnce(self, case):
        """All that was told is told once more, and all days are posted once more: nothing changes."""
        moves = self.env["account.move"].search_count([("company_id", "=", self.company.id)])
        self.pull_flows("orders_pull", "refunds_pull")
        self.do_post()
        self.look({what: found for what, found in case.found.items() if what in ("book", "part")})
        again = self.env["account.move"].search_count([("company_id", "=", self.company.id)])
        self.assertEqual(again, moves, "entries were made again")


def each_case(cases):
    """Gives a test class a test a case."""

    def decorate(cls):
        for case in cases:
            name = "test_" + "".join(sign if sign.isalnum() else "_" for sign in case.name.lower())
            assert not hasattr(cls, name), f"two cases are called {case.name}"
            setattr(cls, name, lambda self, case=case: self.play(case))
        return cls

    return decorate
