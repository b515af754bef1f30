from rapidfuzz import fuzz, process

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..connectors.errors import Failure
from ..sync.catalogue.product_review import plain

# Below this two names have too little in common to be proposed.
_SIMILAR = 88


class PosSyncLinkProduct(models.TransientModel):
    """Asks which product of the system a product of Odoo is, for an order that waits to be sent with it."""

    _name = "pos.sync.link_product"
    _description = "POS Sync Link a Product to Be Sent"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", readonly=True, check_company=True
    )
    by = fields.Selection(
        [
            ("link", "One that came from there"),
            ("message", "One that waits for an answer"),
            ("id", "Another one, by its ID"),
        ],
        string="It Is",
        default="link",
        required=True,
    )
    mapping_id = fields.Many2one(
        "pos.sync.mapping",
        string="At the System",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        ondelete="cascade",
        domain="[('connection_id', '=', connection_id), ('entity', '=', 'variant'), ('gone', '=', False)]",
    )
    message_id = fields.Many2one(
        "pos.sync.message",
        string="Waits For an Answer",
        ondelete="cascade",
        domain="[('connection_id', '=', connection_id), ('flow', '=', 'products_pull'), ('kind', '=', 'review'), "
        "('state', 'in', ('held', 'failed'))]",
    )
    external_id = fields.Char(string="ID at the System")
    other_product_id = fields.Many2one("product.product", compute="_compute_other_product_id")
    waiting_count = fields.Integer(compute="_compute_waiting_count", string="Waiting Orders")

    @api.depends("connection_id", "product_id")
    def _compute_proposal(self):
        """One whose product was deleted in Odoo or that no product was made for, with a name like the product's."""
        for wizard in self:
            free = self.env["pos.sync.mapping"].search(
                Domain("connection_id", "=", wizard.connection_id.id)
                & Domain("entity", "=", "variant")
                & Domain("gone", "=", False)
                & Domain("product_id", "=", False)
            )
            names = {mapping.id: plain(mapping.name or "") for mapping in free}
            wanted = plain(wizard.product_id.name or "")
            found = process.extractOne(wanted, names, scorer=fuzz.token_sort_ratio, score_cutoff=_SIMILAR)
            wizard.mapping_id = found[2] if found else False

    @api.depends("mapping_id", "by")
    def _compute_other_product_id(self):
        for wizard in self:
            other = wizard.mapping_id.product_id if wizard.by == "link" else wizard.product_id
            wizard.other_product_id = other if other != wizard.product_id else False

    def _compute_waiting_count(self):
        for wizard in self:
            wizard.waiting_count = self.env["pos.sync.message"].search_count(
                [
                    ("connection_id", "=", wizard.connection_id.id),
                    ("direction", "=", "out"),
                    ("missing_product_id", "=", wizard.product_id.id),
                    ("state", "in", ("held", "failed")),
                ]
            )

    def action_link(self):
        """Links it; the orders that waited for it follow by themselves."""
        self.ensure_one()
        self.env["pos.sync.mapping"].check_access("write")
        self.product_id.check_access("read")
        chosen = {"link": self.mapping_id, "message": self.message_id}.get(self.by)
        if chosen and chosen.connection_id != self.connection_id:
            raise UserError(self.env._("“%s” belongs to another connection.", chosen.display_name))
        getattr(self, f"_link_by_{self.by}")()
        return self.env["pos.sync.connection"]._notify(
            self.env._("Linked. What waited for it will follow shortly."),
            next_action={"type": "ir.actions.act_window_close"},
        )

    def _link_by_link(self):
        if not self.mapping_id:
            raise UserError(self.env._("Choose the product of the system first."))
        mapping = self.mapping_id.sudo()
        parts = self.env["pos.sync.mapping"].search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("entity", "=", "variant"),
                ("parent_external_id", "=", mapping.parent_external_id),
            ]
        )
        whole = self.env["pos.sync.mapping"]._find(self.connection_id, "product", [mapping.parent_external_id])
        if mapping.parent_external_id and parts == mapping:
            # Its only variant takes the whole product along; what the connection owned of the former one it gives up.
            for parent in whole.values():
                given_up = dict.fromkeys([*self._owned(parent), "digest", "stated"], False)
                parent.sudo().write({**self._prepare_link(), **given_up})
        mapping.write({**self._prepare_link(), "product_id": self.product_id.id})

    def _owned(self, mapping):
        return [] if mapping.product_tmpl_id == self.product_id.product_tmpl_id else mapping._owned_groups()

    def _link_by_message(self):
        if not self.message_id:
            raise UserError(self.env._("Choose the product of the system first."))
        self.message_id.sudo().candidate_tmpl_id = self.product_id.product_tmpl_id
        self.message_id.action_link()

    def _link_by_id(self):
        external_id = (self.external_id or "").strip()
        if not external_id:
            raise UserError(self.env._("Enter the ID that the system gives the product."))
        known = self.env["pos.sync.mapping"]._find(self.connection_id, "variant", [external_id]).get(external_id)
        if known:
            self.mapping_id = known
            self._link_by_link()
            return
        self.env["pos.sync.mapping"].sudo().create(
            {
                **self._prepare_link(),
                "connection_id": self.connection_id.id,
                "entity": "variant",
                "external_id": external_id,
                "product_id": self.product_id.id,
                "name": self._name_at_the_system(external_id),
            }
        )

    def _name_at_the_system(self, external_id):
        """What the system calls it. Raises UserError where it has no product of that id."""
        with self.connection_id.sudo()._connector() as connector:
            if not connector.implements("get_product"):
                return False
            try:
                record = connector.get_product(external_id)
            except Failure as failure:
                raise UserError(failure.sentence) from None
        variants = record.variants if record else ()
        variant = next((variant for variant in variants if variant.external_id == external_id), None)
        if variant is None:
            raise UserError(
                self.env._(
                    "“%(name)s” has no product of the ID “%(id)s”. The ID of a variant is needed.",
                    name=self.connection_id.name,
                    id=external_id,
                )
            )
        return variant.name or record.name

    def _prepare_link(self):
        return {"product_tmpl_id": self.product_id.product_tmpl_id.id, "linked_by": "hand"}
