from odoo import models
from odoo.fields import Command

from .product_codes import code_key


class PosSyncImportProducts(models.AbstractModel):
    """The variants of products: options become attributes of the addon's own, and only the combinations that the
    system has are made."""

    _inherit = "pos.sync.import_products"

    def _write_variants(self, connection, resolver, plans):
        made_here = [plan for plan in plans if plan.made_here]
        values = self._option_values(made_here)
        template_values = self._template_values(made_here, values)
        self._create_variants(connection, made_here, template_values)
        owned = [plan for plan in plans if plan.owns_identity or (not plan.mapping_id and plan.made_here)]
        self._update_variants(connection, owned, template_values)
        linked = [plan for plan in plans if plan.mapping_id]
        self._archive_gone_variants(connection, linked)
        self._remove_unused_options([plan for plan in linked if plan.made_here])

    def _prepare_variant_vals(self, connection, plan, variant):
        """Values of a variant: what belongs to it and not to its product.

        What the system does not say empties nothing on a product that was in Odoo before.
        """
        vals = {"default_code": variant.sku or False, "barcode": variant.barcode or False}
        if not plan.made_here and plan.tmpl_id:
            vals = {name: value for name, value in vals.items() if value}
        if variant.weight is not None:
            vals["weight"] = float(variant.weight)
        if variant.cost is not None and "owns_price" in plan.owned:
            cost = self._in_company_currency(connection, variant.cost, variant.cost_currency)
            if cost is not None:
                vals["standard_price"] = cost
        return vals

    def _option_values(self, plans):
        """{(option, value): attribute value id}; attributes and values are made where they are missing."""
        wanted = {}
        for plan in plans:
            for variant in plan.variants:
                for option in variant.options:
                    wanted.setdefault(option.option, {}).setdefault(option.value, option.position)
        if not wanted:
            return {}
        Attribute = self.env["product.attribute"]
        known = Attribute.search(
            [("name", "in", list(wanted)), ("pos_sync_made", "=", True), ("create_variant", "=", "dynamic")]
        )
        attributes = {attribute.name: attribute for attribute in known}
        missing = [name for name in wanted if name not in attributes]
        for attribute in Attribute.create(
            [{"name": name, "create_variant": "dynamic", "pos_sync_made": True} for name in missing]
        ):
            attributes[attribute.name] = attribute
        found = {(value.attribute_id.name, value.name): value.id for value in known.value_ids}
        new = [
            (option, value, position)
            for option, values in wanted.items()
            for value, position in values.items()
            if (option, value) not in found
        ]
        made = self.env["product.attribute.value"].create(
            [
                {"name": value, "attribute_id": attributes[option].id, "sequence": position}
                for option, value, position in new
            ]
        )
        found.update({(option, value): row.id for (option, value, _position), row in zip(new, made, strict=True)})
        return found

    def _template_values(self, plans, values):
        """{(template id, attribute value id): template attribute value id}, made where missing.

        Lines and values are made without Odoo's own generation of variants: it would archive those that lack a new
        option before they are given one.
        """
        wanted = {}
        Value = self.env["product.attribute.value"]
        for plan in plans:
            for variant in plan.variants:
                for option in variant.options:
                    value = Value.browse(values[option.option, option.value])
                    wanted.setdefault(plan.tmpl_id, {}).setdefault(value.attribute_id.id, {})[value.id] = True
        if not wanted:
            return {}
        quiet = {"create_product_product": False, "update_product_template_attribute_values": False}
        Line = self.env["product.template.attribute.line"].with_context(**quiet)
        lines = {
            (line.product_tmpl_id.id, line.attribute_id.id): line
            for line in Line.search([("product_tmpl_id", "in", list(wanted))])
        }
        missing = []
        for tmpl_id, by_attribute in wanted.items():
            for attribute_id, value_ids in by_attribute.items():
                line = lines.get((tmpl_id, attribute_id))
                if line is None:
                    missing.append(
                        {
                            "product_tmpl_id": tmpl_id,
                            "attribute_id": attribute_id,
                            "value_ids": [Command.set(list(value_ids))],
                        }
                    )
                elif new := set(value_ids) - set(line.value_ids.ids):
                    line.write({"value_ids": [Command.link(value_id) for value_id in new]})
        for line in Line.create(missing):
            lines[line.product_tmpl_id.id, line.attribute_id.id] = line
        TemplateValue = self.env["product.template.attribute.value"]
        found = {
            (item.product_tmpl_id.id, item.product_attribute_value_id.id): item
            for item in TemplateValue.search([("product_tmpl_id", "in", list(wanted))])
        }
        asleep = TemplateValue.concat(*(item for item in found.values() if not item.ptav_active))
        asleep.write({"ptav_active": True})
        new = [
            {"attribute_line_id": lines[tmpl_id, attribute_id].id, "product_attribute_value_id": value_id}
            for tmpl_id, by_attribute in wanted.items()
            for attribute_id, value_ids in by_attribute.items()
            for value_id in value_ids
            if (tmpl_id, value_id) not in found
        ]
        for item in TemplateValue.create(new):
            found[item.product_tmpl_id.id, item.product_attribute_value_id.id] = item
        return {
            (tmpl_id, option, value): found[tmpl_id, value_id].id
            for (option, value), value_id in values.items()
            for tmpl_id in wanted
            if (tmpl_id, value_id) in found
        }

    def _create_variants(self, connection, plans, template_values):
        """The variants that the system has and Odoo lacks."""
        new = [
            (plan, variant)
            for plan in plans
            for variant in plan.variants
            if variant.external_id not in plan.product_ids
        ]
        products = self._create_alike(
            self.env["product.product"],
            [
                {
                    **self._prepare_variant_vals(connection, plan, variant),
                    "product_tmpl_id": plan.tmpl_id,
                    "product_template_attribute_value_ids": [
                        Command.set(self._combination(plan, variant, template_values))
                    ],
                    "active": not (variant.archived or plan.record.archived),
                }
                for plan, variant in new
            ],
        )
        for (plan, variant), product in zip(new, products, strict=True):
            plan.product_ids[variant.external_id] = product.id

    def _combination(self, plan, variant, template_values):
        return [template_values[plan.tmpl_id, option.option, option.value] for option in variant.options]

    def _update_variants(self, connection, plans, template_values):
        """Writes what differs of variants that were there before, and which of them are archived."""
        products = {
            product.id: product
            for product in self.env["product.product"].browse(
                [plan.product_ids[variant.external_id] for plan in plans for variant in plan.variants]
            )
        }
        templates = {
            template.id: template for template in self.env["product.template"].browse([plan.tmpl_id for plan in plans])
        }
        changes = []
        for plan in plans:
            record = plan.record
            for variant in plan.variants:
                product = products[plan.product_ids[variant.external_id]]
                vals = self._prepare_variant_vals(connection, plan, variant)
                if plan.made_here and variant.options:
                    vals["product_template_attribute_value_ids"] = [
                        Command.set(self._combination(plan, variant, template_values))
                    ]
                vals["active"] = not (variant.archived or record.archived)
                vals = plan.news(variant.external_id, vals)
                if code_key(vals.get("barcode") or "") == code_key(product.barcode or ""):
                    vals.pop("barcode", None)
                if changed := self._differing(product, vals):
                    changes.append((product, changed))
        # A barcode that moves from one product to another must be free before it is given.
        moved = [product.id for product, changed in changes if product.barcode and "barcode" in changed]
        self.env["product.product"].browse(moved).write({"barcode": False})
        for product, changed in changes:
            product.write(changed)
        for plan in plans:
            template, archived = templates[plan.tmpl_id], plan.record.archived
            if plan.news("", {"active": not archived}) and template.active == archived:
                template.write({"active": not archived})

    def _archive_gone_variants(self, connection, plans):
        """A variant that the system no longer has is archived where the addon made it and it has no stock."""
        if not plans:
            return
        known = self.env["pos.sync.mapping"].search(
            [
                ("connection_id", "=", connection.id),
                ("entity", "=", "variant"),
                ("parent_external_id", "in", [plan.record.external_id for plan in plans]),
            ]
        )
        kept = {variant.external_id for plan in plans for variant in plan.record.variants}
        gone = known.filtered(lambda mapping: not mapping.gone and mapping.external_id not in kept)
        gone.write({"gone": True})
        gone.filtered("made_here").product_id.filtered(self._has_no_stock).write({"active": False})
        known.filtered(lambda mapping: mapping.gone and mapping.external_id in kept).write({"gone": False})

    def _remove_unused_options(self, plans):
        """An option or value that no variant has any more, renamed at the system say, goes from Odoo, too."""
        used = {
            (plan.tmpl_id, option.option): {
                other.value for v in plan.record.variants for other in v.options if other.option == option.option
            }
            for plan in plans
            for variant in plan.record.variants
            for option in variant.options
        }
        quiet = {"create_product_product": False, "update_product_template_attribute_values": False}
        lines = (
            self.env["product.template.attribute.line"]
            .with_context(**quiet)
            .search(
                [
                    ("product_tmpl_id", "in", [plan.tmpl_id for plan in plans]),
                    ("attribute_id.pos_sync_made", "=", True),
                ]
            )
        )
        unused = lines.filtered(lambda line: (line.product_tmpl_id.id, line.attribute_id.name) not in used)
        for line in lines - unused:
            names = used[line.product_tmpl_id.id, line.attribute_id.name]
            self._remove_values(line, line.value_ids.filtered(lambda value, names=names: value.name not in names))
        unused.unlink()

    def _remove_values(self, line, values):
        """What a variant that is kept for its stock has stays."""
        if not values:
            return
        kept = line.product_tmpl_id.product_variant_ids.product_template_attribute_value_ids
        values -= kept.product_attribute_value_id
        asleep = line.product_template_value_ids.filtered(lambda item: item.product_attribute_value_id in values)
        asleep.write({"ptav_active": False})
        line.write({"value_ids": [Command.unlink(value.id) for value in values]})
