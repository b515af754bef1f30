from odoo import fields, models

from ...connectors import codec
from ...connectors.errors import Failure, NeedsFixing
from ...connectors.records import ProductKind
from ...connectors.spelling import spelling
from ..engine.outcome import missing
from .product_codes import clean_codes
from .product_matching import ProductMatcher, odoo_type
from .product_resolver import ProductResolver

_OWNED = ("owns_identity", "owns_price", "owns_tax")


class PosSyncImportProducts(models.AbstractModel):
    """Imports products with their variants, prices, taxes, combos and pictures."""

    _name = "pos.sync.import_products"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Products"

    _entity = "product"
    _takes_turn = True

    def _import(self, stream, records, outcome):
        connection = stream.connection_id
        changed = self._drop_unchanged(connection, records, outcome)
        if not changed:
            return
        resolver = ProductResolver(self.env, connection, [record for record, _digest in changed]).load()
        matcher = ProductMatcher(self.env, connection, resolver)
        plans = []
        for record, digest in changed:
            try:
                plan = matcher.plan(record, digest)
                self._check_foreseeable(connection, resolver, plan)
                plans.append(plan)
            except Failure as failure:
                outcome.fail(record, failure)
        if not plans:
            return
        self._take_ownership(connection, resolver, [plan for plan in plans if plan.is_arriving])
        self._ensure_units(resolver, plans)
        new = [plan for plan in plans if not plan.tmpl_id]
        old = [plan for plan in plans if plan.tmpl_id]
        self._create_products(connection, resolver, new)
        self._update_products(connection, resolver, old)
        self._write_variants(connection, resolver, plans)
        self._write_prices(connection, resolver, plans)
        self._write_mappings(stream, resolver, plans)
        outcome.created += len([plan for plan in new if plan.made_here])
        outcome.updated += len(old)
        outcome.arrived |= {plan.record.external_id for plan in plans if not plan.question}
        for plan in plans:
            if plan.question:
                outcome.fail(plan.stated, plan.question)
        outcome.released |= {missing("variant", key) for plan in plans for key in plan.product_ids}

    def _drop_unchanged(self, connection, records, outcome):
        """The records whose digest differs from the one stored, with the new digest."""
        stored = {
            row["external_id"]: row
            for row in self.env["pos.sync.mapping"].search_read(
                [
                    ("connection_id", "=", connection.id),
                    ("entity", "=", self._entity),
                    ("external_id", "in", [record.external_id for record in records]),
                ],
                ["external_id", "digest", "gone"],
            )
        }
        changed = []
        for record in records:
            digest = codec.digest(record)
            known = stored.get(record.external_id)
            if known and known["digest"] == digest and not known["gone"]:
                outcome.unchanged += 1
                outcome.arrived.add(record.external_id)
            else:
                changed.append((clean_codes(record), digest))
        return changed

    def _check_foreseeable(self, connection, resolver, plan):
        """What would fail, found before anything is written. Raises Failure."""
        record = plan.record
        for tax_id in record.tax_ids:
            if resolver.taxes.get(tax_id) is None:
                raise NeedsFixing(
                    self.env._("“%(name)s” has a tax that is not mapped (%(tax)s).", name=record.name, tax=tax_id),
                    fix=self.env._("Map the tax on the connection's page “Taxes”."),
                    code="missing-tax",
                    trace=f"missing-tax:{tax_id}",
                )
        self._check_prices(connection, resolver, plan)
        self._check_combo(resolver, record)
        unit = record.unit
        if unit and unit.name.strip().lower() not in resolver.units and unit.base.strip().lower() not in resolver.units:
            raise NeedsFixing(
                self.env._(
                    "“%(name)s” is sold by %(unit)s, a unit that Odoo does not have.", name=record.name, unit=unit.name
                ),
                fix=self.env._("Create a unit of measure with that name in Odoo."),
                code="missing-unit",
                trace="missing-unit",
            )

    def _take_ownership(self, connection, resolver, plans):
        """The first connection that brings a product owns its fields, as far as its settings want that."""
        resolver.load_owners([plan.tmpl_id for plan in plans if plan.tmpl_id])
        for plan in plans:
            taken = resolver.owners.get(plan.tmpl_id, set()) if plan.tmpl_id else set()
            plan.owned = {name for name in _OWNED if connection[name] and name not in taken}
            if plan.tmpl_id:
                # Two records of one page may be the same product.
                resolver.owners.setdefault(plan.tmpl_id, set()).update(plan.owned)

    def _ensure_units(self, resolver, plans):
        """A unit that is a multiple of one that Odoo has is made by itself."""
        for plan in plans:
            unit = plan.record.unit
            if unit and unit.name.strip().lower() not in resolver.units:
                made = self.env["uom.uom"].create(
                    {
                        "name": unit.name,
                        "relative_factor": float(unit.factor),
                        "relative_uom_id": resolver.units[unit.base.strip().lower()],
                    }
                )
                resolver.units[unit.name.strip().lower()] = made.id

    # Products

    def _create_products(self, connection, resolver, plans):
        """Single variants in one batch; products with options get their template first, their variants later."""
        single = [plan for plan in plans if len(plan.variants) == 1 and not plan.variants[0].options]
        several = [plan for plan in plans if len(plan.variants) != 1 or plan.variants[0].options]
        vals_by_plan = [
            (plan, plan.news("", self._prepare_product_vals(connection, resolver, plan))) for plan in single
        ]
        # Odoo keeps only the first of several pictures that are created at once through variants.
        pictures = [self._prepare_image_vals(plan).get("image_1920") for plan in single]
        products = self._create_alike(
            self.env["product.product"],
            [{**vals, **self._prepare_variant_vals(connection, plan, plan.variants[0])} for plan, vals in vals_by_plan],
        )
        for product, plan, image in zip(products, single, pictures, strict=True):
            if image:
                product.product_tmpl_id.image_1920 = image
            plan.tmpl_id = product.product_tmpl_id.id
            plan.product_ids[plan.variants[0].external_id] = product.id
        templates = self._create_alike(
            self.env["product.template"].with_context(create_product_product=False),
            [
                {
                    **plan.news("", self._prepare_product_vals(connection, resolver, plan)),
                    **self._prepare_image_vals(plan),
                }
                for plan in several
            ],
        )
        for template, plan in zip(templates, several, strict=True):
            plan.tmpl_id = template.id
        for plan in plans:
            plan.made_here = True

    def _create_alike(self, model, vals_list):
        """Creates records of which all or none name a parent; asks for Odoo's defaults once, not for each."""
        if not vals_list:
            return model
        parents = {name: vals_list[0][name] for name in model._inherits.values() if name in vals_list[0]}
        defaults = {
            name: value for name, value in model._add_missing_default_values(parents).items() if name not in parents
        }
        return model.create([{**defaults, **vals} for vals in vals_list])

    def _update_products(self, connection, resolver, plans):
        """Writes what differs of the fields that the connection owns."""
        templates = self.env["product.template"].browse([plan.tmpl_id for plan in plans])
        for plan, template in zip(plans, templates, strict=True):
            vals = self._prepare_product_vals(connection, resolver, plan)
            # The unit and the kind of a product in use can't be changed from outside.
            for name in ("uom_id", "type", "company_id"):
                vals.pop(name, None)
            vals = plan.news("", vals)
            if plan.owns_identity:
                vals.update(self._prepare_image_vals(plan))
            if vals.get("taxes_id"):
                vals["taxes_id"] = self._beside_other_companies(connection, template, vals["taxes_id"])
            if changed := self._differing(template, vals):
                template.write(changed)

    def _prepare_product_vals(self, connection, resolver, plan):
        """Values of the template, for the groups of fields that the connection owns; all of them for a new one."""
        record, new = plan.record, not plan.tmpl_id
        vals = {}
        if new or plan.owns_identity:
            vals.update(
                {
                    "name": record.name,
                    "type": odoo_type(record),
                    "is_storable": record.tracked and record.kind is ProductKind.GOODS,
                    "sale_ok": True,
                }
            )
            # What the system does not say empties nothing on a product that was in Odoo before.
            if record.description or plan.made_here:
                vals["description_sale"] = record.description or False
            if record.category:
                vals["categ_id"] = self._category(resolver, record.category)
            if record.tags or plan.made_here:
                vals["product_tag_ids"] = [fields.Command.set(self._tags(resolver, record.tags))]
            vals.update(self._prepare_online_vals(connection, record, new))
        if new:
            vals["company_id"] = False if connection.share_products else connection.company_id.id
            if record.unit:
                vals["uom_id"] = resolver.units[record.unit.name.strip().lower()]
        # Where the system names no taxes and named none before, they are the accountant's.
        named = record.tax_ids or "taxes_id" in plan.said_before.get("", {})
        if new or (named and "owns_tax" in plan.owned):
            own = [resolver.taxes[tax_id] for tax_id in record.tax_ids if resolver.taxes[tax_id]]
            vals["taxes_id"] = [fields.Command.set(own)]
        if new or "owns_price" in plan.owned:
            vals.update(self._prepare_list_price(connection, resolver, plan))
        if record.kind is ProductKind.COMBO and (new or plan.owns_identity):
            vals["combo_ids"] = [fields.Command.set(self._combos(connection, resolver, record).ids)]
            vals.update({"is_storable": False, "taxes_id": vals.get("taxes_id", [])})
        return vals

    def _beside_other_companies(self, connection, template, commands):
        """Other companies' taxes stay."""
        ((*_command, own),) = commands
        others = template.sudo().taxes_id.filtered(lambda tax: tax.company_id != connection.company_id).ids
        return [fields.Command.set([*others, *own])]

    def _category(self, resolver, path):
        """The id of the category with that path, made where it is missing."""
        if path not in resolver.categories:
            parent_id = self._category(resolver, path[:-1]) if len(path) > 1 else False
            Category = self.env["product.category"]
            vals = {"name": path[-1], "parent_id": parent_id}
            found = Category.search([(name, "=", value) for name, value in vals.items()], limit=1)
            resolver.categories[path] = (found or Category.create({**vals, "pos_sync_made": True})).id
        return resolver.categories[path]

    def _tags(self, resolver, names):
        """The ids of the tags of these names, made where they are missing: case and blanks make no other tag."""
        Tag = self.env["product.tag"]
        if names and not resolver.tags:
            resolver.tags = {spelling(tag.name): tag.id for tag in Tag.search_fetch([], ["name"], order="id desc")}
        wanted = {}
        for name in names:
            if spelling(name):
                wanted.setdefault(spelling(name), " ".join(name.split()))
        missing = {key: name for key, name in wanted.items() if key not in resolver.tags}
        made = Tag.create([{"name": name, "pos_sync_made": True} for name in missing.values()])
        resolver.tags.update(zip(missing, made.ids, strict=True))
        return [resolver.tags[key] for key in wanted]

    # Links

    def _write_mappings(self, stream, resolver, plans):
        Mapping = self.env["pos.sync.mapping"]
        connection = stream.connection_id
        made = []
        for plan in plans:
            record = plan.record
            image = self._image(record)
            vals = {"digest": plan.digest, "name": record.name, "gone": False, "stated": plan.said}
            if image:
                vals.update(self._prepare_image_mapping_vals(image))
            if plan.is_arriving:
                vals.update({name: name in plan.owned for name in _OWNED})
            if plan.mapping_id:
                Mapping.browse(plan.mapping_id).write(vals)
            else:
                made.append(
                    {
                        **vals,
                        "linked_by": plan.linked_by,
                        "connection_id": connection.id,
                        "entity": "product",
                        "external_id": record.external_id,
                        "product_tmpl_id": plan.tmpl_id,
                        "made_here": plan.made_here,
                        "seen": stream.sweep or stream.sweep_last,
                    }
                )
            for variant in plan.variants:
                known = resolver.variants.get(variant.external_id)
                if known and not known.unknown:
                    continue
                vals = {
                    "connection_id": connection.id,
                    "entity": "variant",
                    "external_id": variant.external_id,
                    "parent_external_id": record.external_id,
                    "product_id": plan.product_ids[variant.external_id],
                    "name": variant.name or record.name,
                    "made_here": plan.made_here,
                    "gone": False,
                }
                if known:
                    Mapping.browse(known.mapping_id).write(vals)
                else:
                    made.append(vals)
        Mapping.create(made)

    # Deletions

    def _import_gone(self, stream, external_ids, outcome):
        """Ends the mappings; archives what the addon made, nothing else maps and has no stock."""
        mappings = self.env["pos.sync.mapping"]._find(stream.connection_id, "product", external_ids).values()
        mappings = self.env["pos.sync.mapping"].concat(*mappings).filtered(lambda mapping: not mapping.gone)
        mappings.write({"gone": True, "digest": False, **dict.fromkeys(_OWNED, False)})
        variants = self.env["pos.sync.mapping"].search(
            [
                ("connection_id", "=", stream.connection_id.id),
                ("entity", "=", "variant"),
                ("parent_external_id", "in", mappings.mapped("external_id")),
            ]
        )
        variants.write({"gone": True})
        candidates = mappings.filtered("made_here").product_tmpl_id.filtered("active")
        elsewhere = self.env["pos.sync.mapping"].search(
            [("product_tmpl_id", "in", candidates.ids), ("gone", "=", False)]
        )
        (candidates - elsewhere.product_tmpl_id).filtered(self._has_no_stock).action_archive()
        outcome.deleted += len(mappings)

    def _has_no_stock(self, product):
        return not self.env["stock.quant"].search_count(
            [
                ("product_id", "in", product.with_context(active_test=False).product_variant_ids.ids)
                if product._name == "product.template"
                else ("product_id", "in", product.ids),
                ("location_id.usage", "=", "internal"),
                ("quantity", "!=", 0),
            ],
            limit=1,
        )
