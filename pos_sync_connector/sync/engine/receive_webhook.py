import hashlib
import json
import logging
import re
from dataclasses import replace

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import fields, models
from odoo.tools import SQL

from ...connectors.answers import Event, WebhookRequest
from ...connectors.errors import Failure, Refused
from ...connectors.flows import FLOWS
from ...connectors.privacy import PrivacyRequest
from ...connectors.registry import registry
from ...models.connection.connection_webhook import ROUTE
from ...models.connection.secret_box import SecretBox
from .wake_stream import wake_soon

_logger = logging.getLogger(__name__)

# What a message names that tells of a change and not of which record.
NUDGE = "*"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")


class PosSyncReceiveWebhook(models.AbstractModel):
    """Takes a webhook: who sent it, whether it is genuine, and what it tells. Nothing is imported here.

    The same webhook is taken once, and it is the same where the same body was signed: what stands in headers beside the
    signature, ids of events too, is anybody's word.
    """

    _name = "pos.sync.receive_webhook"
    _description = "POS Sync Receiving of Webhooks"

    def _receive(self, token, headers, body):
        """The HTTP status to answer with: 200 taken or none of ours, 403 refused, 404 unknown, 400 not readable."""
        if not _TOKEN.fullmatch(token):
            return 404
        self._read_committed()
        found = self._find_connection(token)
        if found is None:
            return 404
        url = f"{(found['base'] or '').rstrip('/')}{ROUTE}/{token}"
        try:
            with registry.get(found["system"])(found["settings"]) as connector:
                if not connector.implements("webhook"):
                    return 404
                events = connector.webhook(WebhookRequest(url=url, headers=headers, body=body))
                signed = hashlib.blake2b(body, digest_size=16).hexdigest()
                asked = [replace(event, event_id=signed) for event in events if isinstance(event, PrivacyRequest)]
                told = {
                    (event.flow.value, self._named(connector, event)): replace(event, event_id=signed)
                    for event in events
                    if isinstance(event, Event)
                }
        except Refused as failure:
            _logger.warning("webhook of connection %s refused: %s", found["id"], failure.code)
            return 403
        except Failure as failure:
            _logger.warning("webhook of connection %s not read: %s", found["id"], failure.code)
            return 400
        if any(event.account_id not in ("", found["account"]) for event in events):
            _logger.warning("webhook of connection %s refused: it belongs to another account", found["id"])
            return 403
        if asked:
            self.env["pos.sync.privacy.request"]._take(found["id"], asked)
        elif not found["listens"]:
            return 404
        if told:
            for stream_id, cron_id in self._store(found["id"], told):
                wake_soon(self.env, stream_id, cron_id)
        return 200

    def _read_committed(self):
        """Has the statement that stores wait for another webhook of the same record, and count on from there: systems
        tell of an order three times at once, and as Odoo's transactions are, two of these would fail and be done again.

        Nothing was written yet. Within a transaction that is not the request's own everything stays as it is.
        """
        cr = self.env.cr
        cr.rollback()
        if cr.connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")

    def _find_connection(self, token):
        """The connection with its settings as entered, in one query; None where it takes no webhooks.

        One that is off does not listen, but to what is asked for the sake of its customers: their data are still here.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT connection.id, connection.system, connection.account_external_id, connection.webhook_base,
                       connection.active AND connection.state = 'connected',
                       setting.key, setting.value, setting.secret
                  FROM pos_sync_connection connection
                  JOIN pos_sync_setting setting ON setting.connection_id = connection.id
                 WHERE connection.webhook_token = %s
                   AND connection.state != 'draft'
                   AND connection.to_remove IS NOT TRUE
                   AND NOT EXISTS (SELECT FROM ir_config_parameter WHERE key = 'database.is_neutralized')
                """,
                token,
            )
        )
        if not rows:
            return None
        box = SecretBox(self.env.cr.dbname)
        connection_id, system, account, base, listens = rows[0][:5]
        settings = {key: (box.decrypt(secret) if secret else value) or "" for *_own, key, value, secret in rows}
        return {
            "id": connection_id,
            "system": system,
            "account": account,
            "base": base,
            "listens": listens,
            "settings": settings,
        }

    def _named(self, connector, event):
        """The id of the record that is to be read again; a nudge where the system can't be asked for one."""
        one = FLOWS[event.flow].one
        known = event.external_id and (event.deleted or (one and connector.implements(one)))
        return event.external_id if known else NUDGE

    def _store(self, connection_id, told: dict[tuple[str, str], Event]):
        """Messages for what is new, in one statement. Returns streams and crons that have something waiting now.

        What waits already is told once more, so that a reading of it which is under way does not count as this one.
        """
        now = fields.Datetime.now()
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s)",
                event.event_id,
                flow,
                named,
                "deletion" if event.deleted else None,
                json.dumps([named]) if event.deleted else None,
            )
            for (flow, named), event in told.items()
        )
        return self.env.execute_query(
            SQL(
                """
                WITH told (event_id, flow, external_id, code, payload) AS (VALUES %(rows)s),
                fresh AS (
                    INSERT INTO pos_sync_event (connection_id, event_id, received_at)
                    SELECT DISTINCT %(connection)s, event_id, %(now)s::timestamp FROM told
                    ON CONFLICT DO NOTHING
                    RETURNING event_id
                ),
                queued AS (
                    INSERT INTO pos_sync_message AS message (
                        stream_id, connection_id, company_id, flow, direction, state, external_id, code, payload,
                        refetch, told, attempts, create_uid, create_date, write_uid, write_date
                    )
                    SELECT stream.id, stream.connection_id, connection.company_id, told.flow, 'in', 'waiting',
                           told.external_id, told.code, told.payload, TRUE, 1, 0, 1, %(now)s, 1, %(now)s
                      FROM told
                      JOIN fresh USING (event_id)
                      JOIN pos_sync_stream stream ON stream.connection_id = %(connection)s AND stream.flow = told.flow
                      JOIN pos_sync_connection connection ON connection.id = stream.connection_id
                     WHERE stream.enabled
                     ORDER BY told.flow, told.external_id
                    ON CONFLICT (stream_id, external_id)
                        WHERE direction = 'in' AND state IN ('waiting', 'held', 'failed')
                    DO UPDATE SET state = 'waiting', refetch = TRUE, told = COALESCE(message.told, 0) + 1,
                                  code = EXCLUDED.code, payload = COALESCE(EXCLUDED.payload, message.payload),
                                  write_date = EXCLUDED.write_date
                    RETURNING stream_id
                )
                SELECT DISTINCT stream.id, stream.cron_id
                  FROM queued
                  JOIN pos_sync_stream stream ON stream.id = queued.stream_id
                """,
                rows=rows,
                connection=connection_id,
                now=now,
            )
        )
