from odoo import fields, models


class PosSyncSettingChoice(models.Model):
    """A value that a setting can take, static or as the system named it."""

    _name = "pos.sync.setting.choice"
    _description = "POS Sync Setting Choice"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, key, sequence, id"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    key = fields.Char(required=True)
    sequence = fields.Integer()
    value = fields.Char(required=True)
    name = fields.Char(required=True)

    _connection_key_value_uniq = models.Constraint("UNIQUE(connection_id, key, value)", "A choice is offered once.")

    def _offer(self, connection, choices):
        """Makes the choices of `connection` what `choices` says: pairs of value and name by setting key.

        One of several that is taken stays though the system no longer names it: whoever sees it can take it away.
        """
        known = {(choice.key, choice.value): choice for choice in self.search([("connection_id", "=", connection.id)])}
        for key, pairs in choices.items():
            for position, (value, name) in enumerate(pairs):
                choice = known.pop((key, value), None)
                if choice:
                    if choice.name != name or choice.sequence != position:
                        choice.write({"name": name, "sequence": position})
                else:
                    self.create(
                        {
                            "connection_id": connection.id,
                            "key": key,
                            "value": value,
                            "name": name,
                            "sequence": position,
                        }
                    )
        taken = {(row.key, value) for row in connection.setting_ids for value in row._chosen()}
        for (key, value), choice in known.items():
            if key in choices and (key, value) not in taken:
                choice.unlink()
        for setting in connection.setting_ids.filtered(lambda row: row.key in choices and not row.choice_id):
            chosen = self.search(
                [("connection_id", "=", connection.id), ("key", "=", setting.key), ("value", "=", setting.value)],
                limit=1,
            )
            if chosen:
                setting.choice_id = chosen
