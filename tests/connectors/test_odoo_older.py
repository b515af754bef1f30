"""The system "Odoo" with versions that do not run here: what was named differently then, and XML-RPC on the wire."""

from decimal import Decimal

import pytest

import connectors  # noqa: F401 - registers the systems
from connectors.errors import NeedsFixing, Refused
from connectors.pages import Cursor
from connectors.records import ComboItem, ProductKind, Unit
from connectors.registry import registry
from tests.connectors.contract import fails
from tests.connectors.loopback import Loopback, Reply
from tests.connectors.older_odoo import DATABASE, KEY, LOGIN, OlderOdoo

WRITTEN = "2024-05-06 07:08:09"


def tables(**more):
    """What 14 to 17 had in common."""
    common = {
        "res.users": [{"id": 7, "company_id": 3, "company_ids": [3]}],
        "res.company": [{"id": 3, "name": "Altes Haus", "currency_id": 1}],
        "res.currency": [{"id": 1, "name": "EUR", "rate": 1.0}],
        "res.partner.category": [{"id": 4, "name": "Stammgast"}],
        "ir.config_parameter": [{"id": 1, "key": "database.uuid", "value": "u-u-i-d"}],
        "ir.attachment": [
            {"id": 1, "res_model": "product.template", "res_field": "image_1920", "res_id": 10, "checksum": "c0ffee"},
        ],
        "account.tax": [
            {
                "id": 5, "name": "19 %", "amount": 19.0, "amount_type": "percent", "price_include": True,
                "type_tax_use": "sale", "active": True, "children_tax_ids": [], "company_id": 3,
            },
            {
                "id": 6, "name": "Of the price", "amount": 20.0, "amount_type": "division", "price_include": True,
                "type_tax_use": "sale", "active": True, "children_tax_ids": [], "company_id": 3,
            },
            {
                "id": 7, "name": "Both", "amount": 0.0, "amount_type": "group", "price_include": False,
                "type_tax_use": "sale", "active": False, "children_tax_ids": [5, 6], "company_id": 3,
            },
            {
                "id": 8, "name": "Bought", "amount": 19.0, "amount_type": "percent", "price_include": False,
                "type_tax_use": "purchase", "active": True, "children_tax_ids": [], "company_id": 3,
            },
        ],
        "product.category": [{"id": 1, "name": "All", "parent_id": False}, {"id": 2, "name": "Tea", "parent_id": 1}],
        "product.attribute": [{"id": 1, "name": "Größe", "create_variant": "always", "display_type": "radio"}],
        "product.template.attribute.value": [],
        "uom.uom": [
            {"id": 1, "name": "g", "factor": 1000.0, "category_id": 2, "uom_type": "smaller"},
            {"id": 2, "name": "kg", "factor": 1.0, "category_id": 2, "uom_type": "reference"},
            {"id": 3, "name": "3.5 g", "factor": 285.71428571428572, "category_id": 2, "uom_type": "smaller"},
            {"id": 4, "name": "Units", "factor": 1.0, "category_id": 1, "uom_type": "reference"},
        ],
        "stock.warehouse": [{"id": 1, "name": "Laden", "active": True, "view_location_id": 8, "company_id": 3}],
        "stock.quant": [{"id": 1, "write_date": WRITTEN, "location_id": 8, "product_id": 100}],
        "stock.move": [{"id": 1}],
        "stock.move.line": [{"id": 1, "write_date": WRITTEN, "state": "done", "product_id": 100}],
        "product.product": [variant(100, 10, "TEA", 12.345), variant(101, 11, False, 1.0)],
    }  # fmt: skip
    return {**common, **more}


def variant(number, template, code, price):
    return {
        "id": number, "product_tmpl_id": template, "default_code": code, "barcode": False, "active": True,
        "lst_price": price, "standard_price": 1.1, "weight": 0.5, "write_date": WRITTEN, "sale_ok": True,
        "product_template_attribute_value_ids": [], "qty_available": 2.25, "uom_id": 3,
        "type": "product" if number == 100 else "consu",
    }  # fmt: skip


def template(number, name, **more):
    return {
        "id": number, "name": name, "type": "product", "list_price": 12.345, "currency_id": 1, "cost_currency_id": 1,
        "categ_id": 2, "uom_id": 3, "taxes_id": [5], "active": True, "sale_ok": True, "description_sale": False,
        "weight_uom_name": "lb", "write_date": WRITTEN, "product_variant_ids": [], "attribute_line_ids": [], **more,
    }  # fmt: skip


FOURTEEN = tables(**{"product.template": [template(10, "Tee & Gebäck"), template(11, "Tüte", type="consu")]})
SEVENTEEN = tables(
    **{
        "product.tag": [{"id": 9, "name": "Bio"}],
        "product.template": [
            template(
                10,
                "Frühstück",
                type="consu",
                detailed_type="combo",
                is_published=True,
                product_tag_ids=[9],
                combo_ids=[20],
            ),
            template(
                11, "Tee", detailed_type="product", is_published=False, product_tag_ids=[], combo_ids=[]
            ),
        ],
        "pos.combo": [{"id": 20, "name": "Getränk", "base_price": 2.5}],
        "pos.combo.line": [{"id": 1, "combo_id": 20, "product_id": 101, "combo_price": 0.5}],
    }
)


@pytest.fixture
def odoo(time):
    """Starts an older Odoo and connects to it."""
    opened = []

    def start(version, rows, **settings):
        older = OlderOdoo(version, rows)
        server = Loopback(older)
        opened.append(server)
        entered = {"url": server.url, "database": DATABASE, "login": LOGIN, "api_key": KEY, **settings}
        return older, registry.get("odoo")(entered, clock=time.clock, sleep=time.sleep)

    yield start
    for server in opened:
        server.__exit__()


def pulled(pages):
    return [record for page in pages for record in page.records]


def test_version_14(odoo):
    older, connector = odoo("14.0", FOURTEEN)
    account = connector.check()
    assert (account.external_id, account.name, account.version) == ("u-u-i-d/company-3", "Altes Haus", "14.0")
    assert account.timezone == "Europe/Berlin"
    tea, bag = pulled(connector.pull_products(Cursor()))
    assert (tea.name, tea.category, tea.tracked, tea.kind) == ("Tee & Gebäck", ("All", "Tea"), True, ProductKind.GOODS)
    assert (bag.tracked, bag.tags, bag.combos, bag.sellable_online) == (False, (), (), False)
    assert tea.unit == Unit(name="3.5 g", factor=Decimal("0.0035"), base="kg")
    assert tea.images[0].checksum == "c0ffee"
    (variant,) = tea.variants
    assert variant.prices[0].amount == Decimal("12.345")
    assert variant.weight == Decimal("0.226796185")
    assert bag.variants[0].sku == ""
    assert all(context["allowed_company_ids"] == [3] for context in older.contexts[2:])
    assert older.contexts[-1]["lang"] == "de_DE"


def test_version_14_counts_stock(odoo):
    older, connector = odoo("14.0", FOURTEEN)
    (level,) = pulled(connector.pull_stock(Cursor()))
    assert (level.external_id, level.quantity, level.unit) == ("variant-100@warehouse-1", Decimal("2.25"), "3.5 g")
    assert older.contexts[-1]["location"] == 8
    assert older.contexts[-1]["compute_child"] is True


def test_version_17(odoo):
    _older, connector = odoo("17.0+e", SEVENTEEN)
    menu, tea = pulled(connector.pull_products(Cursor()))
    assert (menu.kind, menu.tags, menu.sellable_online) == (ProductKind.COMBO, ("Bio",), True)
    (choice,) = menu.combos
    assert choice.items == (ComboItem(variant_id="variant-101", extra_price=Decimal("0.5")),)
    assert (choice.base_price, choice.minimum, choice.maximum) == (Decimal("2.5"), 1, 1)
    assert (tea.kind, tea.tracked, tea.sellable_online) == (ProductKind.GOODS, True, False)


def test_a_next_pass_asks_for_nothing_that_the_version_lacks(odoo):
    for version, rows in (("14.0", FOURTEEN), ("17.0", SEVENTEEN)):
        _older, connector = odoo(version, rows)
        for pull in (connector.pull_products, connector.pull_stock):
            *_pages, last = pull(Cursor())
            assert pulled(pull(Cursor(since=last.cursor.reached))) == []


def test_taxes(odoo):
    _older, connector = odoo("14.0", FOURTEEN)
    rates = {rate.name: rate for rate in connector.tax_rates()}
    assert list(rates) == ["19 %", "Of the price", "Both"]
    assert (rates["19 %"].rate, rates["19 %"].inclusive) == (Decimal(19), True)
    assert rates["Of the price"].rate == Decimal(25)
    assert (rates["Both"].rate, rates["Both"].archived) == (Decimal(44), True)


def test_without_inventory_and_point_of_sale(odoo):
    rows = {model: table for model, table in FOURTEEN.items() if not model.startswith("stock.")}
    _older, connector = odoo("15.0", rows)
    (place,) = connector.locations()
    assert (place.external_id, place.holds_stock, place.takes_orders) == ("company-3", False, True)
    (page,) = connector.pull_stock(Cursor())
    assert page.last
    assert page.records == ()
    assert list(connector.payment_methods()) == []
    assert len([note for note in connector.check().notes if not note.startswith("Odoo 15")]) == 2


@pytest.mark.parametrize("version", ["13.0", "12.0+e", "9.0c", "saas~12.3"])
def test_a_version_that_is_too_old(odoo, version):
    _older, connector = odoo(version, FOURTEEN)
    failure = fails(NeedsFixing, connector.check)
    assert failure.code == "too-old"
    assert version in failure.sentence


@pytest.mark.parametrize("version", ["14.0", "16.0+e", "saas~18.2", "18.0-20260101"])
def test_versions_before_19_speak_xml_rpc(odoo, version):
    _older, connector = odoo(version, FOURTEEN)
    assert connector.check().version == version


def test_credentials_of_an_older_odoo(odoo):
    _older, connector = odoo("16.0", FOURTEEN, api_key="1" * 40)
    assert fails(Refused, connector.check).code == "bad-credentials"
    _older, connector = odoo("16.0", FOURTEEN, login="")
    assert "“Login”" in fails(NeedsFixing, connector.check).sentence


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"<html><body>Odoo</body></html>", NeedsFixing, "no-odoo"),
        (b"", NeedsFixing, "no-odoo"),
        (b"5", NeedsFixing, "no-odoo"),
        (b'{"version": "19.0"}', Refused, "bad-credentials"),
    ],
)
def test_what_is_no_older_odoo(time, body, kind, code):
    def answer(request):
        if request.path == "/web/version":
            return Reply(200, body, {"Content-Type": "application/json"})
        if request.path.startswith("/json/2/"):
            return Reply(401, b'{"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}')
        return Reply(404, b"<html></html>", {"Content-Type": "text/html"})

    with Loopback(answer) as server:
        connector = registry.get("odoo")({"url": server.url, "api_key": KEY}, clock=time.clock, sleep=time.sleep)
        assert fails(kind, connector.check).code == code
