import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from odoo import fields, models

from ...connectors.errors import Failure, NeedsFixing, Refused, RetryLater, Skip
from ...connectors.flows import Flow
from ..engine.outcome import Outcome, Waits, as_failure

_logger = logging.getLogger(__name__)

# First key of the advisory locks of messages that are being sent; the second is the message.
_SENDING = 0x905D

_EXPORTERS = {
    Flow.ORDERS_PUSH: "pos.sync.export_orders",
    Flow.ORDER_STATUS_PUSH: "pos.sync.export_order_status",
    Flow.CUSTOMERS_PUSH: "pos.sync.export_customers",
    Flow.PARCELS_PUSH: "pos.sync.export_parcels",
    Flow.REFUNDS_PUSH: "pos.sync.export_refunds",
    Flow.STOCK_PUSH: "pos.sync.export_stock",
}


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent. `again`: an earlier call was begun, so the target is asked first."""

    flow: Flow
    record: Any
    key: str
    again: bool


class PosSyncSendOutbox(models.AbstractModel):
    """The job of a stream that sends: its outbox, message by message, each in commits of its own.

    Before the call it is committed that the call was begun; nothing is open while the target is asked. Who is killed in
    between leaves a message that asks the target first what has arrived.
    """

    _name = "pos.sync.send_outbox"
    _inherit = "pos.sync.run_stream"
    _description = "POS Sync Job That Sends"

    def _run_slice(self, stream_id):
        started = time.monotonic()
        run_id = self._replayed(stream_id, self._start_push)
        if not run_id:
            return
        with self.env["pos.sync.stream"].browse(stream_id).connection_id._connector() as connector:
            self.env.cr.commit()
            elsewhere = []
            while True:
                message_id = self._next(stream_id, elsewhere)
                if not message_id:
                    self._replayed(stream_id, self._finish_push)
                    break
                with self._held(message_id) as mine:
                    if mine:
                        self._send(stream_id, message_id, connector)
                    else:
                        elsewhere.append(message_id)
                if time.monotonic() - started >= self._SLICE:
                    self._continue_later(stream_id)
                    break
        self._add_seconds(run_id, time.monotonic() - started)

    # Start and end

    def _start_push(self, stream):
        if not stream.exists():
            return None
        stream._queue_held_in_vain()
        if not stream._is_due(fields.Datetime.now()):
            return None
        stream._claim()
        vals = {"requested": False, "retry_at": False}
        waiting = stream._push_count()
        if not stream.run_id:
            if not waiting:
                stream.write(vals)
                return None
            vals["run_id"] = self.env["pos.sync.run"].create({"stream_id": stream.id, "total": waiting}).id
        stream.write(vals)
        run = stream.run_id
        if run.total < run.read_count + waiting:
            run.total = run.read_count + waiting
        return run.id

    def _finish_push(self, stream):
        stream._claim()
        run = stream.run_id
        if stream._push_count() and stream._next_push():
            # Something came in this moment.
            stream._wake()
            return
        run._end("done")
        vals = {
            "run_id": False,
            "first_done": True,
            "last_success": fields.Datetime.now(),
            "failures": 0,
            "sentence": False,
            "failure_kind": False,
        }
        if run.read_count:
            vals["last_run_id"] = run.id
        stream.write(vals)
        if not run.read_count:
            run.unlink()

    def _next(self, stream_id, without):
        stream = self.env["pos.sync.stream"].browse(stream_id).exists()
        go_on = stream and stream.enabled and not stream.to_remove and stream.connection_id._may_talk()
        message_id = stream._next_push(without) if go_on else None
        self.env.cr.commit()
        return message_id

    @contextmanager
    def _held(self, message_id):
        """Whether nobody else is sending the message. The lock belongs to the database session: it ends with the
        process, however that ends."""
        key = [_SENDING, message_id]
        self.env.cr.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        mine = self.env.cr.fetchone()[0]
        # The next transaction sees what whoever had the lock before has written.
        self.env.cr.commit()
        try:
            yield mine
        finally:
            if mine:
                self.env.cr.rollback()
                self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", key)
                self.env.cr.commit()

    # A message

    def _send(self, stream_id, message_id, connector):
        """Sends a message. Raises what stops the whole stream: RetryLater and Refused."""
        try:
            self._send_customer_first(stream_id, message_id, connector)
            parcel = self._replayed(stream_id, lambda stream: self._begin(stream, message_id))
            if parcel is None:
                return
            pushed = self._call(connector, parcel)
        except (RetryLater, Refused) as failure:
            sentence = failure.sentence
            self._replayed(stream_id, lambda stream: self._put_back(message_id, sentence))
            raise
        except Exception as error:
            if not isinstance(error, Failure):
                self.env.cr.rollback()
                _logger.exception("message %s could not be sent", message_id)
            failure = as_failure(self.env, error)
            self._replayed(stream_id, lambda stream: self._fail(stream, message_id, failure))
            return
        # The refund that the system created may come by a pull at the same moment: one after the other.
        importer = self.env["pos.sync.import_refunds"] if parcel.flow is Flow.REFUNDS_PUSH else None
        self._replayed(stream_id, lambda stream: self._done(stream, message_id, pushed, parcel.record), importer)

    def _begin(self, stream, message_id):
        """Notes that the call is begun. None where there is nothing to send any more."""
        message = self.env["pos.sync.message"].browse(message_id).exists()
        if not message or message.state not in ("waiting", "sending"):
            return None
        flow = Flow(message.flow)
        record = self.env[_EXPORTERS[flow]].with_company(stream.company_id)._record_to_send(stream, message)
        if record is None:
            self._write_done(stream, message)
            return None
        again = message.attempts > 0
        message.write({"state": "sending", "attempts": message.attempts + 1, "sent_at": fields.Datetime.now()})
        key = message.idempotency_key
        if flow is Flow.STOCK_PUSH:
            # A count says all there is: told twice it harms nobody, and there may be others by the second time.
            key = f"{key}-{message.attempts}"
        return Parcel(flow, record, key, again)

    def _call(self, connector, parcel):
        """What the target made, or had made before. No transaction is open."""
        return self.env[_EXPORTERS[parcel.flow]]._send(connector, parcel)

    # What became of it

    def _done(self, stream, message_id, pushed, record):
        message = self.env["pos.sync.message"].browse(message_id).exists()
        if not message:
            return
        self.env[_EXPORTERS[Flow(message.flow)]]._written(stream.connection_id, message, pushed, record)
        self._write_done(stream, message)

    def _write_done(self, stream, message):
        message.write(
            {
                "state": "done",
                "done_at": fields.Datetime.now(),
                "sentence": False,
                "fix": False,
                "kind": False,
                "code": False,
                "missing_product_id": False,
            }
        )
        message._release_successors()
        self._count(stream, Outcome(created=1))

    def _put_back(self, message_id, sentence):
        self.env["pos.sync.message"].browse(message_id).exists().write({"state": "waiting", "sentence": sentence})

    def _fail(self, stream, message_id, failure):
        message = self.env["pos.sync.message"].browse(message_id).exists()
        if not message:
            return
        if isinstance(failure, Skip):
            message.write({"state": "dropped", "done_at": fields.Datetime.now(), "sentence": failure.sentence})
            message._release_successors()
            self._count(stream, Outcome(skipped=1))
            return
        held = isinstance(failure, Waits)
        now = fields.Datetime.now()
        message.write(
            {
                "state": "held" if held else "failed",
                "kind": failure.kind,
                "code": failure.code,
                "trace_key": failure.trace,
                "sentence": failure.sentence,
                "fix": failure.fix if isinstance(failure, NeedsFixing) else False,
                "details": failure.details,
                "decision": False,
                "run_id": stream.run_id.id,
                "failed_at": message.failed_at or now,
                "last_failed_at": now,
                "missing_product_id": getattr(failure, "product_id", False),
                "candidate_external_id": getattr(failure, "candidate", False),
            }
        )
        message._hold_successors()
        self._count(stream, Outcome(held=1) if held else Outcome(failed=1))

    def _count(self, stream, outcome):
        """A message counts as a page: what has sent something goes on in the same run after a pause."""
        stream._claim()
        run = stream.run_id
        if run:
            run._count(outcome, read=1)
            run.page_count += 1
        if stream.sentence or stream.failures:
            stream.write({"sentence": False, "failure_kind": False, "failures": 0})
