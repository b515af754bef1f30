"""Which fields are read of each model. What a version lacks is left out: `fields_get` tells what there is.

Renamed over the versions: tracked is `is_storable` (18+) or `type == 'product'`; a combo's parts are `product.combo`
(18+) or `pos.combo` (17); a unit's conversion is `relative_uom_id` (19+) or its category (≤18); online is
`is_published` or `website_published`; tags exist from 16 on.
"""

from __future__ import annotations

from typing import Any

from ...errors import Refused
from .rpc import Rpc

TEMPLATE = (
    "name type detailed_type is_storable list_price currency_id cost_currency_id categ_id uom_id taxes_id active "
    "sale_ok description_sale is_published website_published product_tag_ids combo_ids weight_uom_name write_date "
    "product_template_image_ids"
).split()
VARIANT = (
    "product_tmpl_id default_code barcode active lst_price standard_price weight write_date "
    "product_template_attribute_value_ids"
).split()
ATTRIBUTE_VALUE = "name product_tmpl_id attribute_id attribute_line_id price_extra ptav_active".split()
ATTRIBUTE = "name create_variant display_type".split()
UNIT = "name factor relative_uom_id category_id uom_type".split()
TAX = "name amount amount_type price_include type_tax_use active children_tax_ids country_code".split()
RULE = (
    "pricelist_id applied_on product_tmpl_id product_id categ_id min_quantity date_start date_end compute_price base "
    "base_pricelist_id fixed_price percent_price price_discount price_round price_surcharge price_min_margin "
    "price_max_margin"
).split()
WAREHOUSE = "name active view_location_id".split()
POINT_OF_SALE = "name active currency_id picking_type_id".split()
COMBO = "name base_price qty_free qty_max write_date".split()

# Model of a combo: its field with the parts, their model, and the part's extra price.
COMBO_PARTS = {
    "product.combo": ("combo_item_ids", "product.combo.item", "extra_price"),
    "pos.combo": ("combo_line_ids", "pos.combo.line", "combo_price"),
}


class Rows:
    """Reads rows with those of the wanted fields that exist."""

    def __init__(self, rpc: Rpc):
        self._rpc = rpc

    def names(self, model: str, wanted: list[str]) -> list[str]:
        found = self._rpc.fields(model, wanted)
        return [name for name in wanted if name in found]

    def has(self, model: str, name: str) -> bool:
        return name in self._rpc.fields(model, [name])

    def read(self, model: str, domain: list[Any], wanted: list[str], **options: Any) -> list[dict[str, Any]]:
        """Rows of a domain, archived ones too; none where the model does not exist."""
        names = self.names(model, wanted)
        if not names:
            return []
        if options:
            return self._rpc.search_read(model, domain, names, **options)
        return list(self._rpc.read_all(model, domain, names))

    def allowed(self, model: str, domain: list[Any], wanted: list[str], **options: Any) -> list[dict[str, Any]]:
        """As `read`; none, too, where the key's user may not read the model."""
        try:
            return self.read(model, domain, wanted, **options)
        except Refused as failure:
            if failure.code != "forbidden":
                raise
            return []

    def by_id(self, model: str, ids: set[int], wanted: list[str]) -> dict[int, dict[str, Any]]:
        if not ids:
            return {}
        return {row["id"]: row for row in self.read(model, [("id", "in", sorted(ids))], wanted)}
