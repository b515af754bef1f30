"""Shopify's products as `Product` records: variants with their options, pictures, bundles."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...markup import plain
from ...moments import read_moment
from ...pages import parse_each
from ...passes import Part
from .api import Api, since_text
from .values import Row, gid, is_key, key_of, nodes, number, text

_VARIANT = """
  id title sku barcode price updatedAt selectedOptions { name value }
  inventoryItem { id tracked unitCost { amount currencyCode } measurement { weight { unit value } } }
  media(first: 1) { nodes { ... on MediaImage { image { url } } } }
"""
_BUNDLE = """
  quantity optionSelections { values { value selectionStatus } }
  componentProduct { id title } componentVariants(first: 50) { nodes { id } }
"""
_PRODUCT = f"""
  id title status vendor productType tags descriptionHtml updatedAt hasOnlyDefaultVariant isGiftCard publishedAt
  hasVariantsThatRequiresComponents category {{ fullName }}
  options {{ name position values }}
  media(first: 10) {{ nodes {{ ... on MediaImage {{ image {{ url }} }} }} }}
  bundleComponents(first: 5) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {_BUNDLE} }} }}
  variants(first: 50) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {_VARIANT} }} }}
"""
PRODUCTS = f"""
query Products($first: Int!, $after: String, $search: String) {{
  products(first: $first, after: $after, query: $search, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }} nodes {{ {_PRODUCT} }} }} }}
"""
_ONE = f"query Product($id: ID!) {{ product(id: $id) {{ {_PRODUCT} }} }}"
_OF_VARIANT = f"query ProductOfVariant($id: ID!) {{ productVariant(id: $id) {{ product {{ {_PRODUCT} }} }} }}"
_GONE = ("ARCHIVED",)
# Kilograms in one of Shopify's units.
_WEIGHTS = {
    "KILOGRAMS": Decimal(1),
    "GRAMS": Decimal("0.001"),
    "POUNDS": Decimal("0.45359237"),
    "OUNCES": Decimal("0.028349523125"),
}


class CatalogReader:
    """Reads for one connection. `shop` gives its currency and whether prices hold the tax."""

    def __init__(self, api: Api, shop: Callable[[], Row]):
        self._api = api
        self._shop = shop

    def part(self, since: Any, limit: int) -> Part:
        return self._api.part(PRODUCTS, ("products",), limit, self.page, search=since_text(since))

    def page(self, answer: Row) -> dict[str, Any]:
        records, malformed = parse_each(answer.get("nodes") or (), self.product, key_of)
        return {"records": records, "malformed": malformed}

    def get(self, external_id: str) -> rec.Product | None:
        if not is_key(external_id):
            return None
        row = self._api.ask(_ONE, id=gid("Product", external_id)).get("product")
        if not row:
            found = self._api.ask(_OF_VARIANT, id=gid("ProductVariant", external_id)).get("productVariant")
            row = (found or {}).get("product")
        return self.product(row) if row else None

    def product(self, row: dict[str, Any]) -> rec.Product:
        self._api.complete(row, "Product", "variants", _VARIANT)
        self._api.complete(row, "Product", "bundleComponents", _BUNDLE)
        shop = self._shop()
        options = {text(item["name"]): list(item.get("values") or ()) for item in row.get("options") or ()}
        variants = nodes(row, "variants")
        combos = tuple(self._choice(row, place, item) for place, item in enumerate(nodes(row, "bundleComponents")))
        category = text((row.get("category") or {}).get("fullName")) or text(row.get("productType"))
        return rec.Product(
            external_id=key_of(row),
            name=text(row["title"]),
            kind=_kind(row, combos),
            description=plain(text(row.get("descriptionHtml"))),
            category=tuple(filter(None, category.split(" > "))),
            brand=text(row.get("vendor")),
            tags=tuple(map(text, row.get("tags") or ())),
            images=tuple(_images(row)),
            variants=tuple(_variant(item, row, options, text(shop["currencyCode"])) for item in variants),
            price_includes_tax=bool(shop.get("taxesIncluded")),
            tracked=any((item.get("inventoryItem") or {}).get("tracked") for item in variants),
            sellable_online=row.get("status") == "ACTIVE" and bool(row.get("publishedAt")),
            combos=combos,
            archived=row.get("status") in _GONE,
            updated_at=read_moment(row.get("updatedAt")),
            raw=row,
        )

    def _choice(self, row: Row, place: int, item: Row) -> rec.ComboChoice:
        """A component of a bundle: so many of it, in one of the variants that the bundle takes."""
        many = number(item.get("quantity") or 1)
        component = item["componentProduct"]
        return rec.ComboChoice(
            external_id=f"{key_of(row)}:{key_of(component)}:{place}",
            name=text(component.get("title")),
            items=tuple(rec.ComboItem(variant_id=key_of(variant)) for variant in nodes(item, "componentVariants")),
            minimum=many,
            maximum=many,
        )


def _kind(row: Row, combos: tuple[rec.ComboChoice, ...]) -> rec.ProductKind:
    if row.get("isGiftCard"):
        return rec.ProductKind.GIFT_CARD
    return rec.ProductKind.COMBO if combos else rec.ProductKind.GOODS


def _variant(row: Row, product: Row, options: dict[str, list[str]], currency: str) -> rec.Variant:
    item = row.get("inventoryItem") or {}
    cost = item.get("unitCost")
    weight = (item.get("measurement") or {}).get("weight")
    chosen = () if product.get("hasOnlyDefaultVariant") else row.get("selectedOptions") or ()
    return rec.Variant(
        external_id=key_of(row),
        name="" if product.get("hasOnlyDefaultVariant") else text(row.get("title")),
        sku=text(row.get("sku")),
        barcode=text(row.get("barcode")),
        options=tuple(
            rec.OptionValue(
                option=text(option["name"]),
                value=text(option["value"]),
                position=_place(options.get(text(option["name"]), []), option["value"]),
            )
            for option in chosen
        ),
        cost=number(cost["amount"]) if cost else None,
        cost_currency=text(cost["currencyCode"]) if cost else "",
        prices=(rec.Price(amount=number(row["price"]), currency=currency),),
        weight=number(weight["value"]) * _WEIGHTS[weight["unit"]] if weight and weight.get("value") else None,
        image=next(iter(_images(row)), None),
    )


def _place(values: list[str], value: str) -> int:
    return values.index(value) if value in values else len(values)


def _images(row: Row) -> list[rec.Image]:
    """Pictures; films and models have no `image`. Their address changes with their content."""
    urls = [text((item.get("image") or {}).get("url")) for item in nodes(row, "media")]
    return [rec.Image(url=url, checksum=url.rpartition("?")[2]) for url in urls if url]
