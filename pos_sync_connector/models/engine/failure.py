from odoo import api, fields, models
from odoo.tools import SQL

from .stream import PASSING_TRIES


class PosSyncFailure(models.Model):
    """What is not well, a row a cause: messages that one fix mends, a flow that stopped, a connection that was refused.

    What only waits for another record that itself failed is no cause of its own: it is counted with that one's.
    """

    _name = "pos.sync.failure"
    _description = "POS Sync Failure"
    _auto = False
    _order = "is_question, failed_at, id"
    _rec_name = "sentence"

    _FOR_SOMEBODY = (("is_question", "=", False), ("is_passing", "=", False))

    connection_id = fields.Many2one("pos.sync.connection", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    source = fields.Selection(
        [("message", "Records"), ("stream", "Flow"), ("connection", "Connection")], string="What Failed", readonly=True
    )
    flow = fields.Selection(
        selection=lambda self: self.env["pos.sync.message"]._fields["flow"].selection, readonly=True
    )
    message_id = fields.Many2one("pos.sync.message", string="First Record", readonly=True)
    stream_id = fields.Many2one("pos.sync.stream", string="Stopped Flow", readonly=True)
    tax_id = fields.Many2one("pos.sync.tax", string="Tax at the System", readonly=True)
    kind = fields.Char(readonly=True)
    code = fields.Char(readonly=True)
    trace_key = fields.Char(string="Cause", readonly=True)
    sentence = fields.Char(readonly=True, help="As the first record says it.")
    fix = fields.Char(string="What to Do", readonly=True)
    count = fields.Integer(string="Records", readonly=True)
    held_count = fields.Integer(
        string="Wait for It", readonly=True, help="Records that come in automatically once these have."
    )
    is_question = fields.Boolean(readonly=True, help="Nothing is broken: somebody is asked what to do.")
    is_passing = fields.Boolean(readonly=True, help="Most likely it passes without anybody.")
    failed_at = fields.Datetime(string="Since", readonly=True)
    last_failed_at = fields.Datetime(string="Last Time", readonly=True)

    @property
    def _table_query(self):
        """One row a cause; the ids of the three kinds are kept apart by what is left of them divided by three."""
        return SQL(
            "WITH RECURSIVE %s SELECT * FROM (%s UNION ALL %s UNION ALL %s) failure",
            self._causes(),
            self._of_messages(),
            self._of_streams(),
            self._of_connections(),
        )

    def _causes(self):
        """`told`: the messages that failed or are held, each with its `root_cause`.

        `edge`: what is waited for, and the cause that keeps it away. `root`: the cause at the end of a chain of such. A
        chain that bites its own tail has no end: its parts are shown as they are.
        """
        return SQL(
            """
            open AS (
                SELECT *, COALESCE(trace_key, code, 'message:' || id) AS cause
                  FROM pos_sync_message WHERE state IN ('failed', 'held')
            ), edge AS (
                SELECT connection_id, 'after:' || id AS awaited, cause FROM open WHERE direction = 'out'
                UNION
                SELECT connection_id, 'missing-' || CASE flow WHEN 'orders_pull' THEN 'order' ELSE 'customer' END
                       || ':' || external_id, cause
                  FROM open WHERE flow IN ('orders_pull', 'customers_pull')
                UNION
                SELECT connection_id, 'missing-variant:' || (variant ->> 'external_id'), cause
                  FROM open, json_array_elements(
                      CASE WHEN json_typeof(payload::json -> 'variants') = 'array'
                           THEN payload::json -> 'variants' END) variant
                 WHERE flow = 'products_pull' AND payload IS NOT NULL AND is_raw IS NOT TRUE
            ), chain AS (
                SELECT connection_id, cause AS began, cause FROM (SELECT DISTINCT connection_id, cause FROM open) causes
                UNION
                SELECT chain.connection_id, chain.began, edge.cause
                  FROM chain JOIN edge ON edge.connection_id = chain.connection_id AND edge.awaited = chain.cause
            ), root AS (
                SELECT connection_id, began, min(cause) AS cause FROM chain
                 WHERE NOT EXISTS (
                     SELECT FROM edge WHERE edge.connection_id = chain.connection_id AND edge.awaited = chain.cause)
                 GROUP BY 1, 2
            ), told AS (
                SELECT open.*, COALESCE(root.cause, open.cause) AS root_cause,
                       COALESCE(root.cause, open.cause) = open.cause AS is_cause
                  FROM open LEFT JOIN root ON root.connection_id = open.connection_id AND root.began = open.cause
            )
            """
        )

    def _of_messages(self):
        return SQL(
            """
            SELECT min(told.id) FILTER (WHERE is_cause)::bigint * 3 AS id,
                   told.connection_id, told.company_id, 'message' AS source,
                   CASE WHEN count(DISTINCT flow) FILTER (WHERE is_cause) = 1
                        THEN min(flow) FILTER (WHERE is_cause) END AS flow,
                   min(told.id) FILTER (WHERE is_cause) AS message_id, NULL::int AS stream_id,
                   min(tax.id) AS tax_id,
                   (array_agg(kind ORDER BY told.id) FILTER (WHERE is_cause))[1] AS kind,
                   (array_agg(code ORDER BY told.id) FILTER (WHERE is_cause))[1] AS code,
                   root_cause AS trace_key,
                   (array_agg(sentence ORDER BY told.id) FILTER (WHERE is_cause))[1] AS sentence,
                   (array_agg(fix ORDER BY told.id) FILTER (WHERE is_cause))[1] AS fix,
                   count(*) FILTER (WHERE is_cause) AS count,
                   count(*) FILTER (WHERE NOT is_cause) AS held_count,
                   bool_and(COALESCE(kind = 'review', FALSE)) FILTER (WHERE is_cause) AS is_question,
                   bool_and(COALESCE(code = 'waits', FALSE)) FILTER (WHERE is_cause) AS is_passing,
                   min(COALESCE(told.failed_at, told.last_failed_at)) AS failed_at,
                   max(told.last_failed_at) AS last_failed_at
              FROM told
              LEFT JOIN pos_sync_tax tax
                     ON tax.connection_id = told.connection_id AND 'missing-tax:' || tax.external_id = root_cause
             GROUP BY told.connection_id, told.company_id, root_cause
            """
        )

    def _of_streams(self):
        """Flows that stopped as a whole."""
        return SQL(
            """
            SELECT stream.id::bigint * 3 + 1, stream.connection_id, stream.company_id, 'stream', stream.flow,
                   NULL, stream.id, NULL, stream.failure_kind, NULL, 'stream:' || stream.id, stream.sentence, NULL,
                   1, 0, FALSE, stream.failure_kind = 'retry_later' AND stream.failures < %(tries)s,
                   COALESCE(stream.last_success, stream.create_date), stream.write_date
              FROM pos_sync_stream stream
              JOIN pos_sync_connection connection ON connection.id = stream.connection_id
             WHERE stream.enabled AND stream.sentence IS NOT NULL AND stream.failure_kind IS NOT NULL
               AND connection.state = 'connected' AND connection.active
            """,
            tries=PASSING_TRIES,
        )

    def _of_connections(self):
        """Connections that their system does not let in any more."""
        return SQL(
            """
            SELECT connection.id::bigint * 3 + 2, connection.id, connection.company_id, 'connection', NULL,
                   NULL, NULL, NULL, 'refused', NULL, 'refused', connection.state_message, NULL,
                   1, (SELECT count(*) FROM pos_sync_message message
                        WHERE message.connection_id = connection.id AND message.state IN ('waiting', 'sending')),
                   FALSE, FALSE, connection.write_date, connection.write_date
              FROM pos_sync_connection connection
             WHERE connection.state = 'refused' AND connection.active
            """
        )

    @api.model
    def _search(self, domain, *args, **kwargs):
        # The query is not made from fields: what was written in this transaction must be in the tables.
        for model in ("pos.sync.message", "pos.sync.stream", "pos.sync.connection", "pos.sync.tax"):
            self.env[model].flush_model()
        return super()._search(domain, *args, **kwargs)
