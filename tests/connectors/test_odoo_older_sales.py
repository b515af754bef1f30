"""Customers and orders of the system "Odoo" with versions that do not run here: what was named differently then."""

from datetime import datetime, timezone
from decimal import Decimal

import pytest

from connectors.pages import Cursor
from connectors.records import AddressKind, ChargeKind, Consent, OrderStatus, PaymentKind
from tests.connectors.test_odoo_older import WRITTEN, odoo, pulled, tables

__all__ = ["odoo"]


def partner(number, name, **more):
    return {
        "id": number, "name": name, "is_company": False, "type": "contact", "parent_id": False, "email": False,
        "commercial_company_name": False, "phone": False, "mobile": False, "street": False, "street2": False,
        "city": False, "zip": False, "state_id": False, "country_id": False, "vat": False, "lang": "de_DE",
        "category_id": [], "comment": False, "is_blacklisted": False, "email_normalized": False, "active": True,
        "create_date": WRITTEN, "write_date": WRITTEN, "partner_share": True, "company_id": False, **more,
    }  # fmt: skip


def sale(number, state, **more):
    return {
        "id": number, "name": f"SO{number}", "state": state, "company_id": 3, "partner_id": 20,
        "partner_invoice_id": 20, "partner_shipping_id": 20, "date_order": "2024-05-05 10:00:00",
        "commitment_date": False, "client_order_ref": False, "user_id": 7, "warehouse_id": 1, "currency_id": 1,
        "amount_untaxed": 100.0, "amount_tax": 19.0, "amount_total": 119.0, "invoice_status": "no",
        "invoice_ids": [], "transaction_ids": [],
        "note": "Two lines\nof terms", "create_date": WRITTEN, "write_date": WRITTEN, "order_line": [], **more,
    }  # fmt: skip


def till_order(number, state, **more):
    return {
        "id": number, "name": f"Till/{number}", "state": state, "company_id": 3, "config_id": 1, "partner_id": False,
        "date_order": "2024-05-05 10:00:00", "pos_reference": f"Order {number}", "user_id": 7, "currency_id": 1,
        "amount_total": 11.9, "amount_tax": 1.9, "amount_paid": 11.9, "amount_return": 0.0, "account_move": False,
        "note": "Ohne Zucker", "create_date": WRITTEN, "write_date": WRITTEN, "lines": [], "payment_ids": [], **more,
    }  # fmt: skip


def till_line(number, order, **more):
    return {
        "id": number, "order_id": order, "product_id": 100, "full_product_name": "Tee", "name": f"L{number}",
        "qty": 1.0, "price_unit": 11.9, "discount": 0.0, "price_subtotal": 10.0, "price_subtotal_incl": 11.9,
        "tax_ids_after_fiscal_position": [5], "write_date": WRITTEN, **more,
    }  # fmt: skip


COMMON = tables(
    **{
        "res.users": [
            {"id": 7, "name": "Ann", "login": "ann", "partner_id": 19, "company_id": 3, "company_ids": [3]},
        ],
        "res.company": [{"id": 3, "name": "Altes Haus", "currency_id": 1, "partner_id": 18}],
        "res.country": [{"id": 1, "code": "DE", "name": "Deutschland"}],
        "res.country.state": [{"id": 1, "code": "", "name": "Bayern"}],
        "res.partner": [
            partner(18, "Altes Haus", is_company=True),
            partner(20, "Condor, Tom", mobile="0171 1", category_id=[4], country_id=1, state_id=1, comment="Mag Tee"),
            partner(21, "Hintertür", type="delivery", parent_id=20, street="Hof 1"),
            partner(22, "Nein Danke", email="n@example.com", is_blacklisted=True, email_normalized="n@example.com"),
        ],
        "mail.blacklist": [{"id": 1, "email": "n@example.com", "active": True, "write_date": WRITTEN}],
        "sale.order": [
            sale(1, "draft"),
            sale(2, "sent"),
            sale(3, "sale", partner_shipping_id=21, partner_invoice_id=21),
            sale(4, "sale", invoice_status="invoiced"),
            sale(5, "done"),
            sale(6, "cancel"),
        ],
        "sale.order.line": [
            {
                "id": 30, "order_id": 3, "sequence": 10, "display_type": False, "product_id": 100, "name": "Tee",
                "product_uom_qty": 2.0, "product_uom": 2, "price_unit": 50.0, "discount": 0.0, "tax_id": [5],
                "price_subtotal": 100.0, "price_total": 119.0, "is_downpayment": False, "is_delivery": False,
                "write_date": WRITTEN,
            },
            {
                "id": 31, "order_id": 3, "sequence": 20, "display_type": "line_note", "product_id": False,
                "name": "Danke", "product_uom_qty": 0.0, "product_uom": False, "price_unit": 0.0, "discount": 0.0,
                "tax_id": [], "price_subtotal": 0.0, "price_total": 0.0, "is_downpayment": False,
                "is_delivery": False, "write_date": WRITTEN,
            },
        ],
        "pos.config": [
            {
                "id": 1, "name": "Kasse", "active": True, "currency_id": 1, "picking_type_id": False, "company_id": 3,
                "tip_product_id": 101, "cash_rounding": False, "only_round_cash_method": False,
            },
        ],
        "pos.payment.method": [
            {"id": 1, "name": "Bar", "type": "cash", "is_cash_count": True},
            {"id": 2, "name": "Karte", "type": "bank"}],
        "pos.payment": [
            {
                "id": number, "pos_order_id": order, "payment_method_id": method, "amount": amount,
                "payment_date": "2024-05-05 10:01:00", "is_change": change, "transaction_id": False,
                "currency_id": 1, "write_date": WRITTEN,
            }
            for number, order, method, amount, change in (
                (1, 50, 1, 20.0, False), (2, 50, 2, 2.0, False), (3, 50, 1, -10.1, True),
            )
        ],
    }
)  # fmt: skip

FOURTEEN = {
    **COMMON,
    "pos.order": [till_order(50, "invoiced"), till_order(51, "draft"), till_order(52, "cancel")],
    "pos.order.line": [
        till_line(60, 50),
        till_line(61, 50, product_id=101, price_subtotal=1.0, price_subtotal_incl=1.0),
    ],
}
FIFTEEN = {
    **COMMON,
    "pos.order": [till_order(50, "done"), till_order(53, "paid", amount_total=-11.9, amount_tax=-1.9, amount_paid=0.0)],
    "pos.order.line": [
        till_line(60, 50, refunded_orderline_id=False),
        till_line(63, 53, qty=-1.0, price_subtotal=-10.0, price_subtotal_incl=-11.9, refunded_orderline_id=60),
    ],
}


def test_customers_of_version_14(odoo):
    _older, connector = odoo("14.0", FOURTEEN)
    tom, refuser = pulled(connector.pull_customers(Cursor()))
    assert (tom.first_name, tom.last_name, tom.mobile, tom.group_name) == ("Tom", "Condor", "0171 1", "Stammgast")
    own, door = tom.addresses
    assert (own.country, own.state) == ("DE", "Bayern")
    assert (door.kind, door.street) == (AddressKind.DELIVERY, "Hof 1")
    assert tom.points is None
    assert refuser.marketing is Consent.NO
    assert refuser.marketing_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
    assert connector.get_customer("partner-18").company_name == "Altes Haus"


def test_sale_orders_of_version_14(odoo):
    _older, connector = odoo("14.0", FOURTEEN, orders="sale")
    orders = pulled(connector.pull_orders(Cursor()))
    assert [order.status for order in orders] == [
        OrderStatus.DRAFT,
        OrderStatus.OPEN,
        OrderStatus.PAID,
        OrderStatus.COMPLETED,
        OrderStatus.COMPLETED,
        OrderStatus.CANCELLED,
    ]
    order = orders[2]
    (line,) = order.lines
    (tax,) = line.taxes
    assert (tax.tax_id, tax.inclusive, tax.amount) == ("tax-5", True, Decimal(19))
    assert (line.unit, line.name) == ("3.5 g", "Tee")
    assert abs(line.quantity * line.unit_price - 100) < Decimal("1e-9")
    assert line.quantity == Decimal(2) / Decimal("0.0035")
    assert order.note == "Two lines\nof terms"
    assert (order.staff, order.location_id, order.customer_id) == ("Ann", "warehouse-1", "partner-20")
    assert (order.shipping_address.name, order.shipping_address.kind) == ("Hintertür", AddressKind.DELIVERY)
    assert (order.billing_address.name, order.billing_address.kind) == ("Hintertür", AddressKind.INVOICE)
    assert (orders[0].billing_address, orders[0].shipping_address) == (None, None)


def test_tills_of_version_14(odoo):
    _older, connector = odoo("14.0", FOURTEEN, orders="pos")
    done, parked, cancelled = pulled(connector.pull_orders(Cursor()))
    assert [order.status.value for order in (done, parked, cancelled)] == ["completed", "open", "cancelled"]
    assert (done.register, done.staff, done.note, done.location_id) == ("Kasse", "Ann", "Ohne Zucker", "pos-1")
    (tip,) = done.charges
    assert (tip.kind, tip.amount) == (ChargeKind.TIP, 1)
    cash, card = done.payments
    assert (cash.kind, cash.amount) == (PaymentKind.CASH, Decimal("9.9"))
    assert (card.kind, card.amount) == (PaymentKind.CARD, 2)
    assert done.closed_at == datetime(2024, 5, 5, 10, 1, tzinfo=timezone.utc)
    assert pulled(connector.pull_refunds(Cursor())) == []


def test_tills_of_version_15_take_back(odoo):
    _older, connector = odoo("15.0", FIFTEEN)
    orders = pulled(connector.pull_orders(Cursor()))
    assert [order.external_id for order in orders if order.channel == "pos"] == ["pos-50"]
    (refund,) = pulled(connector.pull_refunds(Cursor()))
    assert (refund.external_id, refund.order_id) == ("pos-53", "pos-50")
    assert (refund.gross, refund.net, refund.tax) == (Decimal("11.9"), Decimal(10), Decimal("1.9"))
    (line,) = refund.lines
    assert (line.order_line_id, line.quantity, line.restock) == ("line-60", 1, None)
    assert connector.get_order("pos-53") is None


def test_what_a_till_rounds_of_a_refund_is_no_goods(odoo):
    till = {**FIFTEEN["pos.config"][0], "cash_rounding": True}
    orders = [FIFTEEN["pos.order"][0], {**FIFTEEN["pos.order"][1], "amount_total": -12.0}]
    _older, connector = odoo("15.0", {**FIFTEEN, "pos.config": [till], "pos.order": orders})
    (refund,) = pulled(connector.pull_refunds(Cursor()))
    (rounding,) = refund.charges
    assert (rounding.kind, rounding.amount, rounding.net) == (ChargeKind.ROUNDING, Decimal("0.1"), Decimal("0.1"))
    assert refund.gross == Decimal(12) == refund.lines[0].gross + rounding.amount


def test_without_tills_or_sales_there_are_no_such_orders(odoo):
    rows = {model: table for model, table in FOURTEEN.items() if not model.startswith("pos.")}
    _older, connector = odoo("14.0", rows)
    assert {order.external_id.partition("-")[0] for order in pulled(connector.pull_orders(Cursor()))} == {"sale"}
    rows = {model: table for model, table in rows.items() if not model.startswith("sale.")}
    (page,) = odoo("14.0", rows)[1].pull_orders(Cursor())
    assert (page.records, page.last) == ((), True)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 100])
def test_pages_of_two_models_in_a_row(odoo, size):
    _older, connector = odoo("14.0", FOURTEEN)
    connector.orders_a_page = size
    pages = list(connector.pull_orders(Cursor()))
    expected = [f"sale-{number}" for number in range(1, 7)] + [f"pos-{number}" for number in (50, 51, 52)]
    assert [order.external_id for page in pages for order in page.records] == expected
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert {page.total for page in pages} == {9}
    for page in pages[:-1]:
        rest = pulled(connector.pull_orders(Cursor.loads(page.cursor.dumps())))
        done = sum(len(earlier.records) for earlier in pages[: pages.index(page) + 1])
        assert [order.external_id for order in rest] == expected[done:]


def test_a_next_pass_asks_for_nothing_that_the_version_lacks(odoo):
    for version, rows in (("14.0", FOURTEEN), ("15.0", FIFTEEN)):
        _older, connector = odoo(version, rows)
        for pull in (connector.pull_customers, connector.pull_orders, connector.pull_refunds):
            *_pages, last = pull(Cursor())
            assert pulled(pull(Cursor(since=last.cursor.reached))) == []
