"""Templates of Odoo with their variants as `Product` records, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...lazy import cached_property
from ...pages import Malformed, parse_each
from . import fields
from .pricelist import Priced, Pricelist
from .rpc import Rpc
from .units import read_units
from .values import decimal, key, moment, number, text, wire

_KINDS = {
    "consu": rec.ProductKind.GOODS,
    "product": rec.ProductKind.GOODS,
    "service": rec.ProductKind.SERVICE,
    "combo": rec.ProductKind.COMBO,
}
_KILOGRAMS = {"lb": Decimal("0.45359237")}
_IMAGE_FIELDS = {
    "product.template": "image_1920",
    "product.product": "image_variant_1920",
    "product.image": "image_1920",
}


@dataclass(slots=True)
class Page:
    """What one page of templates needs beside their rows, by id."""

    variants: dict[int, list[dict[str, Any]]]
    values: dict[int, dict[str, Any]]
    value_ranks: dict[int, int]
    prices: dict[int, Decimal]
    checksums: dict[tuple[str, int], str]
    choices: dict[int, rec.ComboChoice]
    additions: dict[int, list[rec.ModifierGroup]] = field(default_factory=dict)


class ProductReader:
    """Reads products for one connection. `price_level` is a pricelist id or 0. What all pages share is read once."""

    def __init__(self, rpc: Rpc, price_level: int):
        self._rpc = rpc
        self._price_level = price_level
        self._rows = fields.Rows(rpc)

    def changed(self, since: datetime, now: datetime) -> list[Any]:
        """A domain on product.template: what was modified since, itself or in what belongs to it."""
        recent = (">=", wire(since))
        parts = [[("write_date", *recent)], [("product_variant_ids.write_date", *recent)]]
        for path in (
            "attribute_line_ids.product_template_value_ids.write_date",
            "attribute_line_ids.value_ids.write_date",
            "attribute_line_ids.attribute_id.write_date",
            "categ_id.write_date",
            "uom_id.write_date",
        ):
            parts.append([(path, *recent)])
        for name, inner in (("combo_ids", self._combo_parts[0]), ("product_tag_ids", "")):
            if self._rows.has("product.template", name):
                parts.append([(f"{name}.write_date", *recent)])
                if inner:
                    parts.append([(f"{name}.{inner}.write_date", *recent)])
        if self.pricelist:
            priced = self.pricelist.changed(since, now)
            if priced == []:
                return []
            if priced:
                parts.append(priced)
        return ["|"] * (len(parts) - 1) + [leaf for part in parts for leaf in part]

    def read(self, ids: Iterable[int], now: datetime) -> tuple[tuple[rec.Product, ...], tuple[Malformed, ...]]:
        """The products of these templates, in the order of their ids."""
        templates = self._rows.read("product.template", [("id", "in", list(ids))], fields.TEMPLATE)
        if not templates:
            return (), ()
        page = self._read_page(templates, now)
        # Odoo makes some variants only when they are first sold: a product without any is nothing to pull yet.
        payloads = [
            {"template": row, "variants": page.variants[row["id"]]} for row in templates if page.variants[row["id"]]
        ]
        return parse_each(
            payloads,
            lambda payload: self._product(payload["template"], payload["variants"], page, payload),
            lambda payload: key("template", payload["template"]["id"]),
        )

    def image(self, url: str) -> tuple[str, int, str] | None:
        """Model, id and field of an image that this reader named."""
        model, _, rest = url.partition("/web/image/")[2].partition("/")
        tail = rest.split("/")
        return (model, int(tail[0]), _IMAGE_FIELDS[model]) if model in _IMAGE_FIELDS and tail[0].isdigit() else None

    # What all pages share

    @cached_property
    def pricelist(self) -> Pricelist | None:
        return Pricelist(self._rpc, self._price_level) if self._price_level else None

    @cached_property
    def units(self) -> dict[int, rec.Unit]:
        return read_units(self._rows)

    @cached_property
    def currencies(self) -> dict[int, str]:
        return {row["id"]: row["name"] for row in self._rpc.read_all("res.currency", [], ["name"])}

    @cached_property
    def _categories(self) -> dict[int, tuple[tuple[int, str], ...]]:
        """The path from the root to each category, as pairs of id and name."""
        rows = {row["id"]: row for row in self._rpc.read_all("product.category", [], ["name", "parent_id"])}

        def path(category: int) -> tuple[tuple[int, str], ...]:
            row = rows.get(category)
            return (*path(row["parent_id"]), (category, row["name"])) if row else ()

        return {category: path(category) for category in rows}

    @cached_property
    def _tags(self) -> dict[int, str]:
        return {row["id"]: row["name"] for row in self._rows.read("product.tag", [], ["name"])}

    @cached_property
    def _attributes(self) -> dict[int, dict[str, Any]]:
        return {row["id"]: row for row in self._rows.read("product.attribute", [], fields.ATTRIBUTE)}

    @cached_property
    def _combo_model(self) -> str:
        field_info = self._rpc.fields("product.template", ["combo_ids"]).get("combo_ids", {})
        return field_info.get("relation", "")

    @property
    def _combo_parts(self) -> tuple[str, str, str]:
        return fields.COMBO_PARTS.get(self._combo_model, ("", "", ""))

    # What a page needs

    def _read_page(self, templates: list[dict[str, Any]], now: datetime) -> Page:
        ids = [row["id"] for row in templates]
        variants = defaultdict(list)
        rows = self._rows.read("product.product", [("product_tmpl_id", "in", ids)], fields.VARIANT)
        for row in rows:
            variants[row["product_tmpl_id"]].append(row)
        # Odoo's own order of these is: attribute line, then value.
        values = self._rows.read(
            "product.template.attribute.value",
            [("product_tmpl_id", "in", ids)],
            fields.ATTRIBUTE_VALUE,
            order="attribute_line_id, product_attribute_value_id, id",
        )
        page = Page(
            variants=variants,
            values={row["id"]: {**row, "place": place} for place, row in enumerate(values)},
            value_ranks=_ranks(values),
            prices=self._prices(templates, variants, now),
            checksums=self._read_checksums(templates, rows),
            choices=self._read_choices(templates),
        )
        page.additions = self._additions(values)
        return page

    def _prices(self, templates: list[dict], variants: dict[int, list[dict]], now: datetime) -> dict[int, Decimal]:
        if not self.pricelist:
            return {}
        priced = [
            Priced(
                variant_id=variant["id"],
                template_id=template["id"],
                category_ids=tuple(category for category, _name in self._categories.get(template["categ_id"], ())),
                list_price=decimal(variant["lst_price"]),
                list_currency=template["currency_id"],
                cost=decimal(variant.get("standard_price")),
                cost_currency=template["cost_currency_id"],
            )
            for template in templates
            for variant in variants[template["id"]]
        ]
        return self.pricelist.prices(priced, now) if priced else {}

    def _read_checksums(self, templates: list[dict], variants: list[dict]) -> dict[tuple[str, int], str]:
        """Checksum by model and id of the records that have an image."""
        ids = {row["id"] for row in (*templates, *variants)}
        ids.update(number for row in templates for number in row.get("product_template_image_ids") or ())
        # One question for all models: an answer for an id that was meant for another model does no harm.
        domain = [
            ("res_model", "in", sorted(_IMAGE_FIELDS)),
            ("res_field", "in", sorted(set(_IMAGE_FIELDS.values()))),
            ("res_id", "in", sorted(ids)),
        ]
        rows = self._rpc.read_all("ir.attachment", domain, ["res_model", "res_id", "checksum"])
        return {(row["res_model"], row["res_id"]): text(row["checksum"]) for row in rows}

    def _read_choices(self, templates: list[dict]) -> dict[int, rec.ComboChoice]:
        ids = {number for row in templates for number in row.get("combo_ids") or ()}
        inner, part_model, extra = self._combo_parts
        combos = self._rows.by_id(self._combo_model, ids, fields.COMBO) if inner else {}
        if not combos:
            return {}
        items = defaultdict(list)
        for row in self._rows.read(part_model, [("combo_id", "in", sorted(combos))], ["combo_id", "product_id", extra]):
            item = rec.ComboItem(variant_id=key("variant", row["product_id"]), extra_price=decimal(row[extra]))
            items[row["combo_id"]].append(item)
        return {number: _choice(row, tuple(items[number])) for number, row in combos.items()}

    def _additions(self, values: list[dict]) -> dict[int, list[rec.ModifierGroup]]:
        """Attributes that make no variants, by template: what is chosen of them is told on the order line only."""
        lines = defaultdict(list)
        for row in values:
            if row.get("ptav_active", True) and self._creates_no_variant(row):
                lines[row["product_tmpl_id"], row["attribute_line_id"]].append(row)
        groups = defaultdict(list)
        for (template, line), rows in lines.items():
            attribute = self._attributes[rows[0]["attribute_id"]]
            many = attribute.get("display_type") == "multi"
            modifiers = tuple(
                rec.Modifier(external_id=key("value", row["id"]), name=row["name"], price=decimal(row["price_extra"]))
                for row in rows
            )
            groups[template].append(
                rec.ModifierGroup(
                    external_id=key("line", line),
                    name=attribute["name"],
                    minimum=0 if many else 1,
                    maximum=None if many else 1,
                    modifiers=modifiers,
                )
            )
        return groups

    def _creates_no_variant(self, value: dict) -> bool:
        return self._attributes.get(value["attribute_id"], {}).get("create_variant") == "no_variant"

    # Records

    def _product(self, row: dict, variants: list[dict], page: Page, payload: dict) -> rec.Product:
        kind = row.get("detailed_type") or row["type"]
        moments = [moment(item["write_date"]) for item in (row, *variants) if item["write_date"]]
        return rec.Product(
            external_id=key("template", row["id"]),
            name=row["name"],
            kind=_KINDS.get(kind, rec.ProductKind.GOODS),
            description=text(row["description_sale"]),
            category=tuple(name for _id, name in self._categories.get(row["categ_id"], ())),
            tags=tuple(self._tags[tag] for tag in row.get("product_tag_ids") or () if tag in self._tags),
            images=tuple(self._images(row, page)),
            variants=tuple(self._variant(item, row, page) for item in variants),
            tax_ids=tuple(key("tax", tax) for tax in row["taxes_id"]) if "taxes_id" in row else (),
            unit=self.units.get(row["uom_id"]),
            tracked=bool(row["is_storable"]) if "is_storable" in row else kind == "product",
            sellable_online=self._online(row),
            combos=tuple(page.choices[number] for number in row.get("combo_ids") or () if number in page.choices),
            modifiers=tuple(page.additions.get(row["id"], ())),
            archived=not row["active"],
            updated_at=max((item for item in moments if item), default=None),
            raw=payload,
        )

    def _variant(self, row: dict, template: dict, page: Page) -> rec.Variant:
        currency = self.currencies[template["currency_id"]]
        prices = [rec.Price(amount=decimal(row["lst_price"]), currency=currency)]
        if self.pricelist:
            level = key("pricelist", self._price_level)
            listed = self.currencies[self.pricelist.currency_id]
            prices.append(rec.Price(level=level, amount=page.prices[row["id"]], currency=listed))
        weight = decimal(row["weight"]) * _KILOGRAMS.get(text(template.get("weight_uom_name")), Decimal(1))
        return rec.Variant(
            external_id=key("variant", row["id"]),
            sku=text(row["default_code"]),
            barcode=text(row["barcode"]),
            options=self._options(row["product_template_attribute_value_ids"], page),
            cost=decimal(row["standard_price"]) if "standard_price" in row else None,
            cost_currency=self.currencies[template["cost_currency_id"]] if "standard_price" in row else "",
            prices=tuple(prices),
            weight=weight or None,
            image=self._image("product.product", row["id"], page),
            archived=not row["active"],
        )

    def _options(self, values: list[int], page: Page) -> tuple[rec.OptionValue, ...]:
        return tuple(
            rec.OptionValue(
                option=self._attributes[row["attribute_id"]]["name"],
                value=row["name"],
                position=page.value_ranks[row["id"]],
            )
            for row in sorted((page.values[value] for value in values), key=lambda row: row["place"])
        )

    def _images(self, row: dict, page: Page) -> Iterable[rec.Image]:
        owners = [("product.template", row["id"])]
        owners += [("product.image", number) for number in row.get("product_template_image_ids") or ()]
        return [image for owner in owners if (image := self._image(*owner, page))]

    def _image(self, model: str, number: int, page: Page) -> rec.Image | None:
        checksum = page.checksums.get((model, number))
        if checksum is None:
            return None
        return rec.Image(url=f"/web/image/{model}/{number}/{_IMAGE_FIELDS[model]}", checksum=checksum)

    def _online(self, row: dict) -> bool | None:
        published = row.get("is_published", row.get("website_published"))
        return None if published is None else bool(published and row["sale_ok"])


def _ranks(values: list[dict[str, Any]]) -> dict[int, int]:
    """The place of each value among those of its attribute line."""
    seen: dict[int, int] = defaultdict(int)
    ranks = {}
    for row in values:
        ranks[row["id"]] = seen[row["attribute_line_id"]]
        seen[row["attribute_line_id"]] += 1
    return ranks


def _choice(row: dict[str, Any], items: tuple[rec.ComboItem, ...]) -> rec.ComboChoice:
    """A point of sale asks for `qty_free` items at least and allows `qty_max`; elsewhere exactly one is chosen."""
    return rec.ComboChoice(
        external_id=key("combo", row["id"]),
        name=row["name"],
        items=items,
        base_price=decimal(row["base_price"]),
        minimum=decimal(row.get("qty_free", 1)),
        maximum=decimal(row.get("qty_max", 1)),
    )


def product_of(rpc: Rpc, external_id: str) -> int | None:
    """The template id that an external id of a product or of a variant names."""
    template = number("template", external_id)
    if template is not None:
        return template
    variant = number("variant", external_id)
    if variant is None:
        return None
    rows = rpc.search_read("product.product", [("id", "=", variant)], ["product_tmpl_id"])
    return rows[0]["product_tmpl_id"] if rows else None
