from odoo import models

from ...connectors import codec
from ...connectors.errors import NeedsFixing, Skip


class PosSyncImportCashCounts(models.AbstractModel):
    """Imports the shifts of cash drawers. What is posted stays as it was posted."""

    _name = "pos.sync.import_cash_counts"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Cash Counts"

    def _record_name(self, record):
        return record.name or record.external_id

    def _swept(self, stream):
        return None, []

    def _import(self, stream, records, outcome):
        connection = stream.connection_id
        Count = self.env["pos.sync.cash.count"]
        known = Count.search(
            [("connection_id", "=", connection.id), ("external_id", "in", [record.external_id for record in records])]
        ).grouped("external_id")
        facts = self.env["pos.sync.import_payouts"]._facts(connection, records)
        made, changed = [], Count
        for record in records:
            count = known.get(record.external_id, Count)
            if count.digest == codec.digest(record) or count.state == "posted":
                outcome.unchanged += 1
            elif failure := self._foreseeable(connection, facts, record):
                outcome.fail(record, failure)
                continue
            elif count:
                count.write(self._prepare_count(connection, facts, record))
                changed |= count
            else:
                made.append(self._prepare_count(connection, facts, record))
            outcome.arrived.add(record.external_id)
        outcome.created += len(made)
        outcome.updated += len(changed)
        counts = changed | Count.create(made)
        self.env["pos.sync.reconciliation"]._note_touched(connection, counts.mapped("date"))

    def _foreseeable(self, connection, facts, record):
        if connection.orders_from and record.opened_at.date() < connection.orders_from:
            return Skip(self.env._("Older than the connection's start date."), code="too-old")
        if record.currency not in facts["currencies"]:
            return NeedsFixing(
                self.env._("Odoo has no currency %s.", record.currency),
                fix=self.env._("Create the currency in Odoo's accounting settings, then retry."),
                code="missing-currency",
                trace=f"missing-currency:{record.currency}",
            )
        return None

    def _prepare_count(self, connection, facts, record):
        amounts = ("opening", "cash_sales", "cash_refunds", "paid_in", "paid_out", "expected")
        return {
            "connection_id": connection.id,
            "external_id": record.external_id,
            "digest": codec.digest(record),
            "location_id": facts["places"].get(record.location_id, False),
            "name": record.name,
            "staff": record.staff,
            "currency_id": facts["currencies"][record.currency],
            "opened_at": record.opened_at.replace(tzinfo=None),
            "closed_at": record.counted is not None and record.closed_at and record.closed_at.replace(tzinfo=None),
            **{name: float(getattr(record, name)) for name in amounts},
            "counted": float(record.counted or 0),
        }
