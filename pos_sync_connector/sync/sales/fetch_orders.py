from datetime import datetime, time, timedelta, timezone

from odoo import models

from ...connectors.errors import NeedsFixing, Skip
from ...connectors.flows import Flow
from ...connectors.pages import Malformed
from ...connectors.windows import Window

# The external id of a message that names an order by the number that people see begins with this.
NUMBER = "number:"


class PosSyncRunStream(models.AbstractModel):
    """Orders that somebody has asked for: one by its number, or all of some days."""

    _inherit = "pos.sync.run_stream"

    def _read_again(self, connector, flow, item):
        if not item["external_id"].startswith(NUMBER):
            return super()._read_again(connector, flow, item)
        number = item["external_id"].removeprefix(NUMBER)
        record = connector.find_order(number) if connector.implements("find_order") else None
        if record is None:
            try:
                record = connector.get_order(number)
            except (NeedsFixing, Skip):
                # It is no id of the system's either.
                record = None
        return record or Malformed(
            item["external_id"],
            {"number": number},
            NeedsFixing(
                self.env._("The system has no order %s. Check the number, and fetch it by its ID there.", number),
                code="not-found",
                trace="not-found",
            ),
        )

    def _drain_inbox(self, stream_id, connector):
        result = super()._drain_inbox(stream_id, connector)
        self._pull_day_again(stream_id, connector)
        return result

    def _pull_day_again(self, stream_id, connector):
        """One of the days that were asked for, in a transaction a page; the next ones follow."""
        stream = self.env["pos.sync.stream"].browse(stream_id).exists()
        day, last = stream.again_from, stream.again_to
        wanted = day and stream.flow == Flow.ORDERS_PULL.value
        self.env.cr.commit()
        if not wanted:
            return
        importer = self.env[self._importer_name(Flow.ORDERS_PULL)]
        starts = datetime.combine(day, time.min, timezone.utc)
        window = Window(starts_at=starts, ends_at=starts + timedelta(days=1))
        for page in connector.orders_in(window):
            # A system may give more than it was asked for.
            records = [record for record in page.records if window.holds(record.created_at)]
            if records or page.malformed:
                self._replayed(
                    stream_id,
                    lambda stream, found=records, bad=page.malformed: self._import_again(importer, stream, found, bad),
                    importer,
                )
        self._replayed(stream_id, lambda stream: self._note_day_again(stream, day, last))

    def _import_again(self, importer, stream, records, malformed):
        Mapping = self.env["pos.sync.mapping"]
        known = Mapping._find(stream.connection_id, "order", [record.external_id for record in records])
        Mapping.concat(*known.values()).write({"digest": False})
        outcome = importer._prepared(stream)._import_page(stream, records, malformed)
        if stream.run_id:
            stream.run_id._count(outcome)

    def _note_day_again(self, stream, day, last):
        if stream.again_from != day:
            # Somebody has asked for other days meanwhile.
            return
        if day < last:
            stream.again_from = day + timedelta(days=1)
            stream._request()
        else:
            stream.write({"again_from": False, "again_to": False})
