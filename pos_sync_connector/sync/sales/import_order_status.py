from odoo import models


class PosSyncImportOrderStatus(models.AbstractModel):
    """What the target says of orders that were sent to it: status, payment, deliveries."""

    _name = "pos.sync.import_order_status"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Order Status"

    def _record_name(self, record):
        return record.external_id

    def _import(self, stream, records, outcome):
        echoes = self.env["pos.sync.order_echo"]
        links = echoes._links(stream.connection_id, {record.external_id: record.source_reference for record in records})
        self.env["pos.sync.import_orders"]._write_taken(stream.connection_id, links, records)
        for record in records:
            outcome.arrived.add(record.external_id)
            link = links.get(record.external_id)
            if link and link._write_remote(record.status, record.paid, record.fulfilments):
                outcome.updated += 1
            else:
                outcome.unchanged += 1
