from odoo import api, fields, models
from odoo.exceptions import UserError

from ..connectors.flows import Flow


class PosSyncLink(models.TransientModel):
    """Asks which record of Odoo a record of the system is."""

    _name = "pos.sync.link"
    _description = "POS Sync Link a Record"
    _check_company_auto = True

    message_id = fields.Many2one("pos.sync.message", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="message_id.company_id", store=True)
    flow = fields.Selection(related="message_id.flow")
    name = fields.Char(related="message_id.name", string="At the System")
    stated = fields.Char(related="message_id.stated")
    product_tmpl_id = fields.Many2one(
        "product.template",
        string="Product in Odoo",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer in Odoo",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )

    @api.depends("message_id")
    def _compute_proposal(self):
        for wizard in self:
            wizard.product_tmpl_id = wizard.message_id.candidate_tmpl_id
            wizard.partner_id = wizard.message_id.candidate_partner_id

    def action_link(self):
        self.ensure_one()
        self.message_id.check_access("read")
        chosen = self.partner_id if self.flow == Flow.CUSTOMERS_PULL.value else self.product_tmpl_id
        if not chosen:
            raise UserError(self.env._("Choose the record of Odoo first."))
        chosen.check_access("read")
        self.message_id.sudo().write(
            {"candidate_tmpl_id": self.product_tmpl_id.id, "candidate_partner_id": self.partner_id.id}
        )
        self.message_id.action_link()
        return {"type": "ir.actions.act_window_close"}
