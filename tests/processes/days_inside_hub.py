"""Two business days of two shops, made inside a hub's own Odoo without any server on the other side."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

ACCOUNTANT = "accountant"
_MORNING = datetime(2026, 3, 2, 14, 30, tzinfo=timezone.utc)
_RATE = Decimal("0.10")
# Shop, channel, hour after the first, prices with tax of 10 % on top, tip, way to pay, day.
_SALES = (
    ("main", "till", 0, ("12.00", "4.50"), "2.00", "Cash", 0),
    ("main", "till", 1, ("38.00",), "0", "Visa", 0),
    ("main", "web", 2, ("9.00", "9.00", "6.50"), "0", "Visa", 0),
    ("station", "till", 0, ("4.50", "3.20"), "1.00", "Visa", 0),
    ("station", "till", 3, ("6.50",), "0", "Voucher", 0),
    ("main", "till", 0, ("38.00", "12.00"), "0", "Cash", 1),
    ("station", "till", 1, ("9.00",), "0", "Visa", 1),
)


def make_days(env: Any, date_from: str = "2026-01-01") -> dict[str, int]:
    """A company with a chart of accounts, a connection whose days are summarised from `date_from` on, its sales, and
    the user ACCOUNTANT, whose password is the login. One way to pay has no account yet. Returns the connection's id."""
    env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
    connection = env["pos.sync.connection"].create(
        {"name": "Tea Shops", "system": "square", "entries_from": date_from, "orders_from": date_from})
    for external_id, name in (("main", "Main Street"), ("station", "Station")):
        env["pos.sync.location"].create({
            "connection_id": connection.id, "external_id": external_id, "name": name, "timezone": "America/New_York"})
    tax = env["account.tax"].create({"name": "Sales Tax 10%", "amount": 10.0, "type_tax_use": "sale"})
    known = env["account.tax"].search([("type_tax_use", "=", "sale"), ("id", "!=", tax.id)], limit=1)
    account = known.invoice_repartition_line_ids.account_id[:1]
    rows = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
    rows.filtered(lambda row: row.repartition_type == "tax").account_id = account
    env["pos.sync.tax"].create({
        "connection_id": connection.id, "external_id": "tax", "name": "Sales Tax", "rate": 10.0, "tax_id": tax.id})
    env["account.journal"].create({"name": "Cash", "type": "cash", "code": "CSH"})
    env["account.account"].create({"name": "Tips owed", "code": "252900", "account_type": "liability_current"})
    env["pos.sync.posting.period"].create(
        {"connection_id": connection.id, "date_from": date_from, "mode": "summary"})
    import_orders(env, connection)
    env["res.users"].create({
        "name": "Alex Counts", "login": ACCOUNTANT, "password": ACCOUNTANT,
        "group_ids": [(4, env.ref(name).id) for name in (
            "base.group_user", "pos_sync_connector.group_user", "account.group_account_manager",
            "account.group_account_user", "sales_team.group_sale_salesman_all_leads")],
    })
    return {"connection": connection.id}


def import_orders(env: Any, connection: Any) -> None:
    """Imports the sales as a pull would."""
    from odoo.addons.pos_sync_connector.sync.outcome import Outcome

    stream = connection.stream_ids.filtered(lambda item: item.flow == "orders_pull")
    outcome = Outcome()
    env["pos.sync.import_orders"]._prepared(stream)._import(stream, [*map(_order, range(len(_SALES)))], outcome)
    if outcome.failures:
        raise AssertionError(outcome.failures)


def _order(number: int) -> Any:
    from odoo.addons.pos_sync_connector.connectors import records as rec

    shop, channel, hour, prices, tip, method, day = _SALES[number]
    amounts = [Decimal(price) for price in prices]
    net, tip_amount = sum(amounts, Decimal(0)), Decimal(tip)
    tax = (net * _RATE).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    at = _MORNING + timedelta(days=day, hours=hour)
    kind = {"Cash": rec.PaymentKind.CASH, "Visa": rec.PaymentKind.CARD}.get(method, rec.PaymentKind.OTHER)
    customer = rec.Customer(
        external_id=f"customer-{number % 3}", first_name=("Ada", "Grace", "Ida")[number % 3],
        last_name=("Lovelace", "Hopper", "Tarbell")[number % 3], email=f"customer{number % 3}@example.com")
    return rec.Order(
        external_id=f"order-{number}", number=f"{1001 + number}", status=rec.OrderStatus.COMPLETED, paid=True,
        currency="USD", location_id=shop, channel=channel, customer_id=customer.external_id, customer=customer,
        lines=tuple(
            rec.OrderLine(
                external_id=f"{number}-{index}", name=("Green Tea", "Tea Cup", "Scone")[index % 3],
                quantity=Decimal(1), unit_price=amount, taxes=(rec.LineTax(tax_id="tax", rate=Decimal(10)),))
            for index, amount in enumerate(amounts)),
        charges=(rec.Charge(external_id=f"tip-{number}", kind=rec.ChargeKind.TIP, amount=tip_amount),)
        if tip_amount else (),
        payments=(rec.Payment(external_id=f"payment-{number}", method_id=method.lower(), method_name=method, kind=kind,
                              amount=net + tax, tip=tip_amount),),
        totals=rec.OrderTotals(gross=net + tax + tip_amount, net=net + tip_amount, tax=tax),
        created_at=at, closed_at=at, updated_at=at,
    )
