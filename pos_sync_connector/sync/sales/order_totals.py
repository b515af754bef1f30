from odoo import models

from ...connectors.codec import as_decimal
from ...connectors.errors import NeedsFixing
from ...connectors.records import ChargeKind

ROUNDING = "rounding"


class PosSyncImportOrders(models.AbstractModel):
    """What Odoo makes of an order against what the system states: equal to the cent, within the connection's tolerance
    with a named rounding line, or held."""

    _inherit = "pos.sync.import_orders"

    def _settle_totals(self, connection, resolver, pairs):
        """Adds the rounding lines that are needed, all in one batch. Returns {order: failure} of those whose difference
        is too large."""
        failures, made = {}, []
        for order, record in pairs:
            rounding = order.order_line.filtered(lambda line: line.pos_sync_line_id == ROUNDING)
            missing, failure = self._compare_totals(connection, order, record, rounding)
            if failure:
                failures[order] = failure
            elif rounding:
                if order.currency_id.round(rounding.price_unit - float(missing)):
                    rounding.write({"price_unit": float(missing)})
            elif missing:
                made.append(self._prepare_rounding_line(resolver, order, missing))
        self._create_lines(made)
        return failures

    def _compare_totals(self, connection, order, record, rounding):
        """(what Odoo's total lacks without the `rounding` line, the failure where that is too much or None)."""
        stated = record.totals
        lines = len(record.lines) + len(record.charges)
        allowed = as_decimal(connection._tolerance(order.currency_id, lines))
        exact = order.currency_id.round
        gross = as_decimal(exact(order.amount_total - sum(rounding.mapped("price_total"))))
        missing = stated.gross - gross
        if abs(missing) > allowed:
            return missing, self._totals_failure("total", record, stated.gross, gross)
        # The system's tax includes the one that the channel remits, which stands on lines of its own.
        tax = as_decimal(exact(order.amount_tax + order.pos_sync_channel_tax))
        if stated.tax is not None and abs(stated.tax - tax) > allowed:
            return missing, self._totals_failure("tax", record, stated.tax, tax)
        return missing, None

    def _prepare_rounding_line(self, resolver, order, amount):
        product = resolver.charges[ChargeKind.ROUNDING.value]
        return {
            "order_id": order.id,
            "pos_sync_line_id": ROUNDING,
            "product_id": product.product_id,
            "name": product.name,
            "product_uom_qty": 1.0,
            "product_uom_id": product.uom_id,
            "price_unit": float(amount),
            "technical_price_unit": float(amount),
            "discount": 0.0,
            "tax_ids": [(6, 0, [])],
            "customer_lead": 0.0,
            "analytic_distribution": False,
            "sequence": 9999,
        }

    def _totals_failure(self, what, record, stated, computed):
        values = {"number": record.number or record.external_id, "stated": stated, "computed": computed}
        if what == "tax":
            sentence = self.env._(
                "The tax of order %(number)s is %(stated)s at the system, and %(computed)s with the taxes in Odoo. "
                "Check the mapping of its taxes, then retry.",
                **values,
            )
        else:
            sentence = self.env._(
                "The total of order %(number)s is %(stated)s at the system, and %(computed)s in Odoo. Check the "
                "mapping of its taxes and the tolerance of the connection, then retry.",
                **values,
            )
        return NeedsFixing(sentence, code=f"{what}-differs", trace=f"{what}-differs")
