import logging
from contextlib import contextmanager

from odoo import fields, models
from odoo.tools import SQL

from ...connectors import codec
from ...connectors.errors import NeedsFixing, Skip
from .outcome import Outcome, Review, Waits, as_failure, is_concurrency, is_outage
from .quiet import QUIET

_logger = logging.getLogger(__name__)

# First key of the advisory locks of this addon; the second is the company.
_TURN = 0x905C
# Instead of the number of a pass: it came with another record, and is in no list that a full pass could miss it in.
NEVER_SWEPT = 2**31 - 1
# Whoever is asked again has not answered yet.
_UNANSWERED = {"decision": False, "candidate_tmpl_id": False, "candidate_partner_id": False}


class PosSyncImporter(models.AbstractModel):
    """Imports the records of a page: sort out what is foreseeable, import the rest as a batch, bisect the unforeseen.

    A flow's own model inherits this one and says how its records are imported, in `_import`.
    """

    _name = "pos.sync.importer"
    _description = "POS Sync Importer"

    # The entity of the mappings that carry the digests and are swept; empty where there are none.
    _entity = ""
    # Whether records are made that another stream could be making at the same time.
    _takes_turn = False

    # For the flow's own model

    def _import(self, stream, records, outcome):
        """Writes `records` to Odoo. Foreseeable failures go to `outcome.fail` before anything is written; whatever
        is raised makes the batch be rolled back and halved."""
        raise NotImplementedError

    def _import_gone(self, stream, external_ids, outcome):
        """Records that the system has deleted."""

    def _swept(self, stream):
        """(model, domain) of the rows that a full pass has to name, else they are gone; no model where there are none.

        They have `external_id`, `seen` (the number of the last full pass that named them) and `gone`.
        """
        domain = [("connection_id", "=", stream.connection_id.id), ("entity", "=", self._entity)]
        return (self.env["pos.sync.mapping"] if self._entity else None), domain

    def _assets_wanted(self, stream, records):
        """What must be fetched beside the records: a list of `records.Image`."""
        return []

    def _record_name(self, record):
        return getattr(record, "name", "") or getattr(record, "number", "") or ""

    # The page

    @contextmanager
    def _turn(self, stream):
        """One page a company at a time where partners, cards or products are made.

        The turn is waited for before the page's transaction begins, so that its snapshot shows what the page before
        it made. The lock belongs to the database session: it ends with the process, however that ends.
        """
        if not self._takes_turn:
            yield
            return
        key = [_TURN, stream.company_id.id]
        self.env.cr.execute("SELECT pg_advisory_lock(%s, %s)", key)
        self.env.cr.commit()
        try:
            yield
        finally:
            self.env.cr.rollback()
            self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", key)
            self.env.cr.commit()

    def _prepared(self, stream, assets=None):
        """This model as the import needs it: the connection's company, no messages, what was fetched beside."""
        return self.with_company(stream.company_id).with_context(
            **QUIET,
            pos_sync_assets=assets or {},
            pos_sync_settle_later=True,
            lang=None,
        )

    def _import_page(self, stream, records, malformed=(), deleted=()):
        """Imports a page in the running transaction and keeps each failure as a message. Returns the `Outcome`.

        Raises only what asks for a replay of the whole transaction.
        """
        unique = {record.external_id: record for record in records}
        outcome = Outcome(unchanged=len(records) - len(unique))
        if unique:
            outcome.add(self._attempt(stream, list(unique.values())))
        if deleted:
            outcome.add(self._attempt_gone(stream, list(deleted)))
        skipped = [item for item in malformed if isinstance(item.failure, Skip)]
        outcome.skipped += len(skipped)
        outcome.arrived |= {item.external_id for item in skipped}
        malformed = [item for item in malformed if item not in skipped]
        outcome.failed += len(malformed)
        # What can't be read is there all the same: it is not deleted.
        named = [*unique, *(item.external_id for item in (*malformed, *skipped) if item.external_id)]
        self._mark_seen(stream, named)
        self._keep_failures(stream, outcome, malformed)
        self._close_messages(stream, outcome)
        self.env["pos.sync.message"]._release(stream.connection_id, outcome.released)
        self.env.flush_all()
        return outcome

    def _mark_seen(self, stream, external_ids, seen=None):
        """Notes that the full pass under way has named these, or `seen` instead; no write_date moves."""
        model, domain = self._swept(stream)
        seen = seen or stream.sweep
        if model is None or not seen or not external_ids:
            return
        query = model._search([*domain, ("external_id", "in", external_ids), ("seen", "!=", seen)])
        self.env.cr.execute(
            SQL("UPDATE %s SET seen = %s WHERE id IN %s", SQL.identifier(model._table), seen, query.subselect())
        )
        model.invalidate_model(["seen"], flush=False)

    def _attempt(self, stream, records):
        """One batch in one savepoint; an unforeseen error halves it until the bad records stand alone."""
        try:
            with self.env.cr.savepoint():
                outcome = Outcome()
                self._import(stream, records, outcome)
                self.env.flush_all()
                return outcome
        except Exception as error:
            if is_concurrency(error) or is_outage(error):
                raise
            if len(records) == 1:
                failure = as_failure(self.env, error)
                if failure.code == "unexpected":
                    _logger.exception("%s: a record could not be stored", stream.display_name)
                outcome = Outcome()
                outcome.fail(records[0], failure)
                return outcome
        middle = len(records) // 2
        return self._attempt(stream, records[:middle]).add(self._attempt(stream, records[middle:]))

    def _attempt_gone(self, stream, external_ids):
        """Deletions in one savepoint; one that Odoo does not accept waits for a person and stops no other."""
        try:
            with self.env.cr.savepoint():
                outcome = Outcome()
                self._import_gone(stream, external_ids, outcome)
                self.env.flush_all()
                return outcome
        except Exception as error:
            if is_concurrency(error) or is_outage(error):
                raise
            if len(external_ids) == 1:
                failure = as_failure(self.env, error)
                self._keep_deletion(stream, external_ids[0], "deletion", external_ids, failure.sentence)
                return Outcome(failed=1)
        middle = len(external_ids) // 2
        return self._attempt_gone(stream, external_ids[:middle]).add(self._attempt_gone(stream, external_ids[middle:]))

    def _differing(self, record, vals):
        """The values that `record` does not have already, so that nothing is written for nothing."""
        differing = {}
        for name, value in vals.items():
            kind = record._fields[name]
            if kind.type in ("many2many", "one2many"):
                same = set(record[name].ids) == set(value[0][2]) if value else True
            elif kind.type == "many2one":
                same = record[name].id == (value or False)
            elif kind.type == "float":
                same = record[name] == value or abs(record[name] - value) < 1e-9
            elif kind.type == "binary":
                same = False
            else:
                same = (record[name] or False) == (value or False)
            if not same:
                differing[name] = value
        return differing

    # Failures as messages

    def _keep_failures(self, stream, outcome, malformed):
        """Written after the savepoints are rolled back, so that it is never lost with them."""
        vals_by_id = {
            record.external_id: self._prepare_message_vals(
                stream, record.external_id, failure, codec.dumps(record), self._record_name(record), is_raw=False
            )
            for record, failure in outcome.failures
        }
        for item in malformed:
            external_id = item.external_id or codec.digest(codec.dumps(item.raw))
            vals_by_id[external_id] = self._prepare_message_vals(
                stream, external_id, item.failure, codec.dumps(item.raw), "", is_raw=True
            )
        if not vals_by_id:
            return
        Message = self.env["pos.sync.message"]
        now = fields.Datetime.now()
        known = self._open_messages(stream, list(vals_by_id)).grouped("external_id")
        for external_id, message in known.items():
            self._take_off_counts(stream, message, outcome)
            message._write_failure({**vals_by_id.pop(external_id), "attempts": message.attempts + 1})
        Message._create_failures([{**vals, "attempts": 1, "failed_at": now} for vals in vals_by_id.values()])

    def _prepare_message_vals(self, stream, external_id, failure, payload, name, is_raw):
        return {
            "stream_id": stream.id,
            "flow": stream.flow,
            "direction": "in",
            "state": "held" if isinstance(failure, Waits) else "failed",
            "external_id": external_id,
            "name": name,
            "kind": failure.kind,
            "code": failure.code,
            "trace_key": failure.trace,
            "sentence": failure.sentence,
            "fix": failure.fix if isinstance(failure, NeedsFixing) else "",
            "details": failure.details,
            "payload": payload,
            "is_raw": is_raw,
            "refetch": False,
            "run_id": stream.run_id.id,
            "last_failed_at": fields.Datetime.now(),
            **({**_UNANSWERED, **failure.candidates} if isinstance(failure, Review) else {}),
        }

    def _keep_mass_deletion(self, stream, external_ids):
        """So many deletions wait for a person: retrying the message carries them out."""
        sentence = self.env._(
            "%s records that were there before are not there any more. Often that is a lost permission or another "
            "company at the system. Nothing was changed. If they are really gone, press Retry.",
            len(external_ids),
        )
        self._keep_deletion(stream, "mass-deletion", "mass-deletion", external_ids, sentence)

    def _keep_deletion(self, stream, key, code, external_ids, sentence):
        """A message that carries the deletions out when it is retried."""
        vals = self._prepare_message_vals(
            stream,
            key,
            NeedsFixing(sentence, code=code, trace=f"{code}:{key}"),
            codec.dumps(external_ids),
            self.env._("Deletion"),
            is_raw=False,
        )
        message = self._open_messages(stream, [key])
        if message:
            message.write({**vals, "attempts": message.attempts + 1})
        else:
            message.create({**vals, "attempts": 1, "failed_at": fields.Datetime.now()})

    def _drop_mass_deletion(self, stream):
        """A full pass that missed little shows that the earlier one was a passing fault."""
        self._open_messages(stream, ["mass-deletion"]).action_drop()

    def _open_messages(self, stream, external_ids):
        Message = self.env["pos.sync.message"]
        return Message.search(
            [
                ("stream_id", "=", stream.id),
                ("direction", "=", "in"),
                ("state", "in", Message._OPEN),
                ("external_id", "in", external_ids),
            ]
        )

    def _close_messages(self, stream, outcome):
        """What had failed before and has arrived now is solved, and no longer counts against the run it failed in."""
        if not outcome.arrived:
            return
        # What a webhook told of is closed by its own reading: this one may have been read before.
        solved = self._open_messages(stream, list(outcome.arrived)).filtered(
            lambda message: not message.told or message.state != "waiting"
        )
        for message in solved:
            self._take_off_counts(stream, message, outcome)
        solved.write({"state": "done", "done_at": fields.Datetime.now(), "sentence": False, "fix": False})

    def _take_off_counts(self, stream, message, outcome):
        """A record counts once in a run, as what became of it in the end."""
        if message.run_id and message.run_id == stream.run_id:
            if message.kind == Waits.kind:
                outcome.held -= 1
            else:
                outcome.failed -= 1
