from odoo import models
from odoo.tools import SQL

from ..sales.sold import is_sold


class PosSyncPostDays(models.AbstractModel):
    """Holds a day with a tax that would not reach a tax account: Odoo books one without account as income."""

    _inherit = "pos.sync.post_days"

    def _holds(self, day, amounts, *problems):
        holds = super()._holds(day, amounts, *problems)
        for tax in self._taxes(day):
            if any(not line.account_id for line in tax._pos_sync_owed_lines()):
                sentence = self.env._("The tax “%s” has no account: it would be booked as income.", tax.name)
                holds[tax._pos_sync_trace_key()] = (tax.name, sentence)
        return holds

    def _taxes(self, day):
        """The taxes of what the day sold and refunded."""
        taxes = self.env["sale.order.line"]._fields["tax_ids"]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT DISTINCT link.%(tax)s FROM sale_order_line line
                  JOIN %(relation)s link ON link.%(line)s = line.id
                 WHERE line.order_id IN (
                       SELECT sale.id FROM sale_order sale WHERE sale.pos_sync_day_id = %(day)s AND %(sold)s
                        UNION SELECT order_id FROM pos_sync_refund WHERE day_id = %(day)s AND gone IS NOT TRUE)
                """,
                relation=SQL.identifier(taxes.relation),
                line=SQL.identifier(taxes.column1),
                tax=SQL.identifier(taxes.column2),
                day=day.id,
                sold=is_sold(),
            )
        )
        return self.env["account.tax"].browse(sorted(row[0] for row in self.env.cr.fetchall()))
