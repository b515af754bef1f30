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
from tests.connectors.older_odoo import DATABASE, KEY, LOGIN, OlderOdoo, Row

SOLD_AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
MODEL = "sale.order"
_CONFLICT = "could not serialize access due to concurrent update\n"


class TakingOdoo(OlderOdoo):
    """Version 16, which keeps what is imported into it, and computes its totals with 19 % included."""

    def __init__(self) -> None:
        self.loads: list[tuple[str, list[Row]]] = []
        self.names: dict[str, Row] = {}
        self.done: list[str] = []
        self.conflicts = 0
        super().__init__("16.0", _tables())

    def _execute(self, method, parameters):
        if method == "execute_kw":
            self.model, self.method = parameters[3:5]
        return super()._execute(method, parameters)

    def _load(self, rows: list[Row], fields: list[str], data: list[list[str]]) -> Row:
        if self.conflicts:
            self.conflicts -= 1
            return {"ids": False, "messages": [{"type": "error", "message": _CONFLICT}]}
        given = [dict(zip(fields, line, strict=True)) for line in data]
        self.loads.append((self.model, given))
        name = given[0]["id"]
        row = self.names.get(name)
        if row is None:
            row = self.names[name] = {**rows[0], "id": 1000 + len(self.names), "state": "draft"}
            rows.append(row)
        if self.model == MODEL:
            lines = self.tables["sale.order.line"]
            row |= {"client_order_ref": given[0]["client_order_ref"], "name": "SO77"}
            row["amount_total"] = sum(
                float(line["order_line/product_uom_qty"]) * float(line["order_line/price_unit"]) for line in given
            )
            lines[:] = [line for line in lines if line["order_id"] != row["id"]] + [
                {**lines[0], "id": 500 + at, "order_id": row["id"], "sequence": int(line["order_line/sequence"])}
                for at, line in enumerate(given)
            ]
        return {"ids": [row["id"]], "messages": []}

    def _action_confirm(self, rows: list[Row], ids: list[int]) -> bool:
        self.done.append("confirm")
        for row in rows:
            if row["id"] in ids:
                row["state"] = "sale"
        return True

    def _write(self, rows: list[Row], ids: list[int], vals: Row) -> bool:
        return True


def _tables():
    tax = {
        "id": 5, "name": "19 %", "amount": 19.0, "amount_type": "percent", "price_include": True,
        "type_tax_use": "sale", "active": True, "children_tax_ids": [], "company_id": 3,
    }  # fmt: skip
    order = {
        "id": 0, "name": "", "state": "draft", "client_order_ref": False, "company_id": 3, "amount_total": 0.0,
        "currency_id": 1, "date_order": "2024-05-06 07:08:09", "invoice_status": "no", "invoice_ids": [],
        "partner_id": 1, "warehouse_id": 1,
    }  # fmt: skip
    line = {
        "id": 0, "order_id": 0, "sequence": 0, "tax_id": [], "product_uom": 1, "write_date": "2024-05-06 07:08:09",
        "qty_delivered": 0.0,
    }  # fmt: skip
    return {
        "res.users": [{"id": 7, "company_id": 3, "company_ids": [3]}],
        "res.company": [{"id": 3, "name": "Altes Haus", "currency_id": 1}],
        "res.currency": [{"id": 1, "name": "EUR", "rate": 1.0}],
        "res.partner": [{"id": 1, "name": "", "phone": "", "mobile": ""}],
        "product.pricelist": [{"id": 2, "currency_id": 1, "active": True, "sequence": 1}],
        "product.product": [{"id": 1, "default_code": "", "detailed_type": "consu", "type": "consu"}],
        "account.tax": [tax],
        "sale.order": [order],
        "sale.order.line": [line],
    }


@pytest.fixture
def taking():
    return TakingOdoo()


@pytest.fixture
def system(taking):
    settings = {"database": DATABASE, "login": LOGIN, "api_key": KEY}
    with Loopback(taking) as server, registry.get("odoo")({**settings, "url": server.url}) as made:
        yield made


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
    assert pushed.lines == (("sale.order.line,1", "line-500"),)


def test_a_note_is_a_message_and_no_terms(system, taking):
    taking.posted = []

    def post(_rows, ids, body):
        taking.posted.append((ids, body))
        return [len(taking.posted)]

    taking._message_post = post
    system.push_order(order(note="Leave it\nat the door"), key="S1-abcd")
    system.push_order(order(note="Leave it\nat the door"), key="S1-abcd")
    assert [body for _ids, body in taking.posted] == ["Leave it\nat the door"]
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
    assert len(taking.tables[MODEL]) == 2


def test_what_another_transaction_holds_up_is_tried_again(system, taking):
    taking.conflicts = 1
    failure = fails(RetryLater, lambda: system.push_order(order(), key="S1-abcd"))
    assert failure.code == "conflict"
    assert system.push_order(order(), key="S1-abcd").number == "SO77"
    assert len(taking.tables[MODEL]) == 2


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

    def gives_none(rows, ids):
        TakingOdoo._action_confirm(taking, rows, ids)
        raise xmlrpc.client.Fault(1, "Traceback ...\nTypeError: cannot marshal None unless allow_none is enabled")

    monkeypatch.setattr(taking, "_action_confirm", gives_none)
    system.push_order(order(), key="S1-abcd")
    assert taking.done == ["confirm"]
