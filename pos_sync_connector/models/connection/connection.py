from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...connectors.flows import FLOWS, Flow
from ...connectors.registry import registry

OWNED = ("identity", "price", "tax")


class PosSyncConnection(models.Model):
    """One account on one system."""

    _name = "pos.sync.connection"
    _description = "POS Sync Connection"
    _inherit = ["pos.sync.guarded", "mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    system = fields.Selection(selection="_select_system", required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("draft", "Not Connected"),
            ("connected", "Connected"),
            ("refused", "Access Refused"),
            ("off", "Switched Off"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    state_message = fields.Char(readonly=True, copy=False)
    to_remove = fields.Boolean(readonly=True, copy=False)

    account_external_id = fields.Char(string="Account ID", readonly=True, copy=False)
    account_name = fields.Char(string="Account", readonly=True, copy=False)
    account_version = fields.Char(string="Version", readonly=True, copy=False)
    account_notes = fields.Text(string="Notes of the Account", readonly=True, copy=False)
    account_currency = fields.Char(readonly=True, copy=False)
    tested_at = fields.Datetime(string="Last Tested", readonly=True, copy=False)
    database_uuid = fields.Char(readonly=True, copy=False)
    is_copy = fields.Boolean(compute="_compute_is_copy")

    setting_ids = fields.One2many("pos.sync.setting", "connection_id", string="Settings", copy=False)
    stream_ids = fields.One2many("pos.sync.stream", "connection_id", string="Flows", copy=False)
    location_ids = fields.One2many("pos.sync.location", "connection_id", string="Locations", copy=False)
    tax_ids = fields.One2many("pos.sync.tax", "connection_id", string="Taxes", copy=False)
    message_count = fields.Integer(compute="_compute_counts", string="Open Failures")
    mapping_count = fields.Integer(compute="_compute_counts", string="Linked Records")
    stale_count = fields.Integer(compute="_compute_counts", string="Made With Former Settings")
    unmapped_tax_count = fields.Integer(compute="_compute_unmapped")
    unmapped_location_count = fields.Integer(compute="_compute_unmapped")

    product_policy = fields.Selection(
        [("create", "Create it"), ("hold", "Hold it until somebody links it")],
        string="An Unknown Product",
        default="create",
        required=True,
    )
    share_products = fields.Boolean(
        string="Products for All Companies",
        default=lambda self: self.env["res.company"].sudo().search_count([], limit=2) < 2,
        help="Products that this connection creates belong to no company. Otherwise they belong to its own.",
    )
    owns_identity = fields.Boolean(
        string="Names and Codes",
        default=True,
        help="The system is the master of name, description, codes, category, images and variants of the products "
        "that it was the first to bring. Products that another connection owns are only linked.",
    )
    owns_price = fields.Boolean(
        string="Sales Price", default=True, help="The system's price also becomes the product's own sales price."
    )
    owns_tax = fields.Boolean(string="Customer Taxes", default=True)
    pricelist_id = fields.Many2one(
        "product.pricelist",
        check_company=True,
        copy=False,
        help="Holds the prices of this system, one for each variant.",
    )
    counterpart_location_id = fields.Many2one(
        "stock.location",
        string="Inventory Adjustment Location",
        domain="[('usage', '=', 'inventory'), ('company_id', 'in', (False, company_id))]",
        check_company=True,
        help="Where stock differences found by the system's counts are booked. Empty: Odoo's own location for "
        "inventory adjustments.",
    )

    _account_uniq = models.UniqueIndex(
        "(system, account_external_id, company_id) WHERE account_external_id IS NOT NULL AND active",
        "This account is connected already in this company.",
    )

    @api.model
    def _select_system(self):
        return [(system.code, system.name) for system in registry.all()]

    def _compute_counts(self):
        failed = self.env["pos.sync.message"]._read_group(
            [("connection_id", "in", self.ids), ("state", "in", self.env["pos.sync.message"]._OPEN)],
            ["connection_id"],
            ["__count"],
        )
        mapped = self.env["pos.sync.mapping"]._read_group(
            [("connection_id", "in", self.ids)], ["connection_id"], ["__count"]
        )
        failed, mapped = dict(failed), dict(mapped)
        for connection in self:
            connection.message_count = failed.get(connection, 0)
            connection.mapping_count = mapped.get(connection, 0)
            connection.stale_count = sum(connection.stream_ids.mapped("stale_count"))

    @api.depends(
        *(f"tax_ids.{name}" for name in ("tax_id", "ignored", "gone_since")),
        *(f"location_ids.{name}" for name in ("stock_location_id", "ignored", "gone_since")),
    )
    def _compute_unmapped(self):
        for connection in self:
            connection.unmapped_tax_count = len(connection.tax_ids.filtered(lambda tax: tax._is_unmapped()))
            connection.unmapped_location_count = len(
                connection.location_ids.filtered(lambda location: location._is_unmapped())
            )

    @api.depends("database_uuid")
    def _compute_is_copy(self):
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        for connection in self:
            connection.is_copy = bool(connection.database_uuid and connection.database_uuid != uuid)

    @api.onchange("system")
    def _onchange_system(self):
        """Shows the settings of the chosen system before the connection is saved."""
        system = self._system_class()
        if not system or self._origin.system == self.system:
            return
        if not self.name or self.name in dict(self._select_system()).values():
            self.name = system.name
        self.setting_ids = [
            fields.Command.clear(),
            *(fields.Command.create(vals) for vals in self._prepare_setting_vals()),
        ]

    @api.model_create_multi
    def create(self, vals_list):
        connections = super().create(vals_list)
        connections._make_settings()
        connections._make_streams()
        return connections

    def write(self, vals):
        if "system" in vals and any(c.account_external_id and c.system != vals["system"] for c in self):
            raise UserError(self.env._("The system can't be changed once connected. Make a new connection instead."))
        if "company_id" in vals:
            self._check_company_unchanged(vals["company_id"])
        # The first pricelist changes no price that is there already.
        repriced = self.filtered("pricelist_id") if "pricelist_id" in vals else self.browse()
        result = super().write(vals)
        if "system" in vals:
            self._make_settings()
            self._make_streams()
        if {"owns_price", "owns_identity", "owns_tax", "share_products"} & set(vals):
            repriced = self
        repriced._forget_digests([Flow.PRODUCTS_PULL.value])
        return result

    def _check_company_unchanged(self, company_id):
        for connection in self:
            if connection.mapping_count and connection.company_id.id != company_id:
                raise ValidationError(
                    self.env._("“%s” has linked records already: its company can't be changed.", connection.name)
                )

    def unlink(self):
        """A running stream ends first: its connection is switched off at once and removed by the housekeeping."""
        running = self.filtered(lambda connection: connection.stream_ids - connection.stream_ids._try_lock_crons())
        running.sudo().write({"to_remove": True, "active": False, "state": "off"})
        (self - running).stream_ids.unlink()
        return super(PosSyncConnection, self - running).unlink()

    # What the system's class says

    def _system_class(self):
        self.ensure_one()
        return next((system for system in registry.all() if system.code == self.system), None)

    def _prepare_setting_vals(self):
        """Values of the rows for the settings of the system, with their defaults."""
        self.ensure_one()
        return [
            {"key": setting.key, "sequence": position, "value": setting.default if not setting.secret else False}
            for position, setting in enumerate(self._system_class().settings)
        ]

    @api.model
    def _follow_systems(self):
        """Gives every connection the settings and flows that its system has by now, and takes those that it has no
        more. A system of a module that is not loaded yet is left to that module's own data."""
        for connection in self.with_context(active_test=False).search([("to_remove", "=", False)]):
            if connection._system_class():
                connection._make_settings()
                connection._make_streams()

    def _make_settings(self):
        for connection in self.filtered("system"):
            wanted = {vals["key"]: vals for vals in connection._prepare_setting_vals()}
            connection.setting_ids.filtered(lambda row, keys=wanted: row.key not in keys).sudo().unlink()
            known = {row.key: row for row in connection.setting_ids}
            for key, row in known.items():
                if row.sequence != wanted[key]["sequence"]:
                    row.sequence = wanted[key]["sequence"]
            self.env["pos.sync.setting"].create(
                [{**vals, "connection_id": connection.id} for key, vals in wanted.items() if key not in known]
            )
            self.env["pos.sync.setting.choice"].sudo()._offer(
                connection,
                {
                    item.key: item.choices
                    for item in connection._system_class().settings
                    # What the system has named since is left to its next test.
                    if item.choices and not (item.choices_from and item.key in known)
                },
            )

    def _make_streams(self):
        """One stream for each flow that the system supports, and none else."""
        for connection in self.filtered("system"):
            wanted = [flow.value for flow in connection._system_class().flows()]
            connection.stream_ids.filtered(lambda stream, flows=wanted: stream.flow not in flows).unlink()
            known = set(connection.stream_ids.mapped("flow"))
            # Nobody makes flows by hand: the system's class says which there are.
            self.env["pos.sync.stream"].sudo().create(
                [
                    connection._prepare_stream_vals(flow, position)
                    for position, flow in enumerate(wanted)
                    if flow not in known
                ]
            )

    def _prepare_stream_vals(self, flow, position):
        self.ensure_one()
        info = FLOWS[Flow(flow)]
        system = self._system_class()
        sweep = system.sweeps.get(Flow(flow), info.sweep)
        minutes = int(system.polls.get(Flow(flow), info.every).total_seconds() // 60)
        number, unit = (
            (minutes // 1440, "days")
            if minutes % 1440 == 0
            else (minutes // 60, "hours")
            if minutes % 60 == 0
            else (minutes, "minutes")
        )
        return {
            "connection_id": self.id,
            "flow": flow,
            "sequence": position,
            # A flow that comes with an update begins to bring something when somebody switches it on.
            "enabled": not info.push and not self.account_external_id,
            "interval_number": number,
            "interval_type": unit,
            "sweep_days": sweep.days if sweep else 0,
        }

    def _stream(self, flow):
        self.ensure_one()
        return self.stream_ids.filtered(lambda stream: stream.flow == Flow(flow).value)

    def _price_level(self):
        """The external id of the chosen price level; "" for the system's ordinary prices."""
        self.ensure_one()
        return self.sudo().setting_ids.filtered(lambda setting: setting.key == "price_level").value or ""

    # Changed settings

    def _forget_digests(self, flows):
        """What these flows brought was made with former settings: their next pull imports every record again."""
        for connection in self:
            streams = connection.stream_ids.filtered(lambda stream: stream.flow in flows)
            streams._forget_digests()

    def action_pull_stale(self):
        self.check_access("read")
        streams = self.sudo().stream_ids.filtered("stale_count")
        streams._request(full=True)

    # Buttons

    def action_sync_now(self):
        """Asks every enabled flow to run as soon as a worker is free."""
        self.check_access("read")
        self._check_can_sync()
        self.sudo().stream_ids.filtered("enabled")._request()
        return self._notify(self.env._("The flows start as soon as a worker is free."))

    def _check_can_sync(self):
        for connection in self:
            if connection.setup_step:
                raise UserError(self.env._("Finish the set-up of “%s” first.", connection.name))
            if connection.state == "draft":
                raise UserError(self.env._("Test the connection first: “%s” is not connected.", connection.name))
            if connection.state == "off":
                raise UserError(self.env._("“%s” is switched off. Switch it on first.", connection.name))
            if connection.state == "refused":
                raise UserError(
                    self.env._("%s Correct the settings, then test the connection.", connection.state_message or "")
                )
            if connection.is_copy:
                raise UserError(connection._copy_sentence())
            if self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"):
                raise UserError(self.env._("This database is a neutralized copy: nothing is sent or pulled."))

    def action_off(self):
        self.check_access("write")
        self.sudo().write({"state": "off", "state_message": False})

    def action_on(self):
        self.check_access("write")
        for connection in self.sudo():
            connection.state = "connected" if connection.account_external_id else "draft"
            connection.stream_ids.filtered("enabled")._schedule()

    def action_view_messages(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_message_action")
        return {**action, "domain": [("connection_id", "in", self.ids)], "context": {"search_default_open": 1}}

    def action_view_mappings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_mapping_action")
        return {**action, "domain": [("connection_id", "in", self.ids)], "context": {}}

    def action_view_runs(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_run_action")
        return {**action, "domain": [("connection_id", "in", self.ids)], "context": {}}

    def action_make_taxes(self):
        return self.tax_ids.action_make_tax()

    def action_make_stock_locations(self):
        return self.location_ids.action_make_stock_location()

    @api.model
    def _notify(self, sentence, kind="success", next_action=None):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": sentence,
                "type": kind,
                "sticky": kind == "danger",
                "next": next_action or {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
