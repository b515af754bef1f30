import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.errors import Failure
from ...connectors.flows import Flow

_logger = logging.getLogger(__name__)

_MANAGER = "pos_sync_connector.group_manager"
_CHECKED_EVERY = timedelta(days=1)
_COMMA = ", "


class PosSyncConnection(models.Model):
    """What is registered at the system: the topics of webhooks that it sends here. A button registers them; after that
    they are looked after (`pos.sync.tend_webhooks`), and go when the connection is switched off or deleted."""

    _inherit = "pos.sync.connection"

    webhook_wanted = fields.Boolean(readonly=True, copy=False, help="They were registered here and are looked after.")
    webhook_registered_url = fields.Char(readonly=True, copy=False, groups=_MANAGER)
    webhook_topics = fields.Text(string="Sent by the System", readonly=True, copy=False)
    webhook_missing = fields.Text(string="Not Sent by the System", readonly=True, copy=False)
    webhook_problem = fields.Char(readonly=True, copy=False)
    webhook_checked_at = fields.Datetime(string="Last Checked", readonly=True, copy=False)
    webhook_last_event = fields.Datetime(string="Last Webhook", compute="_compute_webhook_last_event")
    webhook_can_register = fields.Boolean(compute="_compute_webhook_definition")
    webhook_help = fields.Char(compute="_compute_webhook_definition")
    webhook_choice = fields.Text(string="Events to Choose", compute="_compute_webhook_definition")
    webhook_state = fields.Selection(
        [
            ("none", "Not registered"),
            ("registered", "Registered"),
            ("partly", "Some topics are missing"),
            ("moved", "Registered for a former address"),
        ],
        string="At the System",
        compute="_compute_webhook_state",
        groups=_MANAGER,
    )

    def _compute_webhook_last_event(self):
        """Webhooks are remembered for a week."""
        last = self.env["pos.sync.event"]._read_group(
            [("connection_id", "in", self.ids)], ["connection_id"], ["received_at:max"]
        )
        moments = dict(last)
        for connection in self:
            connection.webhook_last_event = moments.get(connection, False)

    @api.depends("system", "stream_ids.enabled")
    def _compute_webhook_definition(self):
        for connection in self:
            system = connection._system_class()
            connection.webhook_can_register = bool(system and system.implements("register_webhooks"))
            connection.webhook_help = system.webhook_help if system else False
            connection.webhook_choice = "\n".join(connection._webhook_topics())

    @api.depends("webhook_registered_url", "webhook_missing", "webhook_topics", "webhook_url", "stream_ids.enabled")
    def _compute_webhook_state(self):
        for connection in self:
            registered = connection.webhook_registered_url
            if not registered:
                connection.webhook_state = "none"
            elif registered != connection.webhook_url:
                connection.webhook_state = "moved"
            else:
                sent = set((connection.webhook_topics or "").split(_COMMA))
                connection.webhook_state = "partly" if set(connection._webhook_topics()) - sent else "registered"

    def _webhook_topics(self):
        """The topics that tell of flows which are on."""
        self.ensure_one()
        system = self._system_class()
        flows = {Flow(stream.flow) for stream in self.stream_ids if stream.enabled}
        return sorted(topic for topic, told in system.webhook_topics.items() if told & flows) if system else []

    # Buttons

    def action_register_webhooks(self):
        """Makes what is missing at the system and mends what is wrong."""
        self.ensure_one()
        self.check_access("write")
        self._check_can_sync()
        if not self.webhook_can_register:
            raise UserError(self.env._("Webhooks of this system are registered by hand: see below."))
        failure = self._register_webhooks(self._webhook_topics())
        if failure:
            return self._notify(failure.sentence, "danger")
        if self.webhook_missing:
            return self._notify(
                self.env._("Registered, but for: %s.", self.webhook_missing), "warning"
            )
        return self._notify(self.env._("What changes at the system is here in seconds from now on."))

    def action_remove_webhooks(self):
        self.ensure_one()
        self.check_access("write")
        self._check_can_sync()
        if not self.webhook_can_register:
            raise UserError(self.env._("Webhooks of this system are removed by hand, at the system."))
        failure = self._register_webhooks([])
        if failure:
            return self._notify(failure.sentence, "danger")
        return self._notify(self.env._("The system sends no webhooks any more: changes come with the next pull."))

    def _register_webhooks(self, topics, *, wanted=None):
        """Asks the system, then notes what it answered. Returns the failure that stands in the way, None where all is
        well. Nothing may be unsaved when this is called. `wanted`: whether they are looked after from now on; by
        default if there are any."""
        self.ensure_one()
        url = self.sudo().webhook_url
        try:
            with self._connector() as connector:
                found = connector.register_webhooks(url, topics)
        except Failure as failure:
            self.sudo().write({"webhook_problem": failure.sentence, "webhook_checked_at": fields.Datetime.now()})
            return failure
        self.sudo().write(
            {
                "webhook_wanted": bool(topics) if wanted is None else wanted,
                "webhook_registered_url": url if found.topics else False,
                "webhook_topics": _COMMA.join(found.topics) or False,
                "webhook_missing": _COMMA.join(found.missing) or False,
                "webhook_problem": found.why or False,
                "webhook_checked_at": fields.Datetime.now(),
            }
        )
        return None

    # Looked after

    def write(self, vals):
        result = super().write(vals)
        if {"webhook_base", "webhook_token"} & set(vals):
            self._tend_webhooks_soon()
        return result

    def _webhooks_due(self):
        """What is to be asked of the system now: its topics, an empty list to have none any more, None for nothing."""
        self.ensure_one()
        if not self._webhooks_may_change():
            return None
        if self.state == "off" and self.webhook_registered_url:
            return []
        if not (self.webhook_wanted and self._may_talk()):
            return None
        topics = self._webhook_topics()
        if not topics and not self.webhook_registered_url:
            return None
        told = _COMMA.join(filter(None, (self.webhook_topics, self.webhook_missing)))
        known = set(told.split(_COMMA)) if told else set()
        checked = self.webhook_checked_at
        fresh = checked and checked > fields.Datetime.now() - _CHECKED_EVERY
        return None if fresh and self.webhook_registered_url == self.webhook_url and known == set(topics) else topics

    def action_off(self):
        result = super().action_off()
        self._tend_webhooks_soon()
        return result

    def action_on(self):
        result = super().action_on()
        self._tend_webhooks_soon()
        return result

    def _tend_webhooks_soon(self):
        if any(connection.webhook_wanted for connection in self):
            self.env.ref("pos_sync_connector.ir_cron_webhooks").sudo()._trigger()

    def unlink(self):
        """What is registered goes once the deletion is certain: after the commit, with no transaction open."""
        farewells = [(c.id, c._farewell()) for c in self.sudo() if c.webhook_registered_url]
        result = super().unlink()
        kept = set(self.exists().ids)
        for connection_id, farewell in farewells:
            if farewell and connection_id not in kept:
                self.env.cr.postcommit.add(farewell)
        return result

    def _webhooks_may_change(self):
        """A copy of the database leaves alone what the original has registered."""
        neutralized = self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized")
        return self.webhook_can_register and not self.is_copy and not neutralized

    def _farewell(self):
        """What removes them, to be called when this connection is no more; None where that can't be."""
        self.ensure_one()
        if not self._webhooks_may_change():
            return None
        try:
            return partial(_remove, self._connector(), self.webhook_url)
        except Failure:
            return None

    # Still to do

    def _todo_of_webhooks(self):
        state = self.sudo().webhook_state
        if self.webhook_wanted and self.state == "connected" and state != "registered":
            labels = dict(self._fields["webhook_state"]._description_selection(self.env))
            text = self.env._("Webhooks: %s.", labels[state])
            if self.webhook_problem:
                text = f"{text} {self.webhook_problem}"
            yield self._todo("webhooks", text, "action_register_webhooks", self.env._("Repair"))


def _remove(connector, url):
    try:
        with connector:
            connector.register_webhooks(url, ())
    except Failure as failure:
        # The system gives up sending them by itself.
        _logger.info("webhooks of a deleted connection were not removed: %s", failure.code)
