from odoo import models

from ...connectors.errors import Failure
from .order_resolver import UNKNOWN
from .order_totals import ROUNDING
from .sold import cancelled_here, was_paid

# What follows a line's external id on the lines that correct it once its order is invoiced: "#1" is its first new
# version, "#-1" what takes the former one back.
_VERSION = "#"


class PosSyncImportOrders(models.AbstractModel):
    """Orders edited at the system after their import: updated in place, or corrected once they are invoiced."""

    _inherit = "pos.sync.import_orders"

    def _update_orders(self, stream, resolver, pairs, outcome):
        connection = stream.connection_id
        orders = self.env["sale.order"].browse([resolver.orders[record.external_id].order_id for record, _ in pairs])
        done = []
        for order, (record, lines) in zip(orders, pairs, strict=True):
            try:
                with self.env.cr.savepoint():
                    self._update_order(connection, resolver, order, record, lines)
                done.append((order, record))
            except Failure as failure:
                outcome.fail(record, failure)
        return done

    def _update_order(self, connection, resolver, order, record, lines):
        if order.pos_sync_connection_id != connection:
            self._update_sent(connection, resolver, order, record)
            return
        final = self._is_final(order)
        steps = self._steps(connection, record)
        # What was paid in full and cancelled is reversed by its refunds, as far as they go.
        void = steps.state == "cancel" and not was_paid(record, order)
        # A person's cancellation in Odoo is not undone by an edit at the system.
        undone_here = cancelled_here(order)
        stated = {
            **self._prepare_stated(connection, resolver, record),
            "date_order": record.created_at.replace(tzinfo=None),
        }
        for name in ("pos_sync_connection_id", "pos_sync_external_id", "pos_sync_no_delivery"):
            stated.pop(name)
        if changed := self._differing(order, stated):
            order.write(changed)
        self._add_tags(resolver, order, record)
        self._update_hold(connection, order, record)
        if not final:
            self._update_parties(resolver, order, record)
        self._keep_products(resolver, order, lines)
        if final:
            self._correct_lines(order, [] if void else lines)
        elif not undone_here:
            if steps.state == "sale" and order.state == "cancel":
                order.with_context(skip_procurement=True).write({"state": "draft"})
            self._update_lines(order, lines)
        if not void and not undone_here:
            for failure in self._settle_totals(connection, resolver, [(order, record)]).values():
                raise failure
        if not final and not undone_here and not (order.state == "sale" and steps.state == "draft"):
            self._confirm(connection, [(order, steps)])
        elif final and order.state == "sale" and not order.pos_sync_no_delivery:
            self._hand_over(connection, [(order, steps)])

    def _update_sent(self, connection, resolver, order, record):
        """An order that was made in Odoo and sent to the system stays as it is here; how far it is there is noted."""
        stated = self._prepare_stated(connection, resolver, record)
        names = ("pos_sync_number", "pos_sync_status", "pos_sync_paid", "pos_sync_fiscal_number", "pos_sync_closed_at")
        if changed := self._differing(order, {name: stated[name] for name in names}):
            order.write(changed)

    def _is_final(self, order):
        """Whether the order may only be corrected: it is invoiced, or locked by a person."""
        return order.locked or any(invoice.state == "posted" for invoice in order.invoice_ids)

    def _keep_products(self, resolver, order, lines):
        """A variant that was deleted after the sale does not change what was sold."""
        unknown_id = resolver.charges[UNKNOWN].product_id
        rows = {row.pos_sync_line_id: row for row in order.order_line}
        for line in lines:
            row = rows.get(line.external_id)
            if line.is_guess and row and row.product_id and row.product_id.id != unknown_id:
                line.vals |= {
                    "product_id": row.product_id.id,
                    "product_uom_id": row.product_uom_id.id,
                    "name": row.name,
                }

    # In place

    def _update_lines(self, order, lines):
        """A line that is gone is deleted. Where something refers to it, it gets quantity 0 and is in no document."""
        order = order.with_context(skip_procurement=True)
        rows = {row.pos_sync_line_id: row for row in order.order_line if row.pos_sync_line_id}
        missing = []
        for line in lines:
            row = rows.pop(line.external_id, None)
            if row and row.product_id.id != line.vals["product_id"]:
                rows[f"{line.external_id}:was:{row.id}"] = row
                row.pos_sync_line_id = f"{line.external_id}:was:{row.id}"
                row = None
            if row is None:
                missing.append({**line.vals, "order_id": order.id})
            else:
                # Whoever changed the analytic distribution in Odoo knows better than the default.
                vals = {**line.vals, "analytic_distribution": row.analytic_distribution}
                if row.qty_delivered_method == "stock_move":
                    # The deliveries say it.
                    del vals["qty_delivered"]
                self._write_line(row, vals)
        rows.pop(ROUNDING, None)
        for row in rows.values():
            if not row.exists():
                # It went with the line that it belonged to.
                continue
            if row._pos_sync_is_referred_to():
                self._write_line(row, {"product_uom_qty": 0.0, "qty_delivered": 0.0, "pos_sync_quantity": 0.0})
            else:
                row.with_context(pos_sync_removing=True).unlink()
        self._create_lines(missing)
        self._link_lines(order, [lines])

    def _write_line(self, row, vals):
        changed = self._differing(row, vals)
        if "qty_delivered" in changed:
            # Odoo refuses to order less than is delivered.
            row.write({"qty_delivered": changed.pop("qty_delivered")})
        if changed:
            row.write(changed)

    # Corrections

    def _correct_lines(self, order, lines):
        """What was invoiced stays as it is: the former line is taken back by one of its own, and the new one added."""
        rows = {row.pos_sync_line_id: row for row in order.order_line if row.pos_sync_line_id}
        wanted = {line.external_id: line for line in lines}
        bases = {key.split(_VERSION)[0] for key in rows if key != ROUNDING}
        made = []
        for base in sorted(bases | set(wanted)):
            version, row = self._current_version(rows, base)
            line = wanted.get(base)
            if row and line and not self._differing(row, self._sold_values(line.vals)):
                continue
            if row:
                made.append(self._prepare_reversal(row, f"{base}{_VERSION}-{version + 1}"))
            if line:
                key = f"{base}{_VERSION}{version + 1}" if row or version else base
                made.append({**line.vals, "order_id": order.id, "pos_sync_line_id": key})
        if made:
            self._create_lines(made)
            order.message_post(
                body=self.env._(
                    "The order was changed at %s after it was invoiced. The difference stands in correction lines.",
                    order.pos_sync_connection_id.name,
                )
            )

    def _current_version(self, rows, base):
        """The number of the latest version of a line, and its row unless it was taken back."""
        version = 0
        while f"{base}{_VERSION}{version + 1}" in rows:
            version += 1
        row = rows.get(f"{base}{_VERSION}{version}" if version else base)
        if row and f"{base}{_VERSION}-{version + 1}" in rows:
            row = None
            version += 1
        return version, row

    def _sold_values(self, vals):
        """What makes a sold line another one; its place on the order does not."""
        return {name: vals[name] for name in ("product_id", "product_uom_qty", "price_unit", "discount", "tax_ids")}

    def _prepare_reversal(self, row, key):
        return {
            "order_id": row.order_id.id,
            "pos_sync_line_id": key,
            "product_id": row.product_id.id,
            "name": self.env._("Correction: %s", row.name),
            "product_uom_qty": -row.product_uom_qty,
            "product_uom_id": row.product_uom_id.id,
            "price_unit": row.price_unit,
            "technical_price_unit": row.price_unit,
            "discount": row.discount,
            "tax_ids": [(6, 0, row.tax_ids.ids)],
            "customer_lead": 0.0,
            "qty_delivered": -row.qty_delivered,
            "pos_sync_quantity": -row.pos_sync_quantity,
            "sequence": row.sequence,
        }
