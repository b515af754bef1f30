from odoo import models


class PosSyncImportOrders(models.AbstractModel):
    """What the system took for an order, a row a payment."""

    _inherit = "pos.sync.import_orders"

    def _write_payments(self, connection, pairs):
        """The payments of the orders as they are now: a system may add, void or correct one later."""
        Payment = self.env["pos.sync.payment"]
        of_orders = [("order_id", "in", [order.id for order, _record in pairs])]
        known = Payment.search([("connection_id", "=", connection.id), *of_orders]).grouped("order_id")
        made = []
        for order, record in pairs:
            wanted = {payment.external_id: payment for payment in record.payments}
            for row in known.get(order, Payment):
                payment = wanted.pop(row.external_id, None)
                if payment is None:
                    row.unlink()
                elif changed := self._differing_payment(row, payment):
                    row.write(changed)
            made += [self._prepare_payment(connection, order, payment) for payment in wanted.values()]
        Payment.create(made)

    def _prepare_payment(self, connection, order, payment):
        return {
            "connection_id": connection.id,
            "order_id": order.id,
            "external_id": payment.external_id,
            "method_external_id": payment.method_id,
            "method_name": payment.method_name,
            "kind": payment.kind.value,
            "currency_id": order.currency_id.id,
            "amount": float(payment.amount),
            "tip": float(payment.tip),
            "rounding": float(payment.rounding),
            "reference": payment.reference,
            "paid_at": payment.paid_at and payment.paid_at.replace(tzinfo=None),
        }

    def _differing_payment(self, row, payment):
        vals = self._prepare_payment(row.connection_id, row.order_id, payment)
        changed = {
            name: vals[name]
            for name in ("amount", "tip", "rounding")
            if row.currency_id.compare_amounts(row[name], vals[name])
        }
        method = {name: vals[name] for name in ("method_external_id", "method_name", "kind")}
        if any((row[name] or "") != value for name, value in method.items()):
            # Which of the methods it is gets found anew.
            changed |= {**method, "method_id": False}
        return changed
