"""A week of four systems, small enough to be added up by hand: tills, a web shop, a cancelled ticket, refunds of lines,
tips, gift cards. What each has sold, charged as tax and received is counted here from its own rows alone."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

from sandbox import biotrack, shopify
from sandbox.biotrack.tickets import TicketMaker
from sandbox.shopify.sales import SalesMaker
from tools.workspace import Workspace

from . import biotrack_shop
from .hub import Shop
from .tea_shops import TeaShops

Money = dict[str, Decimal]
DAYS = 6
_TICKETS, _WEB_ORDERS = 10, 8
# Of its tickets.
_VOIDED, _RETURNED = 3, 6
_TICKETS_SUMS = "SELECT sum(totalprice), sum(tax) FROM tickets WHERE deleted = 0"
_TICKETS_PAID = "SELECT lower(paymentmethod), sum(amount) FROM payments WHERE deleted = 0 GROUP BY 1"
_TILL_SUMS = """
    SELECT sum(amount_total), sum(amount_tax) FROM pos_order
     WHERE state IN ('paid', 'done', 'invoiced') AND company_id = %s
"""
_TILL_PAID = """
    SELECT method.name->>'en_US', sum(payment.amount) FROM pos_payment payment
      JOIN pos_payment_method method ON method.id = payment.payment_method_id
      JOIN pos_order sale ON sale.id = payment.pos_order_id
     WHERE sale.state IN ('paid', 'done', 'invoiced') AND sale.company_id = %s GROUP BY 1
"""


class TicketWeek(TicketMaker):
    """A ticket or two each day at noon."""

    def _moments(self, number: int) -> list[datetime]:
        return [_noon(DAYS - index * DAYS // number) + timedelta(minutes=5 * index) for index in range(number)]


class Week:
    """`settings`: by system, how to connect to it. `first`: its first day; `ended`: the day after its last."""

    def __init__(self, tickets: biotrack_shop.BioTrackShop, tills: Shop, tea: TeaShops, web: Any) -> None:
        self._tickets, self._tills, self.tea, self._web = tickets, tills, tea, web
        self.settings = {
            "biotrack": tickets.settings, "odoo": tills.settings, "shopify": web.settings(), "square": tea.settings(),
        }
        self.first, self.ended = _noon(DAYS).date(), _noon(0).date()

    def books(self) -> dict[str, Money]:
        """By system what was sold with tax (`gross`), its `tax` and `tip`, and what was received by way to pay:
        each less what was refunded, as the system itself has it at this moment."""
        return {
            "biotrack": self._biotrack(), "odoo": self._odoo(), "shopify": self._shopify(), "square": self._square(),
        }

    def _biotrack(self) -> Money:
        ((gross, tax),) = self._tickets.query(_TICKETS_SUMS)
        return {"gross": gross, "tax": tax, **dict(self._tickets.query(_TICKETS_PAID))}

    def _odoo(self) -> Money:
        company = self._tills.value("SELECT company_id FROM res_users WHERE login = 'admin'")
        ((gross, tax),) = self._tills.database.query(_TILL_SUMS, company)
        return {"gross": gross, "tax": tax, **dict(self._tills.database.query(_TILL_PAID, company))}

    def _shopify(self) -> Money:
        found: Money = defaultdict(Decimal)
        for order in self._web.shop.orders.values():
            tip = _shop(order["totalTipReceivedSet"])
            # A till takes the tip beside the total.
            found["gross"] += _shop(order["totalPriceSet"]) + (tip if order["retailLocation"] else 0)
            found["tip"] += tip
            found["tax"] += _shop(order["totalTaxSet"])
            for back in order["refunds"]:
                found["gross"] -= _shop(back["totalRefundedSet"])
                found["tax"] -= sum((_shop(row["totalTaxSet"]) for row in back["refundLineItems"]), Decimal(0))
            for row in order["transactions"]:
                sign = {"SALE": 1, "CAPTURE": 1, "CHANGE": -1, "REFUND": -1}.get(row["kind"], 0)
                if row["status"] == "SUCCESS":
                    found[row["gateway"]] += sign * _shop(row["amountSet"])
        return found

    def _square(self) -> Money:
        cents: Counter[str] = Counter()
        for order in self.tea.shop.orders.values():
            cents["gross"] += order["total_money"]["amount"]
            cents["tax"] += order["total_tax_money"]["amount"]
            cents["tip"] += order["total_tip_money"]["amount"]
        for payment in self.tea.shop.payments.values():
            cents[payment["source_type"].lower()] += payment["total_money"]["amount"]
        return {name: Decimal(amount) / 100 for name, amount in cents.items()}


@contextmanager
def open_week(workspace: Workspace, role: str, tills: Shop) -> Iterator[Week]:
    """`tills`: Odoo's own demo data; the orders of its tills move into the week."""
    made = biotrack.make_shop(0.01, tickets=0)
    week = TicketWeek(Random("week"), made.tables["products"], made.tables["customers"], _noon(0), newer=True)
    week.make(_TICKETS)
    sold = [row for row in week.tables["tickets"] if not row.get("refticketid")]
    week.void(sold[_VOIDED], _noon(1))
    week.refund_part(sold[_RETURNED], _noon(1))
    made.tables |= week.tables
    shop = shopify.make_shop(0.01, orders=0)
    midnight = datetime.combine(_noon(0), time(), timezone.utc)
    rows = (list(table.values()) for table in (shop.products, shop.customers, shop.locations))
    sales = SalesMaker(Random("week 1"), *rows, midnight, "USD")
    for number in range(_WEB_ORDERS):
        sales.order(number, _noon(DAYS - number % (DAYS - 1)))
    sales.number()
    shop.orders = {row["id"]: row for row in sales.orders}
    tills.database.execute("UPDATE sale_order SET date_order = date_order - interval '1 year'")
    tills.database.execute(_TILL_WEEK, _noon(DAYS).replace(tzinfo=None), DAYS)
    with ExitStack() as stack:
        tickets = biotrack_shop.make_with(workspace, role, "biotrack_week", made, biotrack.NEWER)
        stack.callback(workspace.drop, tickets.name)
        tea, web = stack.enter_context(TeaShops()), stack.enter_context(shopify.ShopifySandbox(shop))
        yield Week(tickets, tills, tea, web)


_TILL_WEEK = """
    WITH moved AS (
        UPDATE pos_order SET date_order = %s + id %% %s * interval '1 day', write_date = now() AT TIME ZONE 'UTC'
         RETURNING id, date_order)
    UPDATE pos_payment SET payment_date = moved.date_order FROM moved WHERE moved.id = pos_order_id
"""


def _noon(days: int) -> datetime:
    """So many days ago, at noon of the shops' time zones."""
    today = datetime.now(timezone.utc).date()
    return datetime.combine(today - timedelta(days=days), time(18), timezone.utc)


def _shop(bag: dict[str, Any]) -> Decimal:
    return Decimal(bag["shopMoney"]["amount"])
