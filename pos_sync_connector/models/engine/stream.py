import logging
from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.errors import NeedsFixing, RetryLater
from ...connectors.flows import FLOWS, Flow
from ...connectors.pages import Cursor

_logger = logging.getLogger(__name__)

# The cron only asks what is due: the interval and the switch stand on the stream, because nobody may write a cron
# while it runs. This is how soon a stream comes back by itself should a trigger ever be lost.
_FALLBACK_HOURS = 1
# One that could not begin within this time no longer holds the others up.
_GIVES_WAY_FOR = timedelta(minutes=1)
# A slice lasts seconds, a slow page a minute: what has not moved for so long was killed.
_STANDS_STILL_FOR = timedelta(minutes=3)

# After so many tries, which is more than an hour, a system that does not answer is no passing matter.
PASSING_TRIES = 6


class PosSyncStream(models.Model):
    """One flow on one connection, with its schedule and cursor."""

    _name = "pos.sync.stream"
    _description = "POS Sync Flow"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, sequence, id"
    _rec_names_search = ["connection_id", "flow"]

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    flow = fields.Selection([(flow.value, info.label) for flow, info in FLOWS.items()], required=True, readonly=True)
    sequence = fields.Integer()
    enabled = fields.Boolean(default=True)
    interval_number = fields.Integer(string="Every", default=5, required=True, aggregator=None)
    interval_type = fields.Selection(
        [("minutes", "Minutes"), ("hours", "Hours"), ("days", "Days")], default="minutes", required=True
    )
    sweep_days = fields.Integer(
        string="Full Pull Every (Days)",
        aggregator=None,
        help="How often everything is read again, to find what was deleted and what a pull of changes can't see. "
        "0: only on demand.",
    )
    cron_id = fields.Many2one("ir.cron", readonly=True, copy=False, ondelete="set null", groups="base.group_system")
    to_remove = fields.Boolean(readonly=True, copy=False)

    cursor = fields.Char(readonly=True, copy=False)
    pass_ended = fields.Boolean(readonly=True, copy=False, help="The last page is in; the pass is being wound up.")
    sweep = fields.Integer(
        readonly=True, copy=False, help="The number of the full pass under way; 0 while only changes are read."
    )
    sweep_last = fields.Integer(readonly=True, copy=False)
    swept_at = fields.Datetime(string="Everything Last Read", readonly=True, copy=False)
    first_done = fields.Boolean(string="First Pull Ended", readonly=True, copy=False)
    complete_from = fields.Datetime(
        readonly=True, copy=False, help="The system hides data from before this moment. Empty: it hides nothing."
    )
    requested = fields.Boolean(readonly=True, copy=False)
    requested_at = fields.Datetime(readonly=True, copy=False)
    next_poll = fields.Datetime(string="Next Pull", readonly=True, copy=False, default=fields.Datetime.now)
    retry_at = fields.Datetime(string="Tries Again", readonly=True, copy=False)
    failures = fields.Integer(string="Failed Tries", readonly=True, copy=False)
    sentence = fields.Char(string="What Is Wrong", readonly=True, copy=False)
    failure_kind = fields.Char(readonly=True, copy=False)
    stops = fields.Integer(
        string="Stopped", readonly=True, copy=False, aggregator=None, help="How often it stood still in the middle."
    )
    stale_count = fields.Integer(string="Made With Former Settings", readonly=True, copy=False)

    run_ids = fields.One2many("pos.sync.run", "stream_id")
    run_id = fields.Many2one("pos.sync.run", string="Current Run", readonly=True, copy=False, ondelete="set null")
    last_run_id = fields.Many2one("pos.sync.run", readonly=True, copy=False, ondelete="set null")
    last_success = fields.Datetime(readonly=True, copy=False)
    result = fields.Char(compute="_compute_result", string="Last Result")
    progress = fields.Integer(compute="_compute_result")
    failed_count = fields.Integer(compute="_compute_failed_count", string="Open Failures")
    state = fields.Selection(
        [
            ("off", "Off"),
            ("waiting", "Waiting for Others"),
            ("scheduled", "Scheduled"),
            ("running", "Running"),
            ("retry", "Tries Again"),
            ("blocked", "Needs Attention"),
        ],
        compute="_compute_state",
    )

    _connection_flow_uniq = models.Constraint("UNIQUE(connection_id, flow)", "A connection has each flow once.")
    _interval_positive = models.Constraint("CHECK(interval_number > 0)", "The interval must be at least 1.")
    _sweep_positive = models.Constraint("CHECK(sweep_days >= 0)", "The days can't be negative.")

    @api.depends("flow", "connection_id.name")
    def _compute_display_name(self):
        labels = dict(self._fields["flow"]._description_selection(self.env))
        for stream in self:
            stream.display_name = f"{stream.connection_id.name}: {labels.get(stream.flow)}"

    @api.depends("enabled", "run_id", "retry_at", "failure_kind", "first_done", "connection_id.state")
    def _compute_state(self):
        for stream in self:
            if not stream.enabled or stream.connection_id.state in ("draft", "off"):
                stream.state = "off"
            elif stream.failure_kind == NeedsFixing.kind or stream.connection_id.state == "refused":
                stream.state = "blocked"
            elif stream.retry_at:
                stream.state = "retry"
            elif stream.run_id:
                stream.state = "running"
            else:
                stream.state = "waiting" if stream._waits_for() else "scheduled"

    @api.depends("run_id.read_count", "last_run_id", "run_id.total", "stops")
    def _compute_result(self):
        for stream in self:
            run = stream.run_id or stream.last_run_id
            stream.result = run._summary() if run else False
            if stream.stops and stream.run_id:
                stream.result = self.env._("stopped %(times)s times, going on: %(result)s", times=stream.stops,
                                           result=stream.result)
            stream.progress = run._progress() if run else 0

    def _compute_failed_count(self):
        counts = dict(
            self.env["pos.sync.message"]._read_group(
                [("stream_id", "in", self.ids), ("state", "in", self.env["pos.sync.message"]._OPEN)],
                ["stream_id"],
                ["__count"],
            )
        )
        for stream in self:
            stream.failed_count = counts.get(stream, 0)

    @api.model_create_multi
    def create(self, vals_list):
        streams = super().create(vals_list)
        for stream in streams.sudo():
            stream.cron_id = self.env["ir.cron"].sudo().create(stream._prepare_cron_vals())
        return streams

    def write(self, vals):
        result = super().write(vals)
        if {"enabled", "interval_number", "interval_type"} & set(vals):
            self.sudo()._schedule()
        return result

    def unlink(self):
        """A stream that runs just now is only marked: its job ends after the page, the housekeeping removes it."""
        free = self._try_lock_crons()
        running = self - free
        running.sudo().write({"to_remove": True, "enabled": False})
        crons = free.sudo().cron_id
        actions = crons.ir_actions_server_id
        result = super(PosSyncStream, free).unlink()
        crons.unlink()
        actions.unlink()
        return result

    # Schedule

    def _prepare_cron_vals(self):
        self.ensure_one()
        return {
            "name": f"POS Sync: {self.display_name}",
            "model_id": self.env["ir.model"]._get_id(self._name),
            "state": "code",
            "code": f"model._run_job({self.id})",
            "user_id": self.env.ref("base.user_root").id,
            "interval_number": _FALLBACK_HOURS,
            "interval_type": "hours",
            "nextcall": fields.Datetime.now() + timedelta(hours=_FALLBACK_HOURS),
            "active": True,
        }

    def _try_lock_crons(self):
        """The streams whose jobs don't run now and can't start before this transaction ends."""
        crons = self.sudo().cron_id
        locked = crons.try_lock_for_update()
        return self.filtered(lambda stream: not stream.sudo().cron_id or stream.sudo().cron_id in locked)

    def _interval(self):
        self.ensure_one()
        return timedelta(**{self.interval_type: self.interval_number})

    def _schedule(self):
        """Wakes the job when the next pull is due."""
        for stream in self.filtered("enabled"):
            moment = max(stream.next_poll or fields.Datetime.now(), stream.retry_at or fields.Datetime.now())
            soonest = fields.Datetime.now() + stream._interval()
            stream.sudo().cron_id._trigger(at=min(moment, soonest) if not stream.retry_at else moment)

    def _request(self, full=False):
        """A manual request is always due. `full` reads everything again."""
        for stream in self:
            stream.write(
                {
                    "requested": True,
                    "requested_at": fields.Datetime.now(),
                    "retry_at": False,
                    "sentence": False,
                    "failure_kind": False,
                    **({"cursor": False, "sweep": 0, "pass_ended": False, "stale_count": 0} if full else {}),
                }
            )
            stream.sudo().cron_id._trigger()

    def _restart(self):
        """Reads everything again because something changed that the records depend on."""
        # A pass that begins at this moment is either seen here or sees what has changed.
        self._claim()
        self.filtered(lambda stream: stream.enabled and (stream.first_done or stream.cursor))._request(full=True)

    def _claim(self):
        """Asks for a replay where somebody has saved a stream meanwhile; Odoo would log that as a failed query."""
        for stream in self:
            self.env.cr.execute(
                "SELECT FROM pos_sync_stream WHERE id = %s FOR NO KEY UPDATE", [stream.id], log_exceptions=False
            )

    def _wake(self):
        """Something waits for the stream, such as a retried message."""
        for cron in self.sudo().cron_id:
            cron._trigger()

    def _is_stopped(self):
        """Whether somebody must do something: at once, or after it was tried for more than an hour."""
        self.ensure_one()
        kind = self.connection_id.state == "connected" and self.failure_kind
        return bool(kind) and (kind != RetryLater.kind or self.failures >= PASSING_TRIES)

    def _is_working(self):
        """Whether it runs, or does so as soon as a worker is free."""
        self.ensure_one()
        return self.state == "running" or (self.requested and self.state == "scheduled")

    def _is_due(self, now):
        """Whether there is something to do: asked for by hand, by schedule, by a message, or in mid-pass."""
        self.ensure_one()
        if not self.enabled or self.to_remove or not self._may_begin() or self._waits_for():
            return False
        # Asking takes a retry away: one that is there came after it, and the request waits for it.
        if self.retry_at and self.retry_at > now:
            return False
        if self.requested or self.pass_ended or Cursor.loads(self.cursor).position:
            return True
        if not self.next_poll or self.next_poll <= now:
            return True
        return bool(self._waiting_messages(limit=1))

    def _may_begin(self):
        """While a connection is being set up only what the set-up itself shows is read."""
        self.ensure_one()
        return self.connection_id._may_talk() and (
            not self.connection_id.setup_step or self.flow == Flow.SETUP_PULL.value
        )

    def _gives_way_to(self, now):
        """The streams that somebody has just asked for or a webhook has just told something, which a pass under way
        lets go first."""
        self.ensure_one()
        since = now - _GIVES_WAY_FOR
        if not self.run_id.page_count or (self.requested and self.requested_at >= since):
            return self.browse()
        told = self.env["pos.sync.message"]._read_group(
            [("state", "=", "waiting"), ("told", ">", 0), ("write_date", ">=", since), ("direction", "=", "in")],
            ["stream_id"],
        )
        asked = self.search(
            [
                "|",
                "&",
                ("requested", "=", True),
                ("requested_at", ">=", since),
                ("id", "in", [stream.id for (stream,) in told]),
                ("run_id", "=", False),
                ("id", "!=", self.id),
            ]
        )
        return asked.filtered(lambda stream: stream._is_due(now))

    def _waits_for(self):
        """The streams that must have ended once before this one may start."""
        self.ensure_one()
        before = [flow.value for flow in FLOWS[Flow(self.flow)].after]
        return self.connection_id.stream_ids.filtered(
            lambda stream: stream.flow in before and stream.enabled and not stream.first_done
        )

    def _waiting_messages(self, limit=None):
        self.ensure_one()
        return self.env["pos.sync.message"].search(
            [("stream_id", "=", self.id), ("direction", "=", "in"), ("state", "=", "waiting")],
            order="id",
            limit=limit,
        )

    def _forget_digests(self):
        """The records that this flow brought are imported again when they are next read, changed or not."""
        for stream in self.filtered("first_done"):
            entities = self.env["pos.sync.mapping"]._ENTITIES_BY_FLOW.get(stream.flow, ())
            mappings = (
                self.env["pos.sync.mapping"]
                .sudo()
                .search([("connection_id", "=", stream.connection_id.id), ("entity", "in", entities)])
            )
            mappings.write({"digest": False})
            stream.sudo().stale_count = len(mappings)

    # Buttons

    def action_sync_now(self):
        self.check_access("read")
        self._check_can_request()
        self.sudo()._request()
        return self.env["pos.sync.connection"]._notify(self.env._("It starts as soon as a worker is free."))

    def action_pull_everything(self):
        self.check_access("read")
        self._check_can_request()
        self.sudo()._request(full=True)
        return self.env["pos.sync.connection"]._notify(self.env._("Everything is read again, changed or not."))

    def _check_can_request(self):
        for stream in self:
            if not stream.enabled:
                raise UserError(self.env._("“%s” is switched off.", stream.display_name))
        self.connection_id._check_can_sync()

    @api.model
    def _run_job(self, stream_id):
        """The job of a stream's cron."""
        self.browse(stream_id)._job()._run(stream_id)

    @api.model
    def _housekeeping_job(self):
        """The housekeeping as a job: what somebody changes at this moment is left to its next turn."""
        try:
            with self.env.cr.savepoint():
                self._run_housekeeping()
        except SerializationFailure:
            _logger.info("housekeeping is left to its next turn: somebody has just changed what it is about")

    @api.model
    def _wake_stopped(self):
        """A pass whose process was killed stands still, and Odoo puts off a job to which that happened several times:
        it goes on, and its card says so."""
        now = fields.Datetime.now()
        still = self.search(
            [("run_id", "!=", False), ("retry_at", "=", False), ("write_date", "<", now - _STANDS_STILL_FOR)]
        )
        for stream in still._try_lock_crons().filtered(lambda stream: stream._is_due(now)):
            stream.stops += 1
            cron = stream.sudo().cron_id
            # The time that the next one of its own was put off to.
            cron.write({"nextcall": now})
            cron._trigger()

    @api.model
    def _run_housekeeping(self):
        """Every minute: removes what was marked while it ran, and wakes streams that have messages waiting."""
        marked = self.search([("to_remove", "=", True)])
        marked._try_lock_crons().unlink()
        connections = self.env["pos.sync.connection"].with_context(active_test=False)
        connections.search([("to_remove", "=", True)]).unlink()
        waiting = self.env["pos.sync.message"]._read_group(
            [("direction", "=", "in"), ("state", "=", "waiting"), ("stream_id", "!=", False)], ["stream_id"]
        )
        for (stream,) in waiting:
            stream._wake()
        self._wake_stopped()
        connections.search([("state", "in", ("connected", "refused"))])._alert()
