from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.errors import Failure
from ...connectors.flows import FLOWS, Flow
from ...connectors.registry import registry

_STEPS = ("system", "access", "flows", "matching", "look")


class PosSyncConnection(models.Model):
    """The guided set-up of a connection. The step is stored: who leaves comes back to it with all that was entered.

    Until it is finished only locations and taxes are read, which the set-up itself needs.
    """

    _inherit = "pos.sync.connection"

    setup_step = fields.Selection(
        [
            ("system", "System"),
            ("access", "Access"),
            ("flows", "What Comes"),
            ("matching", "Matching"),
            ("look", "First Look"),
        ],
        copy=False,
        help="Where the guided set-up stands. Empty: it is finished, or the connection was made without it.",
    )
    system_cards = fields.Json(compute="_compute_system_cards", string="Systems to Choose From")
    settings_help = fields.Char(compute="_compute_settings_help")
    setup_reading = fields.Boolean(compute="_compute_setup_reading")
    setup_failure = fields.Char(compute="_compute_setup_reading")
    has_choices = fields.Boolean(compute="_compute_has_choices")

    @api.depends_context("lang")
    def _compute_system_cards(self):
        self.system_cards = self._system_cards()

    @api.model
    def _system_cards(self):
        """The systems with what each can do, as its class says: [{"code", "name", "comes", "goes"}]; the last two are
        lists of the labels of flows."""
        labels = dict(self.env["pos.sync.stream"]._fields["flow"]._description_selection(self.env))
        return [
            {
                "code": system.code,
                "name": system.name,
                "comes": [
                    labels[flow.value]
                    for flow in system.flows()
                    if not FLOWS[flow].push and flow is not Flow.SETUP_PULL
                ],
                "goes": [labels[flow.value] for flow in system.flows() if FLOWS[flow].push],
            }
            for system in registry.all()
        ]

    @api.depends("system")
    def _compute_settings_help(self):
        for connection in self:
            system = connection._system_class()
            connection.settings_help = system.settings_help if system else ""

    def _compute_setup_reading(self):
        """Whether locations and taxes are on their way, and what keeps them from coming."""
        for connection in self:
            stream = connection._stream(Flow.SETUP_PULL)
            connection.setup_failure = stream.sentence
            connection.setup_reading = (
                connection.state == "connected"
                and not stream.sentence
                and bool(stream.requested or stream.run_id or not stream.first_done)
            )

    @api.depends("system")
    def _compute_has_choices(self):
        for connection in self:
            connection.has_choices = "choice" in connection.setting_ids.mapped("stage")

    # Steps

    def action_setup_next(self):
        """Goes to the next step, or stays and says at its fields what is missing."""
        self.ensure_one()
        self.check_access("write")
        if self.setup_step not in _STEPS[:-1]:
            return False
        leave = getattr(self, f"_leave_{self.setup_step}", None)
        if leave is None or leave():
            self.setup_step = _STEPS[_STEPS.index(self.setup_step) + 1]
        return False

    def action_setup_back(self):
        self.ensure_one()
        self.check_access("write")
        if self.setup_step in _STEPS[1:]:
            self.setup_step = _STEPS[_STEPS.index(self.setup_step) - 1]
        return False

    def action_setup_start(self):
        """Ends the set-up: all flows that are on begin as soon as a worker is free."""
        self.ensure_one()
        self.check_access("write")
        self.write({"setup_step": False})
        if self.state != "off":
            self._check_can_sync()
            self.sudo().stream_ids.filtered("enabled")._request()
        return {**self.action_open(), "target": "main"}

    def _leave_system(self):
        if not self.system:
            raise UserError(self.env._("Choose the system to connect."))
        return True

    def _leave_access(self):
        """Only a connection that was tested goes on."""
        problems = self._setting_problems()
        if problems:
            self._note_problems(problems)
            return False
        return self._connect() is None

    def _leave_flows(self):
        """What was chosen, a company say, decides which locations and taxes there are."""
        setup = self._stream(Flow.SETUP_PULL).sudo()
        setup.enabled = True
        setup._request()
        if not (self.stream_ids - self._stream(Flow.SETUP_PULL)).filtered("enabled"):
            raise UserError(self.env._("Switch on at least one flow."))
        return True

    def action_setup_read_again(self):
        self.ensure_one()
        self.check_access("write")
        self._stream(Flow.SETUP_PULL).sudo()._request()
        return False

    # What is wrong, at its field

    def _setting_problems(self):
        """{key: sentence} of the settings that can't be read as they are."""
        problems = {}
        for setting in self.setting_ids:
            definition = setting._definition()
            try:
                if definition:
                    definition.read(setting._plain_value())
            except Failure as failure:
                problems[setting.key] = failure.sentence
        return problems

    def _note_problems(self, problems, sentence=False):
        """Writes each sentence to its setting; `sentence` is what concerns none of them."""
        for setting in self.setting_ids:
            problem = problems.get(setting.key, False)
            if setting.problem != problem:
                setting.sudo().problem = problem
        if self.state == "draft" and self.state_message != sentence:
            self.sudo().state_message = sentence

    def _note_failure(self, failure):
        """A failed test stands at the setting that it is about, where that can be told."""
        key = self._system_class().setting_of(failure) if failure else ""
        sentence = failure.sentence if failure and not key else False
        self._note_problems({key: failure.sentence} if key else {}, sentence)

    # Opening

    def action_open(self):
        """The connection, at the step of its set-up while that is not finished."""
        self.ensure_one()
        setup = self.setup_step and not self.is_copy and self.env.user.has_group("pos_sync_connector.group_manager")
        action, view = ("setup_action", "setup") if setup else ("action", "form")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(f"pos_sync_connector.pos_sync_connection_{action}"),
            "res_id": self.id,
            "view_mode": "form",
            "views": [(self.env.ref(f"pos_sync_connector.pos_sync_connection_view_{view}").id, "form")],
            "context": {},
        }

    def action_view_access(self):
        """The settings alone, to correct and test them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Access to %s", self.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("pos_sync_connector.pos_sync_connection_view_access").id, "form")],
            "target": "new",
        }

    def action_test_access(self):
        """From the dialog of the settings, which stays open while something is wrong."""
        self.ensure_one()
        self.check_access("write")
        if not self._leave_access():
            return False
        return self._notify(self._connected_sentence(), next_action={"type": "ir.actions.act_window_close"})

    # Before the first pull

    def look_ahead(self, flow, cursor=""):
        """What the first pull of a flow would do, from `cursor` on; nothing is written. See `pos.sync.look_ahead`."""
        self.ensure_one()
        self.check_access("write")
        return self.env["pos.sync.look_ahead"].sudo()._look(self.sudo(), Flow(flow), cursor)
