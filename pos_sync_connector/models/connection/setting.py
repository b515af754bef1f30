from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...connectors.errors import Failure
from ...connectors.settings import Setting, SettingKind
from .secret_box import SecretBox

# Those that were entered in this transaction.
_NEW_SECRETS = "pos_sync_new_secrets"
_TO_CHOOSE = (SettingKind.CHOICE, SettingKind.CHOICES, SettingKind.BOOLEAN)


class PosSyncSetting(models.Model):
    """One setting of a connection, made from the system's class. A secret is written here and never read back."""

    _name = "pos.sync.setting"
    _description = "POS Sync Setting"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, sequence, id"
    _rec_name = "label"
    _rec_names_search = ["key"]
    _given_at_creation = ("key", "connection_id")

    connection_id = fields.Many2one(
        "pos.sync.connection", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    sequence = fields.Integer()
    key = fields.Char(required=True, readonly=True)
    label = fields.Char(compute="_compute_definition")
    help = fields.Char(compute="_compute_definition")
    kind = fields.Selection(
        [(kind.value, kind.name.capitalize()) for kind in SettingKind], compute="_compute_definition"
    )
    required = fields.Boolean(compute="_compute_definition")
    value = fields.Char(string="Plain Value")
    choice_id = fields.Many2one(
        "pos.sync.setting.choice",
        domain="[('connection_id', '=', connection_id), ('key', '=', key)]",
        ondelete="set null",
    )
    choice_ids = fields.Many2many(
        "pos.sync.setting.choice",
        string="Choices",
        compute="_compute_choice_ids",
        inverse="_inverse_choice_ids",
        domain="[('connection_id', '=', connection_id), ('key', '=', key)]",
    )
    flag = fields.Boolean(string="Yes", compute="_compute_flag", inverse="_inverse_flag")
    secret = fields.Char(string="Stored Secret", groups=fields.NO_ACCESS, copy=False)
    secret_input = fields.Char(
        string="Secret", compute="_compute_secret_input", inverse="_inverse_secret_input", exportable=False, copy=False
    )
    has_secret = fields.Boolean(compute="_compute_has_secret", compute_sudo=True)
    filled = fields.Boolean(compute="_compute_filled")
    stage = fields.Selection(
        [("access", "Access"), ("choice", "What Comes"), ("more", "More"), ("none", "Never")],
        compute="_compute_definition",
        help="When the guided set-up asks for it. What the system hands out is never asked for.",
    )
    problem = fields.Char(readonly=True, copy=False, help="What was wrong with it at the last test.")

    _connection_key_uniq = models.Constraint("UNIQUE(connection_id, key)", "A connection has each setting once.")

    @api.depends("key", "connection_id.system")
    def _compute_definition(self):
        for setting in self:
            definition = setting._definition()
            setting.label = definition.label if definition else setting.key
            setting.help = definition.help if definition else ""
            setting.kind = definition.kind.value if definition else SettingKind.TEXT.value
            setting.required = bool(definition and definition.required)
            setting.stage = self._stage(definition) if definition else "more"

    @api.model
    def _stage(self, definition):
        """What only the system can offer comes after the test, and with it what else says which records come."""
        if definition.handed_out:
            return "none"
        if definition.choices_from or (definition.feeds and definition.kind in _TO_CHOOSE):
            return "choice"
        return "access" if definition.way_in or (definition.required and not definition.default) else "more"

    @api.depends("value", "kind")
    def _compute_flag(self):
        for setting in self:
            setting.flag = setting.kind == "boolean" and setting.value in ("1", "true", "yes")

    def _inverse_flag(self):
        for setting in self.filtered(lambda s: s.kind == "boolean"):
            setting.value = "1" if setting.flag else "0"

    @api.depends("value", "kind", "key", "connection_id")
    def _compute_choice_ids(self):
        for setting in self:
            setting.choice_ids = setting._offered().filtered(lambda choice, row=setting: choice.value in row._chosen())

    def _inverse_choice_ids(self):
        """What is chosen and was never offered stays; where nothing is left, what is usual counts."""
        for setting in self.filtered(lambda s: s.kind == "choices"):
            chosen, offered = setting.choice_ids.mapped("value"), setting._offered().mapped("value")
            chosen += [value for value in setting._chosen() if value not in offered]
            setting.value = ",".join(chosen) or setting._definition().default

    @api.depends("secret")
    def _compute_has_secret(self):
        for setting in self:
            setting.has_secret = bool(setting.secret)

    def _compute_secret_input(self):
        self.secret_input = False

    def _inverse_secret_input(self):
        for setting in self.filtered(lambda s: s.secret_input and s.kind == "secret"):
            setting._store_secret(setting.secret_input)
            # The cache must not keep the text for the rest of the transaction.
            setting.invalidate_recordset(["secret_input"])

    @api.depends("value", "choice_id", "has_secret", "required")
    def _compute_filled(self):
        for setting in self:
            setting.filled = not setting.required or bool(setting.value or setting.choice_id or setting.has_secret)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._move_choice(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._move_choice(vals)
        before = {setting.id: (setting.value, setting.has_secret) for setting in self} if "value" in vals else {}
        places = {setting: setting._origin_of() for setting in self if setting._is_place()} if "value" in vals else {}
        result = super().write(vals)
        for setting, place in places.items():
            # Before the first connection nothing says to which server the secrets belong.
            if place and setting._origin_of() != place and setting.connection_id.account_external_id:
                setting._forget_secrets()
        if "value" in vals and "choice_id" not in vals:
            self._follow_value()
        for setting in self:
            definition = setting._definition()
            if definition and definition.feeds and setting.id in before and before[setting.id][0] != setting.value:
                setting.connection_id._forget_digests([flow.value for flow in definition.feeds])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_an_account(self):
        """A new row in the place of the address would lead the secrets to another server."""
        if not self.env.su and self.connection_id.sudo().filtered("account_external_id"):
            raise UserError(self.env._("The settings of a connection can't be deleted. Clear the field instead."))

    @api.constrains("value", "key")
    def _check_value(self):
        for setting in self.filtered(lambda s: s.value and s.kind == "secret"):
            raise ValidationError(self.env._("“%s” is a secret: enter it in the field for secrets.", setting.label))
        for setting in self.filtered(lambda s: s.value and s.kind != "secret"):
            if setting.connection_id.setup_step:
                # The set-up keeps what was entered, and says at the field what is wrong with it.
                continue
            definition = setting._definition()
            try:
                if definition:
                    definition.read(setting.value)
            except Failure as failure:
                raise ValidationError(failure.sentence) from None

    def _move_choice(self, vals):
        """The chosen value is what counts; the choice itself may vanish when the system is asked again."""
        if vals.get("choice_id"):
            vals["value"] = self.env["pos.sync.setting.choice"].browse(vals["choice_id"]).value
        elif "choice_id" in vals and "value" not in vals:
            vals["value"] = False

    def _chosen(self):
        """The values of a setting that takes any number of them."""
        self.ensure_one()
        return Setting.parts(self.value) if self.kind == "choices" else ()

    def _offered(self):
        self.ensure_one()
        Choice = self.env["pos.sync.setting.choice"]
        if self.kind != "choices":
            return Choice
        return Choice.search([("connection_id", "=", self.connection_id._origin.id), ("key", "=", self.key)])

    def _follow_value(self):
        """Shows the choice that belongs to a value which was written as such."""
        Choice = self.env["pos.sync.setting.choice"]
        for setting in self.filtered(lambda row: row.kind == "choice" and row.choice_id.value != row.value):
            choice = Choice.search(
                [
                    ("connection_id", "=", setting.connection_id.id),
                    ("key", "=", setting.key),
                    ("value", "=", setting.value),
                ]
            )
            setting.write({"value": setting.value, "choice_id": choice.id})

    def _definition(self):
        self.ensure_one()
        system = self.connection_id._system_class()
        return system.setting(self.key) if system and self.key else None

    # Where secrets are sent to

    def _is_place(self):
        """Whether the setting says which server gets the secrets."""
        definition = self._definition()
        return bool(definition and (definition.kind is SettingKind.URL or definition.place))

    def _origin_of(self):
        """The server that the setting names as it is; "" for none."""
        text = self.value or self._definition().default
        parts = urlsplit(text) if "://" in text else None
        try:
            return (parts.scheme, parts.hostname, parts.port) if parts else text.strip().lower()
        except ValueError:
            return text

    def _forget_secrets(self):
        """Another server never gets the secrets of the one before. What is entered with the new address stays."""
        new = self.env.cr.precommit.data.get(_NEW_SECRETS, set())
        secrets = self.connection_id.setting_ids.filtered(lambda row: row.has_secret and row.id not in new)
        secrets.sudo().write(
            {
                "secret": False,
                "problem": self.env._("The address has changed, so this was removed: enter it for the new one."),
            }
        )

    @api.model
    def _renew_secrets(self):
        """Encrypts all secrets anew: with the key that is given as the new one, or with a new key file. Returns how
        many there were; one that no key opens is left as it is. See docs/admin.md."""
        box = SecretBox(self.env.cr.dbname)
        box.renew()
        settings = self.sudo().with_context(active_test=False).search([("secret", "!=", False)])
        opened = [(setting, text) for setting in settings if (text := box.decrypt(setting.secret)) is not None]
        for setting, text in opened:
            setting.secret = box.encrypt(text)
        if len(opened) == len(settings):
            self.env.cr.postcommit.add(box.forget_old)
        return len(opened)

    def _store_secret(self, text):
        self.ensure_one()
        try:
            token = SecretBox(self.env.cr.dbname).encrypt(text)
        except OSError as error:
            raise UserError(
                self.env._(
                    "The key for secrets can't be written to Odoo's data directory (%(reason)s). Make the directory "
                    "writable and its disk not full, or set pos_sync_key in Odoo's configuration.",
                    reason=error.strerror,
                )
            ) from None
        self.sudo().write({"secret": token, "problem": False})
        self.env.cr.precommit.data.setdefault(_NEW_SECRETS, set()).add(self.id)

    def _plain_value(self):
        """The value as entered, decrypted; only for the connector, never for a screen."""
        self.ensure_one()
        if self.kind != "secret":
            return self.value or ""
        token = self.sudo().secret
        return (SecretBox(self.env.cr.dbname).decrypt(token) or "") if token else ""
