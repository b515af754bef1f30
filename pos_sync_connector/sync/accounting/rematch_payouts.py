"""Payouts are looked at again when their orders or refunds come, or change."""

from odoo import models


class PosSyncImportOrders(models.AbstractModel):
    _inherit = "pos.sync.import_orders"

    def _write_payments(self, connection, pairs):
        result = super()._write_payments(connection, pairs)
        self.env["pos.sync.match_payouts"]._match(
            connection, orders=self.env["sale.order"].concat(*(order for order, _record in pairs))
        )
        return result


class PosSyncImportRefunds(models.AbstractModel):
    _inherit = "pos.sync.import_refunds"

    def _write_refunds(self, connection, pairs, seen):
        result = super()._write_refunds(connection, pairs, seen)
        if pairs:
            self.env["pos.sync.match_payouts"]._match(
                connection, orders=self.env["sale.order"].concat(*(order for order, _record in pairs))
            )
        return result
