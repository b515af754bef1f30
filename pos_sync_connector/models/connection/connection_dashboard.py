import json
from collections import defaultdict
from datetime import timedelta

from babel.dates import format_date as babel_format_date

from odoo import api, fields, models
from odoo.tools import SQL, babel_locale_parse, format_amount, format_datetime
from odoo.tools.misc import get_lang

from ...connectors.flows import Flow

# The graph shows so many days, the last of them today.
_DAYS = 7


class PosSyncConnection(models.Model):
    """What the card of a connection shows: last results, orders and takings by day, points, what is open.

    Days are those of the user's time zone, weeks begin as in the user's language, money is in the currency of the
    connection's company. However many connections there are, the number of queries is the same.
    """

    _inherit = "pos.sync.connection"

    dashboard_flows = fields.Json(compute="_compute_dashboard_flows")
    is_working = fields.Boolean(compute="_compute_dashboard_flows")
    is_well = fields.Boolean(compute="_compute_dashboard_flows", help="It is connected and nothing has failed.")
    dashboard_graph = fields.Text(compute="_compute_dashboard_sales")
    has_sales = fields.Boolean(compute="_compute_dashboard_sales")
    orders_today = fields.Integer(compute="_compute_dashboard_sales")
    orders_week = fields.Integer(compute="_compute_dashboard_sales", string="Orders This Week")
    takings_today = fields.Monetary(compute="_compute_dashboard_sales")
    takings_week = fields.Monetary(compute="_compute_dashboard_sales", string="Takings This Week")
    has_sending = fields.Boolean(compute="_compute_dashboard_sent")
    sent_today = fields.Integer(compute="_compute_dashboard_sent")
    sent_week = fields.Integer(compute="_compute_dashboard_sent", string="Sent This Week")
    points_today = fields.Float(compute="_compute_dashboard_points", digits=(16, 2))
    points_week = fields.Float(compute="_compute_dashboard_points", string="Points This Week", digits=(16, 2))

    # Flows

    @api.depends_context("tz", "lang")
    def _compute_dashboard_flows(self):
        labels = dict(self.env["pos.sync.stream"]._fields["flow"]._description_selection(self.env))
        for connection in self:
            # Not `filtered`: what that returns is no longer read together with the other connections' streams.
            streams = [stream for stream in connection.stream_ids if stream.enabled]
            connection.is_working = any(stream._is_working() for stream in streams)
            failing = any(stream.sentence or stream.failed_count for stream in streams)
            connection.is_well = connection.state == "connected" and not failing
            connection.dashboard_flows = [
                {
                    "id": stream.id,
                    "label": labels[stream.flow],
                    "state": stream.state,
                    "is_working": stream._is_working(),
                    "progress": stream.progress if stream.state == "running" else 0,
                    "result": self._so_far(stream) if stream._is_working() else stream.result or "",
                    "sentence": stream.sentence or "",
                    "failures": stream.failed_count,
                    "ended": format_datetime(self.env, stream.last_success, dt_format="short"),
                }
                for stream in streams
            ]

    @api.model
    def _so_far(self, stream):
        run = stream.run_id
        if run.total:
            return self.env._("%(read)s of %(total)s", read=run.read_count, total=max(run.total, run.read_count))
        return self.env._("%s read", run.read_count) if run.read_count else self.env._("begins")

    # Sales

    @api.depends_context("tz", "lang")
    def _compute_dashboard_sales(self):
        today, monday = self._dashboard_days()
        first = min(monday, today - timedelta(days=_DAYS - 1))
        sold = self._sold_by_day(first, today)
        for connection in self:
            days = sold[connection.id]
            connection.has_sales = bool(connection._sales_streams())
            connection.orders_today, connection.takings_today = days.get(today, (0, 0.0))
            week = [amounts for day, amounts in days.items() if day >= monday]
            connection.orders_week = sum(orders for orders, _takings in week)
            connection.takings_week = sum(takings for _orders, takings in week)
            connection.dashboard_graph = json.dumps(connection._prepare_graph(days, today, monday))

    def _sales_streams(self):
        return self.stream_ids.filtered(lambda stream: stream.enabled and stream.flow == Flow.ORDERS_PULL.value)

    def _prepare_graph(self, days, today, monday):
        """One bar a day; those of last week are told apart."""
        self.ensure_one()
        locale = babel_locale_parse(get_lang(self.env).code)
        values = []
        for back in reversed(range(_DAYS)):
            day = today - timedelta(days=back)
            orders, takings = days.get(day, (0, 0.0))
            values.append(
                {
                    "label": babel_format_date(day, "EEE", locale=locale),
                    "value": takings,
                    "text": self.env._(
                        "%(takings)s, %(orders)s orders",
                        takings=format_amount(self.env, takings, self.currency_id),
                        orders=orders,
                    ),
                    "type": "past" if day >= monday else "before",
                }
            )
        return [{"key": self.env._("Takings"), "values": values}]

    def _sold_by_day(self, first, last):
        """{connection id: {day: (orders, takings)}}: orders that stand, money of paid ones less what was given back."""
        sold = defaultdict(dict)
        if not self.ids:
            return sold
        self.env["sale.order"].flush_model()
        self.env["pos.sync.refund"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sale.pos_sync_connection_id AS connection_id, %(sold_on)s AS day, NULL::int AS currency_id,
                       count(*) AS orders,
                       sum(CASE WHEN sale.pos_sync_paid OR sale.pos_sync_status IN ('paid', 'completed')
                                THEN sale.pos_sync_gross / COALESCE(NULLIF(sale.currency_rate, 0), 1) END) AS takings
                  FROM sale_order sale
                 WHERE sale.pos_sync_connection_id = ANY(%(ids)s) AND sale.state <> 'cancel'
                   AND sale.pos_sync_status IN ('open', 'paid', 'completed')
                   AND %(sold_on)s BETWEEN %(first)s AND %(last)s
                   AND sale.date_order >= %(since)s
                 GROUP BY 1, 2
                UNION ALL
                SELECT refund.connection_id, %(back_on)s,
                       CASE WHEN sale.currency_id IS DISTINCT FROM refund.currency_id THEN refund.currency_id END,
                       0, -sum(refund.gross / CASE WHEN sale.currency_id = refund.currency_id
                                                   THEN COALESCE(NULLIF(sale.currency_rate, 0), 1) ELSE 1 END)
                  FROM pos_sync_refund refund LEFT JOIN sale_order sale ON sale.id = refund.order_id
                 WHERE refund.connection_id = ANY(%(ids)s) AND refund.gone IS NOT TRUE
                   AND %(back_on)s BETWEEN %(first)s AND %(last)s
                   AND refund.refunded_at >= %(since)s
                 GROUP BY 1, 2, 3
                """,
                ids=self.ids,
                sold_on=self._day_of(SQL("sale.date_order")),
                back_on=self._day_of(SQL("refund.refunded_at")),
                first=first,
                last=last,
                # Lets the database use its index before it reckons days.
                since=first - timedelta(days=1),
            )
        )
        for connection_id, day, currency_id, orders, amount in rows:
            connection = self.browse(connection_id)
            takings = float(amount or 0.0)
            if currency_id and currency_id != connection.currency_id.id:
                # Money given back on an order that is not here, in a foreign currency: at the rate of its day.
                currency = self.env["res.currency"].browse(currency_id)
                takings = currency._convert(takings, connection.currency_id, connection.company_id, day)
            before = sold[connection_id].get(day, (0, 0.0))
            sold[connection_id][day] = (before[0] + orders, connection.currency_id.round(before[1] + takings))
        return sold

    # Sent, and points

    @api.depends_context("tz", "lang")
    def _compute_dashboard_sent(self):
        today, monday = self._dashboard_days()
        orders = SQL("pushed AND sale_order_id IS NOT NULL")
        counts = self._by_day("pos_sync_mapping", "pushed_at", "count(*)", monday, orders)
        for connection in self:
            days = counts[connection.id]
            connection.has_sending = bool(
                connection.stream_ids.filtered(lambda item: item.enabled and item.flow == Flow.ORDERS_PUSH.value)
            )
            connection.sent_today = days.get(today, 0)
            connection.sent_week = sum(days.values())

    @api.depends_context("tz", "lang")
    def _compute_dashboard_points(self):
        today, monday = self._dashboard_days()
        given = self._by_day("pos_sync_points", "posted_at", "sum(points)", monday, SQL("kind <> 'opening'"))
        for connection in self:
            days = given[connection.id]
            connection.points_today = days.get(today, 0.0)
            connection.points_week = sum(days.values())

    def _by_day(self, table, moment, figure, since, condition):
        """{connection id: {day: figure}} of the rows of `table`, from the day `since` on."""
        found = defaultdict(dict)
        self.env[table.replace("_", ".")].flush_model()
        day = self._day_of(SQL.identifier(moment))
        rows = self.env.execute_query(
            SQL(
                "SELECT connection_id, %s, %s FROM %s WHERE connection_id = ANY(%s) AND %s AND %s >= %s AND %s >= %s "
                "GROUP BY 1, 2",
                day,
                SQL(figure),
                SQL.identifier(table),
                self.ids,
                condition,
                day,
                since,
                SQL.identifier(moment),
                since - timedelta(days=1),
            )
        )
        for connection_id, when, number in rows:
            found[connection_id][when] = number or 0
        return found

    # Days

    @api.model
    def _dashboard_days(self):
        """Today, and the day on which this week began."""
        today = fields.Date.context_today(self)
        begins = int(get_lang(self.env).week_start or 1)
        return today, today - timedelta(days=(today.isoweekday() - begins) % 7)

    @api.model
    def _day_of(self, moment):
        """SQL for the day of a moment stored in UTC, in the user's time zone."""
        zone = self.env.context.get("tz") or self.env.user.tz or "UTC"
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)
