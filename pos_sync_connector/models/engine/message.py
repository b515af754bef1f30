import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.door import MOST_ID, bounded_key, clean_text, shorten
from ...connectors.flows import FLOWS

_logger = logging.getLogger(__name__)

_KEPT_DAYS = 30
_PAYLOAD_KEPT_DAYS = 7


class PosSyncMessage(models.Model):
    """One row of the inbox or the outbox: a webhook, a push, or a pulled record that failed.

    A failed one keeps its payload until it arrives, is dropped by a person, or a later pull brings its record in.
    `trace_key` is shared by all that one fix mends.
    """

    _name = "pos.sync.message"
    _description = "POS Sync Message"
    _order = "id desc"
    _rec_name = "external_id"
    _rec_names_search = ["name", "external_id"]

    _OPEN = ("waiting", "sending", "held", "failed")

    stream_id = fields.Many2one("pos.sync.stream", required=True, ondelete="cascade", index=True)
    connection_id = fields.Many2one(related="stream_id.connection_id", store=True, index=True)
    company_id = fields.Many2one(related="stream_id.company_id", store=True, index=True)
    flow = fields.Selection([(flow.value, info.label) for flow, info in FLOWS.items()], required=True)
    direction = fields.Selection([("in", "Inbox"), ("out", "Outbox"), ("post", "Posting")], required=True, default="in")
    state = fields.Selection(
        [
            ("waiting", "Waiting for Its Turn"),
            ("sending", "Being Sent"),
            ("held", "Waiting for Another Record"),
            ("failed", "Failed"),
            ("done", "Done"),
            ("dropped", "Dropped"),
        ],
        required=True,
        default="waiting",
        index=True,
    )
    external_id = fields.Char(string="External ID", required=True, index=True)
    name = fields.Char(string="Record")
    kind = fields.Char(readonly=True)
    code = fields.Char(readonly=True)
    trace_key = fields.Char(readonly=True, index=True)
    sentence = fields.Char(string="What Is Wrong", readonly=True)
    fix = fields.Char(string="What to Do", readonly=True)
    details = fields.Text(readonly=True)
    payload = fields.Text(
        readonly=True, groups="pos_sync_connector.group_manager", help="The record as it was read, for the retry."
    )
    is_raw = fields.Boolean(readonly=True, help="The payload could not be read: it is the system's own.")
    refetch = fields.Boolean(
        readonly=True, help="A person asked for a retry: the record is read from the system again."
    )
    told = fields.Integer(readonly=True, aggregator=None, help="How often a webhook has reported it.")
    run_id = fields.Many2one("pos.sync.run", string="Failed In", readonly=True, ondelete="set null")
    attempts = fields.Integer(readonly=True, aggregator=None)
    failed_at = fields.Datetime(string="First Failed", readonly=True)
    last_failed_at = fields.Datetime(string="Last Failed", readonly=True)
    done_at = fields.Datetime(string="Solved", readonly=True)
    decision = fields.Selection(
        [("create", "Create"), ("link", "Link")], readonly=True, help="What a person said to do with the record."
    )
    candidate_tmpl_id = fields.Many2one("product.template", string="Same As", ondelete="set null")
    candidate_partner_id = fields.Many2one("res.partner", string="Same Customer As", ondelete="set null")
    sibling_count = fields.Integer(compute="_compute_sibling_count", string="Same Cause")

    _open_uniq = models.UniqueIndex(
        "(stream_id, external_id) WHERE direction = 'in' AND state IN ('waiting', 'held', 'failed')"
    )
    _posting_uniq = models.UniqueIndex(
        "(stream_id, external_id) WHERE direction = 'post' AND state IN ('waiting', 'held', 'failed')"
    )

    @api.depends("name", "external_id")
    def _compute_display_name(self):
        for message in self:
            message.display_name = message.name or message.external_id

    @api.depends("trace_key", "state")
    def _compute_sibling_count(self):
        counts = {
            (connection.id, trace): count
            for connection, trace, count in self._read_group(
                [
                    ("connection_id", "in", self.connection_id.ids),
                    ("trace_key", "in", self.filtered("trace_key").mapped("trace_key")),
                    ("state", "in", self._OPEN),
                ],
                ["connection_id", "trace_key"],
                ["__count"],
            )
        }
        for message in self:
            message.sibling_count = counts.get((message.connection_id.id, message.trace_key), 0)

    # Buttons

    def action_retry(self):
        """Tries these again, and with them all that failed for the same reason."""
        self.check_access("read")
        open_messages = self.filtered(lambda message: message.state in ("failed", "held"))
        if not open_messages:
            raise UserError(self.env._("Nothing to retry: these are waiting for their turn, or solved."))
        for connection, messages in open_messages.grouped("connection_id").items():
            self.sudo()._release(connection, messages.mapped("trace_key"))
        open_messages.sudo().write({"refetch": True})
        open_messages.sudo()._queue()
        return self.env["pos.sync.connection"]._notify(self.env._("They will be tried again shortly."))

    def action_create(self):
        """These are new: they are made in Odoo."""
        self.check_access("read")
        return self._decide("create")

    def action_link(self):
        """These are the records proposed: they are linked, and nothing is made."""
        self.check_access("read")
        without = self.filtered(lambda message: not (message.candidate_tmpl_id or message.candidate_partner_id))
        if without:
            raise UserError(self.env._("Say first which record of Odoo “%s” is the same as.", without[0].display_name))
        return self._decide("link")

    def action_leave_out(self):
        """These are not wanted in Odoo: they are remembered, and never made."""
        self.check_access("read")
        Mapping = self.env["pos.sync.mapping"].sudo()
        for flow, entity in (("products_pull", "product"), ("customers_pull", "customer")):
            wanted = self.sudo().filtered(lambda item, flow=flow: item.flow == flow and item.state in self._OPEN)
            for connection, messages in wanted.grouped("connection_id").items():
                known = Mapping._find(connection, entity, messages.mapped("external_id"))
                Mapping.create(
                    [
                        {
                            "connection_id": connection.id,
                            "entity": entity,
                            "external_id": message.external_id,
                            "name": message.name,
                        }
                        for message in messages
                        if message.external_id not in known
                    ]
                )
        return self.action_drop()

    def _decide(self, decision):
        chosen = self.filtered(lambda message: message.state in ("failed", "held")).sudo()
        chosen.write({"decision": decision})
        chosen._queue()
        return self.env["pos.sync.connection"]._notify(self.env._("They will follow shortly."))

    def action_drop(self):
        """Gives these records up. A later pull brings them again if they changed."""
        self.check_access("read")
        self.filtered(lambda message: message.state in self._OPEN).sudo().write(
            {"state": "dropped", "done_at": fields.Datetime.now()}
        )

    def action_view_siblings(self):
        """What waits for the same reason, and so is mended with it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_message_action")
        domain = [("connection_id", "=", self.connection_id.id), ("trace_key", "=", self.trace_key)]
        return {**action, "domain": domain, "context": {"search_default_open": 1}}

    # For the engine

    @api.model
    def _create_failures(self, vals_list):
        """Messages of failures, which are always stored: with less, where what they say can't be."""
        vals_list = [self._storable(vals) for vals in vals_list]
        try:
            with self.env.cr.savepoint():
                return self.create(vals_list)
        except (psycopg2.DataError, psycopg2.OperationalError, psycopg2.IntegrityError, ValueError) as error:
            if not self._is_about_values(error):
                raise
            if len(vals_list) == 1:
                _logger.exception("a failure could not be stored as it is")
                return self.create([self._least(vals_list[0])])
        return self.browse().concat(*(self._create_failures([vals]) for vals in vals_list))

    def _write_failure(self, vals):
        vals = self._storable(vals)
        try:
            with self.env.cr.savepoint():
                self.write(vals)
        except (psycopg2.DataError, psycopg2.OperationalError, psycopg2.IntegrityError, ValueError) as error:
            if not self._is_about_values(error):
                raise
            _logger.exception("a failure could not be stored as it is")
            self.write(self._least(vals))

    @api.model
    def _is_about_values(self, error):
        """Whether another message in its place could be stored, so that nothing is to be replayed."""
        return isinstance(error, ValueError) or (error.pgcode or "08")[:2] in ("22", "54")

    @api.model
    def _storable(self, vals):
        """With text that a database takes, and keys that an index does."""
        vals = {name: clean_text(value) if isinstance(value, str) else value for name, value in vals.items()}
        vals["external_id"] = bounded_key(vals["external_id"], MOST_ID)
        vals["name"] = shorten(vals.get("name") or "", MOST_ID)
        return vals

    @api.model
    def _least(self, vals):
        """What can be said in any case."""
        kept = ("stream_id", "flow", "direction", "state", "run_id", "attempts", "failed_at", "last_failed_at")
        sentence = self.env._(
            "The system sent a record that can't even be kept. The server's log says more; look at the record there."
        )
        return {
            **{name: vals[name] for name in kept if name in vals},
            "external_id": bounded_key(vals["external_id"], 0),
            "kind": "needs_fixing",
            "code": "unstorable",
            "trace_key": "unstorable",
            "sentence": sentence,
            "payload": "null",
            "is_raw": True,
        }

    def _queue(self):
        self.filtered(lambda message: message.state in ("failed", "held")).write({"state": "waiting"})
        posting = self.filtered(lambda message: message.direction == "post")
        if posting:
            self.env.ref("pos_sync_connector.ir_cron_posting").sudo()._trigger()
        (self - posting).stream_id._wake()

    @api.model
    def _release(self, connection, trace_keys):
        """Queues everything of a connection that waits under one of these keys."""
        keys = [bounded_key(key) for key in trace_keys if key]
        if keys:
            self.search(
                [
                    ("connection_id", "=", connection.id),
                    ("trace_key", "in", keys),
                    ("state", "in", ("failed", "held")),
                ]
            )._queue()

    @api.autovacuum
    def _gc_messages(self):
        now = fields.Datetime.now()
        closed = [("state", "in", ("done", "dropped"))]
        # Those of goods that came back are all that says of them that the system was told.
        old = [("done_at", "<", now - timedelta(days=_KEPT_DAYS)), ("return_ids", "=", False)]
        self.search([*closed, *old]).unlink()
        self.search(
            [*closed, ("payload", "!=", False), ("done_at", "<", now - timedelta(days=_PAYLOAD_KEPT_DAYS))]
        ).write({"payload": False})
