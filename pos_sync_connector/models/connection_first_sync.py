from odoo import api, fields, models

from ..connectors.connector import Flow

_NEW = ("new-product", "new-customer")
_REVIEWED = (*_NEW, "similar-product")
_ENTITIES = ("product", "variant", "combo_choice", "customer")
_FLOWS = (Flow.PRODUCTS_PULL.value, Flow.STOCK_PULL.value, Flow.CUSTOMERS_PULL.value)


class PosSyncConnection(models.Model):
    """The first sync of a database that has products or customers already: what would be made waits for a person."""

    _inherit = "pos.sync.connection"

    review_new = fields.Boolean(
        string="Ask Before Creating",
        copy=False,
        help="Products and customers that are not in Odoo yet wait on the page “First Sync” until somebody says "
        "whether to create or to link them. Known ones are linked at once.",
    )
    first_sync_linked_by_barcode = fields.Integer(compute="_compute_first_sync")
    first_sync_linked_by_reference = fields.Integer(compute="_compute_first_sync")
    first_sync_linked_by_hand = fields.Integer(compute="_compute_first_sync")
    first_sync_made = fields.Integer(compute="_compute_first_sync")
    first_sync_similar = fields.Integer(compute="_compute_first_sync")
    first_sync_new_products = fields.Integer(compute="_compute_first_sync")
    first_sync_new_customers = fields.Integer(compute="_compute_first_sync")
    first_sync_doubtful = fields.Integer(compute="_compute_first_sync")

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

    def _compute_first_sync(self):
        linked = {
            (connection.id, linked_by): count
            for connection, linked_by, count in self.env["pos.sync.mapping"]._read_group(
                [("connection_id", "in", self.ids), ("entity", "in", ("product", "customer"))],
                ["connection_id", "linked_by"],
                ["__count"],
            )
        }
        asked = {
            (connection.id, code): count
            for connection, code, count in self.env["pos.sync.message"]._read_group(
                [("connection_id", "in", self.ids), ("state", "in", ("held", "failed")), ("direction", "=", "in")],
                ["connection_id", "code"],
                ["__count"],
            )
        }
        doubtful = ("ambiguous", "archived-match", "unit-mismatch", "kind-mismatch", "variant-missing")
        for connection in self:
            connection.first_sync_linked_by_barcode = linked.get((connection.id, "barcode"), 0)
            connection.first_sync_linked_by_reference = linked.get((connection.id, "reference"), 0)
            connection.first_sync_linked_by_hand = linked.get((connection.id, "hand"), 0)
            connection.first_sync_made = linked.get((connection.id, "made"), 0)
            connection.first_sync_similar = asked.get((connection.id, "similar-product"), 0)
            connection.first_sync_new_products = asked.get((connection.id, "new-product"), 0)
            connection.first_sync_new_customers = asked.get((connection.id, "new-customer"), 0)
            connection.first_sync_doubtful = sum(asked.get((connection.id, code), 0) for code in doubtful)

    def _reviewed(self, *codes):
        return self.env["pos.sync.message"].search(
            [("connection_id", "in", self.ids), ("state", "in", ("held", "failed")), ("code", "in", codes)]
        )

    # Buttons of the page

    def action_create_new_products(self):
        return self._reviewed("new-product").action_create()

    def action_create_new_customers(self):
        return self._reviewed("new-customer").action_create()

    def action_link_similar(self):
        return self._reviewed("similar-product").action_link()

    def action_view_reviewed(self):
        """The records of one group, chosen by the button's context."""
        codes = self.env.context.get("pos_sync_codes") or _REVIEWED
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_message_action")
        return {
            **action,
            "domain": [("connection_id", "in", self.ids), ("code", "in", codes)],
            "context": {"search_default_open": 1},
        }

    def action_finish_first_sync(self):
        """From now on what is unknown is made without asking, and what is new and still waits too. What only resembles
        something goes on waiting for its answer."""
        self.check_access("write")
        self.write({"review_new": False})
        waiting = self._reviewed(*_NEW)
        return waiting.action_create() if waiting else True

    def action_undo_first_sync(self):
        """Removes what this connection made and nobody has used, and forgets its links. Nothing is pulled until the
        flows are asked for again."""
        self.check_access("write")
        removed = kept = 0
        for connection in self.sudo():
            connection.write({"state": "off", "state_message": False, "review_new": True})
            for records in connection._made_records():
                for record in records:
                    gone = connection._remove_unused(record)
                    removed, kept = removed + gone, kept + (not gone)
            connection.env["pos.sync.mapping"].search(
                [("connection_id", "=", connection.id), ("entity", "in", _ENTITIES)]
            ).filtered(lambda mapping: mapping.missing or mapping.linked_by != "made").unlink()
            connection.stream_ids.filtered(lambda stream: stream.flow in _FLOWS).write(
                {"cursor": False, "sweep": 0, "pass_ended": False, "first_done": False, "run_id": False}
            )
            connection._reviewed(*_REVIEWED).action_drop()
        return self._notify(
            self.env._(
                "%(removed)s records were removed, %(kept)s are in use and stay. The connection is switched off.",
                removed=removed,
                kept=kept,
            )
        )

    def _made_records(self):
        """What this connection made, in the order in which it can be removed."""
        self.ensure_one()
        made = self.env["pos.sync.mapping"].search([("connection_id", "=", self.id), ("made_here", "=", True)])
        combos = made.product_tmpl_id.filtered(lambda template: template.type == "combo")
        return (combos, made.combo_id, made.product_tmpl_id - combos, made.partner_id)

    def _remove_unused(self, record):
        """Whether the record could be removed: what anything refers to stays."""
        if record._name == "product.template" and self._is_used(record):
            return False
        if record._name == "res.partner" and self.env["sale.order"].search_count(
            [("partner_id", "=", record.id)], limit=1
        ):
            return False
        # The addresses of a customer go with them.
        parts = record.with_context(active_test=False).child_ids if record._name == "res.partner" else record.browse()
        try:
            with self.env.cr.savepoint():
                (parts | record).unlink()
        except Exception:
            # Whatever forbids it, a constraint or another module: the record is in use.
            return False
        return True

    def _is_used(self, template):
        products = template.with_context(active_test=False).product_variant_ids
        return any(
            self.env[model].search_count([("product_id", "in", products.ids)], limit=1)
            for model in ("sale.order.line", "stock.move", "account.move.line")
        )
