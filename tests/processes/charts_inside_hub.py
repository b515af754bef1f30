"""Inside a hub's own Odoo: companies with charts of accounts of several countries, each with a day of sales."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from odoo.addons.pos_sync_connector.connectors import records as rec
from odoo.addons.pos_sync_connector.connectors.answers import Account
from odoo.addons.pos_sync_connector.connectors.connector import Connector
from odoo.addons.pos_sync_connector.connectors.flows import Flow
from odoo.addons.pos_sync_connector.connectors.pages import Cursor, Page
from odoo.addons.pos_sync_connector.connectors.registry import register

_SOLD = datetime(2026, 3, 2, 11, 0, tzinfo=timezone.utc)
_REFUNDED = "order-1"


@register
class TaxedShop(Connector):
    """A shop that sells at `rates`, names its taxes in its own way, and states each order's tax to the cent."""

    code = "taxed_shop"
    name = "Taxed Shop"
    rates: tuple[Decimal, ...] = ()
    inclusive = False
    currency = "USD"

    def check(self) -> Account:
        return Account(external_id=f"taxed-{self.currency}", name="Taxed Shop")

    def locations(self) -> list[rec.Location]:
        return [rec.Location(external_id="shop", name="Shop", takes_orders=False)]

    def tax_rates(self) -> list[rec.TaxRate]:
        return [
            rec.TaxRate(external_id=f"tax-{rate}", name=f"Till code {rate}", rate=rate, inclusive=self.inclusive)
            for rate in self.rates
        ]

    def pull_products(self, cursor: Cursor) -> Iterator[Page[rec.Product]]:
        yield Page(records=(), cursor=cursor.at("", _SOLD))

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        yield Page(records=tuple(self._orders()), cursor=cursor.at("", _SOLD))

    def pull_refunds(self, cursor: Cursor) -> Iterator[Page[rec.Refund]]:
        (order,) = (order for order in self._orders() if order.external_id == _REFUNDED)
        lines = tuple(
            rec.RefundLine(order_line_id=line.external_id, quantity=line.quantity, gross=line.gross)
            for line in order.lines
        )
        refund = rec.Refund(
            external_id="refund", order_id=_REFUNDED, currency=self.currency, lines=lines, payments=order.payments,
            gross=order.totals.gross, tax=order.totals.tax, refunded_at=_SOLD, updated_at=_SOLD)
        yield Page(records=(refund,), cursor=cursor.at("", _SOLD))

    def _orders(self) -> Iterator[rec.Order]:
        for number in range(6):
            lines = tuple(self._line(number, rate) for rate in self.rates)
            gross, tax = (sum((getattr(line, name) for line in lines), Decimal(0)) for name in ("gross", "tax"))
            paid = rec.Payment(external_id=f"payment-{number}", method_id="cash", method_name="Cash",
                               kind=rec.PaymentKind.CASH, amount=gross, paid_at=_SOLD)
            yield rec.Order(
                external_id=f"order-{number}", number=str(number), status=rec.OrderStatus.COMPLETED, paid=True,
                currency=self.currency, location_id="shop", lines=lines, payments=(paid,),
                price_includes_tax=self.inclusive, totals=rec.OrderTotals(gross=gross, net=gross - tax, tax=tax),
                created_at=_SOLD, closed_at=_SOLD, updated_at=_SOLD)

    def _line(self, number: int, rate: Decimal) -> rec.OrderLine:
        price = Decimal("11.90") * (number + 1)
        share = rate / (100 + rate) if self.inclusive else rate / 100
        tax = (price * share).quantize(Decimal("0.01"), ROUND_HALF_UP)
        gross = price if self.inclusive else price + tax
        return rec.OrderLine(
            external_id=f"line-{number}-{rate}", name=f"Goods at {rate}", quantity=Decimal(1), unit_price=price,
            gross=gross, net=gross - tax, tax=tax,
            taxes=(rec.LineTax(tax_id=f"tax-{rate}", rate=rate, inclusive=self.inclusive, amount=tax),))


def sell(
    env: Any, chart: str, country: str, rates: list[str], inclusive: bool, chosen: dict[str, str]
) -> dict[str, Any]:
    """Posts a day of a new company with this chart of accounts, as an administrator with the accountant's rights does
    by the buttons. `chosen`: the names of Odoo's taxes that a person chooses, by rate.

    Returns what stands in the books by tax grid, on which accounts the tax is, and what the system states by rate.
    """
    land = env.ref(f"base.{country}")
    company = env["res.company"].create(
        {"name": f"Shop {chart}", "country_id": land.id, "currency_id": land.currency_id.id})
    env.user.company_ids += company
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    land.currency_id.active = True
    env["account.chart.template"].try_loading(chart, company, install_demo=False)
    TaxedShop.rates, TaxedShop.inclusive = tuple(map(Decimal, rates)), inclusive
    TaxedShop.currency = company.currency_id.name
    connection = env["pos.sync.connection"].create(
        {"name": chart, "system": TaxedShop.code, "company_id": company.id, "entries_from": "2026-01-01",
         "orders_from": "2026-01-01"})
    connection.action_test()
    run_flow(env, connection, Flow.SETUP_PULL)
    proposed = {tax.rate: tax.tax_id.name for tax in connection.tax_ids}
    answer = connection.action_make_taxes()
    unclear = [tax.rate for tax in connection.tax_ids if not tax.tax_id]
    for tax in connection.tax_ids:
        if not tax.tax_id:
            tax.tax_id = env["account.tax"].with_context(active_test=False).search(
                [("company_id", "=", company.id), ("type_tax_use", "=", "sale"),
                 ("name", "=", chosen[f"{tax.rate:g}"])])
    made = {f"{tax.rate:g}": [tax.tax_id.name, tax.created] for tax in connection.tax_ids}
    for flow in (Flow.PRODUCTS_PULL, Flow.ORDERS_PULL, Flow.REFUNDS_PULL):
        run_flow(env, connection, flow)
    env["pos.sync.posting.period"].create(
        {"connection_id": connection.id, "date_from": "2026-01-01", "mode": "summary"})
    connection.payment_method_ids.action_create_accounts()
    env["pos.sync.day"].search([("connection_id", "=", connection.id)]).action_gather()
    connection.payment_method_ids.action_create_accounts()
    day = env["pos.sync.day"].search([("connection_id", "=", connection.id)])
    day.action_post()
    lines = day.move_ids.line_ids
    grids: dict[str, float] = {}
    for line in lines:
        for tag in line.tax_tag_ids:
            grids[tag.name] = round(grids.get(tag.name, 0) - line.balance, 2)
    taxed = lines.filtered(lambda line: line.display_type == "tax")
    return {
        "state": day.state, "sentence": day.sentence, "proposed": proposed, "unclear": unclear, "made": made,
        "answer": answer and answer["params"]["message"],
        "failed": env["pos.sync.message"].search([("connection_id", "=", connection.id)]).mapped("sentence"),
        "grids": grids,
        "tax": round(-sum(taxed.mapped("balance")), 2),
        "accounts": sorted(set(taxed.account_id.mapped("account_type"))),
        "stated": _stated(),
    }


def run_flow(env: Any, connection: Any, flow: Flow) -> None:
    stream = connection._stream(flow)
    stream._request()
    env.cr.commit()
    env["pos.sync.run_stream"]._run(stream.id)
    env.invalidate_all()


def _stated() -> dict[str, list[float]]:
    """{rate: [net, tax]} of what the system sold less what it refunded."""
    found = {f"{rate:g}": [Decimal(0), Decimal(0)] for rate in TaxedShop.rates}
    for order in TaxedShop({})._orders():
        if order.external_id != _REFUNDED:
            for line in order.lines:
                sums = found[f"{line.taxes[0].rate:g}"]
                sums[0], sums[1] = sums[0] + line.net, sums[1] + line.tax
    return {rate: [float(net), float(tax)] for rate, (net, tax) in found.items()}
