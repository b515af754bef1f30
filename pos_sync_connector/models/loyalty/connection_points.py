from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

_AT_ONCE, _LONGEST = 200, 5000


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

    def action_award_earlier(self):
        """Gives points for orders that came before the program was chosen, from the connection's start date on."""
        self.ensure_one()
        self.check_access("write")
        award = self.env["pos.sync.award_points"].sudo().with_company(self.company_id)
        Points, Order = self.env["pos.sync.points"].sudo(), self.env["sale.order"].sudo()
        before = Points.search_count([("connection_id", "=", self.id), ("kind", "=", "earn")])
        orders = Order.search(self._earlier_orders_domain(), order="date_order, id", limit=_LONGEST)
        for start in range(0, len(orders), _AT_ONCE):
            award._settle(orders[start : start + _AT_ONCE])
        earned = Points.search_count([("connection_id", "=", self.id), ("kind", "=", "earn")]) - before
        if len(orders) == _LONGEST and earned:
            return self._notify(
                self.env._("%s orders have earned points. There may be more: press the button again.", earned)
            )
        return self._notify(self.env._("%s orders have earned points.", earned))

    def _earlier_orders_domain(self):
        """Sold orders without points; a day more than the start date, which is a day of the shop's time zone."""
        domain = [
            ("pos_sync_connection_id", "=", self.id),
            ("pos_sync_status", "=", "completed"),
            ("state", "=", "sale"),
            ("pos_sync_points_ids", "=", False),
            ("partner_id", "not in", self.env["pos.sync.award_points"].sudo()._walk_ins(self).ids),
        ]
        if self.points_from:
            first = fields.Datetime.subtract(fields.Datetime.to_datetime(self.points_from), days=1)
            domain += ["|", ("date_order", ">=", first), ("pos_sync_closed_at", ">=", first)]
        return domain

    def action_open_program(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "loyalty.program",
            "res_id": self.program_id.id,
            "view_mode": "form",
            "views": [(self.env.ref("loyalty.loyalty_program_view_form").id, "form")],
        }
