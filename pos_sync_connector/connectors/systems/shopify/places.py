"""A shop of Shopify's and its locations, as what a connection is set up with."""

from __future__ import annotations

from ... import records as rec
from ...pages import indexed
from .api import Api
from .values import Row, key_of, text

SHOP = """
query Shop {
  shop { id name myshopifyDomain currencyCode ianaTimezone taxesIncluded }
  currentAppInstallation { accessScopes { handle } } }
"""
_LOCATIONS = """
query Locations($first: Int!, $after: String) {
  locations(first: $first, after: $after, includeInactive: true) {
    pageInfo { hasNextPage endCursor } nodes { id name isActive fulfillsOnlineOrders } } }
"""


def listed(api: Api) -> dict[str, Row]:
    """The rows by their numbers."""
    return indexed(
        api.every(_LOCATIONS, "locations"), key_of, lambda row: {**row, "isActive": bool(row["isActive"])}
    )


def location(row: Row, shop: Row) -> rec.Location:
    """All are in the shop's own time zone and currency."""
    return rec.Location(
        external_id=key_of(row),
        name=text(row["name"]),
        timezone=text(shop.get("ianaTimezone")),
        currency=text(shop["currencyCode"]),
        archived=not row["isActive"],
        raw=row,
    )
