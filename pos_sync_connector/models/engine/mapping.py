from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...connectors.flows import Flow


class PosSyncMapping(models.Model):
    """The link between an external id and an Odoo record.

    A real Many2one an entity: it follows when Odoo merges two records. When the Odoo record is deleted the mapping
    stays, and nothing is made again until a person asks for it.
    """

    _name = "pos.sync.mapping"
    _description = "POS Sync Link"
    _inherit = ["pos.sync.guarded"]
    _order = "id desc"
    _rec_name = "external_id"
    _rec_names_search = ["name", "external_id"]

    _TARGETS = {
        "product": "product_tmpl_id",
        "variant": "product_id",
        "combo_choice": "combo_id",
        "customer": "partner_id",
        "order": "sale_order_id",
    }
    _ENTITIES_BY_FLOW = {
        Flow.PRODUCTS_PULL.value: ("product",),
        Flow.CUSTOMERS_PULL.value: ("customer",),
        Flow.ORDERS_PULL.value: ("order",),
    }

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    entity = fields.Selection(
        [
            ("product", "Product"),
            ("variant", "Product Variant"),
            ("combo_choice", "Combo Choice"),
            ("customer", "Customer"),
            ("order", "Order"),
        ],
        required=True,
    )
    external_id = fields.Char(string="External ID", required=True)
    parent_external_id = fields.Char(string="Part Of", help="The external id of the record that this one belongs to.")
    name = fields.Char(string="Name at the System")
    digest = fields.Char(readonly=True)
    stated = fields.Json(readonly=True, help="Digests of what the system last stated, by field.")
    seen = fields.Integer(readonly=True, help="The number of the last full pass that named it.")
    gone = fields.Boolean(string="Deleted at the System", readonly=True)
    made_here = fields.Boolean(string="Made by This Connection", readonly=True)
    image_checksum = fields.Char(readonly=True)
    image_problem = fields.Char(
        string="Picture Left Out", readonly=True, help="Why the product has no picture. The next full pass asks again."
    )
    linked_by = fields.Selection(
        [
            ("made", "Made by the Connection"),
            ("barcode", "Same Barcode"),
            ("reference", "Same Internal Reference"),
            ("name", "Same Person"),
            ("merged", "Merged at the System"),
            ("hand", "Linked by Hand"),
            ("sent", "Sent From Odoo"),
        ],
        readonly=True,
    )

    product_tmpl_id = fields.Many2one("product.template", string="Product", ondelete="set null", index="btree_not_null")
    product_id = fields.Many2one(
        "product.product", string="Product Variant", ondelete="set null", index="btree_not_null"
    )
    combo_id = fields.Many2one("product.combo", string="Combo Choice", ondelete="set null", index="btree_not_null")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="set null", index="btree_not_null")
    sale_order_id = fields.Many2one("sale.order", string="Order", ondelete="set null", index="btree_not_null")
    first_name = fields.Char(readonly=True, help="As the system states it.")
    last_name = fields.Char(readonly=True, help="As the system states it.")
    agreed_email = fields.Char(readonly=True, help="The last e-mail that both sides had.")
    agreed_group = fields.Char(readonly=True, help="The last group that both sides had.")
    consent = fields.Char(readonly=True, help="The last marketing consent that both sides had.")
    consent_at = fields.Datetime(readonly=True)
    record_name = fields.Char(string="Record in Odoo", compute="_compute_record_name")
    used_by = fields.Char(compute="_compute_used_by", help="What refers to the record in Odoo.")
    missing = fields.Boolean(string="Deleted in Odoo", compute="_compute_missing", search="_search_missing")

    owns_identity = fields.Boolean(string="Owns Names and Codes")
    owns_price = fields.Boolean(string="Owns Sales Price")
    owns_tax = fields.Boolean(string="Owns Customer Taxes")
    owns_contact = fields.Boolean(string="Owns Customer Details")

    _external_uniq = models.Constraint(
        "UNIQUE(connection_id, entity, external_id)", "This external id is linked already on this connection."
    )

    @api.depends("name", "external_id")
    def _compute_display_name(self):
        for mapping in self:
            mapping.display_name = mapping.name or mapping.external_id

    @api.depends("entity", *_TARGETS.values())
    def _compute_record_name(self):
        # Whoever reviews links sees what they lead to, whatever else they may open.
        for mapping in self.sudo():
            target = self._TARGETS.get(mapping.entity)
            mapping.record_name = target and mapping[target].display_name

    @api.depends("entity", *_TARGETS.values())
    def _compute_missing(self):
        for mapping in self:
            target = self._TARGETS.get(mapping.entity)
            mapping.missing = bool(target) and not mapping[target]

    def _compute_used_by(self):
        undo = self.env["pos.sync.undo_first_sync"].sudo()
        for target in ("product_tmpl_id", "partner_id"):
            used = undo._used(self.sudo()[target])
            for mapping in self.sudo().filtered(target):
                mapping.used_by = undo._label(used[mapping[target]]) if mapping[target] in used else False
        (self - self.filtered(lambda mapping: mapping.product_tmpl_id or mapping.partner_id)).used_by = False

    def _search_missing(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        missing = fields.Domain.OR(
            fields.Domain("entity", "=", entity) & fields.Domain(target, "=", False)
            for entity, target in self._TARGETS.items()
        )
        return missing if (operator == "in") == (True in value) else ~missing

    @api.constrains("owns_identity", "owns_price", "owns_tax", "product_tmpl_id")
    def _check_one_owner(self):
        """One owner writes a group of a product's fields: a second one is refused, naming the first."""
        for group, label in self._owned_groups().items():
            owners = self.filtered(lambda mapping, name=group: mapping[name] and mapping.product_tmpl_id)
            if not owners:
                continue
            others = self.sudo().search(
                [
                    (group, "=", True),
                    ("entity", "=", "product"),
                    ("product_tmpl_id", "in", owners.product_tmpl_id.ids),
                    ("id", "not in", owners.ids),
                ]
            )
            by_product = {other.product_tmpl_id: other for other in others}
            for mapping in owners:
                other = by_product.get(mapping.product_tmpl_id)
                if other:
                    raise ValidationError(
                        self.env._(
                            "%(group)s of “%(product)s” are owned by the connection “%(owner)s” already. Take them "
                            "from there first.",
                            group=label,
                            product=mapping.product_tmpl_id.display_name,
                            owner=other.connection_id.name,
                        )
                    )
                by_product[mapping.product_tmpl_id] = mapping

    @api.model
    def _owned_groups(self):
        return {
            "owns_identity": self.env._("Names and codes"),
            "owns_price": self.env._("The sales price"),
            "owns_tax": self.env._("The customer taxes"),
        }

    def action_open_record(self):
        self.ensure_one()
        record = self[self._TARGETS[self.entity]]
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_make_again(self):
        """Forgets the link to the record that was deleted in Odoo, and pulls everything so that it is made again."""
        self.check_access("write")
        for connection, missing in self.filtered("missing").grouped("connection_id").items():
            names = missing.mapped("external_id")
            own = [("connection_id", "=", connection.id)]
            parts = self.search([*own, ("parent_external_id", "in", names), ("missing", "=", True)])
            whole = self.search(
                [*own, ("entity", "=", "product"), ("external_id", "in", missing.mapped("parent_external_id"))]
            )
            whole.sudo().write({"digest": False})
            (missing | parts).sudo().unlink()
            connection.sudo()._stream(Flow.PRODUCTS_PULL)._request(full=True)
        return True

    # For the engine: mappings as plain values, many at a time

    @api.model
    def _find(self, connection, entity, external_ids):
        """{external_id: mapping} of those that are there, in one query."""
        found = self.search(
            [
                ("connection_id", "=", connection.id),
                ("entity", "=", entity),
                ("external_id", "in", list(external_ids)),
            ]
        )
        return {mapping.external_id: mapping for mapping in found}
