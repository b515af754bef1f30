from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class PosSyncConnection(models.Model):
    """By which program a connection's customers collect points."""

    _inherit = "pos.sync.connection"

    points_by = fields.Selection(
        [("odoo", "Odoo, by the program below"), ("system", "The system itself")],
        string="Points Are Kept By",
        default="odoo",
        required=True,
        help="One of the two gives points for a sale, never both. What orders have earned in Odoo stays theirs.",
    )

    @api.constrains("program_id")
    def _check_program_collects(self):
        """Odoo deletes the card of a program for the current order only, when the order claims no reward."""
        for connection in self:
            program = connection.program_id.sudo()
            if program and not program.is_nominative:
                raise ValidationError(
                    self.env._(
                        "The points of “%s” can be used on the current order only. Choose a program whose points can "
                        "be collected: “Current & Future orders”.",
                        program.name,
                    )
                )

    def action_make_program(self):
        """Makes Odoo's own loyalty program of one point a currency unit, for this connection."""
        self.check_access("write")
        for connection in self.filtered(lambda item: not item.program_id):
            Program = self.env["loyalty.program"].sudo().with_company(connection.company_id)
            connection.program_id = Program.create(connection._prepare_program(Program))
        return self.action_open_program() if len(self) == 1 else True

    def _prepare_program(self, Program):
        return {
            **Program._get_template_values()["loyalty"],
            "name": self.env._("Points of %s", self.name),
            "company_id": self.company_id.id,
            "currency_id": self.company_id.currency_id.id,
            "portal_point_name": self.env._("Points"),
            "rule_ids": [
                Command.create(
                    # Half a kilo is no whole unit, and earns.
                    {"reward_point_mode": "money", "reward_point_amount": 1.0, "minimum_qty": 0}
                )
            ],
        }

    def action_open_program(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "loyalty.program",
            "res_id": self.program_id.id,
            "view_mode": "form",
            "views": [(self.env.ref("loyalty.loyalty_program_view_form").id, "form")],
        }
