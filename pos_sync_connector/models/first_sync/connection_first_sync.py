from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.flows import Flow

_READ = (Flow.PRODUCTS_PULL.value, Flow.CUSTOMERS_PULL.value)
_SAMPLES = 10
_UNANSWERED = ("held", "failed")
# What a person is asked about, by group.
_GROUPS = {
    "similar_products": fields.Domain("code", "=", "similar-product"),
    "doubtful_products": fields.Domain(
        "code", "in", ("ambiguous", "archived-match", "unit-mismatch", "kind-mismatch", "variant-missing")
    ),
    "new_products": fields.Domain("code", "=", "new-product"),
    "likely_customers": fields.Domain("code", "=", "new-customer") & fields.Domain("candidate_partner_id", "!=", False),
    "new_customers": fields.Domain("code", "=", "new-customer") & fields.Domain("candidate_partner_id", "=", False),
}


class PosSyncConnection(models.Model):
    """The first sync of a database that has products or customers already: what would be made waits for a person."""

    _inherit = "pos.sync.connection"

    review_new = fields.Boolean(
        string="Ask Before Creating",
        copy=False,
        help="Products and customers that are not in Odoo yet wait on the page “First Sync” until somebody says "
        "whether to create or to link them. Known ones are linked at once.",
    )
    first_sync_linked_by_barcode = fields.Integer(compute="_compute_first_sync_linked")
    first_sync_linked_by_reference = fields.Integer(compute="_compute_first_sync_linked")
    first_sync_linked_by_name = fields.Integer(compute="_compute_first_sync_linked")
    first_sync_linked_products = fields.Integer(compute="_compute_first_sync_linked")
    first_sync_linked_customers = fields.Integer(compute="_compute_first_sync_linked")
    first_sync_made_products = fields.Integer(compute="_compute_first_sync_linked")
    first_sync_made_customers = fields.Integer(compute="_compute_first_sync_linked")
    first_sync_similar_products = fields.Integer(compute="_compute_first_sync_asked")
    first_sync_doubtful_products = fields.Integer(compute="_compute_first_sync_asked")
    first_sync_new_products = fields.Integer(compute="_compute_first_sync_asked")
    first_sync_likely_customers = fields.Integer(compute="_compute_first_sync_asked")
    first_sync_new_customers = fields.Integer(compute="_compute_first_sync_asked")
    first_sync_similar_products_ids = fields.Many2many(
        "pos.sync.message", string="Examples of Similar Products", compute="_compute_first_sync_asked"
    )
    first_sync_doubtful_products_ids = fields.Many2many(
        "pos.sync.message", string="Examples of Doubtful Products", compute="_compute_first_sync_asked"
    )
    first_sync_new_products_ids = fields.Many2many(
        "pos.sync.message", string="Examples of New Products", compute="_compute_first_sync_asked"
    )
    first_sync_likely_customers_ids = fields.Many2many(
        "pos.sync.message", string="Examples of Likely Customers", compute="_compute_first_sync_asked"
    )
    first_sync_new_customers_ids = fields.Many2many(
        "pos.sync.message", string="Examples of New Customers", compute="_compute_first_sync_asked"
    )
    first_sync_asked = fields.Integer(compute="_compute_first_sync_asked")
    first_sync_queued = fields.Integer(compute="_compute_first_sync_asked")
    first_sync_is_reading = fields.Boolean(compute="_compute_first_sync_is_reading")
    first_sync_removable_products = fields.Integer(compute="_compute_first_sync_undo")
    first_sync_removable_customers = fields.Integer(compute="_compute_first_sync_undo")
    first_sync_used_ids = fields.Many2many(
        "pos.sync.mapping", string="In Use: They Stay", compute="_compute_first_sync_undo"
    )

    @api.model_create_multi
    def create(self, vals_list):
        connections = super().create(vals_list)
        for connection, vals in zip(connections, vals_list, strict=True):
            if "review_new" not in vals:
                connection.review_new = connection._is_living_business()
        return connections

    def _is_living_business(self):
        """Whether the company has products with codes that no connection brought."""
        self.ensure_one()
        Product = self.env["product.product"].with_context(active_test=False)
        mapped = self.env["pos.sync.mapping"].sudo().search([("entity", "=", "variant")]).product_id
        return bool(
            Product.search_count(
                [
                    *Product._check_company_domain(self.company_id),
                    "|",
                    ("barcode", "!=", False),
                    ("default_code", "!=", False),
                    ("id", "not in", mapped.ids),
                ],
                limit=1,
            )
        )

    def _compute_first_sync_linked(self):
        """How products and customers came to be in Odoo."""
        counts = {
            (connection, entity, linked_by): count
            for connection, entity, linked_by, count in self.env["pos.sync.mapping"]._read_group(
                [("connection_id", "in", self.ids), ("entity", "in", ("product", "customer"))],
                ["connection_id", "entity", "linked_by"],
                ["__count"],
            )
        }
        for connection in self:

            def count(entity, linked_by, connection=connection):
                return counts.get((connection, entity, linked_by), 0)

            connection.first_sync_linked_by_barcode = count("product", "barcode")
            connection.first_sync_linked_by_reference = count("product", "reference")
            connection.first_sync_linked_by_name = count("customer", "name")
            connection.first_sync_linked_products = count("product", "hand")
            connection.first_sync_linked_customers = count("customer", "hand")
            connection.first_sync_made_products = count("product", "made")
            connection.first_sync_made_customers = count("customer", "made")

    def _compute_first_sync_asked(self):
        """What waits for an answer, by group with samples, and what has one and is being carried out."""
        Message = self.env["pos.sync.message"]
        for connection in self:
            for group in _GROUPS:
                domain = connection._first_sync_domain(group)
                connection[f"first_sync_{group}"] = Message.search_count(domain)
                connection[f"first_sync_{group}_ids"] = Message.search(domain, limit=_SAMPLES)
            connection.first_sync_asked = sum(connection[f"first_sync_{group}"] for group in _GROUPS)
            connection.first_sync_queued = Message.search_count(
                [("connection_id", "=", connection.id), ("state", "=", "waiting"), ("decision", "!=", False)]
            )

    @api.depends("stream_ids.enabled", "stream_ids.first_done")
    def _compute_first_sync_is_reading(self):
        for connection in self:
            connection.first_sync_is_reading = connection.state == "connected" and any(
                stream.enabled and not stream.first_done and stream.flow in _READ for stream in connection.stream_ids
            )

    def _first_sync_domain(self, *groups):
        """The messages of these groups, of all without any, that wait for an answer."""
        chosen = fields.Domain.OR(_GROUPS[group] for group in groups or _GROUPS)
        return chosen & fields.Domain("connection_id", "in", self.ids) & fields.Domain("state", "in", _UNANSWERED)

    def _first_sync_messages(self, *groups):
        return self.env["pos.sync.message"].search(self._first_sync_domain(*groups))

    def _chosen_groups(self):
        """The group that the pressed button names in its context."""
        self.check_access("read")
        group = self.env.context.get("first_sync_group")
        if group not in _GROUPS:
            raise UserError(self.env._("Choose which group of records is meant."))
        return self._first_sync_messages(group)

    # Buttons of the page

    def action_view_first_sync(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_first_sync_action")
        return {**action, "res_id": self.id, "context": {"form_view_initial_mode": "readonly"}}

    def action_create_group(self):
        """All of the group are new: they are made in Odoo."""
        return self._chosen_groups().action_create()

    def action_link_group(self):
        """All of the group are what was proposed."""
        return self._chosen_groups().action_link()

    def action_leave_out_group(self):
        """None of the group is wanted in Odoo."""
        return self._chosen_groups().action_leave_out()

    def action_view_group(self):
        """The records of a group as a list, to choose several of them."""
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_message_first_sync_action")
        group = self.env.context.get("first_sync_group")
        return {**action, "domain": list(self._first_sync_domain(*([group] if group in _GROUPS else ())))}

    def action_finish_first_sync(self):
        """From now on what is unknown is made without asking, and what is new and still waits too. Who may be somebody
        in Odoo comes as a customer of their own and is reviewed; a product that resembles another goes on waiting."""
        self.check_access("write")
        self.write({"review_new": False})
        likely = self._first_sync_messages("likely_customers")
        likely.sudo()._queue()
        waiting = self._first_sync_messages("new_products", "new_customers")
        return waiting.action_create() if waiting else True

    def action_ask_undo_first_sync(self):
        """Shows what would be removed and what would stay."""
        self.ensure_one()
        self.check_access("write")
        return self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_undo_first_sync_action") | {
            "res_id": self.id
        }

    def action_undo_first_sync(self):
        """Removes what this connection made and nobody has used, and forgets its links. Nothing is pulled until the
        flows are asked for again."""
        self.check_access("write")
        removed = kept = 0
        for connection in self.sudo():
            connection.write({"state": "off", "state_message": False, "review_new": True})
            gone, stays = self.env["pos.sync.undo_first_sync"].sudo()._undo(connection)
            removed, kept = removed + gone, kept + stays
            connection._first_sync_messages().action_drop()
        return self._notify(
            self.env._(
                "%(removed)s records were removed, %(kept)s are in use and stay. The connection is switched off.",
                removed=removed,
                kept=kept,
            ),
            next_action={"type": "ir.actions.act_window_close"},
        )

    # What undoing would do

    def _compute_first_sync_undo(self):
        Mapping = self.env["pos.sync.mapping"]
        undo = self.env["pos.sync.undo_first_sync"].sudo()
        for connection in self:
            made, used = {}, {}
            for records, users in undo._plan(connection.sudo()):
                name = records._name
                made[name] = made.get(name, records.browse()) | records
                used.setdefault(name, {}).update(users)
            templates, partners = made["product.template"], made["res.partner"]
            used_templates, used_partners = used["product.template"], used["res.partner"]
            connection.first_sync_removable_products = len(templates) - len(used_templates)
            connection.first_sync_removable_customers = len(partners) - len(used_partners)
            connection.first_sync_used_ids = Mapping.search(
                [
                    ("connection_id", "=", connection.id),
                    ("made_here", "=", True),
                    "|",
                    ("product_tmpl_id", "in", [record.id for record in used_templates]),
                    ("partner_id", "in", [record.id for record in used_partners]),
                ]
            )
