import json
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .reconciliation import COMPARED


class PosSyncReconciliation(models.Model):
    """Sign-off: who vouches for a day, and what has reopened it since."""

    _inherit = "pos.sync.reconciliation"

    sign_state = fields.Selection(
        [("open", "Not Signed"), ("signed", "Signed"), ("reopened", "Reopened")],
        string="Sign-off",
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    signed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    signed_at = fields.Datetime(readonly=True, copy=False)
    signed_figures = fields.Json(readonly=True, copy=False, help="What all sides said when the day was signed.")
    reopened_by = fields.Char(string="Changed Since Signing", readonly=True, copy=False)

    def action_sign(self):
        """The user vouches for these days as they are now."""
        self._check_accountant()
        self.check_access("write")
        days = self.filtered(lambda day: day.sign_state != "signed").sudo()
        days._recount()
        for day in days:
            day.write(
                {
                    "sign_state": "signed",
                    "signed_by_id": self.env.uid,
                    "signed_at": fields.Datetime.now(),
                    "signed_figures": day._figures(),
                    "reopened_by": False,
                }
            )
            day.with_user(self.env.user).sudo().message_post(body=day._signed_sentence())
        return self.env["pos.sync.connection"]._notify(self.env._("Signed."))

    def _signed_sentence(self):
        if self.state == "ok":
            return self.env._("Signed: all sides agree.")
        named = "; ".join(f"{row.sentence} ({row.amount:.2f})" for row in self.difference_ids)
        return self.env._("Signed with differences: %s", named)

    def action_reopen(self):
        """Takes the sign-off back."""
        self._check_accountant()
        self.check_access("write")
        if self.filtered(lambda day: day.sign_state != "signed"):
            raise UserError(self.env._("Only days that are signed can be reopened."))
        self.sudo()._reopen(dict.fromkeys(self.sudo(), self.env._("%s has reopened it.", self.env.user.name)))

    def _figures(self):
        """What is vouched for: {name: amount}, the same for the same figures."""
        self.ensure_one()
        digits = self.currency_id.decimal_places
        names = [*(f"{side}_{name}" for side in ("system", "order") for name in COMPARED), "posted_gross", "posted_tax"]
        found = {name: round(self[name], digits) for name in names}
        for row in self.method_ids:
            for side in ("system", "order", "posted"):
                found[f"{side}:{row.name}"] = round(row[f"{side}_amount"], digits)
        return json.loads(json.dumps(found))

    def _note_changes(self):
        """Reopens those whose figures are no longer the ones that were signed."""
        changed = {}
        for day in self.filtered(lambda item: item.sign_state == "signed"):
            now, before = day._figures(), day.signed_figures or {}
            names = sorted(name for name in {*now, *before} if (now.get(name) or 0) != (before.get(name) or 0))
            if names:
                changed[day] = day._change_sentence(names, before, now)
        self._reopen(changed)

    @api.model
    def _moments(self, connection, orders):
        """When these orders, their payments and refunds count; nothing where no day of the connection is signed."""
        if not orders or not self.search_count(
            [("connection_id", "=", connection.id), ("sign_state", "=", "signed")], limit=1
        ):
            return []
        sent = orders.pos_sync_sent_ids.filtered(lambda link: link.connection_id == connection)
        found = [
            *orders.mapped("date_order"),
            *orders.mapped("pos_sync_closed_at"),
            *orders.pos_sync_payment_ids.mapped("paid_at"),
            *orders.pos_sync_refund_ids.mapped("refunded_at"),
            *sent.mapped("remote_at"),
        ]
        return [moment for moment in found if moment]

    @api.model
    def _note_touched(self, connection, moments):
        """Sales of these moments or dates have arrived, changed or been posted: signed days among theirs, in whatever
        time zone, are reopened if they are others now."""
        if not moments:
            return
        dates = [moment.date() if isinstance(moment, datetime) else moment for moment in moments]
        self.search(
            [
                ("connection_id", "=", connection.id),
                ("sign_state", "=", "signed"),
                ("date", ">=", min(dates) - timedelta(days=1)),
                ("date", "<=", max(dates) + timedelta(days=1)),
            ]
        )._recount()

    def _reopen(self, causes):
        for day, cause in causes.items():
            day.write({"sign_state": "reopened", "reopened_by": cause})
            day.message_post(body=self.env._("Reopened: %s", cause))

    def _change_sentence(self, names, before, now):
        """What has happened to the day since it was signed, by the first thing that tells."""
        kinds = [
            (
                "order_count",
                self.env._("An order came late, or one is no more: there were %(before)s orders, now %(now)s."),
            ),
            ("order_refunds", self.env._("Refunds have changed from %(before)s to %(now)s.")),
            ("order_gross", self.env._("An order was edited: %(before)s were sold, now %(now)s.")),
            ("order_tax", self.env._("An order was edited: the tax was %(before)s, now %(now)s.")),
            ("system_count", self.env._("The system counts other orders: %(before)s before, now %(now)s.")),
            (
                "system_gross",
                self.env._("The system says that other amounts were sold: %(before)s before, now %(now)s."),
            ),
            (
                "system_refunds",
                self.env._("The system says that other amounts were refunded: %(before)s before, now %(now)s."),
            ),
            ("posted_gross", self.env._("Something was posted: %(before)s before, now %(now)s.")),
        ]

        def told(figures, name):
            return str(figures.get(name) or 0) if name.endswith("_count") else f"{figures.get(name) or 0:.2f}"

        found = [
            sentence % {"before": told(before, name), "now": told(now, name)}
            for name, sentence in kinds
            if name in names
        ]
        if not found:
            side, _sep, method = names[0].partition(":")
            found = [
                self.env._(
                    "What “%(method)s” took (%(side)s) was %(before)s, now %(now)s.",
                    side=side,
                    method=method or side,
                    before=told(before, names[0]),
                    now=told(now, names[0]),
                )
            ]
        return " ".join(found)
