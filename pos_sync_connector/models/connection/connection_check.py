from odoo import fields, models
from odoo.exceptions import UserError

from ...connectors.errors import Failure, Refused
from ...connectors.pages import Malformed


class PosSyncConnection(models.Model):
    """Test connection: who is there, and is it still the same account and the same database."""

    _inherit = "pos.sync.connection"

    def _connector(self, fresh=None, **tools):
        """The system's connector with this connection's settings. Raises NeedsFixing when one is missing. `fresh`:
        settings that are not stored yet; then it stores nothing."""
        self.ensure_one()
        system = self._system_class()
        if not system:
            raise UserError(self.env._("The module of this system is not installed any more."))
        if fresh:
            return system({**self._setting_values(), **fresh}, **tools)
        return system(self._setting_values(), **{**self._prepare_connector_tools(), **tools})

    def action_test(self):
        """Reads only at the system. Says in one sentence what is wrong, or who is there."""
        self.ensure_one()
        self.check_access("write")
        failure = self._connect()
        if failure:
            return self._notify(failure.sentence, "danger")
        return self._notify(self._connected_sentence())

    def _connected_sentence(self):
        return self.env._(
            "Connected to “%(name)s” (%(version)s).", name=self.account_name, version=self.account_version or "?"
        )

    def _connect(self, fresh=None):
        """Asks the system who is there, and notes that. Returns the failure that stands in the way, None where all is
        well. `fresh`: settings that the system handed out just now; they are stored once they are known to be good."""
        self.ensure_one()
        if self.is_copy:
            return Refused(self._copy_sentence(), code="copy")
        try:
            with self._connector(fresh) as connector:
                account = connector.check()
                self._check_same_account(account)
                if fresh:
                    self._store_alone(fresh)
                self._import_choices(connector)
        except Failure as failure:
            if isinstance(failure, Refused) and self.state == "connected" and not fresh:
                self.sudo().write({"state": "refused", "state_message": failure.sentence})
            self._note_failure(failure)
            return failure
        self._note_failure(None)
        self.sudo().write(self._prepare_account_vals(account))
        setup = self._stream("setup_pull")
        if setup.enabled:
            setup.sudo()._request()
        streams = self.sudo().stream_ids.filtered("enabled")
        # Whatever stopped a flow may be mended now.
        streams.filtered("failure_kind")._request()
        streams._schedule()
        return None

    def _check_same_account(self, account):
        if self.account_external_id and self.account_external_id != account.external_id:
            raise Refused(
                self.env._(
                    "This is another account (“%(other)s”) than the one that this connection was made for "
                    "(“%(own)s”). Correct the settings, or make a new connection for the other account.",
                    other=account.name,
                    own=self.account_name,
                ),
                code="other-account",
            )
        same = self.sudo().search(
            [
                ("system", "=", self.system),
                ("account_external_id", "=", account.external_id),
                ("company_id", "=", self.company_id.id),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if same:
            raise Refused(
                self.env._("“%s” is connected to this account already. Use that connection.", same.name),
                code="same-account",
            )

    def _prepare_account_vals(self, account):
        return {
            "state": "connected",
            "state_message": False,
            "account_external_id": account.external_id,
            "account_name": account.name,
            "account_version": account.version,
            "account_currency": account.currency,
            "account_notes": "\n".join(account.notes),
            "tested_at": fields.Datetime.now(),
            "database_uuid": self.env["ir.config_parameter"].sudo().get_param("database.uuid"),
        }

    def _import_choices(self, connector):
        """Offers the values that only the system knows, price levels say."""
        choices = {}
        for setting in type(connector).settings:
            if setting.choices_from:
                offered = getattr(connector, setting.choices_from)()
                found = {item.external_id: item.name for item in offered if not isinstance(item, Malformed)}
                usual = dict(setting.choices)
                choices[setting.key] = tuple({**usual, **found, **usual}.items())
        self.env["pos.sync.setting.choice"].sudo()._offer(self, choices)

    # Copies of the database

    def _copy_sentence(self):
        return self.env._(
            "This database is a copy of the one that “%s” was connected in, so nothing is sent or pulled. If this is "
            "the database to work with, press “This is the real database”.",
            self.name,
        )

    def action_confirm_database(self):
        self.check_access("write")
        self.sudo().write({"database_uuid": self.env["ir.config_parameter"].sudo().get_param("database.uuid")})
        self.sudo().stream_ids.filtered("enabled")._schedule()

    def _may_talk(self):
        """Whether streams of this connection may reach the system now."""
        self.ensure_one()
        neutralized = self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized")
        return self.active and self.state == "connected" and not self.to_remove and not self.is_copy and not neutralized
