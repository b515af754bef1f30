"""Odoo's own rules of analytic distribution, also by connection, location and channel; and the partner on entries."""

from odoo import fields, models


class AccountAnalyticDistributionModel(models.Model):
    _inherit = "account.analytic.distribution.model"

    pos_sync_connection_id = fields.Many2one(
        "pos.sync.connection",
        string="Connection",
        ondelete="cascade",
        help="Only for what this connection sells.",
    )
    pos_sync_location_id = fields.Many2one(
        "pos.sync.location", string="Location", ondelete="cascade", help="Only for what this location sells."
    )
    pos_sync_channel = fields.Char(
        string="Channel",
        help="As the system names it. Of daily summaries only where they are split by channel.",
    )

    def _get_default_search_domain_vals(self):
        # What no connection sold matches none of these rules.
        names = ("pos_sync_connection_id", "pos_sync_location_id", "pos_sync_channel")
        return super()._get_default_search_domain_vals() | dict.fromkeys(names, False)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    pos_sync_channel = fields.Char(
        string="Channel",
        readonly=True,
        copy=False,
        help="Of a daily summary that is split by the channel of its orders.",
    )

    def _get_analytic_distribution_arguments(self, root_plans):
        arguments = super()._get_analytic_distribution_arguments(root_plans)
        day = self.move_id.pos_sync_day_id
        return arguments | day._analytic_arguments(
            self.account_id, self.pos_sync_channel or self.sale_line_ids.order_id[:1].pos_sync_channel
        )


class PosSyncDay(models.Model):
    _inherit = "pos.sync.day"

    def _analytic_arguments(self, account, channel):
        """What rules are chosen by, for what is earned or spent: a till and a tax account belong to no channel."""
        if not self or account.internal_group not in ("income", "expense"):
            return {}
        return {
            "pos_sync_connection_id": self.connection_id.id,
            "pos_sync_location_id": self.location_id.id,
            "pos_sync_channel": channel or False,
        }

    def _analytic_distribution(self, account, partner_id, channel):
        """What Odoo fills in on a line of the day's entry."""
        arguments = {
            "product_id": False,
            "product_categ_id": False,
            "partner_id": partner_id,
            "partner_category_id": self.env["res.partner"].browse(partner_id or ()).category_id.ids,
            "account_prefix": account.with_company(self.company_id).code,
            "company_id": self.company_id.id,
        }
        return self.env["account.analytic.distribution.model"]._get_distribution(
            arguments | self._analytic_arguments(account, channel)
        )


class PosSyncPostingPeriod(models.Model):
    _inherit = "pos.sync.posting.period"

    partner_id = fields.Many2one(
        "res.partner", ondelete="restrict", help="On all lines of daily summaries."
    )
    by_channel = fields.Boolean(
        string="Split by Channel", help="Sales, refunds and taxes get a line for each channel of a day's orders."
    )

    def write(self, vals):
        if "by_channel" in vals:
            # What is posted without channels would be posted again with them.
            self._check_nothing_posted()
        return super().write(vals)


class PosSyncLocation(models.Model):
    _inherit = "pos.sync.location"

    posting_partner_id = fields.Many2one(
        "res.partner",
        string="Partner on Entries",
        ondelete="restrict",
        help="On all lines of this location's daily summaries, instead of the connection's.",
    )
