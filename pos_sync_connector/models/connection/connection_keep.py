from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...connectors.errors import Refused

# What a connection does by itself; all else that names it tells of the account, and goes to who takes over.
_OWN = (
    "pos.sync.setting",
    "pos.sync.setting.choice",
    "pos.sync.stream",
    "pos.sync.message",
    "pos.sync.run",
    "pos.sync.event",
    "pos.sync.authorization",
)
# What was chosen for the account.
_CHOSEN = ("orders_from", "points_from", "entries_from", "pricelist_id", "walk_in_partner_id", "program_id", "timezone")


class PosSyncConnection(models.Model):
    """What a connection has brought stays: one with orders or posted days is archived, not deleted, and a new one to
    the same account takes over what it knows."""

    _inherit = "pos.sync.connection"

    former_id = fields.Many2one(
        "pos.sync.connection",
        string="Former Connection",
        readonly=True,
        copy=False,
        help="Archived, and was connected to the same account. Whether its records are taken over is to be answered.",
    )
    former_sentence = fields.Char(compute="_compute_former_sentence")
    starts_anew = fields.Boolean(readonly=True, copy=False)

    def unlink(self):
        # Before anything is removed at the system.
        self._check_holds_nothing()
        return super().unlink()

    def _check_holds_nothing(self):
        for connection in self:
            if not connection.to_remove and (held := connection._held_by()):
                raise UserError(
                    self.env._(
                        "“%(name)s” can't be deleted: %(what)s would lose what they come from, and connecting the "
                        "account again would bring them a second time. Archive it instead: it stops, and all is kept.",
                        name=connection.name,
                        what=", ".join(held),
                    )
                )

    def _held_by(self):
        """What hangs on the connection that is more than a link: [name and number]."""
        self.ensure_one()
        mine = [("connection_id", "=", self.id)]
        labels = (
            ("sale.order", [("pos_sync_connection_id", "=", self.id)], self.env._("orders")),
            ("pos.sync.mapping", [*mine, ("entity", "=", "order"), ("pushed", "=", True)], self.env._("orders sent")),
            ("pos.sync.day", [*mine, ("state", "in", ("posted", "changed"))], self.env._("posted days")),
            ("pos.sync.payout", mine, self.env._("payouts")),
            ("pos.sync.reconciliation", [*mine, ("sign_state", "!=", "open")], self.env._("signed days")),
        )
        counts = [(self.env[model].sudo().search_count(domain), label) for model, domain, label in labels]
        return [f"{label} ({count})" for count, label in counts if count]

    # A new connection to the same account

    def _check_same_account(self, account):
        """Nothing is read before somebody has said what becomes of what a former connection knows."""
        result = super()._check_same_account(account)
        former = self.with_context(active_test=False).sudo().search(
            [
                ("system", "=", self.system),
                ("account_external_id", "=", account.external_id),
                ("company_id", "=", self.company_id.id),
                ("active", "=", False),
                ("to_remove", "=", False),
                ("id", "!=", self.id),
            ],
            order="tested_at desc, id desc",
            limit=1,
        )
        if former and not self.account_external_id and not self.starts_anew:
            self.sudo().former_id = former
            raise Refused(self._former_question(), code="former-connection")
        return result

    def _compute_former_sentence(self):
        for connection in self:
            connection.former_sentence = connection.former_id and connection._former_question()

    def _former_question(self):
        former = self.sudo().former_id
        return self.env._(
            "“%(name)s”, which is archived, was connected to this account and knows %(links)s of its records. Take "
            "them over, or restore that connection; started anew, each order would come a second time.",
            name=former.name,
            links=former.mapping_count,
        )

    def action_take_over(self):
        """Goes on where the former connection ended: its links, orders, days and choices are this one's from now on."""
        self.ensure_one()
        self.check_access("write")
        if not self.former_id or self.account_external_id:
            raise UserError(self.env._("There is no former connection whose records could be taken over."))
        former = self.sudo().former_id
        self.write(
            {name: self._fields[name].convert_to_write(former[name], former) for name in _CHOSEN if former[name]}
        )
        self.env.flush_all()
        for table, column in self._named_by():
            self.env.cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(column)s = %(new)s WHERE %(column)s = %(old)s",
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    new=self.id,
                    old=former.id,
                )
            )
        self.env.invalidate_all()
        self.message_post(body=self.env._("Took over what “%s” knew.", former.name))
        former.message_post(body=self.env._("“%s” has taken over what this connection knew.", self.name))
        self.sudo().write({"former_id": False, "starts_anew": True})
        return self.action_test()

    def action_start_anew(self):
        self.ensure_one()
        self.check_access("write")
        self.sudo().write({"former_id": False, "starts_anew": True})
        return self.action_test()

    def _named_by(self):
        """(table, column) of all that names the connection and has not its own already."""
        for model in self.env.registry.values():
            if not model._auto or model._abstract or model._name in _OWN:
                continue
            for field in model._fields.values():
                if field.type == "many2one" and field.comodel_name == self._name and field.store and field.column_type:
                    if model._name == self._name or (model._name.startswith("pos.sync.") and self._has(model, field)):
                        continue
                    yield model._table, field.name

    def _has(self, model, field):
        found = self.env[model._name].sudo().with_context(active_test=False)
        return bool(found.search_count([(field.name, "=", self.id)], limit=1))
