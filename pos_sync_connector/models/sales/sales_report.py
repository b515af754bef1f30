from odoo import fields, models
from odoo.tools import SQL


class PosSyncSalesReport(models.Model):
    """What all connections sold and gave back, by channel, in the company's currency. A row an order, and one a refund
    on the day that it was given."""

    _name = "pos.sync.sales.report"
    _description = "POS Sync Sales by Channel"
    _auto = False
    _order = "date desc, id"
    _rec_name = "order_id"
    _depends = {
        "sale.order": [
            "amount_tax",
            "amount_total",
            "company_id",
            "currency_rate",
            "date_order",
            "partner_id",
            "pos_sync_channel",
            "pos_sync_closed_at",
            "pos_sync_connection_id",
            "pos_sync_location_id",
            "pos_sync_order_type",
            "state",
        ],
        "pos.sync.refund": ["gone", "gross", "location_id", "order_id", "refunded_at", "tax"],
    }

    date = fields.Datetime(readonly=True)
    connection_id = fields.Many2one("pos.sync.connection", readonly=True)
    location_id = fields.Many2one("pos.sync.location", readonly=True)
    channel = fields.Char(readonly=True, help="As the system names it: till, web, phone...")
    order_type = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", related="company_id.currency_id")
    orders = fields.Integer(readonly=True)
    gross = fields.Monetary(string="Sold", readonly=True, help="With tax.")
    refunded = fields.Monetary(readonly=True, help="With tax, on the day that it was refunded.")
    takings = fields.Monetary(readonly=True, help="What was sold less what was refunded.")
    tax = fields.Monetary(readonly=True, help="Of what was sold less what was refunded.")

    @property
    def _table_query(self):
        shared = SQL(
            """
            sale.pos_sync_connection_id AS connection_id, sale.pos_sync_channel AS channel,
            sale.pos_sync_order_type AS order_type, sale.partner_id, sale.id AS order_id, sale.company_id
            """
        )
        rate = SQL("COALESCE(NULLIF(sale.currency_rate, 0), 1)")
        return SQL(
            """
            SELECT sale.id * 2 AS id, COALESCE(sale.pos_sync_closed_at, sale.date_order) AS date, %(shared)s,
                   sale.pos_sync_location_id AS location_id, 1 AS orders, sale.amount_total / %(rate)s AS gross,
                   0 AS refunded, sale.amount_total / %(rate)s AS takings, sale.amount_tax / %(rate)s AS tax
              FROM sale_order sale WHERE sale.state = 'sale' AND sale.pos_sync_connection_id IS NOT NULL
             UNION ALL
            SELECT refund.id * 2 + 1, refund.refunded_at, %(shared)s,
                   COALESCE(refund.location_id, sale.pos_sync_location_id), 0, 0, refund.gross / %(rate)s,
                   -refund.gross / %(rate)s, -refund.tax / %(rate)s
              FROM pos_sync_refund refund JOIN sale_order sale ON sale.id = refund.order_id
             WHERE refund.gone IS NOT TRUE AND sale.pos_sync_connection_id IS NOT NULL
            """,
            shared=shared,
            rate=rate,
        )
