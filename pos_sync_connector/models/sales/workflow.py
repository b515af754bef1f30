from odoo import api, fields, models
from odoo.fields import Command

# What each status leads to where no row of the table says more: (confirm, deliver).
DEFAULTS = {"open": (False, False), "paid": (True, False), "completed": (True, True)}


class PosSyncWorkflow(models.Model):
    """What Odoo does with an order of a status that is paid in a way. The first row that fits an order decides."""

    _name = "pos.sync.workflow"
    _inherit = ["pos.sync.guarded"]
    _description = "POS Sync Workflow"
    _order = "connection_id, sequence, id"
    _rec_name = "status"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    status = fields.Selection(
        [("open", "Open"), ("paid", "Paid"), ("completed", "Completed")], string="Status at the System", required=True
    )
    payment = fields.Selection(
        [("any", "Paid or not"), ("paid", "Paid"), ("unpaid", "Unpaid")], default="any", required=True
    )
    method_id = fields.Many2one(
        "pos.sync.payment.method",
        string="Payment Method",
        domain="[('connection_id', '=', connection_id)]",
        ondelete="cascade",
        help="Only orders with a payment of this method. Empty: any.",
    )
    confirm = fields.Boolean(help="Otherwise it stays a quotation.")
    deliver = fields.Boolean(help="Where Odoo owns the stock: the delivery is validated in full.")
    invoice = fields.Boolean(
        help="An invoice of the order is made and posted. Only while the connection's posting is “Orders only”: the "
        "other ways of posting make their own."
    )
    pay = fields.Boolean(
        string="Register Payment",
        help="What the system received is registered on the invoice, in the journal of its payment method.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="E-mail",
        domain="[('model', '=', 'sale.order')]",
        ondelete="restrict",
        help="Sent to the customer once.",
    )

    @api.onchange("deliver", "invoice", "pay")
    def _onchange_steps(self):
        """A later step takes those before it along."""
        self.invoice = self.invoice or self.pay
        self.confirm = self.confirm or self.deliver or self.invoice

    def _fits(self, status, paid, methods):
        self.ensure_one()
        return (
            self.status == status
            and (self.payment == "any" or (self.payment == "paid") == paid)
            and (not self.method_id or self.method_id.external_id in methods)
        )


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    workflow_ids = fields.One2many(
        "pos.sync.workflow",
        "connection_id",
        default=lambda self: [
            Command.create({"status": status, "confirm": confirm, "deliver": deliver})
            for status, (confirm, deliver) in DEFAULTS.items()
        ],
    )
