from odoo import models
from odoo.tools import format_date

from ...connectors.errors import NeedsFixing
from ...connectors.flows import FLOWS, Flow
from .base_importer import NEVER_SWEPT
from .outcome import MISSING, Outcome, missing

# Which flow brings what a record waits for, by the kind of its trace key.
_FLOWS = {"variant": Flow.PRODUCTS_PULL, "customer": Flow.CUSTOMERS_PULL, "order": Flow.ORDERS_PULL}
# What a sale can do without.
_GONE_AT_THE_SYSTEM = ("variant", "customer")


class PosSyncRunStream(models.AbstractModel):
    """At the end of a pass the system is asked, by id, for what records of the pass wait for."""

    _inherit = "pos.sync.run_stream"

    def _fetch_all_missing(self, stream_id, connector):
        """A record waits for one thing at a time: once that is here it may turn out to wait for the next."""
        asked = set()
        while self._fetch_missing(stream_id, connector, asked):
            self._drain_inbox(stream_id, connector)

    def _fetch_missing(self, stream_id, connector, asked):
        """Fetches what was not `asked` for yet, and adds it there. Returns whether there was anything."""
        before = len(asked)
        for kind, flow in _FLOWS.items():
            method = FLOWS[flow].one
            self._replayed(stream_id, lambda stream, kind=kind: self._release_arrived(stream, kind))
            owner_id = self.env["pos.sync.stream"].browse(stream_id).connection_id._stream(flow).id
            traces = sorted(set(self._held_for(stream_id, kind).mapped("trace_key")) - asked)
            self.env.cr.commit()
            if not traces or not owner_id or not connector.implements(method):
                continue
            asked.update(traces)
            unknown, merged, too_old = [], {}, []
            for trace in traces:
                external_id = trace.removeprefix(missing(kind, ""))
                record = getattr(connector, method)(external_id)
                if record is None or (kind == "variant" and not _has_variant(record, external_id)):
                    unknown.append(external_id)
                    continue
                self._import_one(owner_id, flow, record, connector)
                if kind == "customer" and record.external_id != external_id:
                    merged[external_id] = record.external_id
                elif kind == "order" and self._is_too_old(stream_id, record):
                    too_old.append(external_id)
            self._replayed(stream_id, lambda stream, kind=kind, ids=unknown: self._give_up_waiting(stream, kind, ids))
            self._replayed(stream_id, lambda stream, ids=merged: self._link_merged(stream, ids))
            self._replayed(stream_id, lambda stream, ids=too_old: self._give_up_too_old(stream, ids))
        return len(asked) > before

    def _import_one(self, owner_id, flow, record, connector):
        """Imports a record that was fetched by its id, as the stream of its own flow would.

        The system's lists may never name it, such as a product that is no longer sold: no full pass misses it.
        """
        importer = self.env[self._importer_name(flow)]
        assets = self._fetch_assets(importer, self.env["pos.sync.stream"].browse(owner_id), [record], connector)

        def import_it(stream):
            prepared = importer._prepared(stream, assets)
            outcome = prepared._import_page(stream, [record])
            if stream.run_id:
                # What failed counts against the run that is under way: its own page takes it off there again.
                stream.run_id._count(outcome)
            prepared._mark_seen(stream, [record.external_id], NEVER_SWEPT)

        self._replayed(owner_id, import_it, importer)

    def _held_for(self, stream_id, kind):
        return self.env["pos.sync.message"].search(
            [("stream_id", "=", stream_id), ("state", "=", "held"), ("trace_key", "=like", f"{MISSING}{kind}:%")]
        )

    def _release_arrived(self, stream, kind):
        """What arrived while this pass was set aside for it: neither transaction saw the other's."""
        held = self._held_for(stream.id, kind)
        ids = {message.trace_key.removeprefix(missing(kind, "")) for message in held}
        links = self.env["pos.sync.mapping"]._find(stream.connection_id, kind, ids) if ids else {}
        arrived = {missing(kind, external_id) for external_id, link in links.items() if not link.missing}
        held.filtered(lambda message: message.trace_key in arrived)._queue()

    def _give_up_waiting(self, stream, kind, external_ids):
        """What the system itself does not know can't be waited for."""
        if not external_ids:
            return
        traces = {missing(kind, external_id) for external_id in external_ids}
        messages = self._held_for(stream.id, kind).filtered(lambda message: message.trace_key in traces)
        if kind in _GONE_AT_THE_SYSTEM:
            self._note_unknown(stream, kind, external_ids)
            messages._queue()
            return
        self._fail(
            stream,
            messages,
            self.env._(
                "It names a record that the system itself does not know (%s). Correct it there, then retry.",
                ", ".join(external_ids[:5]),
            ),
        )

    def _is_too_old(self, stream_id, record):
        connection = self.env["pos.sync.stream"].browse(stream_id).connection_id
        return connection._is_before(connection.orders_from, record)

    def _give_up_too_old(self, stream, external_ids):
        """A refund of an order that stays out of Odoo is not booked, and says so."""
        if not external_ids:
            return
        traces = {missing("order", external_id) for external_id in external_ids}
        earliest = format_date(self.env, stream.connection_id.orders_from)
        self._fail(
            stream,
            self._held_for(stream.id, "order").filtered(lambda message: message.trace_key in traces),
            self.env._(
                "It refunds an order from before %s, the day from which this connection imports orders. The refund is "
                "not in Odoo and not booked.",
                earliest,
            ),
            self.env._(
                "Enter the refund in Accounting and drop this message, or set an earlier day in “Orders From” of the "
                "connection, then retry."
            ),
        )

    def _link_merged(self, stream, merged):
        """Two customers that the system has made one: the former id leads to the same partner."""
        if not merged:
            return
        Mapping = self.env["pos.sync.mapping"]
        links = Mapping._find(stream.connection_id, "customer", [*merged, *merged.values()])
        for former, current in merged.items():
            partner = links[current].partner_id if current in links else None
            if partner and former not in links:
                Mapping.create(
                    {
                        "connection_id": stream.connection_id.id,
                        "entity": "customer",
                        "external_id": former,
                        "partner_id": partner.id,
                        "name": links[current].name,
                        "linked_by": "merged",
                        "seen": NEVER_SWEPT,
                    }
                )
        self._release_arrived(stream, "customer")

    def _fail(self, stream, messages, sentence, fix=""):
        messages.write({"state": "failed", "kind": NeedsFixing.kind, "sentence": sentence, "fix": fix})
        of_this_run = len(messages.filtered(lambda message: message.run_id == stream.run_id))
        if stream.run_id:
            stream.run_id._count(Outcome(held=-of_this_run, failed=of_this_run))

    def _note_unknown(self, stream, kind, external_ids):
        """From now on a line that names the variant stands on the connection's product for unknown ones, and an order
        that names the customer is a guest's or a walk-in's."""
        Mapping = self.env["pos.sync.mapping"]
        known = Mapping._find(stream.connection_id, kind, external_ids)
        Mapping.create(
            [
                {
                    "connection_id": stream.connection_id.id,
                    "entity": kind,
                    "external_id": external_id,
                    "gone": True,
                    "seen": NEVER_SWEPT,
                }
                for external_id in external_ids
                if external_id not in known
            ]
        )


def _has_variant(product, variant_id):
    return any(variant.external_id == variant_id for variant in product.variants)
