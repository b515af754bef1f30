from odoo import api, fields, models
from odoo.exceptions import ValidationError

MODES = [("orders", "Orders only"), ("invoice", "Invoice each order"), ("summary", "Daily summary")]


class PosSyncPostingPeriod(models.Model):
    """From which business day on a connection's sales are posted in which way. Before the first period nothing is."""

    _name = "pos.sync.posting.period"
    _description = "POS Sync Posting Period"
    _order = "connection_id, date_from desc"
    _rec_name = "date_from"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    date_from = fields.Date(string="From", required=True)
    mode = fields.Selection(MODES, string="Posting", required=True)

    _date_uniq = models.Constraint("UNIQUE(connection_id, date_from)", "Only one way of posting can begin on a day.")

    @api.model_create_multi
    def create(self, vals_list):
        periods = super().create(vals_list)
        periods._check_nothing_posted()
        return periods

    def write(self, vals):
        # Both where it began before and where it begins now.
        self._check_nothing_posted()
        result = super().write(vals)
        self._check_nothing_posted()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_nothing_posted()

    def _check_nothing_posted(self):
        """A day that is posted stays posted as it is: its way of posting is settled."""
        for period in self:
            later = self.search(
                [("connection_id", "=", period.connection_id.id), ("date_from", ">", period.date_from)],
                order="date_from",
                limit=1,
            )
            until = [("date", "<", later.date_from)] if later else []
            posted = self.env["pos.sync.day"].search(
                [
                    ("connection_id", "=", period.connection_id.id),
                    ("date", ">=", period.date_from),
                    ("state", "in", ("posted", "changed")),
                    *until,
                ],
                order="date desc",
                limit=1,
            )
            if posted:
                raise ValidationError(
                    self.env._(
                        "%(connection)s: %(day)s is posted already. Another way of posting can only begin after it.",
                        connection=period.connection_id.name,
                        day=fields.Date.to_string(posted.date),
                    )
                )
