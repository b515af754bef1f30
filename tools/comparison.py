"""What the shop says of itself and the hub says otherwise, in sentences."""
from __future__ import annotations

from typing import Any

from . import sales_sql
from .console import Problem, say
from .database import Database

_SHOWN = 10


def variants(shop: dict[str, dict[str, Any]], hub: dict[str, dict[str, Any]], unsold: set[str]) -> list[str]:
    """Codes, price and quantities of every variant. Those `unsold` came only where an order names them."""
    if not shop:
        raise Problem("The shop has no products: nothing was proved.")
    found = [f"{name} is in the shop only." for name in sorted(shop.keys() - hub.keys())]
    found += [f"{name} is in the hub only." for name in sorted(hub.keys() - shop.keys() - unsold)]
    for name in sorted(shop.keys() & hub.keys()):
        for fact, expected in shop[name].items():
            if not _same(expected, hub[name][fact]):
                found.append(f"{name}: {fact} is {expected!r} in the shop and {hub[name][fact]!r} in the hub.")
    say(f"  {len(shop)} variants of the shop: codes, prices and quantities compared")
    return _at_most(found)


def customers(shop: Database, company: int, hub: Database, connection: int) -> list[str]:
    """That every customer is there, with e-mail and phone."""
    expected, arrived = sales_sql.customers_in_shop(shop, company), sales_sql.customers_in_hub(hub, connection)
    if not expected:
        raise Problem("The shop has no customers: nothing was proved.")
    found = [f"The customer {name} is in the shop only." for name in sorted(expected.keys() - arrived.keys())]
    for name in sorted(expected.keys() & arrived.keys()):
        *details, alone = arrived[name]
        if alone and tuple(details) != expected[name]:
            found.append(f"{name} has {expected[name]} in the shop and {tuple(details)} in the hub.")
    people = len({name for name in expected if name in arrived and arrived[name][2]})
    say(f"  {len(expected)} customers of the shop: e-mail and phone compared, "
        f"{len(expected) - people} of them are the same person as another")
    return _at_most(found)


def sales(shop: Database, company: int, hub: Database, connection: int) -> list[str]:
    """Count and sums of orders by month, currency and status, and of refunds by month and currency."""
    orders = sales_sql.orders_in_shop(shop, company)
    refunds = sales_sql.refunds_in_shop(shop, company)
    if not orders:
        raise Problem("The shop has no orders: nothing was proved.")
    found = _sums("orders", orders, sales_sql.orders_in_hub(hub, connection))
    found += _sums("refunds", refunds, sales_sql.refunds_in_hub(hub, connection))
    found += [f"{number} is {total} with {tax} of tax in the hub, and the shop states {gross} with {stated}."
              for number, total, gross, tax, stated in sales_sql.differing_in_hub(hub, connection)]
    count = sum(row[0] for row in orders.values())
    say(f"  {count} orders and {sum(row[0] for row in refunds.values())} refunds of the shop: "
        "count, gross, net and tax by month, currency and status compared")
    totals: dict[tuple[str, str], list[Any]] = {}
    for (_month, currency, status), amounts in sorted(orders.items()):
        known = totals.get((currency, status), [0] * len(amounts))
        totals[currency, status] = [one + other for one, other in zip(known, amounts, strict=True)]
    for (currency, status), (number, gross, net, tax) in sorted(totals.items()):
        say(f"    {currency} {status:<10} {number:>5} orders  gross {gross:>13}  net {net:>13}  tax {tax:>11}")
    return _at_most(found)


def _sums(what: str, shop: sales_sql.Sums, hub: sales_sql.Sums) -> list[str]:
    return [
        f"{what} of {', '.join(key)}: {tuple(map(str, shop.get(key, ())))} in the shop and "
        f"{tuple(map(str, hub.get(key, ())))} in the hub."
        for key in sorted(shop.keys() | hub.keys()) if shop.get(key) != hub.get(key)
    ]  # fmt: skip


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict):
        return expected.keys() == found.keys() and all(_same(expected[key], found[key]) for key in expected)
    if isinstance(expected, float) and isinstance(found, float):
        return abs(expected - found) < 1e-6
    return expected == found


def _at_most(found: list[str]) -> list[str]:
    if len(found) > _SHOWN:
        found[_SHOWN:] = [f"... and {len(found) - _SHOWN} further differences."]
    return found
