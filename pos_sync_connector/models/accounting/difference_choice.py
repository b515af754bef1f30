from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.flows import Flow


class PosSyncDifference(models.Model):
    """What only a person can say: an order is cancelled in Odoo and still there at the system. It is restored here,
    cancelled there, or the difference is accepted. What would take sales out of the books is asked one by one."""

    _inherit = "pos.sync.difference"

    cancelled_here = fields.Boolean(compute="_compute_cancelled_here")
    can_cancel_there = fields.Boolean(compute="_compute_cancelled_here")
    removes_sales = fields.Boolean(compute="_compute_removes_sales")
    restoring = fields.Boolean(readonly=True, help="Its order is to be a sale in Odoo again.")
    accepted_by_id = fields.Many2one("res.users", readonly=True)

    @api.depends("cause", "order_id.state", "mending")
    def _compute_cancelled_here(self):
        for row in self.sudo():
            row.cancelled_here = row.cause == "cancelled" and row.order_id.state == "cancel" and row.amount > 0
            there = row._sent_link() or row.order_id.pos_sync_connection_id == row.connection_id
            row.can_cancel_there = row.cancelled_here and bool(there and row._status_stream().enabled)

    @api.depends("cause", "amount", "day_id")
    def _compute_removes_sales(self):
        """Cancels a sale, or posts a correction that takes something back."""
        for row in self:
            posting = row.day_id and row.cause == "not_posted" and row.amount < 0
            # Of an order that was sent only its link ends.
            gone = row.cause == "missing_system" and row.flow == Flow.ORDERS_PULL.value and not row.sudo()._sent_link()
            row.removes_sales = bool(posting or gone)

    def _sent_link(self):
        """The link of an order that was sent to the system."""
        links = self.order_id.pos_sync_sent_ids
        return links.filtered(lambda link: link.connection_id == self.connection_id and not link.gone)

    def _status_stream(self):
        return self.connection_id._stream(Flow.ORDER_STATUS_PUSH)

    def _can_mend(self):
        """What is accepted, or for a person to choose, is not for a button that does all."""
        return not self.accepted_by_id and not self.cancelled_here and super()._can_mend()

    def _mend_all(self):
        """All that can be fixed without being asked about one by one."""
        rows = self.filtered(lambda row: row._can_mend())
        if rows and not rows.filtered(lambda row: not row.removes_sales):
            raise UserError(
                self.env._("What is left would remove sales from the books. Press “Fix” at each that is right.")
            )
        return rows.filtered(lambda row: not row.removes_sales).action_mend()

    # Choosing

    def action_restore(self):
        """The order is a sale in Odoo again, as the system has it."""
        self._check_choice(lambda: self.order_id.pos_sync_connection_id == self.connection_id)
        self.sudo().write({"restoring": True, "mending": True})
        self.sudo().connection_id._wake_reconciliation()
        return self.env["pos.sync.connection"]._notify(self.env._("It will be restored shortly."))

    def action_cancel_there(self):
        """The system cancels it, too."""
        self._check_choice(lambda: self.can_cancel_there)
        order = self.sudo().order_id
        if order.pos_sync_connection_id == self.connection_id:
            order._pos_sync_cancel_there()
        else:
            self.env["pos.sync.stream"].sudo()._push_status_of(order)
        self.sudo().mending = True
        return self.env["pos.sync.connection"]._notify(self.env._("The cancellation will be sent shortly."))

    def action_accept(self):
        """The difference stays as it is: the user knows why. Once it is another one it is asked about again."""
        self._check_choice(lambda: True)
        self.sudo().accepted_by_id = self.env.user
        day = self.sudo().reconciliation_id
        day._follow_accepted()
        day.message_post(body=self.env._("Accepted: %(name)s, %(why)s", name=self.name, why=self.sentence))
        return self.env["pos.sync.connection"]._notify(self.env._("Accepted."))

    def _check_choice(self, fits):
        self.ensure_one()
        self.env["pos.sync.reconciliation"]._check_accountant()
        # Before what is worked out with all rights, which nobody is refused any more once it is known.
        self.check_access("read")
        if self.mending or self.accepted_by_id or not self.cancelled_here or not fits():
            raise UserError(self.env._("This can't be done here. The sentence of the difference says what to look at."))

    # From one check to the next

    def _wishes(self):
        """{key: what people have asked for or said}, for the rows that take the place of these."""
        return {
            (row.flow, row.external_id or row.name): (
                {"mending": row.mending, "restoring": row.restoring},
                (row.cause, row.amount, row.accepted_by_id.id),
            )
            for row in self
        }

    @api.model
    def _prepare_wishes(self, wishes, vals):
        """What was asked for is kept while its turn is still to come; what was accepted while it is the same."""
        asked, accepted = wishes.get((vals.get("flow"), vals.get("external_id") or vals["name"]), ({}, None))
        same = accepted and accepted[:2] == (vals["cause"], vals["amount"])
        return {**asked, "accepted_by_id": accepted[2] if same else False}


class PosSyncReconciliation(models.Model):
    _inherit = "pos.sync.reconciliation"

    state = fields.Selection(
        selection_add=[("accepted", "Differences Accepted")], ondelete={"accepted": "set default"}
    )

    def _follow_accepted(self):
        """A day all of whose differences are accepted is nothing to do any more, and does not agree either."""
        for day in self:
            left = day.difference_ids.filtered(lambda row: not row.accepted_by_id)
            state = day.state
            if state == "differs" and day.difference_ids and not left:
                state = "accepted"
            elif state == "accepted" and left:
                state = "differs"
            day.write({"state": state, "difference_count": len(left)})

    def action_mend(self):
        """Pulls what is missing or differs on these days, and posts what is to be posted; removes no sale."""
        return self.difference_ids._mend_all()
