from odoo import models

from ...connectors.records import ChargeKind, OrderStatus


class PosSyncImportOrders(models.AbstractModel):
    """The delivery method of orders that are still to be shipped, where Odoo has delivery methods."""

    _inherit = "pos.sync.import_orders"

    def _load_defaults(self, connection, resolver):
        result = super()._load_defaults(connection, resolver)
        names = {_method(record) for record in resolver.records} - {""}
        resolver.carriers = self.env["pos.sync.shipping.method"]._carriers(connection, names)
        resolver.marks_delivery = "is_delivery" in self.env["sale.order.line"]._fields
        return result

    def _prepare_defaults(self, connection, resolver, record, parties):
        vals = super()._prepare_defaults(connection, resolver, record, parties)
        # A carrier that is told of goods that left already would be asked to fetch them again.
        carrier_id = resolver.carriers.get(_method(record)) if record.status is not OrderStatus.COMPLETED else None
        return {**vals, "carrier_id": carrier_id} if carrier_id else vals


def _method(record):
    return next((charge.name for charge in record.charges if charge.kind is ChargeKind.SHIPPING and charge.name), "")
