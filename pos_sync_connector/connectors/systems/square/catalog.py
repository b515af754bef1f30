"""Square's catalogue as `Product` records: an ITEM is a product, its ITEM_VARIATIONs are what is sold and counted.

What an item refers to (categories, modifier lists, options, units, images) is asked for by id, once a connector.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ... import records as rec
from ...errors import NeedsFixing
from ...moments import read_moment, write_moment
from ...pages import Malformed, listed, parse_each
from .api import Api, at, rows
from .units import unit_of
from .values import Row, data_of, money, number, parent_of, stated, text

_MOST_IDS = 1000
_SERVICES = """
    APPOINTMENTS_SERVICE EVENT DIGITAL DONATION LEGACY_SQUARE_ONLINE_SERVICE LEGACY_SQUARE_ONLINE_MEMBERSHIP
""".split()
_KINDS = {"GIFT_CARD": rec.ProductKind.GIFT_CARD, **dict.fromkeys(_SERVICES, rec.ProductKind.SERVICE)}


class CatalogReader:
    """Reads for one connection; what its products refer to is kept."""

    def __init__(self, api: Api):
        self._api = api
        self._known: dict[str, Row] = {}

    # Pages

    def search(self, types: list[str], position: str, since: datetime | None, limit: int) -> dict[str, Any]:
        """One page of objects; since a moment also those that were deleted."""
        body: dict[str, Any] = {"object_types": types, "limit": limit}
        if since:
            body |= {"begin_time": write_moment(since), "include_deleted_objects": True}
        return self._api.ask("v2/catalog/search", at(position, body), "objects", "related_objects", "latest_time")

    def page(self, answer: Row) -> dict[str, Any]:
        """The products of a page, those of variations that changed by themselves too."""
        found = rows(answer, "objects")
        items = {row["id"]: row for row in found if row["type"] == "ITEM"}
        owners = {
            row["item_variation_data"].get("item_id") for row in found if row["type"] == "ITEM_VARIATION"
        } - {None, *items}
        items |= {row["id"]: row for row in self.objects(sorted(owners)) if not row.get("is_deleted")}
        gone = tuple(key for key, row in items.items() if row.get("is_deleted"))
        records, malformed = self.products(row for key, row in items.items() if key not in gone)
        return {"records": records, "malformed": malformed, "deleted": gone}

    def products(self, items: Iterable[Row]) -> tuple[tuple[rec.Product, ...], tuple[Any, ...]]:
        items = list(items)
        self._learn(_references(items))
        return parse_each(items, self._product, lambda item: item["id"])

    def get(self, external_id: str) -> rec.Product | None:
        """The product with that id, or of the variation with that id."""
        row = next(iter(self.objects([external_id])), None)
        if row and row["type"] == "ITEM_VARIATION":
            row = next(iter(self.objects([row["item_variation_data"]["item_id"]])), None)
        if not row or row["type"] != "ITEM" or row.get("is_deleted"):
            return None
        records, malformed = self.products([row])
        if malformed:
            raise malformed[0].failure
        return records[0]

    def objects(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        return self._api.each("v2/catalog/batch-retrieve", "objects", ids, _MOST_IDS, "object_ids")

    def all(self, kind: str) -> Iterator[Row]:
        """All objects of a type, deleted ones too: what was sold with them still names them."""
        body = {"object_types": [kind], "include_deleted_objects": True}
        return self._api.every(
            lambda position: self._api.ask("v2/catalog/search", at(position, body), "objects", "latest_time"), "objects"
        )

    def tax_rates(self) -> Iterator[rec.TaxRate | Malformed]:
        return listed(self.all("TAX"), self._tax_rate, lambda row: row["id"])

    def _tax_rate(self, row: Row) -> rec.TaxRate:
        data = row.get("tax_data") or {}
        return rec.TaxRate(
            external_id=row["id"],
            name=text(data.get("name")) or row["id"],
            rate=number(data.get("percentage")),
            inclusive=data.get("inclusion_type") == "INCLUSIVE",
            archived=bool(row.get("is_deleted")) or data.get("enabled") is False,
            raw=row,
        )

    def _learn(self, ids: set[str]) -> None:
        """Reads what is not known yet, and what that refers to."""
        while missing := sorted(ids - set(self._known)):
            found = {row["id"]: row for row in self.objects(missing)}
            # What is gone is known to be so, and not asked for again.
            self._known |= {key: found.get(key, {}) for key in missing}
            ids = {parent_of(data_of(row, "category")) for row in found.values()} - {""}

    # Records

    def _product(self, item: Row) -> rec.Product:
        data = item["item_data"]
        variations = sorted(
            (row for row in data.get("variations") or () if not row.get("is_deleted")),
            key=lambda row: row["item_variation_data"].get("ordinal") or 0,
        )
        units = {row["item_variation_data"].get("measurement_unit_id") for row in variations}
        if len(units) > 1:
            raise NeedsFixing(
                f"The variations of “{text(data.get('name'))}” are sold by different units, which a product in Odoo "
                "can't be. Make them items of their own in Square.",
                code="mixed-units",
                trace="mixed-units",
            )
        return rec.Product(
            external_id=item["id"],
            name=text(data.get("name")) or item["id"],
            kind=_KINDS.get(data.get("product_type") or "", rec.ProductKind.GOODS),
            description=text(data.get("description_html") or data.get("description")),
            category=self._category(data),
            images=self._images(data),
            variants=tuple(self._variant(row, data, single=len(variations) == 1) for row in variations),
            tax_ids=tuple(data.get("tax_ids") or ()),
            unit=unit_of(data_of(self._known.get(next(iter(units), None) or "", {}), "measurement_unit")),
            tracked=any(_is_tracked(row["item_variation_data"]) for row in variations),
            modifiers=tuple(self._modifier_groups(data)),
            archived=bool(data.get("is_archived")) or _is_nowhere(item),
            updated_at=max(
                filter(None, (read_moment(row.get("updated_at")) for row in (item, *variations))), default=None
            ),
            raw=item,
        )

    def _variant(self, row: Row, item: Row, *, single: bool) -> rec.Variant:
        data = row["item_variation_data"]
        options = tuple(self._options(data))
        if not options and not single:
            # Variations without item options differ by their names alone.
            options = (rec.OptionValue(option="Variation", value=text(data.get("name")) or row["id"]),)
        places = [
            (text(place["location_id"]), place["price_money"])
            for place in data.get("location_overrides") or ()
            if place.get("price_money")
        ]
        own = [("", data["price_money"])] if data.get("price_money") else []
        images = self._images(data)
        costs = (vendor.get("unit_cost_money") for vendor in data.get("vendor_information") or ())
        cost = next(filter(None, costs), None)
        return rec.Variant(
            external_id=row["id"],
            name=text(data.get("name")),
            sku=text(data.get("sku")),
            barcode=text(data.get("upc")),
            options=options,
            cost=stated(cost),
            cost_currency=text((cost or {}).get("currency")),
            archived=_is_nowhere(row),
            prices=tuple(
                rec.Price(level=level, amount=money(price), currency=text(price.get("currency")))
                for level, price in (*own, *places)
            ),
            open_price=data.get("pricing_type") == "VARIABLE_PRICING",
            image=images[0] if images else None,
        )

    def _options(self, data: Row) -> Iterator[rec.OptionValue]:
        for chosen in data.get("item_option_values") or ():
            option = data_of(self._known.get(chosen["item_option_id"], {}), "item_option")
            values = {
                value["id"]: (place, data_of(value, "item_option_value"))
                for place, value in enumerate(option.get("values") or ())
            }
            place, value = values.get(chosen["item_option_value_id"], (0, {}))
            yield rec.OptionValue(
                option=text(option.get("display_name") or option.get("name")) or chosen["item_option_id"],
                value=text(value.get("name")) or chosen["item_option_value_id"],
                position=place,
            )

    def _modifier_groups(self, item: Row) -> Iterator[rec.ModifierGroup]:
        for info in item.get("modifier_list_info") or ():
            group = data_of(self._known.get(info["modifier_list_id"], {}), "modifier_list")
            # Lists of another type ask for a text at the till.
            if not group or info.get("enabled") is False or group.get("modifier_type") == "TEXT":
                continue
            most = _limit("max", info, group)
            if most is None and group.get("selection_type") == "SINGLE":
                most = 1
            yield rec.ModifierGroup(
                external_id=info["modifier_list_id"],
                name=text(group.get("name")) or info["modifier_list_id"],
                minimum=_limit("min", info, group) or 0,
                maximum=most,
                modifiers=tuple(
                    rec.Modifier(
                        external_id=row["id"],
                        name=text(data_of(row, "modifier").get("name")) or row["id"],
                        price=money(data_of(row, "modifier").get("price_money")),
                    )
                    for row in group.get("modifiers") or ()
                    if not row.get("is_deleted")
                ),
            )

    def _category(self, item: Row) -> tuple[str, ...]:
        """From the top category down to the one that reports go by."""
        chosen = item.get("reporting_category") or next(iter(item.get("categories") or ()), None) or {}
        key, path = chosen.get("id") or item.get("category_id"), []
        while key and key in self._known and key not in [seen for seen, _name in path]:
            data = data_of(self._known[key], "category")
            path.append((key, text(data.get("name"))))
            key = parent_of(data)
        return tuple(name for _key, name in reversed(path) if name)

    def _images(self, data: Row) -> tuple[rec.Image, ...]:
        found = ((key, data_of(self._known.get(key, {}), "image")) for key in data.get("image_ids") or ())
        return tuple(rec.Image(url=text(image["url"]), checksum=key) for key, image in found if image.get("url"))


def _limit(name: str, *places: Row) -> int | None:
    """How many modifiers are taken: as the item says, else the list; -1 says nothing."""
    found = (place.get(f"{name}_selected_modifiers") for place in places)
    return next((value for value in found if value not in (None, -1)), None)


def _is_nowhere(row: Row) -> bool:
    """Whether no location sells it."""
    return row.get("present_at_all_locations") is False and not row.get("present_at_location_ids")


def _is_tracked(variation: Row) -> bool:
    overrides = variation.get("location_overrides") or ()
    return bool(variation.get("track_inventory") or any(place.get("track_inventory") for place in overrides))


def _references(items: Iterable[Row]) -> set[str]:
    """Ids of what items refer to by id, as far as products name it."""
    found: set[str | None] = set()
    for item in items:
        data: Mapping[str, Any] = item.get("item_data") or {}
        found |= {info.get("modifier_list_id") for info in data.get("modifier_list_info") or ()}
        found |= {data.get("category_id"), (data.get("reporting_category") or {}).get("id")}
        found |= {row.get("id") for row in (data.get("categories") or ())[:1]}
        for part in (data, *(data_of(row, "item_variation") for row in data.get("variations") or ())):
            found |= {*(part.get("image_ids") or ()), part.get("measurement_unit_id")}
            found |= {chosen.get("item_option_id") for chosen in part.get("item_option_values") or ()}
    return {key for key in found if key}
