from odoo import models
from odoo.fields import Command

from ...connectors.spelling import spelling

_FIELDS = {
    "team_id": "order_team_id",
    "user_id": "order_user_id",
    "payment_term_id": "order_payment_term_id",
    "fiscal_position_id": "order_fiscal_position_id",
    "picking_policy": "order_picking_policy",
}


class PosSyncImportOrders(models.AbstractModel):
    """What an order gets that the system does not state: by its location, else by its connection."""

    _inherit = "pos.sync.import_orders"

    def _load_defaults(self, connection, resolver):
        """Notes the defaults of each location, and the tags and payment terms of the page by name, on the resolver."""
        connection = connection.sudo()
        for place in (connection.browse(), *connection.location_ids.with_context(active_test=False)):
            key = place.external_id if place else ""
            resolver.defaults[key] = {
                **{name: self._default(connection, place, own) for name, own in _FIELDS.items()},
                "prefix": self._default(connection, place, "order_prefix"),
                "warehouse_id": self._default(connection, place, "order_warehouse_id"),
                "analytic_distribution": self._default(connection, place, "analytic_distribution"),
                "tag_ids": [*connection.order_tag_ids.ids, *(place.order_tag_ids.ids if place else ())],
            }
        resolver.tags = self._tags(list(dict.fromkeys(tag for record in resolver.records for tag in record.tags)))
        resolver.payment_terms = self._payment_terms(connection, {record.payment_term for record in resolver.records})
        Position = self.env["account.fiscal.position"]
        resolver.detects_position = bool(
            Position.search_count(Position._check_company_domain(connection.company_id), limit=1)
        )

    def _default(self, connection, place, name):
        value = (place and place[name]) or connection[name]
        return value.id if isinstance(value, models.BaseModel) else value

    def _tags(self, names):
        """{tag of the system: id}: three spellings are one tag."""
        if not names:
            return {}
        Tag = self.env["crm.tag"].sudo()
        known = {spelling(tag.name): tag.id for tag in Tag.search([], order="id desc")}
        new = {}
        for name in names:
            if spelling(name) and spelling(name) not in known:
                new.setdefault(spelling(name), " ".join(name.split()))
        made = Tag.create([{"name": name} for name in new.values()])
        known |= {spelling(tag.name): tag.id for tag in made}
        return {name: known[spelling(name)] for name in names if spelling(name)}

    def _payment_terms(self, connection, names):
        if not names - {""}:
            return {}
        Term = self.env["account.payment.term"]
        rows = Term.search(Term._check_company_domain(connection.company_id), order="id desc")
        found = {spelling(row.name): row.id for row in rows}
        return {name: found[spelling(name)] for name in names if spelling(name) in found}

    def _prepare_defaults(self, connection, resolver, record, parties):
        vals = dict(resolver.defaults.get(record.location_id) or resolver.defaults[""])
        prefix, own_warehouse = vals.pop("prefix"), vals.pop("warehouse_id")
        vals.pop("analytic_distribution")
        if not vals["picking_policy"]:
            vals.pop("picking_policy")
        number = record.number or record.external_id
        place = resolver.places.get(record.location_id)
        tags = [*vals["tag_ids"], *(resolver.tags[tag] for tag in record.tags if tag in resolver.tags)]
        return {
            **vals,
            "name": f"{prefix}{number}" if prefix else f"{connection.name} {number}",
            "tag_ids": [Command.set(list(dict.fromkeys(tags)))],
            "payment_term_id": resolver.payment_terms.get(record.payment_term) or vals["payment_term_id"],
            "fiscal_position_id": vals["fiscal_position_id"] or self._detect_position(resolver, parties),
            "warehouse_id": own_warehouse or (place and place.warehouse_id) or resolver.warehouse_id,
        }

    def _analytic(self, resolver, record):
        return (resolver.defaults.get(record.location_id) or resolver.defaults[""])["analytic_distribution"]

    def _detect_position(self, resolver, parties):
        """As Odoo would, once for all of a page of whom it says the same."""
        if not resolver.detects_position:
            return False
        ids = {item for found in resolver.parties.values() for item in (found.partner_id, found.shipping_id)}
        pair = (parties.partner_id, parties.shipping_id)
        partner, shipped = (self.env["res.partner"].browse(item).with_prefetch(ids) for item in pair)
        key = tuple(
            (item.vat, item.country_id, item.state_id, item.zip, item.property_account_position_id)
            for item in (partner, shipped)
        )
        if key not in resolver.positions:
            found = self.env["account.fiscal.position"]._get_fiscal_position(partner, shipped)
            resolver.positions[key] = found.id
        return resolver.positions[key]

    def _add_tags(self, resolver, order, record):
        """Tags that the system has added since."""
        new = {resolver.tags[tag] for tag in record.tags if tag in resolver.tags} - set(order.tag_ids.ids)
        if new:
            order.write({"tag_ids": [Command.link(tag_id) for tag_id in sorted(new)]})
