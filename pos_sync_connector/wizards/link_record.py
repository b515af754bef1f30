from odoo import api, fields, models
from odoo.exceptions import UserError


class PosSyncLink(models.TransientModel):
    """Asks which record of Odoo a record of the system is."""

    _name = "pos.sync.link"
    _description = "POS Sync Link a Record"

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
        domain="[('company_id', 'in', (False, company_id))]",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer in Odoo",
        compute="_compute_proposal",
        store=True,
        readonly=False,
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
        if not (self.product_tmpl_id or self.partner_id):
            raise UserError(self.env._("Choose the record of Odoo first."))
        self.message_id.sudo().write(
            {"candidate_tmpl_id": self.product_tmpl_id.id, "candidate_partner_id": self.partner_id.id}
        )
        self.message_id.action_link()
        return {"type": "ir.actions.act_window_close"}
