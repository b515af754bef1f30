from odoo import fields, models

from ...connectors import codec
from ...connectors.errors import UNREADABLE, Failure, NeedsFixing, Refused, RetryLater, Skip
from ...connectors.flows import FLOWS, Flow
from ...connectors.pages import Malformed, unreadable
from .receive_webhook import NUDGE

_AT_ONCE = 100


class PosSyncRunStream(models.AbstractModel):
    """The inbox of a stream: what waits for its turn is imported before every page."""

    _inherit = "pos.sync.run_stream"

    def _drain_inbox(self, stream_id, connector):
        """Imports what waits for its turn: retried failures and what another record has released."""
        while True:
            stream = self.env["pos.sync.stream"].browse(stream_id).exists()
            messages = stream._waiting_messages(limit=_AT_ONCE) if stream else ()
            waiting = [self._waiting(message) for message in messages]
            self.env.cr.commit()
            if not waiting:
                return
            self._import_waiting(stream_id, waiting, connector)

    def _waiting(self, message):
        return {
            "id": message.id,
            "external_id": message.external_id,
            "payload": message.payload,
            "again": message.refetch or message.is_raw,
            "attempts": message.attempts,
            "told": message.told,
            "gone": message.code in ("mass-deletion", "deletion"),
        }

    def _import_waiting(self, stream_id, waiting, connector):
        stream = self.env["pos.sync.stream"].browse(stream_id)
        flow = Flow(stream.flow)
        importer = self.env[self._importer_name(flow)]
        self.env.cr.commit()
        # Such a flow has no record that could be read alone, and a nudge names none: the pull that follows reads what
        # has changed.
        alone = [
            item for item in waiting if flow.info.record and not item["gone"] and item["external_id"] != NUDGE
        ]
        read = {item["id"]: self._read_again(connector, flow, item) for item in alone}
        records = [record for record in read.values() if not isinstance(record, Malformed)]
        assets = self._fetch_assets(importer, stream, records, connector)
        items = {item["id"]: item for item in waiting}

        def still_waits(message):
            # What a webhook has told of again since is read again.
            item = items[message.id]
            return message.state == "waiting" and (message.attempts, message.told) == (item["attempts"], item["told"])

        def import_it(stream):
            # Another job of the stream may have had some of them meanwhile.
            messages = self.env["pos.sync.message"].browse(items).exists().filtered(still_waits)
            due = [read[message.id] for message in messages if message.id in read]
            malformed = [record for record in due if isinstance(record, Malformed)]
            gone = [key for message in messages if items[message.id]["gone"]
                    for key in codec.loads(items[message.id]["payload"])]
            outcome = importer._prepared(stream, assets)._import_page(
                stream, [record for record in due if not isinstance(record, Malformed)], malformed, gone
            )
            # Whatever else happened to a message, it has had its turn; unless it failed for want of another record of
            # this batch, which has released it at once.
            messages.filtered(still_waits).write({"state": "done", "done_at": fields.Datetime.now()})
            if stream.run_id:
                stream.run_id._count(outcome)

        self._replayed(stream_id, import_it, importer)

    def _read_again(self, connector, flow, item):
        """The record of a message: fresh from the system where that was asked for and can be done, else as kept."""
        info = FLOWS[flow]
        try:
            if item["again"] and info.one and connector.implements(info.one):
                record = getattr(connector, info.one)(item["external_id"])
                if record is not None:
                    return record
                if item["told"]:
                    raise Skip(self.env._("A webhook reported what is not a record of this flow."), code="not-found")
                raise NeedsFixing(
                    self.env._("The system has no such record any more. Drop this message."), code="not-found"
                )
            return codec.load(info.record, codec.loads(item["payload"]))
        except (RetryLater, Refused):
            raise
        except Failure as failure:
            return Malformed(item["external_id"], codec.loads(item["payload"]), failure)
        except UNREADABLE as error:
            return Malformed(item["external_id"], codec.loads(item["payload"]), unreadable(error))
