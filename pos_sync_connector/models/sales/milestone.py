from odoo import api, fields, models

MILESTONES = [
    ("received", "Order Received"),
    ("ready", "Ready to Be Picked Up"),
    ("shipped", "Shipped"),
    ("delivered", "Handed Over"),
    ("completed", "Completed"),
    ("cancelled", "Cancelled"),
    ("refunded", "Money Given Back"),
]


class PosSyncMilestone(models.Model):
    """A moment in the life of a connection's orders at which the customer gets a mail. None are there by default."""

    _name = "pos.sync.milestone"
    _description = "POS Sync Customer Mail"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, id"
    _rec_name = "milestone"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    milestone = fields.Selection(MILESTONES, string="When", required=True)
    template_id = fields.Many2one(
        "mail.template",
        string="Mail",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        domain="[('model', '=', 'sale.order')]",
        ondelete="restrict",
    )

    _milestone_uniq = models.Constraint("UNIQUE(connection_id, milestone)", "There is one mail for each moment.")

    @api.depends("milestone")
    def _compute_template_id(self):
        for row in self:
            row.template_id = row.milestone and self.env.ref(
                f"pos_sync_connector.mail_template_order_{row.milestone}", raise_if_not_found=False
            )


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    milestone_ids = fields.One2many("pos.sync.milestone", "connection_id", string="Mails to Customers", copy=False)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    pos_sync_milestones = fields.Char(
        readonly=True, copy=False, help="The milestones that it has reached, each between spaces."
    )
