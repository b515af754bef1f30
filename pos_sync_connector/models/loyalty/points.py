from odoo import fields, models
from odoo.tools import SQL


class PosSyncPoints(models.Model):
    """The ledger of points: every posting that this addon made, and the truth about them.

    The sum of an order's rows is what the order holds now. Each row is also posted to Odoo's own loyalty card,
    history and coupon points. Rows are only added: what changes later is a row of its own.
    """

    _name = "pos.sync.points"
    _description = "POS Sync Points"
    _order = "id desc"
    _rec_name = "kind"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    order_id = fields.Many2one("sale.order", ondelete="set null", index="btree_not_null")
    order_external_id = fields.Char(readonly=True, help="Kept when the order is deleted in Odoo.")
    customer_external_id = fields.Char(readonly=True, help="The customer at the system whose balance was taken over.")
    refund_id = fields.Many2one("pos.sync.refund", ondelete="set null", index="btree_not_null")
    kind = fields.Selection(
        [
            ("earn", "Earned"),
            ("refund", "Taken Back for a Refund"),
            ("cancel", "Taken Back for a Cancellation"),
            ("edit", "Order Changed"),
            ("move", "Moved to Another Customer"),
            ("opening", "Opening Balance"),
        ],
        required=True,
        readonly=True,
    )
    sequence = fields.Integer(readonly=True, help="Counts the rows of an order.")
    program_id = fields.Many2one("loyalty.program", ondelete="restrict", required=True, readonly=True)
    card_id = fields.Many2one("loyalty.card", ondelete="restrict", index=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="restrict", required=True, index=True, readonly=True
    )
    amount = fields.Float(
        string="Basis", digits=(16, 2), readonly=True, help="The amount that the program's rate was applied to."
    )
    points = fields.Float(digits=(16, 2), readonly=True)
    terms = fields.Json(readonly=True, help="The program's rules as the order met them when it earned.")
    posted_at = fields.Datetime(default=fields.Datetime.now, readonly=True)

    # Two transactions that settle one order at once number their rows alike: the second is replayed.
    _sequence_uniq = models.UniqueIndex(
        "(connection_id, order_external_id, sequence) WHERE order_external_id IS NOT NULL"
    )
    _earn_once = models.UniqueIndex("(connection_id, order_external_id) WHERE kind = 'earn'")
    _opening_once = models.UniqueIndex("(connection_id, customer_external_id) WHERE kind = 'opening'")

    def _check_ledger(self, cards=None):
        """Compares the ledger with Odoo's loyalty cards, history and coupon points.

        Returns a list of dictionaries, one for each difference: `what` ("card": the card's points differ from its
        history; "history" or "coupon": an imported order's lines differ from the ledger; "customer": an order's points
        are on another customer's card), `card_id`, `order_id` (or None), `expected` and `found`. Empty: all agree.
        Considers the cards that the ledger names, or only `cards`.
        """
        self.env.flush_all()
        if cards is None:
            chosen = SQL("SELECT card_id AS id FROM pos_sync_points")
        else:
            chosen = SQL("SELECT id FROM loyalty_card WHERE id IN %s", tuple(cards.ids) or (0,))
        rows = self.env.execute_query(
            SQL(
                """
                WITH chosen AS (%(chosen)s),
                imported AS (SELECT id, partner_id FROM sale_order WHERE pos_sync_connection_id IS NOT NULL),
                ledger AS (
                    SELECT card_id, order_id, sum(points) AS points FROM pos_sync_points
                    WHERE order_id IN (SELECT id FROM imported) AND card_id IN (SELECT id FROM chosen)
                    GROUP BY card_id, order_id
                ),
                history AS (
                    SELECT card_id, order_id, sum(issued) - sum(used) AS points FROM loyalty_history
                    WHERE order_model = 'sale.order' AND order_id IN (SELECT id FROM imported)
                    AND card_id IN (SELECT id FROM chosen)
                    GROUP BY card_id, order_id
                ),
                coupon AS (
                    SELECT coupon_id AS card_id, order_id, points FROM sale_order_coupon_points
                    WHERE order_id IN (SELECT id FROM imported) AND coupon_id IN (SELECT id FROM chosen)
                ),
                found AS (
                    SELECT 'history' AS what, card_id, order_id, ledger.points AS expected, history.points AS found
                    FROM ledger FULL JOIN history USING (card_id, order_id)
                    UNION ALL
                    SELECT 'coupon', card_id, order_id, ledger.points, coupon.points
                    FROM ledger FULL JOIN coupon USING (card_id, order_id)
                    UNION ALL
                    SELECT 'customer', ledger.card_id, ledger.order_id, 0, ledger.points
                    FROM ledger JOIN imported ON imported.id = ledger.order_id
                    JOIN loyalty_card card ON card.id = ledger.card_id
                    WHERE card.partner_id IS DISTINCT FROM imported.partner_id
                    UNION ALL
                    SELECT 'card', card.id, NULL, coalesce(sum(line.issued) - sum(line.used), 0), card.points
                    FROM loyalty_card card LEFT JOIN loyalty_history line ON line.card_id = card.id
                    WHERE card.id IN (SELECT id FROM chosen)
                    GROUP BY card.id
                )
                SELECT what, card_id, order_id, coalesce(expected, 0), coalesce(found, 0) FROM found
                WHERE round(coalesce(expected, 0)::numeric, 2) != round(coalesce(found, 0)::numeric, 2)
                ORDER BY what, card_id, order_id
                """,
                chosen=chosen,
            )
        )
        names = ("what", "card_id", "order_id", "expected", "found")
        return [dict(zip(names, row, strict=True)) for row in rows]
