"""What a shop sells: items with variations, options, modifiers, taxes, units and pictures, and how many are there."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]

NAMES = """
    Espresso Flat~White Crème~brûlée Bagel Croissant Jalapeño~Dip Oat~Cookie Chai Cold~Brew Smørrebrød Granola Muffin
    Lemonade Panini Quiche Ramen Scone Tea Umami~Bowl Waffle
""".split()
SIZES = ("Small", "Medium", "Large")
COLOURS = ("Red", "Grün", "Blue")


def make_catalogue(random: Random, count: int, places: list[Row], until: datetime) -> list[Row]:
    """Catalogue objects; the last change of each lies within the year before `until`."""
    maker = _Maker(random, places, until)
    maker.reference()
    for number in range(count):
        maker.item(number)
    return maker.objects


def make_counts(random: Random, objects: list[Row], places: list[Row], until: datetime) -> list[Row]:
    """A count of each tracked variation at each place."""
    return [
        {
            "catalog_object_id": variation["id"],
            "catalog_object_type": "ITEM_VARIATION",
            "state": "IN_STOCK",
            "location_id": place["id"],
            "quantity": str(random.choice([random.randint(-2, 80), random.randint(0, 800) / 100])),
            "calculated_at": stamp(until - timedelta(minutes=random.randint(60, 50_000))),
        }
        for item in objects
        if item["type"] == "ITEM" and not item["is_deleted"]
        for variation in item["item_data"]["variations"]
        if variation["item_variation_data"]["track_inventory"]
        for place in places
    ]


class _Maker:
    def __init__(self, random: Random, places: list[Row], until: datetime):
        self._random = random
        self._places = places
        self._until = until
        self._currency = places[0]["currency"]
        self.objects: list[Row] = []

    def reference(self) -> None:
        self._add("CATEGORY", "CAT-FOOD", category_data={"name": "Food", "category_type": "REGULAR_CATEGORY"})
        for name in ("Hot", "Cold", "Baked"):
            parent = {"id": "CAT-FOOD", "ordinal": 0}
            data = {"name": name, "category_type": "REGULAR_CATEGORY", "parent_category": parent}
            self._add("CATEGORY", f"CAT-{name.upper()}", category_data=data)
        for key, name, percent, kind in (
            ("TAX-SALES", "Sales Tax", "8.875", "ADDITIVE"),
            ("TAX-CITY", "City Tax", "1.5", "ADDITIVE"),
            ("TAX-VAT", "VAT", "20", "INCLUSIVE"),
        ):
            data = {"name": name, "percentage": percent, "inclusion_type": kind, "enabled": True,
                    "calculation_phase": "TAX_SUBTOTAL_PHASE"}
            self._add("TAX", key, tax_data=data)
        self._add("TAX", "TAX-OLD", tax_data={"name": "Old Tax", "percentage": "7", "inclusion_type": "ADDITIVE",
                                              "enabled": False}, is_deleted=True)
        for key, name, values in (("OPT-SIZE", "Size", SIZES), ("OPT-COLOUR", "Colour", COLOURS)):
            rows = [
                {"type": "ITEM_OPTION_VAL", "id": f"{key}-{place}", "version": 1, "is_deleted": False,
                 "present_at_all_locations": True, "updated_at": stamp(self._until - timedelta(days=300)),
                 "item_option_value_data": {"item_option_id": key, "name": value, "ordinal": place}}
                for place, value in enumerate(values)
            ]
            self._add("ITEM_OPTION", key, item_option_data={"name": name, "display_name": name, "values": rows})
        for key, unit in (
            ("UNIT-OZ", {"weight_unit": "IMPERIAL_WEIGHT_OUNCE", "type": "TYPE_WEIGHT"}),
            ("UNIT-KG", {"weight_unit": "METRIC_KILOGRAM", "type": "TYPE_WEIGHT"}),
        ):
            self._add("MEASUREMENT_UNIT", key, measurement_unit_data={"measurement_unit": unit, "precision": 3})
        modifiers = [
            {"type": "MODIFIER", "id": f"MOD-{name.upper()}", "version": 1, "is_deleted": False,
             "present_at_all_locations": True, "updated_at": stamp(self._until - timedelta(days=300)),
             "modifier_data": {"name": name, "modifier_list_id": "ML-MILK", "ordinal": place,
                               "price_money": self._money(place * 75)}}
            for place, name in enumerate(("Whole", "Oat", "Soy"))
        ]
        self._add("MODIFIER_LIST", "ML-MILK",
                  modifier_list_data={"name": "Milk", "selection_type": "SINGLE", "modifiers": modifiers})  # fmt: skip

    def item(self, number: int) -> None:
        random, key = self._random, f"ITEM-{number:05d}"
        name = f"{NAMES[number % len(NAMES)].replace('~', ' ')} {number}"
        sized = random.random() < 0.4
        several = not sized and random.random() < 0.2
        by_weight = not (sized or several) and random.random() < 0.15
        data: Row = {
            "name": name,
            "description_html": f"<p>{name}</p>",
            "product_type": "FOOD_AND_BEV" if random.random() < 0.5 else "REGULAR",
            "categories": [{"id": random.choice(["CAT-HOT", "CAT-COLD", "CAT-BAKED"]), "ordinal": 0}],
            "tax_ids": random.choice([["TAX-SALES"], ["TAX-SALES", "TAX-CITY"], ["TAX-VAT"], []]),
            "is_archived": random.random() < 0.03,
            "variations": [],
        }
        data["reporting_category"] = dict(data["categories"][0])
        if random.random() < 0.3:
            data["modifier_list_info"] = [{"modifier_list_id": "ML-MILK", "enabled": True}]
        if random.random() < 0.2:
            image = f"IMG-{number:05d}"
            self._add("IMAGE", image, image_data={"name": name, "url": f"{{base}}/images/{image}.png"})
            data["image_ids"] = [image]
        values = SIZES if sized else ("Whole", "Half") if several else ("Regular",)
        if sized:
            data["item_options"] = [{"item_option_id": "OPT-SIZE"}]
        tracked = random.random() < 0.7
        changed = self._changed()
        for place, value in enumerate(values):
            variation: Row = {
                "item_id": key,
                "name": value,
                "ordinal": place,
                "sku": f"SKU-{number:05d}-{place}",
                "pricing_type": "FIXED_PRICING",
                "price_money": self._money(random.randint(50, 4000)),
                "track_inventory": tracked,
                "sellable": True,
                "stockable": True,
            }
            if random.random() < 0.5:
                variation["upc"] = f"{7_100_000_000_000 + number * 10 + place}"
            if random.random() < 0.04 and not sized:
                variation["pricing_type"] = "VARIABLE_PRICING"
                del variation["price_money"]
            elif random.random() < 0.1:
                variation["location_overrides"] = [
                    {"location_id": self._places[-1]["id"], "pricing_type": "FIXED_PRICING",
                     "price_money": self._money(random.randint(50, 4000))}
                ]  # fmt: skip
            if sized:
                variation["item_option_values"] = [
                    {"item_option_id": "OPT-SIZE", "item_option_value_id": f"OPT-SIZE-{place}"}
                ]
            if by_weight:
                variation["measurement_unit_id"] = random.choice(["UNIT-OZ", "UNIT-KG"])
            data["variations"].append(
                {"type": "ITEM_VARIATION", "id": f"VAR-{number:05d}-{place}", "version": 1, "is_deleted": False,
                 "updated_at": changed, "present_at_all_locations": True, "item_variation_data": variation}
            )  # fmt: skip
        self._add("ITEM", key, item_data=data, updated_at=changed, is_deleted=random.random() < 0.02)

    def _add(self, kind: str, key: str, **data: Any) -> None:
        row = {"type": kind, "id": key, "version": 1, "is_deleted": False, "present_at_all_locations": True,
               "updated_at": self._changed()}  # fmt: skip
        self.objects.append({**row, **data})

    def _changed(self) -> str:
        return stamp(self._until - timedelta(minutes=self._random.randint(60, 500_000)))

    def _money(self, amount: int) -> Row:
        return {"amount": amount, "currency": self._currency}


def stamp(moment: datetime) -> str:
    """As Square writes moments; texts of this form sort as their moments do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
