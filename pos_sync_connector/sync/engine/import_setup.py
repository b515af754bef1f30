from odoo import fields, models

from ...connectors.records import Location, TaxRate


class PosSyncImportSetup(models.AbstractModel):
    """Imports what a connection is set up with: its locations and taxes, each with a proposal for its mapping."""

    _name = "pos.sync.import_setup"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Locations and Taxes"

    _KINDS = ((Location, "pos.sync.location"), (TaxRate, "pos.sync.tax"))

    def _import(self, stream, records, outcome):
        for kind, model in self._KINDS:
            self._import_kind(stream, model, [record for record in records if isinstance(record, kind)], outcome)

    def _import_page(self, stream, records, malformed=(), deleted=()):
        # A location and a tax may have the same external id, so each kind is a page of its own.
        outcome = super()._import_page(stream, [item for item in records if isinstance(item, Location)], malformed)
        outcome.add(super()._import_page(stream, [item for item in records if isinstance(item, TaxRate)]))
        if records:
            named = [item.external_id for item in malformed]
            for kind, model in self._KINDS:
                self._note_gone(stream, model, [*named, *(r.external_id for r in records if isinstance(r, kind))])
        return outcome

    def _note_gone(self, stream, model, named):
        """The page holds all that there is: what it does not name is gone at the system, and kept here."""
        Model = self.env[model].with_context(active_test=False)
        rows = Model.search([("connection_id", "=", stream.connection_id.id)])
        if "from_orders" in rows:
            rows = rows.filtered(lambda row: not row.from_orders)
        there = rows.filtered(lambda row: row.external_id in named)
        there.filtered("gone_since").write({"gone_since": False})
        (rows - there).filtered(lambda row: not row.gone_since).write({"gone_since": fields.Datetime.now()})

    def _import_kind(self, stream, model, records, outcome):
        Model = self.env[model].with_context(active_test=False)
        known = Model.search([("connection_id", "=", stream.connection_id.id)]).grouped("external_id")
        for record in records:
            vals = self._prepare_vals(record)
            row = known.get(record.external_id)
            if not row:
                row = Model.create(
                    {
                        **vals,
                        **self._prepare_proposal(stream.connection_id, record),
                        "connection_id": stream.connection_id.id,
                        "external_id": record.external_id,
                    }
                )
                if isinstance(record, TaxRate) and row.tax_id:
                    outcome.released.add(row._trace_key())
                outcome.created += 1
            elif changed := {name: value for name, value in vals.items() if (row[name] or False) != (value or False)}:
                row.write(changed)
                outcome.updated += 1
            else:
                outcome.unchanged += 1
            outcome.arrived.add(record.external_id)

    def _prepare_vals(self, record):
        if isinstance(record, TaxRate):
            inclusive = {True: "yes", False: "no", None: False}[record.inclusive]
            return {
                "name": record.name,
                "rate": float(record.rate),
                "fixed": record.fixed,
                "inclusive": inclusive,
                "active": not record.archived,
                "from_orders": record.from_orders,
            }
        return {
            "name": record.name,
            "timezone": record.timezone,
            "currency": record.currency,
            "holds_stock": record.holds_stock,
            "takes_orders": record.takes_orders,
            "active": not record.archived,
        }

    def _prepare_proposal(self, connection, record):
        """What an unmapped one most likely is in Odoo; a person may change it."""
        if isinstance(record, TaxRate):
            return {"tax_id": self.env["pos.sync.tax"]._propose(connection, record).id}
        return {}
