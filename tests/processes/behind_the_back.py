"""What happens at a system and no pull hears of: an order goes, an amount changes, an order is made. Each system does
it as far as it can."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from decimal import Decimal
from typing import Any

import pytest

from sandbox import biotrack
from sandbox.shopify.money import Purse
from sandbox.shopify.parts import cents_of
from sandbox.square.pricing import price
from sandbox.square.sales import tender_of
from tests.processes import biotrack_shop
from tests.processes.hub import Shop
from tests.processes.web_shops import ShopifyShop, SquareShop
from tools.templates import SHOP, shop_year

# (cause, external id, what the system has more than Odoo)
Named = set[tuple[str, str, Decimal]]
BIOTRACK_YEAR = float(os.environ.get("BIOTRACK_YEAR", "0.01"))
SHOP_YEAR_ORDERS = int(os.environ.get("SHOP_YEAR_ORDERS", "0"))


class Side:
    """A system with what it has sold. `change` makes three changes, and gives the differences that they are."""

    def __init__(self, settings: dict[str, str], change: Callable[[], Named]) -> None:
        self.settings, self.change = settings, change


@contextmanager
def biotrack_side(request: pytest.FixtureRequest) -> Iterator[Side]:
    workspace = request.getfixturevalue("workspace")
    rows = biotrack.make_shop(BIOTRACK_YEAR, generation=biotrack.NEWER)
    tills = biotrack_shop.make_with(
        workspace, request.getfixturevalue("biotrack_role"), "biotrack_reconciled", rows, biotrack.NEWER)  # fmt: skip
    yield Side(tills.settings, lambda: change_biotrack(tills))
    workspace.drop(tills.name)


def change_biotrack(tills: biotrack_shop.BioTrackShop) -> Named:
    sold = tills.query("""
        SELECT t.ticketserial, t.location || '/' || t.id, t.totalprice::numeric(16, 2) FROM tickets t
         WHERE t.deleted = 0 AND t.pif = 1 AND t.preorder = 0 AND t.totalprice > 0
           AND COALESCE(t.refundtotalprice, 0) = 0
           AND 2 <= (SELECT count(*) FROM sales s WHERE s.ticketid = t.id AND s.location = t.location)
           AND NOT EXISTS (SELECT FROM discounts d WHERE d.ticketid = t.id AND d.location = t.location)
           AND NOT EXISTS (SELECT FROM sales s WHERE s.ticketid = t.id AND s.location = t.location
                              AND (s.deleted = 1 OR s.refunded = 1))
           AND NOT EXISTS (SELECT FROM tickets r WHERE r.refticketid = t.id)
           AND 1 = (SELECT count(*) FROM tickets r WHERE r.id = t.id AND r.location = t.location)
         ORDER BY t.ticketserial DESC LIMIT 3
    """)
    (latest, copied, gross), (edited, number, _gross), (dropped, gone, taken) = sold
    (line, less) = tills.query(f"""
        SELECT s.id, (COALESCE(s.price_post_everything, s.price) + COALESCE(s.tax_collected, s.tax))::numeric(16, 2)
          FROM sales s JOIN tickets t ON t.id = s.ticketid AND t.location = s.location
         WHERE t.ticketserial = {edited} ORDER BY s.id LIMIT 1
    """)[0]
    tills.execute(f"""
        UPDATE tickets t SET price = t.price - COALESCE(s.price_post_everything, s.price),
               tax = t.tax - COALESCE(s.tax_collected, s.tax), totalprice = t.totalprice - {less}
          FROM sales s WHERE s.id = {line} AND t.ticketserial = {edited};
        DELETE FROM sales WHERE id = {line};
        DELETE FROM payments p USING tickets t
         WHERE t.ticketserial = {dropped} AND p.ticketid = t.id AND p.location = t.location;
        DELETE FROM tickets WHERE ticketserial = {dropped};
        CREATE TEMP TABLE new_ticket AS SELECT * FROM tickets WHERE ticketserial = {latest};
        CREATE TEMP TABLE new_sales AS SELECT s.* FROM sales s JOIN new_ticket t
            ON t.id = s.ticketid AND t.location = s.location;
        CREATE TEMP TABLE new_payments AS SELECT p.* FROM payments p JOIN new_ticket t
            ON t.id = p.ticketid AND t.location = p.location;
        UPDATE new_ticket SET id = '0099999999', ticketserial = (SELECT max(ticketserial) + 1 FROM tickets);
        UPDATE new_sales SET ticketid = '0099999999', id = id + (SELECT max(id) FROM sales);
        UPDATE new_payments SET ticketid = '0099999999', id = id + (SELECT max(id) FROM payments);
        UPDATE new_ticket SET datetime = (SELECT max(datetime) FROM tickets);
        UPDATE new_sales SET datetime = (SELECT max(datetime) FROM tickets);
        UPDATE new_payments SET datetime = (SELECT max(datetime) FROM tickets);
        INSERT INTO tickets SELECT * FROM new_ticket;
        INSERT INTO sales SELECT * FROM new_sales;
        INSERT INTO payments SELECT * FROM new_payments;
    """)
    added = copied.partition("/")[0] + "/0099999999"
    return {("missing_odoo", added, gross), ("amount", number, -less), ("missing_system", gone, -taken)}


@contextmanager
def odoo_side(request: pytest.FixtureRequest) -> Iterator[Side]:
    workspace = request.getfixturevalue("workspace")
    template = shop_year(SHOP_YEAR_ORDERS, SHOP) if SHOP_YEAR_ORDERS else SHOP
    with template.copy(workspace, "shop_reconciled") as database:
        shop = Shop(database, database.call("tools.inside.shop:make_api_key"), cron_workers=0)
        with shop.server:
            yield Side(shop.settings, lambda: change_odoo(shop))


def change_odoo(shop: Shop) -> Named:
    dropped, edited, copied = shop.call(
        "sale.order", "search_read", domain=[["state", "=", "sale"], ["invoice_ids", "=", False]],
        fields=["amount_total", "order_line"], limit=3,
    )  # fmt: skip
    shop.call("sale.order", "action_cancel", [dropped["id"]])
    shop.call("sale.order", "unlink", [dropped["id"]])
    (line,) = shop.call("sale.order.line", "read", [edited["order_line"][0]], fields=["price_unit"])
    shop.call("sale.order.line", "write", [line["id"]], vals={"price_unit": line["price_unit"] + 5})
    (made,) = shop.call("sale.order", "copy", [copied["id"]])
    shop.call("sale.order", "action_confirm", [made])
    now = {row["id"]: row["amount_total"] for row in shop.call(
        "sale.order", "read", [edited["id"], made], fields=["amount_total"])}  # fmt: skip
    return {
        ("missing_system", f"sale-{dropped['id']}", _cents(-dropped["amount_total"])),
        ("amount", f"sale-{edited['id']}", _cents(now[edited["id"]] - edited["amount_total"])),
        ("missing_odoo", f"sale-{made}", _cents(now[made])),
    }


@contextmanager
def square_side(request: pytest.FixtureRequest) -> Iterator[Side]:
    with closing(SquareShop()) as shop:
        yield Side(shop.account.settings(), lambda: change_square(shop))


def change_square(square: SquareShop) -> Named:
    """Square deletes no order: it cancels it, and the payment with it."""
    shop = square.account.shop
    by_order: dict[str, list[dict[str, Any]]] = {}
    for payment in shop.payments.values():
        by_order.setdefault(payment["order_id"], []).append(payment)
    returned = {row.get("order_id") for row in shop.refunds.values()}
    returned |= {back["source_order_id"] for row in shop.orders.values() for back in row.get("returns") or ()}
    plain = [
        (shop.orders[key], found[0]) for key, found in by_order.items()
        if len(found) == 1 and key not in returned and found[0]["status"] == "COMPLETED"
        and shop.orders[key]["state"] == "COMPLETED" and found[0]["location_id"] == "LOC000"
        and not shop.orders[key].get("discounts") and not shop.orders[key].get("returns")
    ]  # fmt: skip
    (dropped, taken), (edited, paid) = plain[:2]
    dropped["state"] = taken["status"] = "CANCELED"
    dropped["tenders"] = []
    before = edited["total_money"]["amount"]
    edited["line_items"][0]["base_price_money"]["amount"] += 500
    price(edited)
    more = edited["total_money"]["amount"] - before
    for name in ("amount_money", "total_money", "approved_money"):
        paid[name] = {**paid[name], "amount": paid[name]["amount"] + more}
    edited["tenders"] = [tender_of(paid)]
    price(edited)
    made = square.sell("behind its back")
    return {
        ("cancelled", dropped["id"], _cents(-taken["total_money"]["amount"], 100)),
        ("amount", edited["id"], _cents(more, 100)),
        ("missing_odoo", made, square.total),
    }


@contextmanager
def shopify_side(request: pytest.FixtureRequest) -> Iterator[Side]:
    with closing(ShopifyShop()) as shop:
        shop.exchange(shop.sell("exchanged"))
        yield Side(shop.account.settings(), lambda: change_shopify(shop))


def change_shopify(shopify: ShopifyShop) -> Named:
    """Shopify deletes no order that was paid through a gateway; one that was paid in cash it does. A tip may be added
    at the till afterwards."""
    shop = shopify.account.shop
    plain = [
        row for row in shop.orders.values()
        if row["retailLocation"] and row["displayFinancialStatus"] == "PAID" and not row["refunds"]
    ]  # fmt: skip
    cash = [row for row in plain if {item["gateway"] for item in row["transactions"]} == {"cash"}]
    cards = [row for row in plain if len([item for item in row["transactions"] if item["kind"] == "CAPTURE"]) == 1
             and not any(item["gateway"] == "cash" for item in row["transactions"])]  # fmt: skip
    dropped, edited = cash[0], cards[0]
    taken = sum(
        cents_of(item["amountSet"]) * (-1 if item["kind"] == "CHANGE" else 1) for item in dropped["transactions"]
    )
    del shop.orders[dropped["id"]]
    (capture,) = (item for item in edited["transactions"] if item["kind"] == "CAPTURE")
    purse = Purse(edited["currencyCode"], edited["presentmentCurrencyCode"])
    capture["amountSet"] = purse.bag(cents_of(capture["amountSet"]) + 300)
    edited["totalTipReceivedSet"] = purse.bag(cents_of(edited["totalTipReceivedSet"]) + 300)
    made = shopify.sell("behind its back")
    return {
        ("missing_system", dropped["legacyResourceId"], _cents(-taken, 100)),
        ("amount", edited["legacyResourceId"], Decimal("3.00")),
        ("missing_odoo", made, shopify.total),
    }


def _cents(amount: float, parts: int = 1) -> Decimal:
    return (Decimal(str(amount)) / parts).quantize(Decimal("0.01"))


SIDES: dict[str, Callable[[pytest.FixtureRequest], AbstractContextManager[Side]]] = {
    "biotrack": biotrack_side, "odoo": odoo_side, "square": square_side, "shopify": shopify_side,
}  # fmt: skip
