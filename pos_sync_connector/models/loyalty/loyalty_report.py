from odoo import fields, models
from odoo.tools import SQL


class PosSyncLoyaltyReport(models.Model):
    """The points of each customer in the programs of the connections: issued, taken back, and still to be spent."""

    _name = "pos.sync.loyalty.report"
    _description = "POS Sync Loyalty"
    _auto = False
    _order = "issued desc, id"
    _rec_name = "partner_id"
    _depends = {
        "pos.sync.points": ["card_id", "points"],
        "pos.sync.connection": ["program_id"],
        "loyalty.card": ["partner_id", "points", "program_id", "active"],
        "loyalty.program": ["company_id"],
    }

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    program_id = fields.Many2one("loyalty.program", readonly=True)
    card_id = fields.Many2one("loyalty.card", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    issued = fields.Float(digits=(16, 2), readonly=True, help="Points that sales and opening balances gave.")
    taken_back = fields.Float(digits=(16, 2), readonly=True, help="For refunds, cancellations and edited orders.")
    outstanding = fields.Float(digits=(16, 2), readonly=True, help="What the card holds now.")
    spent = fields.Float(digits=(16, 2), readonly=True, help="Spent on rewards, or changed by hand.")
    last_at = fields.Datetime(string="Last Posting", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT card.id, card.id AS card_id, card.partner_id, card.program_id, program.company_id, posted.last_at,
                   posted.issued, posted.taken_back, card.points AS outstanding,
                   posted.issued - posted.taken_back - card.points AS spent
              FROM loyalty_card card
              JOIN loyalty_program program ON program.id = card.program_id
             CROSS JOIN LATERAL (
                    SELECT COALESCE(sum(points) FILTER (WHERE points > 0), 0) AS issued,
                           COALESCE(-sum(points) FILTER (WHERE points < 0), 0) AS taken_back,
                           max(posted_at) AS last_at
                      FROM pos_sync_points WHERE card_id = card.id) posted
             WHERE card.active AND card.partner_id IS NOT NULL
               AND card.program_id IN (SELECT program_id FROM pos_sync_connection)
            """
        )
