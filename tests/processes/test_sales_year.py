"""A year of sales of a shop's two companies, pulled into a hub: SQL on both sides says the same, to the cent.

The number of orders is that of SHOP_YEAR_ORDERS; 5,000 take about ten minutes.
"""
from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tools import sales_sql
from tools.database import Database
from tools.shop_year.companies import EUROS_A_DOLLAR
from tools.templates import SHOP, shop_year
from tools.workspace import Workspace

from .hub import Hub, Shop, wait_until
from .keys import make_key

ORDERS = int(os.environ.get("SHOP_YEAR_ORDERS", "250"))
FLOWS = ("products_pull", "customers_pull", "orders_pull", "refunds_pull")
PULLED_WITHIN = 120 + ORDERS / 5
# What a pull of sales may write to.
WRITTEN = (
    "res_partner sale_order sale_order_line pos_sync_mapping pos_sync_refund pos_sync_refund_line pos_sync_payment "
    "pos_sync_points pos_sync_match loyalty_card loyalty_history product_template product_product account_tax"
).split()

pytestmark = pytest.mark.timeout(1800)


@dataclass(frozen=True)
class Side:
    """A company of the shop with the connection that pulls it. `rate` brings amounts in `foreign` to its currency."""

    company: int
    connection: int
    foreign: str
    rate: Decimal


@dataclass(frozen=True)
class Pulled:
    shop: Shop
    hub: Hub
    sides: tuple[Side, ...]


@pytest.fixture(scope="module")
def pulled(workspace: Workspace, hub_base: tuple[Database, str]) -> Iterator[Pulled]:
    """Both companies of the shop, each pulled by a connection of a company of the hub, at the same time."""
    with shop_year(ORDERS, SHOP).copy(workspace, "shop_of_the_year") as database, hub_base[0].copy("year") as copy:
        shop = Shop(database, make_key(database), cron_workers=0)
        hub = Hub(copy, hub_base[1])
        with shop.server, hub.server, copy.one_process_for_calls():
            sides = tuple(_connect(hub, shop, name) for name in ("company", "branch"))
            for side in sides:
                hub.start(side.connection, *FLOWS)
            for side in sides:
                for flow in FLOWS:
                    hub.wait_for_flow(side.connection, flow, within=PULLED_WITHIN)
            yield Pulled(shop, hub, sides)
            complaints = hub.complaints()
    assert complaints == []


def _connect(hub: Hub, shop: Shop, name: str) -> Side:
    facts: dict[str, Any] = json.loads(shop.value("SELECT value FROM ir_config_parameter WHERE key = 'shop.year'"))
    branch = name == "branch"
    company = _second_company(hub) if branch else None
    settings = {**shop.settings, "company": f"company-{facts[name]}"}
    connection = hub.connect(settings, name=f"Shop, {name}", company=company)
    hub.map_all(connection)
    hub.database.call(
        "tests.processes.year_inside_hub:prepare", connection=connection, euros_a_dollar=EUROS_A_DOLLAR)
    rate = EUROS_A_DOLLAR if branch else 1 / EUROS_A_DOLLAR
    return Side(facts[name], connection, "USD" if branch else "EUR", Decimal(str(rate)))


def _second_company(hub: Hub) -> int:
    """In euros and with a country, but without a chart of accounts yet."""
    (values,) = hub.database.query(
        """SELECT (SELECT id FROM res_currency WHERE name = 'EUR'), (SELECT id FROM res_country WHERE code = 'BE')""")
    (company,) = hub.call("res.company", "create", vals_list=[
        {"name": "Filiale Nord", **dict(zip(("currency_id", "account_fiscal_country_id"), values, strict=True))}])
    if not hub.value("SELECT id FROM stock_warehouse WHERE company_id = %s", company):
        hub.call("stock.warehouse", "create", vals_list=[{"name": "Nord", "code": "NORD", "company_id": company}])
    user = hub.value("SELECT id FROM res_users WHERE login = 'admin'")
    hub.call("res.users", "write", [user], vals={"company_ids": [[4, company]]})
    return company


def test_everything_arrived(pulled: Pulled) -> None:
    for side in pulled.sides:
        found = [message for message in pulled.hub.messages(side.connection) if message[1] not in ("done", "dropped")]
        assert [message for message in found if message[3]] == []


def test_orders_equal_the_shop_by_month_currency_and_status(pulled: Pulled) -> None:
    for side in pulled.sides:
        expected = sales_sql.orders_in_shop(pulled.shop.database, side.company)
        found = sales_sql.orders_in_hub(pulled.hub.database, side.connection)
        assert found == expected
        assert {status for _month, _currency, status in expected} >= {"open", "completed", "cancelled", "paid"}
        assert {currency for _month, currency, _status in expected} == {"USD", "EUR"}
        assert len({month for month, _currency, _status in expected}) >= 12
    assert sum(row[0] for row in sales_sql.orders_in_hub(pulled.hub.database, pulled.sides[0].connection).values()) > (
        ORDERS * 0.7
    )


def test_the_lines_of_every_order_make_what_the_shop_states(pulled: Pulled) -> None:
    for side in pulled.sides:
        assert sales_sql.differing_in_hub(pulled.hub.database, side.connection) == []


def test_refunds_equal_the_shop_by_month_and_currency(pulled: Pulled) -> None:
    for side in pulled.sides:
        expected = sales_sql.refunds_in_shop(pulled.shop.database, side.company)
        assert sales_sql.refunds_in_hub(pulled.hub.database, side.connection) == expected
        assert expected


def test_points_equal_those_counted_in_the_shop(pulled: Pulled) -> None:
    for side in pulled.sides:
        partners = sales_sql.partners_by_customer(pulled.hub.database, side.connection)
        earned: dict[int, Decimal] = defaultdict(Decimal)
        counted = sales_sql.points_in_shop(pulled.shop.database, side.company, side.foreign, side.rate)
        for customer, points in counted.items():
            earned[partners[customer]] += points
        assert sales_sql.ledger(pulled.hub.database, side.connection) == earned
        held = Counter(earned)
        for customer, points in sales_sql.balances_in_shop(pulled.shop.database, side.company).items():
            if customer in partners:
                held[partners[customer]] += points
        assert sales_sql.cards(pulled.hub.database, side.connection) == {
            partner: (points, 1) for partner, points in held.items() if points
        }
        assert len(earned) > ORDERS / 50
    assert pulled.hub.database.call("tests.processes.year_inside_hub:check_ledger") == []


def test_recomputing_every_stored_field_changes_nothing(pulled: Pulled, workspace: Workspace) -> None:
    assert pulled.hub.database.call("tests.processes.year_inside_hub:recompute") == []


def test_pulled_again_from_reset_cursors_nothing_is_written(pulled: Pulled) -> None:
    hub = pulled.hub
    before = written(hub.database)
    for side in pulled.sides:
        for flow, (read, unchanged, skipped) in pull_again(hub, side.connection).items():
            assert (flow, unchanged + skipped) == (flow, read)
            assert read
    assert written(hub.database) == before


def pull_again(hub: Hub, connection: int) -> dict[str, tuple[int, int, int]]:
    """Everything from reset cursors: how many were read, unchanged and skipped, by flow."""
    streams = {flow: hub.stream(connection, flow) for flow in FLOWS}
    before = last_runs(hub)
    hub.call("pos.sync.stream", "action_pull_everything", list(streams.values()))
    wait_until(
        lambda: all(last_runs(hub)[stream] > before[stream] for stream in streams.values()),
        "the second pull", within=PULLED_WITHIN)
    return {
        flow: hub.database.query(
            """SELECT read_count, unchanged_count, coalesce(skipped_count, 0) FROM pos_sync_run run
                 JOIN pos_sync_stream stream ON stream.last_run_id = run.id WHERE stream.id = %s""", stream)[0]
        for flow, stream in streams.items()
    }


def last_runs(hub: Hub) -> dict[int, int]:
    """The last ended run of each stream."""
    return dict(hub.database.query("SELECT id, coalesce(last_run_id, 0) FROM pos_sync_stream"))


def written(database: Database) -> dict[str, Any]:
    """Of each table the number of rows, and every moment of writing."""
    return {
        table: database.query(
            f"SELECT count(*), md5(string_agg(id || ' ' || write_date, ',' ORDER BY id)) FROM {table}")[0]
        for table in WRITTEN
    }
