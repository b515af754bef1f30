from odoo import api, models
from odoo.tools import SQL

# Odoo's own module for the external ids of what was imported: they belong to no module that could be uninstalled.
_MODULE = "__import__"


class PosSyncImportOrders(models.AbstractModel):
    """An order is known for good: its external id in Odoo is made of system, account, company and the id there. It
    outlives the addon, so that the first pull after a new installation finds the orders that are there."""

    _inherit = "pos.sync.import_orders"

    def _write_mappings(self, stream, resolver, pairs):
        result = super()._write_mappings(stream, resolver, pairs)
        self._name_for_good(SQL("sale.id IN %s", tuple(order.id for order, _record in pairs) or (0,)))
        return result

    @api.model
    def _name_for_good(self, which=SQL("TRUE")):
        """Gives imported orders the name by which they are found again."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ir_model_data (module, name, model, res_id, noupdate, create_date, write_date)
                SELECT %(module)s, %(name)s, 'sale.order', sale.id, TRUE, now() AT TIME ZONE 'UTC',
                       now() AT TIME ZONE 'UTC'
                  FROM sale_order sale
                  JOIN pos_sync_connection connection ON connection.id = sale.pos_sync_connection_id
                 WHERE %(which)s AND connection.account_external_id IS NOT NULL
                ON CONFLICT DO NOTHING
                """,
                module=_MODULE,
                name=self._lasting_name(SQL("sale.pos_sync_external_id")),
                which=which,
            )
        )

    def _lasting_name(self, external_id):
        return SQL(
            "'order_' || md5(concat_ws('/', connection.system, connection.account_external_id, "
            "connection.company_id, %s))",
            external_id,
        )

    def _find_again(self, connection, external_ids):
        """{external id: order} of orders that are there from before, and that no connection has by now."""
        if not external_ids:
            return {}
        self.env.cr.execute(
            SQL(
                """
                SELECT wanted.external_id, sale.id
                  FROM unnest(%(ids)s::text[]) AS wanted(external_id)
                  JOIN pos_sync_connection connection ON connection.id = %(connection)s
                  JOIN ir_model_data data
                       ON data.module = %(module)s AND data.model = 'sale.order' AND data.name = %(name)s
                  JOIN sale_order sale ON sale.id = data.res_id AND sale.pos_sync_connection_id IS NULL
                 WHERE NOT EXISTS (SELECT FROM pos_sync_mapping link WHERE link.sale_order_id = sale.id)
                """,
                ids=list(external_ids),
                connection=connection.id,
                module=_MODULE,
                name=self._lasting_name(SQL("wanted.external_id")),
            )
        )
        return {external_id: self.env["sale.order"].browse(number) for external_id, number in self.env.cr.fetchall()}

    def _know_again(self, stream, resolver, records):
        """Links orders that were imported before the addon was installed anew, as they are: what was booked for them
        was booked then."""
        unknown = {record.external_id: record for record in records if record.external_id not in resolver.orders}
        found = self._find_again(stream.connection_id, list(unknown))
        if not found:
            return
        self.env["pos.sync.mapping"].create(
            [
                {
                    "connection_id": stream.connection_id.id,
                    "entity": "order",
                    "external_id": external_id,
                    "name": unknown[external_id].number,
                    "sale_order_id": order.id,
                    "made_here": True,
                    "seen": stream.sweep or stream.sweep_last,
                }
                for external_id, order in found.items()
            ]
        )
        for external_id, order in found.items():
            order.write(
                {
                    "pos_sync_connection_id": stream.connection_id.id,
                    "pos_sync_external_id": external_id,
                    "pos_sync_no_delivery": True,
                    "pos_sync_history": True,
                }
            )
        resolver.load_orders(list(found))

    def _know_lines_again(self, order, lines):
        """Which line is which, by product and quantity; what finds none is left to the comparison of the totals."""
        free = order.order_line.filtered(lambda row: not row.pos_sync_line_id and not row.display_type)
        if len(free) != len(order.order_line.filtered(lambda row: not row.display_type)):
            return
        for line in lines:
            same = free.filtered(
                lambda row, vals=line.vals: row.product_id.id == vals["product_id"]
                and row.product_uom_qty == vals["product_uom_qty"]
                and row.currency_id.compare_amounts(row.price_unit, vals["price_unit"]) == 0
            )[:1]
            same.pos_sync_line_id = line.external_id
            free -= same

    def _update_order(self, connection, resolver, order, record, lines):
        if order.pos_sync_connection_id == connection:
            self._know_lines_again(order, lines)
        return super()._update_order(connection, resolver, order, record, lines)
