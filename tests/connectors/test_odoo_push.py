"""What is sent to an Odoo that does not run here, as it stands on the wire: an older one, and External IDs."""

from __future__ import annotations

import xmlrpc.client
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal

import pytest

from connectors import records as rec
from connectors.errors import NeedsFixing, RetryLater
from connectors.registry import registry
from connectors.systems.odoo.upsert import external_id
from tests.connectors.contract import fails
from tests.connectors.loopback import Loopback
from tests.connectors.odoo_shop import SHOP
from tests.connectors.older_odoo import DATABASE, KEY, LOGIN
from tests.connectors.taking_odoo import TakingOdoo

SOLD_AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
MODEL = "sale.order"


@pytest.fixture
def taking():
    return TakingOdoo("16.0", SHOP)


@pytest.fixture
def system(taking):
    settings = {"database": DATABASE, "login": LOGIN, "api_key": KEY}
    with Loopback(taking) as server, registry.get("odoo")({**settings, "url": server.url}) as made:
        yield made
    assert taking.wrong == []


def order(**values) -> rec.Order:
    line = rec.OrderLine(
        external_id="sale.order.line,1",
        variant_id="variant-100",
        name="Tee",
        quantity=Decimal(2),
        unit_price=Decimal("11.90"),
        taxes=(rec.LineTax(tax_id="tax-5"),),
        net=Decimal("20.00"),
        tax=Decimal("3.80"),
        gross=Decimal("23.80"),
    )
    values = {
        "external_id": "sale.order,1",
        "number": "S1",
        "status": rec.OrderStatus.OPEN,
        "currency": "EUR",
        "customer_id": "partner-9",
        "price_includes_tax": True,
        "lines": (line,),
        "totals": rec.OrderTotals(gross=Decimal("23.80")),
        "created_at": SOLD_AT,
        **values,
    }
    return rec.Order(**values)


def made_orders(taking):
    return [row for row in taking.rows(MODEL) if row["id"] >= 1000]


def test_an_order_for_an_older_odoo_has_its_names(system, taking):
    pushed = system.push_order(order(), key="S1-abcd")
    ((model, (row,)),) = taking.loads
    assert (model, pushed.number, taking.done) == (MODEL, "SO77", ["confirm"])
    assert row == {
        "id": "__pos_sync__.order_S1-abcd",
        "partner_id/.id": "9",
        "partner_invoice_id/.id": "9",
        "partner_shipping_id/.id": "9",
        "client_order_ref": "S1-abcd",
        "origin": "S1",
        "date_order": "2024-05-06 07:08:09",
        "pricelist_id/.id": "2",
        "order_line/id": "__pos_sync__.line_S1-abcd_sale_order_line_1_" + row["order_line/id"][-8:],
        "order_line/sequence": "1",
        "order_line/product_id/.id": "100",
        "order_line/name": "Tee",
        "order_line/product_uom_qty": "2",
        "order_line/price_unit": "11.90",
        "order_line/discount": "0.00",
        "order_line/tax_id/.id": "5",
    }
    assert taking.contexts[-1]["allowed_company_ids"] == [3]
    assert pushed.lines == (("sale.order.line,1", f"line-{taking.rows('sale.order.line')[-1]['id']}"),)


def test_a_note_is_a_message_and_no_terms(system, taking):
    system.push_order(order(note="Leave it\nat the <door>"), key="S1-abcd")
    system.push_order(order(note="Leave it\nat the <door>"), key="S1-abcd")
    assert [body for _row, body in taking.posted] == ["Leave it<br>at the &lt;door&gt;"]
    assert not any("note" in row for _model, rows in taking.loads for row in rows)


def test_all_three_partners_arrive(system, taking):
    bill, ship = (
        rec.Address(kind=kind, name=name, street="1 Gift Lane")
        for kind, name in ((rec.AddressKind.INVOICE, "Rita"), (rec.AddressKind.DELIVERY, "Bob"))
    )
    system.push_order(order(billing_address=bill, shipping_address=ship), key="S1-abcd")
    made = {row["name"]: row for model, rows in taking.loads for row in rows if model == "res.partner"}
    assert {name: row["type"] for name, row in made.items()} == {"Rita": "invoice", "Bob": "delivery"}
    ((row,),) = [rows for model, rows in taking.loads if model == MODEL]
    partners = [row[f"partner{name}_id/.id"] for name in ("", "_invoice", "_shipping")]
    assert len(set(partners)) == 3


def test_pushed_again_it_is_found_and_goes_on(system, taking):
    first = system.push_order(order(status=rec.OrderStatus.DRAFT), key="S1-abcd")
    found = system.find_pushed_order("S1-abcd")
    assert (found.external_id, found.complete) == (first.external_id, False)
    assert system.find_pushed_order("S2-abcd") is None
    system.push_order(order(), key="S1-abcd")
    system.push_order(order(), key="S1-abcd")
    assert taking.done == ["confirm"], "it was confirmed once"
    assert len(made_orders(taking)) == 1


def test_what_another_transaction_holds_up_is_tried_again(system, taking):
    taking.conflicts = 1
    failure = fails(RetryLater, lambda: system.push_order(order(), key="S1-abcd"))
    assert failure.code == "conflict"
    assert system.push_order(order(), key="S1-abcd").number == "SO77"
    assert len(made_orders(taking)) == 1


def test_another_total_there_leaves_a_quotation(system, taking):
    failure = fails(
        NeedsFixing, lambda: system.push_order(order(totals=rec.OrderTotals(gross=Decimal("99"))), key="S1-abcd")
    )
    assert (failure.code, taking.done) == ("total-differs", [])


def test_a_currency_that_has_no_pricelist_there(system):
    failure = fails(NeedsFixing, lambda: system.push_order(order(currency="CHF"), key="S1"))
    assert failure.trace == "currency:CHF"


def test_a_line_without_product_stands_on_a_service(system, taking):
    item = replace(order().lines[0], variant_id="")
    system.push_order(order(lines=(item,)), key="S1-abcd")
    model, (row,) = taking.loads[0]
    assert (model, row["default_code"], row["detailed_type"]) == ("product.product", "POS-SYNC-UNKNOWN", "service")


def test_external_ids_differ_as_their_keys_do():
    keys = ["S1-ab", "S1.ab", "S1 ab", "S1/ab", "S1_ab", "Ä"]
    made = [external_id("order", key) for key in keys]
    assert len(set(made)) == len(keys)
    for name in made:
        module, _dot, tail = name.partition(".")
        assert (module, "." in tail) == ("__pos_sync__", False)
        assert tail.isascii()


def test_a_method_that_gives_nothing_has_done_its_work(system, taking, monkeypatch):
    """Odoo's XML-RPC can't say None: the call has been done, and committed, all the same."""

    def gives_none(model, ids):
        TakingOdoo._action_confirm(taking, model, ids)
        raise xmlrpc.client.Fault(1, "Traceback ...\nTypeError: cannot marshal None unless allow_none is enabled")

    monkeypatch.setattr(taking, "_action_confirm", gives_none)
    system.push_order(order(), key="S1-abcd")
    assert taking.done == ["confirm"]
