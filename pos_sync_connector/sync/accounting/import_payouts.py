from odoo import models
from odoo.fields import Command

from ...connectors import codec
from ...connectors.errors import NeedsFixing, Skip


class PosSyncImportPayouts(models.AbstractModel):
    """Imports what the system paid out, and finds the payments that it is made of."""

    _name = "pos.sync.import_payouts"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Payouts"

    def _record_name(self, record):
        return record.reference or record.external_id

    def _swept(self, stream):
        return None, []

    def _import(self, stream, records, outcome):
        connection = stream.connection_id
        Payout = self.env["pos.sync.payout"]
        known = Payout.search(
            [("connection_id", "=", connection.id), ("external_id", "in", [record.external_id for record in records])]
        ).grouped("external_id")
        facts = self._facts(connection, records)
        made, changed = [], Payout
        for record in records:
            payout = known.get(record.external_id, Payout)
            if payout.digest == codec.digest(record):
                outcome.unchanged += 1
            elif failure := self._foreseeable(connection, facts, record):
                outcome.fail(record, failure)
                continue
            elif payout:
                payout.entry_ids.unlink()
                payout.write(self._prepare_payout(connection, facts, record))
                changed |= payout
            else:
                made.append(self._prepare_payout(connection, facts, record))
            outcome.arrived.add(record.external_id)
        if made:
            self.env["pos.sync.payout.account"]._ensure(connection)
        outcome.created += len(made)
        outcome.updated += len(changed)
        payouts = changed | Payout.create(made)
        self.env["pos.sync.match_payouts"]._match(connection, payouts)

    def _facts(self, connection, records):
        """Ids of what the payouts of a page refer to, in one query a kind."""
        places = self.env["pos.sync.location"].with_context(active_test=False)
        currencies = self.env["res.currency"].with_context(active_test=False)
        return {
            "places": {row.external_id: row.id for row in places.search([("connection_id", "=", connection.id)])},
            "currencies": {
                row.name: row.id
                for row in currencies.search([("name", "in", list({record.currency for record in records}))])
            },
        }

    def _foreseeable(self, connection, facts, record):
        if connection.orders_from and connection._day_at(record.sent_at) < connection.orders_from:
            return Skip(self.env._("Older than the connection's start date."), code="too-old")
        if record.currency not in facts["currencies"]:
            return NeedsFixing(
                self.env._("Odoo has no currency %s.", record.currency),
                fix=self.env._("Create the currency in Odoo's accounting settings, then retry."),
                code="missing-currency",
                trace=f"missing-currency:{record.currency}",
            )
        return None

    def _prepare_payout(self, connection, facts, record):
        return {
            "connection_id": connection.id,
            "external_id": record.external_id,
            "digest": codec.digest(record),
            "location_id": facts["places"].get(record.location_id, False),
            "reference": record.reference,
            "currency_id": facts["currencies"][record.currency],
            "gross": float(record.gross),
            "fees": float(record.fees),
            "net": float(record.net),
            "status": record.status.value,
            "sent_at": record.sent_at.replace(tzinfo=None),
            "date": record.arrives_on or connection._day_at(record.sent_at),
            "entry_ids": [
                Command.create(
                    {
                        "external_id": entry.external_id,
                        "kind": entry.kind.value,
                        "name": entry.name,
                        "gross": float(entry.gross),
                        "fee": float(entry.fee),
                        "net": float(entry.net),
                        "payment_external_id": entry.payment_id,
                        "order_external_id": entry.order_id,
                        "happened_at": entry.happened_at and entry.happened_at.replace(tzinfo=None),
                    }
                )
                for entry in record.entries
            ],
        }
