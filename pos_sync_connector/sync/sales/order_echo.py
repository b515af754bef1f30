from odoo import fields, models

from ...connectors.answers import Book
from ..engine.base_importer import NEVER_SWEPT


class PosSyncOrderEcho(models.AbstractModel):
    """What was sent comes back in the next pull, known by its link, or by its key where there is no link yet."""

    _name = "pos.sync.order_echo"
    _description = "POS Sync Echo of Sent Orders"

    def _links(self, connection, keys):
        """{external_id: mapping} of those that were sent from here; `keys` are their keys by external id."""
        Mapping = self.env["pos.sync.mapping"]
        known = {
            external_id: mapping
            for external_id, mapping in Mapping._find(connection, "order", list(keys)).items()
            if mapping.pushed
        }
        unknown = {key: external_id for external_id, key in keys.items() if key and external_id not in known}
        if not unknown:
            return known
        on_the_way = self.env["pos.sync.message"].search(
            [
                ("connection_id", "=", connection.id),
                ("flow", "=", "orders_push"),
                ("direction", "=", "out"),
                ("idempotency_key", "in", list(unknown)),
                ("order_id", "!=", False),
            ]
        )
        linked = Mapping._find(connection, "order", unknown.values())
        for message in on_the_way:
            external_id = unknown[message.idempotency_key]
            if external_id not in linked and external_id not in known:
                known[external_id] = Mapping.create(
                    {
                        "connection_id": connection.id,
                        "entity": "order",
                        "external_id": external_id,
                        "sale_order_id": message.order_id.id,
                        "name": external_id,
                        "linked_by": "sent",
                        "pushed": True,
                        "seen": NEVER_SWEPT,
                    }
                )
        return known


class PosSyncImportOrders(models.AbstractModel):
    _inherit = "pos.sync.import_orders"

    def _take_echoes(self, stream, resolver, records, outcome):
        """The records that were not sent from here; of those that were, only status and payments are noted."""
        keys = {record.external_id: record.source_reference for record in records}
        links = self.env["pos.sync.order_echo"]._links(stream.connection_id, keys)
        places = self._places(stream.connection_id) if links else {}
        orders = self.env["sale.order"].union(*(link.sale_order_id for link in links.values()))
        Day = self.env["pos.sync.reconciliation"]
        before = Day._moments(stream.connection_id, orders)
        for record in records:
            link = links.get(record.external_id)
            if link:
                link.write(
                    {
                        "digest": resolver.digests[record.external_id],
                        "gone": False,
                        **self._prepare_counted(stream.connection_id, places, record),
                    }
                )
                news = link._write_remote(record.status, record.paid, record.fulfilments)
                outcome.updated += news
                outcome.unchanged += not news
                outcome.arrived.add(record.external_id)
        self._write_taken(stream.connection_id, links, records)
        self.env["pos.sync.import_refunds"]._write_with_orders(
            stream.connection_id,
            [
                (links[record.external_id].sale_order_id, record)
                for record in records
                if record.external_id in links and links[record.external_id].sale_order_id
            ],
        )
        Day._note_touched(stream.connection_id, [*before, *Day._moments(stream.connection_id, orders)])
        return [record for record in records if record.external_id not in links]

    def _places(self, connection):
        """The ids of locations by the system's."""
        Location = self.env["pos.sync.location"].with_context(active_test=False)
        return {place.external_id: place.id for place in Location.search([("connection_id", "=", connection.id)])}

    def _prepare_counted(self, connection, places, record):
        """When, where and with which payments the system counts an order that was sent to it."""
        by_payments = connection._system_class().counts is Book.PAYMENTS
        moment = (by_payments and record.closed_at) or record.created_at
        return {
            "remote_at": moment.replace(tzinfo=None),
            "remote_location_id": places.get(record.location_id, False),
            "remote_taken": [
                {
                    "method": payment.method_id or payment.method_name or payment.kind.value,
                    "amount": float(payment.amount),
                    "tip": float(payment.tip),
                    "paid_at": payment.paid_at and fields.Datetime.to_string(payment.paid_at.replace(tzinfo=None)),
                }
                for payment in record.payments
            ],
        }

    def _write_taken(self, connection, links, records):
        """Payments of orders that were made in Odoo; what came from a system and was sent on is paid there."""
        told = [record for record in records if record.external_id in links and record.payments]
        pairs = [(links[record.external_id].sale_order_id, record) for record in told]
        own = [(order, record) for order, record in pairs if order and not order.pos_sync_connection_id]
        self._write_payments(connection, own)
