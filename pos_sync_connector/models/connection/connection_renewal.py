import time
from contextlib import contextmanager

from psycopg2 import OperationalError
from psycopg2.errors import LockNotAvailable
from psycopg2.pool import PoolError

from odoo import SUPERUSER_ID, api, models

from ...connectors.errors import Refused, RetryLater

# Of the locks that PostgreSQL lends by number: the first number of ours, the second is the connection's id.
_LOCKS = 0x705359
_PATIENCE = "60s"
_TRIES = 10


class PosSyncConnection(models.Model):
    """Credentials that the system hands out anew: renewed by one process alone, and stored whatever happens next."""

    _inherit = "pos.sync.connection"

    def _prepare_connector_tools(self):
        """How a connector stores credentials and keeps others from renewing them, in cursors of their own: what the
        system handed out counts, whatever becomes of the running transaction."""
        self.ensure_one()
        registry, connection_id = self.env.registry, self.id
        return {
            "store": lambda values: _stored(registry, connection_id, values),
            "renewing": lambda: _renewing(registry, connection_id),
        }

    def _store_alone(self, values):
        """Stores what is new while nobody renews what it replaces."""
        with _renewing(self.env.registry, self.id):
            _stored(self.env.registry, self.id, values)
        self.setting_ids.invalidate_recordset()

    def _store_values(self, values):
        """Stores settings that the system itself handed out, such as refreshed tokens."""
        self.ensure_one()
        for setting in self.sudo().setting_ids.filtered(lambda row: row.key in values):
            if setting.kind == "secret":
                setting._store_secret(values[setting.key])
            else:
                setting.value = values[setting.key]

    def _setting_values(self):
        """{key: text} of all settings, secrets in plain: only for the connector."""
        self.ensure_one()
        return {setting.key: setting._plain_value() for setting in self.sudo().setting_ids}

    def _check_may_renew(self):
        """A copy that renewed credentials would take them from the database that it is a copy of."""
        if self.is_copy:
            raise Refused(self._copy_sentence(), code="copy")
        if self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"):
            raise Refused(
                self.env._("This database is a neutralized copy: it gets no permission of its own."), code="copy"
            )

    def _hold_renewal(self):
        """Waits until no process renews the credentials, and keeps it so to the end of the transaction."""
        for connection in self:
            self.env.cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, connection.id])


def _stored(registry, connection_id, values):
    """Who writes the same row at the same moment, or a database that is busy or starts again, must not cost a token
    that the system gives only once."""
    for attempt in range(1, _TRIES + 1):
        try:
            with registry.cursor() as cr:
                connection = api.Environment(cr, SUPERUSER_ID, {})["pos.sync.connection"].browse(connection_id)
                connection._store_values(values)
            return
        except (OperationalError, PoolError):
            if attempt == _TRIES:
                raise
            time.sleep(0.1 * attempt)


@contextmanager
def _renewing(registry, connection_id):
    """No transaction is open while the system is asked: the lock belongs to the session, and a process that is killed
    leaves it. Whoever waited finds what was renewed meanwhile."""
    with registry.cursor() as holding:
        try:
            holding.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
            holding.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCKS, connection_id], log_exceptions=False)
        except LockNotAvailable:
            raise RetryLater(
                "Another process is renewing the access and takes long. It is tried again automatically.",
                after=10,
                code="renewing",
            ) from None
        holding.commit()
        try:
            with registry.cursor() as cr:
                connection = api.Environment(cr, SUPERUSER_ID, {})["pos.sync.connection"].browse(connection_id)
                connection._check_may_renew()
                values = connection._setting_values()
            yield values
        finally:
            holding.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCKS, connection_id])
