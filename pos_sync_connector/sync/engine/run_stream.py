import logging
import time
from datetime import timedelta

from odoo import api, fields, models

from ...connectors import pictures
from ...connectors.errors import Failure, NeedsFixing, Refused, RetryLater
from ...connectors.flows import FLOWS, Flow
from ...connectors.pages import Cursor, Malformed, Page
from .outcome import Outcome, is_concurrency, is_outage, outage
from .replay import replayed

_logger = logging.getLogger(__name__)

IMPORTERS = {
    Flow.SETUP_PULL: "pos.sync.import_setup",
    Flow.PRODUCTS_PULL: "pos.sync.import_products",
    Flow.STOCK_PULL: "pos.sync.import_stock",
    Flow.CUSTOMERS_PULL: "pos.sync.import_customers",
    Flow.ORDERS_PULL: "pos.sync.import_orders",
    Flow.REFUNDS_PULL: "pos.sync.import_refunds",
    Flow.ORDER_STATUS_PULL: "pos.sync.import_order_status",
    Flow.PAYOUTS_PULL: "pos.sync.import_payouts",
    Flow.CASH_COUNTS_PULL: "pos.sync.import_cash_counts",
}
_BUSY = "busy"
_LEAST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
# A full pass that misses more than this share of what was there is more likely a lost permission than a clear-out.
_MASS_SHARE, _MASS_LEAST = 0.3, 10


class PosSyncRunStream(models.AbstractModel):
    """The job of a stream: pages from the system into Odoo, a slice at a time."""

    _name = "pos.sync.run_stream"
    _description = "POS Sync Job"

    _SLICE = 2.0

    @api.model
    def _run(self, stream_id):
        """One slice. No exception leaves it: what goes wrong stands on the stream, and the stream comes back."""
        try:
            self._run_slice(stream_id)
        except Failure as failure:
            self.env.cr.rollback()
            self._note_failure(stream_id, failure)
        except Exception as error:
            self.env.cr.rollback()
            if is_concurrency(error):
                busy = RetryLater(self.env._("Odoo is busy; it is tried again."), code=_BUSY, after=10)
                self._note_failure(stream_id, busy)
                return
            if is_outage(error):
                _logger.warning("stream %s: Odoo can't store anything", stream_id, exc_info=True)
                self._note_failure(stream_id, outage(self.env, error))
                return
            _logger.exception("stream %s stopped unexpectedly", stream_id)
            self._note_failure(
                stream_id,
                RetryLater(
                    self.env._("Something unexpected happened (%s). The server's log says more.", type(error).__name__),
                    code="unexpected",
                ),
            )

    def _run_slice(self, stream_id):
        started = time.monotonic()
        run_id = self._replayed(stream_id, self._start_if_due)
        if not run_id:
            return
        stream = self.env["pos.sync.stream"].browse(stream_id)
        flow = Flow(stream.flow)
        with stream.connection_id._connector() as connector:
            self.env.cr.commit()
            pages, cursor = None, None
            while True:
                if self._has_ended(stream_id):
                    self._end_pass(stream_id, connector)
                    break
                self._drain_inbox(stream_id, connector)
                text = self._cursor_text(stream_id)
                if text is None:
                    break
                if pages is None or text != cursor:
                    pages = self._pages(connector, flow, Cursor.loads(text))
                page = next(pages, None) or Page(records=(), cursor=Cursor.loads(text).at(""))
                cursor = self._import_page(stream_id, text, page, connector)
                if not page.last and (time.monotonic() - started >= self._SLICE or self._gives_way(stream_id)):
                    self._continue_later(stream_id)
                    break
        self._add_seconds(run_id, time.monotonic() - started)

    @api.model
    def _importer_name(self, flow):
        """The model that imports a flow."""
        return IMPORTERS[Flow(flow)]

    # Start and end of a pass

    def _start_if_due(self, stream):
        """The id of the run that goes on or begins; None where there is nothing to do."""
        if not stream.exists():
            return None
        stream._queue_held_in_vain()
        if not stream._is_due(fields.Datetime.now()):
            return None
        if stream._gives_way_to(fields.Datetime.now()):
            stream.sudo().cron_id._trigger()
            return None
        stream._claim()
        return self._start(stream)

    def _start(self, stream):
        """Opens a pass where none is under way, and a run for it. Returns the run's id."""
        cursor = Cursor.loads(stream.cursor)
        vals = {"retry_at": False}
        if not stream.pass_ended and not cursor.position:
            # A pass answers what was asked before it began; what is asked while it runs, the next one does.
            vals["requested"] = False
            now = fields.Datetime.now()
            if self._wants_full(stream, cursor):
                vals |= {"cursor": Cursor().dumps(), "repaired_at": now}
            else:
                vals |= stream._next_pass(cursor, now)
            cursor = Cursor.loads(vals["cursor"])
            full = cursor.since is None
            vals["sweep"] = stream.sweep_last + 1 if full else 0
            if full:
                # A pass that is given up leaves its number to nobody: what it had seen may be gone since.
                vals["sweep_last"] = vals["sweep"]
            if stream.run_id.page_count:
                stream.run_id._end("stopped")
                vals["run_id"] = False
        if not stream.run_id or "run_id" in vals:
            vals["run_id"] = self.env["pos.sync.run"].create({"stream_id": stream.id, "full": cursor.since is None}).id
        stream.write(vals)
        return stream.run_id.id

    def _wants_full(self, stream, cursor):
        if not stream.cursor or not stream.sweep_days or not stream.swept_at:
            return not stream.cursor
        return stream.swept_at + timedelta(days=stream.sweep_days) <= fields.Datetime.now()

    def _cursor_text(self, stream_id):
        """Where the next page begins; None once the stream was switched off, reset by somebody or is to go."""
        stream = self.env["pos.sync.stream"].browse(stream_id).exists()
        go_on = stream and stream.enabled and not stream.to_remove and stream.connection_id._may_talk()
        text = (stream.cursor or None) if go_on else None
        if stream and go_on and not text:
            # Somebody asked for everything while this pass was running: the next slice begins it.
            stream._wake()
        self.env.cr.commit()
        return text

    def _has_ended(self, stream_id):
        ended = self.env["pos.sync.stream"].browse(stream_id).exists().pass_ended
        self.env.cr.commit()
        return ended

    def _pages(self, connector, flow, cursor):
        if flow is Flow.SETUP_PULL:
            return self._setup_pages(connector)
        return iter(getattr(connector, flow.info.method)(cursor))

    def _setup_pages(self, connector):
        """What a connection is set up with is short and has no cursor: one page of it all."""
        rows = (*connector.locations(), *connector.tax_rates())
        malformed = tuple(row for row in rows if isinstance(row, Malformed))
        records = tuple(row for row in rows if not isinstance(row, Malformed))
        yield Page(records=records, cursor=Cursor(), malformed=malformed, total=len(records))

    def _gives_way(self, stream_id):
        stream = self.env["pos.sync.stream"].browse(stream_id).exists()
        gives_way = stream and stream._gives_way_to(fields.Datetime.now())
        self.env.cr.commit()
        return bool(gives_way)

    def _continue_later(self, stream_id):
        """The rest comes after the other jobs had their turn."""
        self.env["pos.sync.stream"].browse(stream_id).sudo().cron_id._trigger()
        self.env.cr.commit()

    def _end_pass(self, stream_id, connector):
        self._fetch_all_missing(stream_id, connector)
        self._drain_inbox(stream_id, connector)
        self._replayed(stream_id, self._finish)

    def _finish(self, stream):
        stream._claim()
        now = fields.Datetime.now()
        run = stream.run_id
        vals = {
            "run_id": False,
            "pass_ended": False,
            "first_done": True,
            "last_success": now,
            "failures": 0,
            "sentence": False,
            "failure_kind": False,
            "next_poll": now if stream.requested else now + stream._interval(),
        }
        if stream.sweep:
            outcome = self._sweep(stream)
            run._count(outcome)
            vals.update({"sweep": 0, "swept_at": now, "stale_count": 0})
        first = not stream.first_done
        run._end("done")
        if run._is_worth_keeping():
            vals["last_run_id"] = run.id
        stream.write(vals)
        if not vals.get("last_run_id"):
            run.unlink()
        stream.sudo().cron_id._trigger(at=vals["next_poll"])
        if stream.flow == Flow.ORDERS_PULL.value:
            # Counts wait for what was sold there.
            stream.connection_id._stream(Flow.STOCK_PUSH)._wake()
        if first:
            waiting = stream.connection_id.stream_ids.filtered(
                lambda other: Flow(stream.flow) in FLOWS[Flow(other.flow)].after and other.enabled
            )
            waiting._wake()

    def _sweep(self, stream):
        """What a full pass did not name is gone at the system."""
        outcome = Outcome()
        importer = self.env[self._importer_name(stream.flow)]._prepared(stream)
        model, domain = importer._swept(stream)
        if model is None:
            return outcome
        known = [*domain, ("gone", "=", False)]
        gone = model.search([*known, ("seen", "<", stream.sweep)]).mapped("external_id")
        if not gone:
            importer._drop_mass_deletion(stream)
            return outcome
        if len(gone) > max(_MASS_LEAST, _MASS_SHARE * model.search_count(known)):
            importer._keep_mass_deletion(stream, gone)
            outcome.failed = 1
            return outcome
        importer._drop_mass_deletion(stream)
        return importer._attempt_gone(stream, gone)

    # A page

    def _import_page(self, stream_id, text, page, connector):
        """Imports a page with its cursor in one transaction. Returns the new cursor's text, None if it was dropped."""
        stream = self.env["pos.sync.stream"].browse(stream_id)
        importer = self.env[self._importer_name(stream.flow)]
        assets = self._fetch_assets(importer, stream, page.records, connector)
        after = page.cursor.dumps()

        def import_it(stream):
            if (stream.cursor or "") != text:
                return None
            run = stream.run_id
            outcome = importer._prepared(stream, assets)._import_page(
                stream, page.records, page.malformed, page.deleted
            )
            stream._claim()
            run._count(outcome, read=len(page.records) + len(page.malformed))
            run.write({"page_count": run.page_count + 1, **({"total": page.total} if page.total is not None else {})})
            run._check_moves_on(outcome, len(page.records))
            stream.write(
                {
                    "stops": 0,
                    "cursor": after,
                    "pass_ended": page.last,
                    "failures": 0,
                    "sentence": False,
                    "failure_kind": False,
                }
            )
            return after

        result = self._replayed(stream_id, import_it, importer)
        if self.env.context.get("ir_cron_progress_id"):
            # A job that was killed several times without a word of progress is put off for an hour.
            self.env["ir.cron"]._commit_progress(1, remaining=0)
        return result

    def _replayed(self, stream_id, work, importer=None):
        """Does `work(stream)` in a transaction of its own and commits; replays all of it on a concurrency error."""
        stream = self.env["pos.sync.stream"].browse(stream_id)
        if importer is None:
            importer = self.env["pos.sync.importer"]
        with importer._turn(stream):
            return replayed(self.env, lambda: work(stream), f"stream {stream_id}")

    def _fetch_assets(self, importer, stream, records, connector):
        """Pictures of new and changed records, fetched with no transaction open."""
        wanted = importer._prepared(stream)._assets_wanted(stream, records)
        self.env.cr.commit()
        assets, size, ends = {}, 0, time.monotonic() + pictures.MOST_SECONDS_A_PAGE
        for image in {image.url: image for image in wanted}.values():
            try:
                if size > pictures.MOST_BYTES_A_PAGE or time.monotonic() > ends:
                    raise pictures.left_out(image.url, "those before it took too much, it is fetched another time")
                content = connector.download(image)
                pictures.check(content, image.url)
                assets[image.url] = content
                size += len(content)
            except Failure as failure:
                # Whatever it is, it costs this picture only; the link of the product says so.
                _logger.info("stream %s: a picture was left out: %s", stream.id, failure.code)
                assets[image.url] = failure.alone()
        return assets

    # Failures of the whole stream

    def _note_failure(self, stream_id, failure):
        """What stops the stream stands on it, in words; when it comes back follows from the kind."""
        _logger.info("stream %s: %s (%s)", stream_id, failure.code, failure.kind)
        if self.env["pos.sync.stream"].browse(stream_id).exists():
            self._replayed(stream_id, lambda stream: self._write_failure(stream, failure))

    def _write_failure(self, stream, failure):
        now = fields.Datetime.now()
        vals = {
            "sentence": failure.sentence,
            "failure_kind": failure.kind,
            "failures": stream.failures + 1,
        }
        if isinstance(failure, Refused):
            stream.connection_id.write({"state": "refused", "state_message": failure.sentence})
        else:
            wait = timedelta(minutes=2 ** min(stream.failures, 6))
            if isinstance(failure, RetryLater) and failure.after is not None:
                # Some ask for no wait at all, again and again.
                least = min(_LEAST_WAIT * 2 ** min(stream.failures, 6), wait)
                wait = max(timedelta(seconds=max(0, min(failure.after, _LONGEST_WAIT.total_seconds()))), least)
            if isinstance(failure, NeedsFixing):
                wait = max(wait, stream._interval())
            vals["retry_at"] = now + min(wait, _LONGEST_WAIT)
            stream.sudo().cron_id._trigger(at=vals["retry_at"])
        # A pass that only pauses, such as at a limit of the system, goes on in the same run.
        pauses = isinstance(failure, RetryLater) and stream.run_id.page_count
        if failure.code == "paging-endless":
            cursor = Cursor.loads(stream.cursor)
            vals["cursor"] = Cursor(since=cursor.since, memory=cursor.memory).dumps()
        if stream.run_id and not pauses:
            stream.run_id._end("failed", failure.sentence, failure.details)
            vals.update({"last_run_id": stream.run_id.id, "run_id": False})
        stream.write(vals)

    def _add_seconds(self, run_id, seconds):
        run = self.env["pos.sync.run"].browse(run_id).exists()
        if run:
            run.seconds += seconds
        self.env.cr.commit()
