"""The system "Odoo" against a real second Odoo, over both of its protocols; SQL and Odoo's own word are the measure."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from connectors import records as rec
from connectors.errors import NeedsFixing, Refused
from connectors.flows import Flow
from connectors.pages import Cursor
from connectors.registry import registry
from tests.connectors.contract import Remote, SystemContract, digests, fails
from tests.connectors.contract_totals import TotalsContract
from tests.connectors.loopback import Loopback, Reply
from tools.database import Database
from tools.odoo_server import OdooServer
from tools.templates import SHOP, SHOP_FOR_TESTS, SHOP_PRODUCTS
from tools.workspace import Workspace

from .keys import make_key
from .odoo_changes import Changes

LONG_AGO = "2026-01-01 00:00:00"
TABLES = (
    "product_template product_product product_template_attribute_value product_attribute_value product_attribute "
    "product_category uom_uom product_tag product_combo product_combo_item product_pricelist product_pricelist_item "
    "res_currency_rate stock_quant stock_move_line"
).split()


class Shop(NamedTuple):
    database: Database
    server: OdooServer
    facts: dict[str, Any]

    def settings(self, **more: str) -> dict[str, str]:
        return {
            "url": self.server.url,
            "database": self.database.name,
            "login": "admin",
            "api_key": self.facts["keys"]["admin"],
            **more,
        }

    def connect(self, **more: str):
        return registry.get("odoo")(self.settings(**more))

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.database.query(statement, *values)


def open_shop(workspace: Workspace, label: str, *, prices: bool = False):
    with SHOP_FOR_TESTS.copy(workspace, label) as database:
        facts = database.call("tests.processes.odoo_cases:prepare", prices=prices)
        facts["keys"] = {login: make_key(database, login) for login in ("admin", "reader")}
        with OdooServer(database, cron_workers=0) as server:
            yield Shop(database, server, facts)


@pytest.fixture(scope="module")
def shop(workspace):
    """A shop that no test changes."""
    yield from open_shop(workspace, "connector_shop", prices=True)


@pytest.fixture(scope="module")
def changing_shop(workspace):
    yield from open_shop(workspace, "connector_changing_shop")


@pytest.fixture(params=["json2", "xmlrpc"], scope="module")
def protocol(request):
    return request.param


@pytest.fixture(scope="module")
def products(shop, protocol):
    """All products, by template id."""
    connector = shop.connect(protocol=protocol)
    pages = list(connector.pull_products(Cursor()))
    assert not [item.failure.sentence for page in pages for item in page.malformed]
    return {int(item.external_id.partition("-")[2]): item for page in pages for item in page.records}


@pytest.fixture(scope="module")
def variants(products):
    """All variants with their product, by variant id."""
    return {
        int(variant.external_id.partition("-")[2]): (product, variant)
        for product in products.values()
        for variant in product.variants
    }


# Products ------------------------------------------------------------------------------------------------------------

OF_COMPANY = "(company_id IS NULL OR company_id = %s) AND sale_ok"


def test_all_products_are_there(shop, products):
    rows = shop.query(
        f"""
        SELECT id, name->>'en_US', active, type, is_storable, coalesce(description_sale->>'en_US', '')
          FROM product_template t
         WHERE {OF_COMPANY} AND EXISTS (SELECT FROM product_product p WHERE p.product_tmpl_id = t.id)
        """,
        shop.facts["company"],
    )
    kinds = {"consu": rec.ProductKind.GOODS, "service": rec.ProductKind.SERVICE, "combo": rec.ProductKind.COMBO}
    expected = {row[0]: (row[1], not row[2], kinds[row[3]], bool(row[4]), row[5]) for row in rows}
    found = {
        number: (item.name, item.archived, item.kind, item.tracked, item.description)
        for number, item in products.items()
    }
    assert len(found) > SHOP_PRODUCTS
    assert found == expected


def test_variants_have_their_codes_costs_and_sales_prices(shop, variants):
    rows = shop.query(
        f"""
        SELECT p.id, p.product_tmpl_id, coalesce(p.default_code, ''), coalesce(p.barcode, ''), NOT p.active,
               coalesce((p.standard_price->>%s)::numeric, 0), coalesce(p.weight, 0)::numeric,
               t.list_price::numeric + coalesce((
                   SELECT sum(v.price_extra::numeric) FROM product_variant_combination c
                     JOIN product_template_attribute_value v ON v.id = c.product_template_attribute_value_id
                    WHERE c.product_product_id = p.id), 0)
          FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id
         WHERE {OF_COMPANY}
        """,
        str(shop.facts["company"]),
        shop.facts["company"],
    )
    expected = {
        row[0]: (f"template-{row[1]}", *row[2:5], *(round(float(number), 9) for number in row[5:])) for row in rows
    }
    found = {
        number: (
            product.external_id,
            variant.sku,
            variant.barcode,
            variant.archived,
            *(round(float(value or 0), 9) for value in (variant.cost, variant.weight, variant.prices[0].amount)),
        )
        for number, (product, variant) in variants.items()
    }
    assert len(found) > 2 * SHOP_PRODUCTS
    assert found == expected
    assert {price.currency for _product, variant in variants.values() for price in variant.prices} == {"USD"}
    assert any(variant.archived and not product.archived for product, variant in variants.values())


def test_options_are_the_attributes_that_make_variants(shop, variants):
    rows = shop.query(
        """
        SELECT c.product_product_id, a.name->>'en_US', v.name->>'en_US'
          FROM product_variant_combination c
          JOIN product_template_attribute_value t ON t.id = c.product_template_attribute_value_id
          JOIN product_attribute_value v ON v.id = t.product_attribute_value_id
          JOIN product_attribute a ON a.id = v.attribute_id
        """
    )
    expected: dict[int, set[tuple[str, str]]] = {}
    for number, attribute, value in rows:
        expected.setdefault(number, set()).add((attribute, value))
    for number, (_product, variant) in variants.items():
        assert {(option.option, option.value) for option in variant.options} == expected.get(number, set())
    seen = {}
    for product, variant in variants.values():
        for option in variant.options:
            place = (product.external_id, option.option, option.position)
            assert seen.setdefault(place, option.value) == option.value


def test_the_odd_product_is_read_to_the_last_detail(shop, products):
    (item,) = (item for item in products.values() if item.name == "Eis am Stiel")
    assert item.tags == ("Sommer",)
    assert item.unit == rec.Unit(name="Dozens", factor=Decimal(12), base="Units")
    small, large = item.variants
    assert small.options == (rec.OptionValue(option="Größe", value="S", position=0),)
    assert large.options == (rec.OptionValue(option="Größe", value="L", position=1),)
    assert (small.prices[0].amount, large.prices[0].amount) == (Decimal("2.2"), Decimal("3.7"))
    assert small.image is None
    (group,) = item.modifiers
    assert (group.name, group.minimum, group.maximum) == ("Topping", 0, None)
    assert [(one.name, one.price) for one in group.modifiers] == [("Nuts", Decimal("0.4")), ("Cream", Decimal("0.4"))]
    connector = shop.connect()
    for image, owner in ((item.images[0], "product.template"), (large.image, "product.product")):
        content = connector.download(image)
        assert content.startswith(b"\x89PNG")
        assert f"/{owner}/" in image.url
        assert hashlib.sha1(content).hexdigest() == image.checksum
    assert item.images[0].checksum != large.image.checksum


def test_images_are_those_that_are_stored(shop, products):
    rows = shop.query(
        "SELECT res_id FROM ir_attachment WHERE res_model = 'product.template' AND res_field = 'image_1920'"
    )
    with_image = {number for number, item in products.items() if item.images}
    assert with_image == {number for (number,) in rows} & set(products)
    assert len(with_image) > 20


def test_taxes_and_categories(shop, products):
    taxes: dict[int, set[str]] = {}
    for template, tax in shop.query(
        """
        SELECT r.prod_id, r.tax_id FROM product_taxes_rel r JOIN account_tax t ON t.id = r.tax_id
         WHERE t.company_id = %s
        """,
        shop.facts["company"],
    ):
        taxes.setdefault(template, set()).add(f"tax-{tax}")
    paths = dict(
        shop.query(
            """
            WITH RECURSIVE paths AS (
                SELECT id, ARRAY[name] AS path FROM product_category WHERE parent_id IS NULL
                UNION ALL
                SELECT c.id, path || c.name FROM product_category c JOIN paths p ON p.id = c.parent_id)
            SELECT t.id, p.path::text[] FROM product_template t JOIN paths p ON p.id = t.categ_id
            """
        )
    )
    for number, item in products.items():
        assert set(item.tax_ids) == taxes.get(number, set())
        assert list(item.category) == paths.get(number, [])
    listed = {rate.external_id: rate for rate in shop.connect().tax_rates()}
    assert {tax for item in products.values() for tax in item.tax_ids} <= set(listed)
    assert {rate.rate for rate in listed.values()} >= {Decimal("8.25"), Decimal(15)}


def test_combos(shop, products):
    rows = shop.query(
        """
        SELECT r.product_template_id, i.combo_id, i.product_id, coalesce(i.extra_price, 0)
          FROM product_combo_product_template_rel r JOIN product_combo_item i ON i.combo_id = r.product_combo_id
        """
    )
    expected: dict[int, set[tuple[str, str, float]]] = {}
    for template, combo, variant, extra in rows:
        expected.setdefault(template, set()).add((f"combo-{combo}", f"variant-{variant}", float(extra)))
    found = {
        number: {
            (choice.external_id, item.variant_id, float(item.extra_price))
            for choice in product.combos
            for item in choice.items
        }
        for number, product in products.items()
        if product.combos
    }
    assert len(found) > 12
    assert found == {number: items for number, items in expected.items() if number in products}
    assert {product.kind for product in products.values() if product.combos} == {rec.ProductKind.COMBO}
    shares = dict(shop.query("SELECT id, qty_max FROM product_combo"))
    for product in products.values():
        for choice in product.combos:
            assert choice.maximum == shares[int(choice.external_id.partition("-")[2])]
            assert choice.minimum <= choice.maximum


@pytest.mark.parametrize(
    ("name", "protocol"),
    [*((name, "json2") for name in ("every kind", "in euros", "twice based", "empty")), ("in euros", "xmlrpc")],
)
def test_prices_of_a_pricelist_are_those_that_odoo_computes(shop, name, protocol):
    level = f"pricelist-{shop.facts['pricelists'][name]}"
    connector = shop.connect(protocol=protocol, price_level=level)
    found = {}
    for page in connector.pull_products(Cursor()):
        for product in page.records:
            for variant in product.variants:
                (price,) = (price for price in variant.prices if price.level == level)
                found[variant.external_id] = price
    expected = shop.facts["prices"][name]
    assert len(expected) > SHOP_PRODUCTS / 5
    assert {number: float(found[f"variant-{number}"].amount) for number in expected} == {
        number: pytest.approx(price, abs=1e-6) for number, price in expected.items()
    }
    assert {price.currency for price in found.values()} == {"EUR" if name in ("in euros", "empty") else "USD"}


def test_the_chosen_pricelist_is_offered(shop):
    levels = {level.external_id: level for level in shop.connect().price_levels()}
    every_kind = levels[f"pricelist-{shop.facts['pricelists']['every kind']}"]
    assert (every_kind.name, every_kind.currency) == ("Every kind of rule", "USD")
    assert {level.name for level in levels.values()} >= {"Members", "Wholesale"}


def test_all_products_also_those_that_are_not_sold(shop, products):
    not_sold = OF_COMPANY.replace("sale_ok", "NOT sale_ok")
    ((number,),) = shop.query(f"SELECT count(*) FROM product_template WHERE {not_sold}", shop.facts["company"])
    total = next(shop.connect(products="all").pull_products(Cursor())).total
    sold = next(shop.connect().pull_products(Cursor())).total
    assert number > 10
    assert total == sold + number


# Stock ---------------------------------------------------------------------------------------------------------------


def levels_of(connector, cursor=Cursor()):
    return {level.external_id: level for page in connector.pull_stock(cursor) for level in page.records}


TRACKED = """
    SELECT p.id FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id
     WHERE t.is_storable AND p.active AND t.sale_ok AND (t.company_id IS NULL OR t.company_id = %s)
"""


def test_stock_of_each_warehouse(shop, protocol):
    company = shop.facts["company"]
    expected = {
        f"variant-{variant}@warehouse-{warehouse}": pytest.approx(float(quantity), abs=1e-6)
        for variant, warehouse, quantity in shop.query(
            f"""
            SELECT v.id, w.id, coalesce((
                SELECT sum(q.quantity) FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
                 WHERE q.product_id = v.id AND l.usage = 'internal'
                   AND l.parent_path LIKE root.parent_path || '%%'), 0)
              FROM ({TRACKED}) v CROSS JOIN stock_warehouse w JOIN stock_location root ON root.id = w.view_location_id
             WHERE w.company_id = %s AND w.active
            """,
            company,
            company,
        )
    }
    found = {number: float(level.quantity) for number, level in levels_of(shop.connect(protocol=protocol)).items()}
    assert len(found) > 3 * SHOP_PRODUCTS
    assert any(quantity < 0 for quantity in found.values())
    assert found == expected


def test_stock_of_each_location(shop):
    company = shop.facts["company"]
    expected = {
        f"variant-{variant}@location-{location}": pytest.approx(float(quantity), abs=1e-6)
        for variant, location, quantity in shop.query(
            f"""
            SELECT v.id, l.id, coalesce((
                SELECT sum(q.quantity) FROM stock_quant q WHERE q.product_id = v.id AND q.location_id = l.id), 0)
              FROM ({TRACKED}) v CROSS JOIN stock_location l
             WHERE l.usage = 'internal' AND l.active AND (l.company_id IS NULL OR l.company_id = %s)
            """,
            company,
            company,
        )
    }
    connector = shop.connect(stock_by="locations")
    assert {number: float(level.quantity) for number, level in levels_of(connector).items()} == expected
    places = {place.external_id for place in connector.locations() if place.holds_stock}
    assert places >= {number.partition("@")[2] for number in expected}


def test_locations(shop):
    places = {place.external_id: place for place in shop.connect().locations()}
    company = shop.facts["company"]
    warehouses = shop.query("SELECT id, name FROM stock_warehouse WHERE company_id = %s", company)
    tills = shop.query("SELECT id, name FROM pos_config WHERE company_id = %s", company)
    assert len(warehouses) > 1
    assert len(tills) > 1
    assert {number: place.name for number, place in places.items()} == {
        **{f"warehouse-{number}": name for number, name in warehouses},
        **{f"pos-{number}": name for number, name in tills},
    }
    for number, _name in tills:
        assert not places[f"pos-{number}"].holds_stock
        assert places[f"pos-{number}"].parent_id in places
    assert {place.currency for place in places.values()} == {"USD"}


def test_payment_methods(shop):
    found = {method.name: method.kind for method in shop.connect().payment_methods()}
    assert found["Cash"] is rec.PaymentKind.CASH
    assert found["Card"] is rec.PaymentKind.CARD
    assert found["Customer Account"] is rec.PaymentKind.ON_ACCOUNT


# Companies, users, rights --------------------------------------------------------------------------------------------


def test_a_connection_sees_one_company(shop, protocol):
    other = shop.facts["other_company"]
    connector = shop.connect(protocol=protocol, company=f"company-{other['id']}")
    assert (connector.check().name, connector.check().currency) == ("Zweite GmbH", "EUR")
    choices = {choice.external_id: choice.name for choice in connector.companies()}
    assert choices[f"company-{other['id']}"] == "Zweite GmbH"
    assert f"company-{shop.facts['company']}" in choices
    shared = connector.get_product(f"variant-{other['shared_variant']}")
    (variant,) = (one for one in shared.variants if one.external_id == f"variant-{other['shared_variant']}")
    assert (variant.cost, variant.cost_currency) == (Decimal("7.77"), "EUR")
    assert connector.get_product(f"variant-{other['own_variant']}").name == "Nur hier"
    assert shop.connect(protocol=protocol).get_product(f"variant-{other['own_variant']}") is None


def test_an_account_is_a_database_and_a_company(shop, protocol):
    ((uuid,),) = shop.query("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")
    first = shop.connect(protocol=protocol).check()
    other = shop.connect(protocol=protocol, company=f"company-{shop.facts['other_company']['id']}").check()
    assert first.external_id == f"{uuid}/company-{shop.facts['company']}"
    assert other.external_id != first.external_id
    assert first.version.startswith("19")


def test_an_ordinary_user_reads_products_and_is_told_what_is_missing(shop, protocol, products):
    reader = {"login": "reader", "api_key": shop.facts["keys"]["reader"], "protocol": protocol}
    account = shop.connect(**reader).check()
    assert account.external_id == shop.connect(**reader).check().external_id
    assert "company-" in account.external_id
    assert any("point of sale" in note for note in account.notes)
    assert any("Inventory / User" in note for note in account.notes)
    pulled = [item for page in shop.connect(**reader).pull_products(Cursor()) for item in page.records]
    assert digests(pulled) == {item.external_id: digest for item, digest in zip(
        products.values(), digests(products.values()).values(), strict=True)}  # fmt: skip
    failure = fails(Refused, lambda: levels_of(shop.connect(**reader)))
    assert failure.code == "forbidden"
    assert shop.facts["keys"]["reader"] not in failure.sentence + failure.details


# What a person may enter wrongly -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "kind", "code"),
    [
        ({"api_key": "0" * 40}, Refused, "bad-credentials"),
        ({"api_key": "0" * 40, "protocol": "xmlrpc"}, Refused, "bad-credentials"),
        ({"login": "nobody", "protocol": "xmlrpc"}, Refused, "bad-credentials"),
        ({"login": "", "protocol": "xmlrpc"}, NeedsFixing, "missing-setting"),
        ({"database": "", "protocol": "xmlrpc"}, NeedsFixing, "missing-setting"),
        ({"database": "nowhere"}, NeedsFixing, "wrong-database"),
        ({"database": "nowhere", "protocol": "xmlrpc"}, NeedsFixing, "wrong-database"),
        ({"company": "company-9999"}, Refused, "forbidden"),
        ({"company": "Sunshine"}, NeedsFixing, "bad-setting"),
        ({"language": "xx_XX"}, NeedsFixing, "rejected"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_a_sentence(shop, settings, kind, code):
    failure = fails(kind, shop.connect(**settings).check)
    assert failure.code == code


def test_a_pricelist_that_is_gone(shop):
    connector = shop.connect(price_level="pricelist-99999")
    assert fails(NeedsFixing, lambda: next(connector.pull_products(Cursor()))).code == "missing-price-level"


def test_an_address_with_something_behind_it(shop):
    failure = fails(NeedsFixing, shop.connect(url=f"{shop.server.url}/odoo/sales").check)
    assert failure.code in ("no-odoo", "redirected")


def test_a_server_that_is_no_odoo():
    with Loopback(lambda request: Reply(404, b"<html>Not found</html>", {"Content-Type": "text/html"})) as server:
        connector = registry.get("odoo")({"url": server.url, "api_key": "k" * 40})
        assert fails(NeedsFixing, connector.check).code == "no-odoo"


# What changed --------------------------------------------------------------------------------------------------------


@pytest.fixture
def quiet(changing_shop):
    """The shop as if nothing had happened since long ago, and the cursor of a pass that ended then."""
    for table in TABLES:
        changing_shop.database.execute(f"UPDATE {table} SET write_date = %s", LONG_AGO)
    return Cursor(since=datetime.fromisoformat(LONG_AGO).replace(tzinfo=timezone.utc) + timedelta(days=1))


@pytest.fixture
def changes(changing_shop, quiet):
    return Changes(changing_shop.connect()._rpc, changing_shop.facts["odd"])


def changed(connector, cursor) -> list[int]:
    pages = list(connector.pull_products(cursor))
    return sorted(int(item.external_id.partition("-")[2]) for page in pages for item in page.records)


def touch(shop, values, number):
    """Changes a template as Odoo does."""
    written = "write_date = now() AT TIME ZONE 'UTC'"
    shop.database.execute(f"UPDATE product_template SET {values}, {written} WHERE id = %s", number)


def test_nothing_changed(changing_shop, quiet, protocol):
    level = f"pricelist-{changing_shop.facts['pricelists']['twice based']}"
    assert changed(changing_shop.connect(protocol=protocol, price_level=level), quiet) == []
    assert levels_of(changing_shop.connect(protocol=protocol), quiet) == {}


@pytest.mark.parametrize(
    "what",
    "name barcode cost extra_price value attribute category tag unit image archived combo combo_item".split(),
)
def test_whatever_a_product_is_made_of_brings_it_again(changing_shop, quiet, changes, what):
    expected = changes.whose(getattr(changes, what)())
    assert expected
    assert changed(changing_shop.connect(), quiet) == expected


@pytest.mark.parametrize("applied_on", ["0_product_variant", "1_product", "2_product_category", "3_global", "deleted"])
def test_a_changed_rule_brings_whom_it_prices(changing_shop, quiet, changes, applied_on):
    pricelists = changing_shop.facts["pricelists"]
    pricelist = pricelists["every kind"]
    domain = changes.rule_deleted(pricelist) if applied_on == "deleted" else changes.rule(pricelist, applied_on)
    assert changed(changing_shop.connect(), quiet) == []
    expected = changes.whose([*domain, ("product_variant_ids", "!=", False)])
    assert expected
    for name in ("every kind", "in euros"):
        connector = changing_shop.connect(price_level=f"pricelist-{pricelists[name]}")
        first = next(connector.pull_products(quiet))
        assert first.records
        assert first.total >= len(expected)
        found = [item.external_id for item in first.records]
        assert found == [f"template-{number}" for number in expected[: len(found)]]


@pytest.mark.parametrize("column", ["date_start", "date_end"])
def test_a_price_changes_when_its_time_begins_or_ends(changing_shop, quiet, column):
    pricelist = changing_shop.facts["pricelists"]["every kind"]
    ((rule, template),) = changing_shop.query(
        "SELECT id, product_tmpl_id FROM product_pricelist_item WHERE pricelist_id = %s AND applied_on = '1_product' "
        "ORDER BY id LIMIT 1", pricelist,
    )  # fmt: skip
    day_before = "UPDATE product_pricelist_item SET date_start = NULL, date_end = NULL WHERE pricelist_id = %s"
    changing_shop.database.execute(day_before, pricelist)
    moment = quiet.since + timedelta(days=3)
    changing_shop.database.execute(
        f"UPDATE product_pricelist_item SET {column} = %s WHERE id = %s", moment.replace(tzinfo=None), rule
    )
    connector = changing_shop.connect(price_level=f"pricelist-{pricelist}")
    assert changed(connector, quiet) == [template]
    assert changed(connector, Cursor(since=moment + timedelta(days=1))) == []


def test_a_product_that_is_not_sold_any_more_is_told_as_deleted(changing_shop, quiet):
    ((number,),) = changing_shop.query("SELECT min(id) FROM product_template WHERE sale_ok AND company_id IS NULL")
    touch(changing_shop, "sale_ok = false", number)
    (page,) = changing_shop.connect().pull_products(quiet)
    assert (page.records, page.deleted) == ((), (f"template-{number}",))
    (page,) = changing_shop.connect(products="all").pull_products(quiet)
    assert ([item.external_id for item in page.records], page.deleted) == ([f"template-{number}"], ())


def test_a_count_brings_its_variant_and_a_quant_that_vanished_too(changing_shop, quiet, changes, protocol):
    company = changing_shop.facts["company"]
    ((variant,),) = changing_shop.query(
        f"""SELECT v.id FROM ({TRACKED}) v JOIN product_product p ON p.id = v.id
              JOIN product_template t ON t.id = p.product_tmpl_id
             WHERE coalesce(t.tracking, 'none') = 'none' ORDER BY v.id DESC LIMIT 1""",
        company,
    )
    ((warehouse, location),) = changing_shop.query(
        "SELECT id, lot_stock_id FROM stock_warehouse WHERE company_id = %s ORDER BY id DESC LIMIT 1", company
    )
    for quantity in (12.5, 0):
        for table in TABLES:
            changing_shop.database.execute(f"UPDATE {table} SET write_date = %s", LONG_AGO)
        changes.count(variant, location, quantity)
        # Odoo itself removes empty quants later; here at once, as if it had been later.
        changing_shop.database.execute("DELETE FROM stock_quant WHERE quantity = 0 AND product_id = %s", variant)
        levels = levels_of(changing_shop.connect(protocol=protocol), quiet)
        assert {level.variant_id for level in levels.values()} == {f"variant-{variant}"}
        key = f"variant-{variant}@warehouse-{warehouse}"
        others = changing_shop.query(
            """SELECT coalesce(sum(q.quantity), 0) FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
                WHERE q.product_id = %s AND l.warehouse_id = %s AND l.usage = 'internal'""",
            variant, warehouse,
        )  # fmt: skip
        assert levels[key].quantity == Decimal(str(others[0][0]))
        assert changing_shop.connect(protocol=protocol).get_stock(key).quantity == levels[key].quantity


def test_what_changes_during_a_pass_comes_with_the_next(changing_shop, quiet):
    connector = changing_shop.connect()
    connector.products_a_page = 300
    pages = connector.pull_products(Cursor())
    first = next(pages)
    number = first.records[0].external_id.partition("-")[2]
    touch(changing_shop, "name = jsonb_build_object('en_US', 'Meanwhile')", int(number))
    last = list(pages)[-1]
    following = last.cursor.next_pass(Flow.PRODUCTS_PULL.info.overlap)
    again = [item for page in changing_shop.connect().pull_products(following) for item in page.records]
    assert [(item.external_id, item.name) for item in again] == [(f"template-{number}", "Meanwhile")]


# What every system must do -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small_shop(workspace):
    with SHOP.copy(workspace, "connector_small_shop") as database:
        ((company,),) = database.query(
            "SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'main_company'")  # fmt: skip
        facts = {"keys": {"admin": make_key(database)}, "company": company}
        database.call("tests.processes.odoo_cases:give_back")
        with OdooServer(database, cron_workers=0) as server:
            yield Shop(database, server, facts)


class OdooContract(SystemContract):
    system = "odoo"
    protocol = ""

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls, small_shop):
        company = small_shop.facts["company"]
        ((products,),) = small_shop.query(f"SELECT count(*) FROM product_template WHERE {OF_COMPANY}", company)
        ((levels,),) = small_shop.query(
            f"SELECT count(*) FROM ({TRACKED}) v CROSS JOIN stock_warehouse w WHERE w.company_id = %s", company, company
        )
        settings = small_shop.settings(protocol=cls.protocol)
        yield Remote(
            url=settings.pop("url"),
            settings=settings,
            wrong_credentials={"api_key": "0" * 40},
            counts={Flow.PRODUCTS_PULL: products, Flow.STOCK_PULL: levels},
            small_pages={
                "products_a_page": 50,
                "variants_a_page": 20,
                "customers_a_page": 20,
                "orders_a_page": 10,
                "refunds_a_page": 5,
            },
        )


class TestJson2(OdooContract, TotalsContract):
    protocol = "json2"


class TestXmlRpc(OdooContract):
    protocol = "xmlrpc"
    only = (Flow.CUSTOMERS_PULL,)
