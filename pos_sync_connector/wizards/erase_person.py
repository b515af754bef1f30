from odoo import api, fields, models


class PosSyncErase(models.TransientModel):
    """Asks before customers are erased for good."""

    _name = "pos.sync.erase"
    _description = "POS Sync Erase Customers"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    partner_ids = fields.Many2many(
        "res.partner", string="Customers", default=lambda self: self.env.context.get("active_ids", [])
    )
    order_count = fields.Integer(string="Orders That Stay, Without a Name", compute="_compute_order_count")

    @api.depends("partner_ids")
    def _compute_order_count(self):
        for wizard in self:
            wizard.order_count = (
                self.env["sale.order"].sudo().search_count([("partner_id", "in", wizard.partner_ids.ids)])
            )

    def action_erase(self):
        """Only for managers, who may make such a question."""
        self.check_access("write")
        self.partner_ids.check_access("write")
        self.env["pos.sync.erase_person"]._erase(self.partner_ids)
        return {"type": "ir.actions.act_window_close"}
