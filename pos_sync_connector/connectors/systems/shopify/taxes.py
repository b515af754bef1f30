"""The taxes that a shop charges. Shopify has no list of them: they are named on orders only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from ... import records as rec
from ...errors import UNREADABLE, Refused
from .api import Api
from .order_lines import rate_of, tax_id
from .values import Row, nodes, text

# Of so many of the newest orders: a shop that sells to many places has many taxes, the rare ones come with their order.
_ORDERS, _A_PAGE = 300, 100
_TAXES = "taxLines { title rate ratePercentage }"
_NEWEST = f"""
query NewestTaxes($first: Int!, $after: String) {{
  orders(first: $first, after: $after, sortKey: CREATED_AT, reverse: true) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ taxesIncluded {_TAXES} additionalFees {{ {_TAXES} }} shippingLines(first: 5) {{ nodes {{ {_TAXES} }} }} }}
  }} }}
"""


def charged(api: Api) -> Iterator[rec.TaxRate]:
    """Those of the newest orders, each once; none for an app that may not see orders."""
    try:
        orders = list(islice(api.every(_NEWEST, "orders", most=_A_PAGE), _ORDERS))
    except Refused as failure:
        if failure.code != "forbidden":
            raise
        return
    found: dict[str, rec.TaxRate] = {}
    for order in orders:
        # One that can't be read says what is wrong with it when it is pulled.
        with suppress(*UNREADABLE):
            for row, inclusive in _of(order):
                key = tax_id(row, inclusive)
                name, rate = text(row["title"]) or key, rate_of(row)
                found[key] = rec.TaxRate(external_id=key, name=name, rate=rate, inclusive=inclusive, from_orders=True)
    yield from found.values()


def _of(order: Row) -> Iterator[tuple[Row, bool]]:
    for part in (order, *(order.get("additionalFees") or ()), *nodes(order, "shippingLines")):
        for row in part.get("taxLines") or ():
            yield row, bool(order.get("taxesIncluded"))
