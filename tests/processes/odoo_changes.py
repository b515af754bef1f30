"""Changes in the shop, made by remote calls as a person's clicks would, and whose products they are seen on."""

from __future__ import annotations

from typing import Any

from connectors.systems.odoo.rpc import Rpc

from .odoo_cases import OTHER_PIXEL


class Changes:
    """Each method changes one thing and returns a domain on product.template: what must come with the next pull."""

    def __init__(self, rpc: Rpc, template_id: int):
        self._rpc = rpc
        self._template = template_id

    def whose(self, domain: list[Any]) -> list[int]:
        """The sold templates of a domain."""
        rows = self._rpc.search_read("product.template", [*domain, ("sale_ok", "=", True)], ["id"])
        return [row["id"] for row in rows]

    def write(self, model: str, number: int, **values: Any) -> int:
        self._rpc.call(model, "write", [number], vals=values, idempotent=False)
        return number

    def one(self, model: str, *domain: Any, order: str = "id") -> int:
        return self._rpc.search_read(model, list(domain), ["id"], order=order, limit=1)[0]["id"]

    def _own(self, model: str, **values: Any) -> list[Any]:
        number = self.one(model, ("product_tmpl_id", "=", self._template), order="id desc")
        self.write(model, number, **values)
        return [("id", "=", self._template)]

    def _used(self, model: str, field: str, path: str, **values: Any) -> list[Any]:
        """Changes a record that the template uses in `field` of its row, and which others may use at `path`."""
        row = self._rpc.search_read("product.template", [("id", "=", self._template)], [field])[0]
        number = row[field] if isinstance(row[field], int) else row[field][0]
        self.write(model, number, **values)
        return [(path, "child_of" if model == "product.category" else "in", [number])]

    def name(self) -> list[Any]:
        return [("id", "=", self.write("product.template", self._template, name="Another name"))]

    def image(self) -> list[Any]:
        return [("id", "=", self.write("product.template", self._template, image_1920=OTHER_PIXEL))]

    def archived(self) -> list[Any]:
        return [("id", "=", self.write("product.template", self._template, active=False))]

    def barcode(self) -> list[Any]:
        return self._own("product.product", barcode="X-1")

    def cost(self) -> list[Any]:
        return self._own("product.product", standard_price=99)

    def extra_price(self) -> list[Any]:
        return self._own("product.template.attribute.value", price_extra=9)

    def value(self) -> list[Any]:
        line = self.one("product.template.attribute.line", ("product_tmpl_id", "=", self._template))
        value = self.one("product.attribute.value", ("pav_attribute_line_ids", "in", [line]))
        self.write("product.attribute.value", value, name="Other")
        return [("attribute_line_ids.value_ids", "in", [value])]

    def attribute(self) -> list[Any]:
        attribute = self.one("product.attribute", ("attribute_line_ids.product_tmpl_id", "=", self._template))
        self.write("product.attribute", attribute, name="Other")
        return [("attribute_line_ids.attribute_id", "in", [attribute])]

    def category(self) -> list[Any]:
        return self._used("product.category", "categ_id", "categ_id", name="Other")

    def tag(self) -> list[Any]:
        return self._used("product.tag", "product_tag_ids", "product_tag_ids", name="Winter")

    def unit(self) -> list[Any]:
        return self._used("uom.uom", "uom_id", "uom_id", name="Douzaine")

    def combo(self) -> list[Any]:
        combo = self.one("product.combo")
        self.write("product.combo", combo, name="Pick one")
        return [("combo_ids", "in", [combo])]

    def combo_item(self) -> list[Any]:
        item = self._rpc.search_read("product.combo.item", [], ["combo_id"], limit=1)[0]
        self.write("product.combo.item", item["id"], extra_price=3.75)
        return [("combo_ids", "in", [item["combo_id"]])]

    def rule(self, pricelist: int, applied_on: str) -> list[Any]:
        """Changes a rule of the pricelist."""
        domain = [("pricelist_id", "=", pricelist), ("applied_on", "=", applied_on)]
        wanted = ["product_tmpl_id", "product_id", "categ_id"]
        rule = self._rpc.search_read("product.pricelist.item", domain, wanted, limit=1)[0]
        self.write("product.pricelist.item", rule["id"], price_surcharge=1, percent_price=8)
        return {
            "0_product_variant": [("product_variant_ids", "in", [rule["product_id"]])],
            "1_product": [("id", "=", rule["product_tmpl_id"])],
            "2_product_category": [("categ_id", "child_of", rule["categ_id"])],
            "3_global": [],
        }[applied_on]

    def rule_deleted(self, pricelist: int) -> list[Any]:
        """Deletes a rule on the pricelist's form."""
        rule = self.one("product.pricelist.item", ("pricelist_id", "=", pricelist))
        self.write("product.pricelist", pricelist, item_ids=[[2, rule]])
        return []

    def count(self, variant: int, location: int, quantity: float) -> None:
        """An inventory count."""
        values = {"product_id": variant, "location_id": location, "inventory_quantity": quantity}
        context = {"inventory_mode": True}
        made = self._rpc.call("stock.quant", "create", vals_list=[values], context=context, idempotent=False)
        self._rpc.call("stock.quant", "action_apply_inventory", made, context=context, idempotent=False)
