from odoo import api, models
from odoo.tools import SQL

from ..sales.sold import is_kept, is_sold
from .credited import is_credited_by_hand


class PosSyncGatherDays(models.AbstractModel):
    """Puts orders, payments and refunds with the business day that they are posted with.

    An order's day is the one it was closed on, a payment's the one it was taken on, a refund's the one it was given on,
    in the time zone of the location. What lies before “entries from” has no day. What is with a posted day stays there;
    until then the day follows the time zone and the way of posting. The number of queries does not grow with the sales.
    """

    _name = "pos.sync.gather_days"
    _description = "POS Sync Business Days"

    def _gather(self, connection):
        connection.ensure_one()
        self.env.flush_all()
        connection.charge_product_ids._propose()
        self._list_methods(connection)
        # A payment is posted as its order or refund is, so these come first.
        for table, column, rows in (
            ("sale_order", "pos_sync_day_id", self._orders(connection)),
            ("pos_sync_refund", "day_id", self._refunds(connection)),
            ("pos_sync_payment", "day_id", self._payments(connection)),
        ):
            self._assign(connection, SQL.identifier(table), SQL.identifier(column), rows)
        self._drop_empty(connection)
        self._add_up(connection)
        self.env.invalidate_all()
        self._settle_late(connection)
        self._note_changes(connection)

    # Ways to pay

    def _list_methods(self, connection):
        """Each way to pay that payments name, with a proposal where it goes."""
        key = SQL("COALESCE(NULLIF(method_external_id, ''), NULLIF(method_name, ''), kind)")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO pos_sync_payment_method
                       (connection_id, company_id, external_id, name, kind, create_uid, write_uid, create_date,
                        write_date)
                SELECT %(connection)s, %(company)s, %(key)s, max(COALESCE(NULLIF(method_name, ''), %(key)s)),
                       min(kind), %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM pos_sync_payment WHERE connection_id = %(connection)s AND method_id IS NULL
                 GROUP BY %(key)s
                ON CONFLICT DO NOTHING RETURNING id
                """,
                connection=connection.id,
                company=connection.company_id.id,
                key=key,
                uid=self.env.uid,
            )
        )
        made = self.env["pos.sync.payment.method"].browse(row[0] for row in self.env.cr.fetchall())
        # Cash counts that came before them find the method of their drawer.
        made.modified(["connection_id", "kind"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE pos_sync_payment payment SET method_id = method.id
                  FROM pos_sync_payment_method method
                 WHERE payment.connection_id = %(connection)s AND payment.method_id IS NULL
                   AND method.connection_id = payment.connection_id AND method.external_id = %(key)s
                """,
                connection=connection.id,
                key=SQL("COALESCE(NULLIF(method_external_id, ''), NULLIF(method_name, ''), payment.kind)"),
            )
        )
        made._propose()
        self.env.flush_all()

    # What is to be put with a day: rows of id, location, currency, day in the location's time zone, way of posting

    def _orders(self, connection):
        closed = SQL("COALESCE(sale.pos_sync_closed_at, sale.date_order)")
        return SQL(
            """
            SELECT sale.id, sale.pos_sync_location_id AS location_id, sale.currency_id, day.date,
                   -- What somebody has invoiced by itself is in no summary a second time.
                   CASE WHEN way.mode = 'summary' AND sale.id IN (%(invoiced)s) THEN 'invoice' ELSE way.mode END AS mode
              FROM sale_order sale
              LEFT JOIN pos_sync_day now ON now.id = sale.pos_sync_day_id
              %(place)s
             CROSS JOIN LATERAL (SELECT %(date)s AS date) day
             CROSS JOIN LATERAL (SELECT %(mode)s AS mode) way
             WHERE sale.pos_sync_connection_id = %(connection)s AND (now.id IS NULL OR now.state IN ('open', 'held'))
               AND day.date >= %(earliest)s AND %(sold)s
            """,
            connection=connection.id,
            mode=self._mode(connection),
            place=self._place(connection, SQL("sale.pos_sync_location_id")),
            date=self._local_date(connection, closed),
            sold=is_sold(),
            earliest=self._earliest(connection),
            invoiced=SQL(
                """
                SELECT line.order_id FROM sale_order_line_invoice_rel rel
                  JOIN sale_order_line line ON line.id = rel.order_line_id
                  JOIN account_move_line item ON item.id = rel.invoice_line_id
                 WHERE item.parent_state <> 'cancel' AND line.company_id = %s
                """,
                connection.company_id.id,
            ),
        )

    def _refunds(self, connection):
        location = SQL("COALESCE(refund.location_id, sale.pos_sync_location_id)")
        return SQL(
            """
            SELECT refund.id, %(location)s AS location_id, refund.currency_id, day.date,
                   -- What has an invoice or a credit note of its own is in no summary a second time.
                   CASE WHEN way.mode = 'summary' AND (sold.mode = 'invoice' OR %(credited)s) THEN 'invoice'
                        ELSE way.mode END AS mode
              FROM pos_sync_refund refund
              LEFT JOIN sale_order sale ON sale.id = refund.order_id
              LEFT JOIN pos_sync_day sold ON sold.id = sale.pos_sync_day_id
              LEFT JOIN pos_sync_day now ON now.id = refund.day_id
              %(place)s
             CROSS JOIN LATERAL (SELECT %(date)s AS date) day
             CROSS JOIN LATERAL (SELECT %(mode)s AS mode) way
             WHERE refund.connection_id = %(connection)s AND (now.id IS NULL OR now.state IN ('open', 'held'))
               AND refund.gone IS NOT TRUE AND day.date >= %(earliest)s
               -- The money of an order that was sent from Odoo was received in Odoo, and is refunded there.
               AND NOT (refund.sent_key IS NOT NULL AND refund.move_id IS NOT NULL AND way.mode = 'summary'
                        AND sale.pos_sync_connection_id IS DISTINCT FROM refund.connection_id)
            """,
            connection=connection.id,
            credited=is_credited_by_hand(),
            location=location,
            mode=self._mode(connection),
            place=self._place(connection, location),
            date=self._local_date(connection, SQL("refund.refunded_at")),
            earliest=self._earliest(connection),
        )

    def _payments(self, connection):
        """Money that came before “entries from” for a later order is posted on the first day that is. Money for what is
        no sale yet, or was cancelled, is owed to the customer from its own day on; money for a sale that is history
        pays for it on its own day, unless it is history itself."""
        taken = SQL("COALESCE(payment.paid_at, refund.refunded_at, sale.pos_sync_closed_at, sale.date_order)")
        location = SQL("CASE WHEN whole.id IS NULL THEN sale.pos_sync_location_id ELSE whole.location_id END")
        return SQL(
            """
            SELECT payment.id, %(location)s AS location_id, payment.currency_id, day.date,
                   COALESCE(whole.mode, %(mode)s) AS mode
              FROM pos_sync_payment payment
              LEFT JOIN sale_order sale ON sale.id = payment.order_id
              LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
              LEFT JOIN pos_sync_day whole ON whole.id = COALESCE(sale.pos_sync_day_id, refund.day_id)
              LEFT JOIN pos_sync_day now ON now.id = payment.day_id
              %(place)s
             CROSS JOIN LATERAL (SELECT GREATEST(%(date)s, %(earliest)s) AS date) day
             WHERE payment.connection_id = %(connection)s AND (now.id IS NULL OR now.state IN ('open', 'held'))
               AND (whole.id IS NOT NULL
                    OR (sale.pos_sync_connection_id = payment.connection_id
                        AND CASE WHEN %(ordered)s >= %(earliest)s
                                 THEN %(kept)s
                                 ELSE %(date)s >= %(earliest)s END))
            """,
            location=location,
            mode=self._mode(connection),
            connection=connection.id,
            place=self._place(connection, location),
            date=self._local_date(connection, taken),
            ordered=self._local_date(connection, SQL("COALESCE(sale.pos_sync_closed_at, sale.date_order)")),
            kept=is_kept(),
            earliest=self._earliest(connection),
        )

    def _mode(self, connection):
        return SQL(
            """
            COALESCE((SELECT period.mode FROM pos_sync_posting_period period
                       WHERE period.connection_id = %s AND period.date_from <= day.date
                       ORDER BY period.date_from DESC LIMIT 1), 'orders')
            """,
            connection.id,
        )

    def _place(self, connection, location):
        """Joins the time zone of a location, by its id."""
        places = connection._every_location()
        return (
            SQL(
                "LEFT JOIN unnest(%s::int[], %s::text[]) AS place(id, timezone) ON place.id = %s",
                places.ids,
                [connection._zone(place) for place in places],
                location,
            )
            if places
            else SQL("CROSS JOIN (SELECT NULL::text AS timezone) place")
        )

    def _local_date(self, connection, moment):
        """The date of a moment in UTC where it happened; without a place by the connection's time zone."""
        return SQL(
            "((%s AT TIME ZONE 'UTC') AT TIME ZONE COALESCE(place.timezone, %s))::date",
            moment,
            connection._zone(),
        )

    def _earliest(self, connection):
        return SQL("%s::date", connection.entries_from or "0001-01-01")

    # What is no business of these books

    def _settle_late(self, connections):
        """What has come to a day that is posted already has nothing to invoice from then on."""
        self.env["pos.sync.day"].search(
            [
                ("connection_id", "in", connections.ids),
                ("mode", "=", "summary"),
                ("state", "in", ("posted", "changed")),
                ("order_ids.invoice_status", "=", "to invoice"),
            ]
        )._settle_sales()

    @api.model
    def _follow_books(self):
        """At each update: what was imported before Odoo was told is not to invoice either."""
        connections = self.env["pos.sync.connection"].with_context(active_test=False).search([("state", "!=", False)])
        for connection in connections:
            self._mark_history(connection)
        self._settle_late(connections)

    def _mark_history(self, connection):
        """Says of each order whether it was sold before “entries from”; only those of which this is new are written."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT sale.id FROM sale_order sale %(place)s
                 WHERE sale.pos_sync_connection_id = %(connection)s
                   AND (%(date)s < %(earliest)s) IS DISTINCT FROM COALESCE(sale.pos_sync_history, FALSE)
                """,
                connection=connection.id,
                place=self._place(connection, SQL("sale.pos_sync_location_id")),
                date=self._local_date(connection, SQL("COALESCE(sale.pos_sync_closed_at, sale.date_order)")),
                earliest=self._earliest(connection),
            )
        )
        orders = self.env["sale.order"].browse([row[0] for row in self.env.cr.fetchall()])
        for was, changed in orders.grouped("pos_sync_history").items():
            changed.write({"pos_sync_history": not was})

    # Days

    def _assign(self, connection, table, column, rows):
        now = SQL("now() AT TIME ZONE 'UTC'")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO pos_sync_day
                       (connection_id, company_id, location_id, currency_id, date, mode, state, create_uid, write_uid,
                        create_date, write_date)
                SELECT DISTINCT %(connection)s, %(company)s, location_id, currency_id, date, mode, 'open', %(uid)s,
                       %(uid)s, %(now)s, %(now)s
                  FROM (%(rows)s) dated
                ON CONFLICT DO NOTHING
                """,
                connection=connection.id,
                company=connection.company_id.id,
                uid=self.env.uid,
                now=now,
                rows=rows,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                -- Both sides whole first: otherwise the planner joins them by currency, each sale with each day.
                WITH dated AS MATERIALIZED (%(rows)s),
                     day AS MATERIALIZED (SELECT * FROM pos_sync_day WHERE connection_id = %(connection)s)
                UPDATE %(table)s target SET %(column)s = day.id
                  FROM dated
                  JOIN day ON day.date = dated.date AND day.mode = dated.mode AND day.currency_id = dated.currency_id
                      AND COALESCE(day.location_id, 0) = COALESCE(dated.location_id, 0)
                 WHERE target.id = dated.id AND target.%(column)s IS DISTINCT FROM day.id
                """,
                table=table,
                column=column,
                connection=connection.id,
                rows=rows,
            )
        )

    def _drop_empty(self, connection):
        """Days that everything has left before they were posted."""
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM pos_sync_day day
                 WHERE day.connection_id = %s AND day.state IN ('open', 'held')
                   AND NOT EXISTS (SELECT FROM sale_order WHERE pos_sync_day_id = day.id)
                   AND NOT EXISTS (SELECT FROM pos_sync_refund WHERE day_id = day.id)
                   AND NOT EXISTS (SELECT FROM pos_sync_payment WHERE day_id = day.id)
                """,
                connection.id,
            )
        )
        days = self.env["pos.sync.day"].browse([row[0] for row in self.env.cr.fetchall()])
        # What somebody has reset to draft holds sales that are posted elsewhere.
        days.move_ids.filtered(lambda move: move.state == "draft").button_cancel()
        days.unlink()

    def _add_up(self, connection):
        """What each day comes to, written where that is another sum than before."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE pos_sync_day target
                   SET order_count = sums.orders, order_total = sums.sold, refund_total = sums.refunded,
                       payment_total = sums.paid
                  FROM (SELECT day.id, COALESCE(sale.orders, 0) AS orders, COALESCE(sale.sold, 0) AS sold,
                               COALESCE(refund.refunded, 0) AS refunded, COALESCE(payment.paid, 0) AS paid
                          FROM pos_sync_day day
                          LEFT JOIN (SELECT pos_sync_day_id AS day_id, count(*) AS orders, sum(amount_total) AS sold
                                       FROM sale_order sale
                                      WHERE pos_sync_connection_id = %(connection)s AND %(sold)s
                                      GROUP BY 1) sale ON sale.day_id = day.id
                          LEFT JOIN (SELECT day_id, sum(gross) AS refunded FROM pos_sync_refund
                                      WHERE connection_id = %(connection)s AND gone IS NOT TRUE
                                      GROUP BY 1) refund ON refund.day_id = day.id
                          LEFT JOIN (SELECT payment.day_id, sum(payment.amount + COALESCE(payment.tip, 0)
                                                                + COALESCE(payment.rounding, 0)) AS paid
                                       FROM pos_sync_payment payment
                                       LEFT JOIN pos_sync_refund back ON back.id = payment.refund_id
                                      WHERE payment.connection_id = %(connection)s AND back.gone IS NOT TRUE
                                      GROUP BY 1) payment ON payment.day_id = day.id
                         WHERE day.connection_id = %(connection)s) sums
                 WHERE sums.id = target.id
                   AND (target.order_count, target.order_total, target.refund_total, target.payment_total)
                       IS DISTINCT FROM (sums.orders, sums.sold, sums.refunded, sums.paid)
                """,
                connection=connection.id,
                sold=is_sold(),
            )
        )

    # Changes of what is posted

    def _note_changes(self, connection):
        """Marks the posted days that hold something else than when they were posted."""
        days = self.env["pos.sync.day"].search([("connection_id", "=", connection.id), ("state", "=", "posted")])
        now = self._fingerprints(days)
        days.filtered(lambda day: day.fingerprint != now[day.id]).state = "changed"

    def _fingerprints(self, days):
        """{day id: what tells apart two states of all that the day is posted from}."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT day_id, string_agg(part || '=' || found, ' ' ORDER BY part) FROM (
                    SELECT sale.pos_sync_day_id AS day_id, 'sold' AS part, sum(hashtextextended(concat_ws(
                               '|', line.id, line.product_id, line.product_uom_qty, line.price_subtotal,
                               line.price_total, sale.amount_total,
                               CASE day.mode WHEN 'invoice' THEN line.qty_delivered END), 0)::numeric)::text AS found
                      FROM sale_order sale
                      JOIN sale_order_line line ON line.order_id = sale.id
                      JOIN pos_sync_day day ON day.id = sale.pos_sync_day_id
                     WHERE day.id IN %(days)s AND %(sold)s GROUP BY 1
                    UNION ALL
                    SELECT day_id, 'paid', sum(hashtextextended(concat_ws(
                               '|', id, method_id, amount, tip, NULLIF(rounding, 0)), 0)::numeric)
                           ::text
                      FROM pos_sync_payment WHERE day_id IN %(days)s GROUP BY 1
                    UNION ALL
                    SELECT refund.day_id, 'refunded', sum(hashtextextended(concat_ws(
                               '|', refund.id, refund.digest, refund.gross, refund.tax, NULLIF(refund.accepted, FALSE),
                               CASE WHEN %(credited)s THEN refund.move_id END,
                               CASE WHEN sale.pos_sync_connection_id IS NOT NULL AND NOT %(sold)s THEN 'money' END), 0)
                               ::numeric)::text
                      FROM pos_sync_refund refund LEFT JOIN sale_order sale ON sale.id = refund.order_id
                     WHERE refund.day_id IN %(days)s AND refund.gone IS NOT TRUE GROUP BY 1
                ) parts GROUP BY day_id
                """,
                credited=is_credited_by_hand(),
                sold=is_sold(),
                days=tuple(days.ids) or (0,),
            )
        )
        found = dict(self.env.cr.fetchall())
        return {day.id: found.get(day.id, "") for day in days}
