from odoo import models
from odoo.fields import Command

from ...connectors.errors import NeedsFixing
from ...connectors.records import ProductKind
from ..engine.outcome import Waits, missing


class PosSyncImportProducts(models.AbstractModel):
    """Combos become Odoo's own `product.combo`, one a choice."""

    _inherit = "pos.sync.import_products"

    def _check_combo(self, resolver, record):
        if record.kind is not ProductKind.COMBO:
            return
        if not record.combos or not all(choice.items for choice in record.combos):
            raise NeedsFixing(
                self.env._(
                    "The combo “%s” has a choice with nothing to choose. Complete it at the system.", record.name
                ),
                code="empty-combo",
                trace="empty-combo",
            )
        for choice in record.combos:
            for item in choice.items:
                linked = resolver.variants.get(item.variant_id)
                if linked and linked.unknown:
                    raise NeedsFixing(
                        self.env._(
                            "The combo “%(name)s” offers a product that the system itself does not know (%(product)s). "
                            "Correct it there.",
                            name=record.name,
                            product=item.variant_id,
                        ),
                        code="combo-unknown",
                        trace=missing("variant", item.variant_id),
                    )
                if linked and linked.target_id is None:
                    raise NeedsFixing(
                        self.env._(
                            "The combo “%s” offers a product that was deleted. Take it off the combo at the system.",
                            record.name,
                        ),
                        code="combo-deleted",
                        trace="combo-deleted",
                    )
                if linked is None:
                    raise Waits(
                        self.env._(
                            "The combo “%(name)s” offers a product that has not arrived yet (%(product)s). It "
                            "follows automatically once that is here.",
                            name=record.name,
                            product=item.variant_id,
                        ),
                        trace=missing("variant", item.variant_id),
                    )

    def _combos(self, connection, resolver, record):
        """The combo choices of a record, made or brought up to date, and mapped."""
        Mapping = self.env["pos.sync.mapping"]
        known = Mapping._find(connection, "combo_choice", [choice.external_id for choice in record.combos])
        combos = self.env["product.combo"]
        for choice in record.combos:
            items = {resolver.variants[item.variant_id].target_id: float(item.extra_price) for item in choice.items}
            mapping = known.get(choice.external_id)
            if mapping and mapping.combo_id:
                self._update_combo(mapping.combo_id, choice, items)
                combos |= mapping.combo_id
                continue
            combo = self.env["product.combo"].create(self._prepare_combo_vals(connection, choice, items))
            combos |= combo
            if mapping:
                mapping.combo_id = combo
            else:
                Mapping.create(
                    {
                        "connection_id": connection.id,
                        "entity": "combo_choice",
                        "external_id": choice.external_id,
                        "parent_external_id": record.external_id,
                        "name": choice.name,
                        "combo_id": combo.id,
                        "made_here": True,
                    }
                )
                known[choice.external_id] = Mapping.search(
                    [("connection_id", "=", connection.id), ("combo_id", "=", combo.id)], limit=1
                )
        return combos

    def _prepare_combo_vals(self, connection, choice, items):
        return {
            "name": choice.name,
            "company_id": False if connection.share_products else connection.company_id.id,
            "combo_item_ids": [
                Command.create({"product_id": product_id, "extra_price": extra}) for product_id, extra in items.items()
            ],
        }

    def _update_combo(self, combo, choice, items):
        if combo.name != choice.name:
            combo.name = choice.name
        there = {item.product_id.id: item for item in combo.combo_item_ids}
        commands = [Command.delete(item.id) for product_id, item in there.items() if product_id not in items]
        for product_id, extra in items.items():
            item = there.get(product_id)
            if item is None:
                commands.append(Command.create({"product_id": product_id, "extra_price": extra}))
            elif item.extra_price != extra:
                commands.append(Command.update(item.id, {"extra_price": extra}))
        if commands:
            combo.write({"combo_item_ids": commands})
