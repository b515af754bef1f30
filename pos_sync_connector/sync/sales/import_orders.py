from odoo import models
from odoo.fields import Command

from ...connectors import codec
from ...connectors.errors import Failure, Skip
from ...connectors.records import OrderStatus
from ..engine.outcome import Waits, missing
from .order_lines import OrderShape, channel_tax
from .order_resolver import OrderResolver
from .sold import handed_over


class PosSyncImportOrders(models.AbstractModel):
    """Imports orders as sale orders, with what the system states of them, their payments and refunds."""

    _name = "pos.sync.import_orders"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Orders"

    _entity = "order"
    _takes_turn = True

    def _import(self, stream, records, outcome):
        connection = stream.connection_id
        resolver = OrderResolver(self.env, connection, [])
        resolver.load_orders([record.external_id for record in records])
        self._know_again(stream, resolver, records)
        changed = self._drop_unchanged(stream, resolver, records, outcome)
        resolver.records = changed = [
            handed_over(record) for record in self._take_echoes(stream, resolver, changed, outcome)
        ]
        if not changed:
            return
        self._ensure_charge_products(connection)
        resolver.load()
        self._import_customers(stream, resolver, outcome)
        self._resolve_parties(stream, resolver, outcome)
        self._load_defaults(connection, resolver)
        new, old = [], []
        for record in changed:
            try:
                self._check_foreseeable(connection, resolver, record)
                self._ensure_currency(connection, resolver, record.currency)
                lines = OrderShape(
                    resolver,
                    record,
                    self.env._,
                    resolver.currencies[record.currency].cents,
                    handed_over=record.status is OrderStatus.COMPLETED,
                    analytic=self._analytic(resolver, record),
                ).build()
                known = resolver.orders.get(record.external_id)
                (old if known and known.order_id else new).append((record, lines))
            except Failure as failure:
                outcome.fail(record, failure)
        Day = self.env["pos.sync.reconciliation"]
        ids = [resolver.orders[record.external_id].order_id for record, _lines in old]
        before = Day._moments(connection, self.env["sale.order"].browse(ids))
        created = self._create_orders(stream, resolver, new, outcome)
        updated = self._update_orders(stream, resolver, old, outcome)
        pairs = [*created, *updated]
        self._write_mappings(stream, resolver, pairs)
        self._write_payments(connection, pairs)
        self.env["pos.sync.import_refunds"]._write_with_orders(connection, pairs)
        orders = self.env["sale.order"].concat(*(order for order, _record in pairs))
        self.env["pos.sync.award_points"]._settle(orders)
        self._finish(stream, created, updated)
        self.env["pos.sync.reach_milestones"]._reach_orders(stream, created, updated)
        Day._note_touched(connection, [*before, *Day._moments(connection, orders)])
        self.env["pos.sync.route"]._send_on(orders.filtered(lambda order: not order.pos_sync_hold))
        outcome.created += len(created)
        outcome.updated += len(updated)
        outcome.arrived |= {record.external_id for _order, record in pairs}
        outcome.released |= {missing("order", record.external_id) for _order, record in pairs}

    def _record_name(self, record):
        return record.number

    def _drop_unchanged(self, stream, resolver, records, outcome):
        """The records that have not come in like this before. What is older than “orders from” is left out."""
        connection = stream.connection_id
        changed = []
        for record in records:
            known = resolver.orders.get(record.external_id)
            resolver.digests[record.external_id] = digest = codec.digest(record)
            if known and known.digest == digest and not known.gone:
                outcome.unchanged += 1
                outcome.arrived.add(record.external_id)
            elif not known and connection._is_before(connection.orders_from, record):
                outcome.fail(record, Skip(self.env._("Older than the connection's start date."), code="too-old"))
            elif not known and stream.connection_id._leaves_out(record):
                outcome.fail(record, Skip(self.env._("Left out by the connection's filters."), code="filtered"))
            else:
                changed.append(record)
        return changed

    def _import_customers(self, stream, resolver, outcome):
        """Customers that come with their order and have not come by themselves."""
        inline = {
            record.customer_id: record.customer
            for record in resolver.records
            if record.customer is not None and record.customer_id not in resolver.customers
        }
        if inline:
            resolver.customers.update(
                self.env["pos.sync.import_customers"]._import_inline(stream, list(inline.values()), outcome)
            )

    def _check_foreseeable(self, connection, resolver, record):
        known = resolver.orders.get(record.external_id)
        if known and not known.order_id:
            raise Skip(self.env._("The order was deleted in Odoo."), code="deleted-in-odoo")
        for line in record.lines:
            if line.variant_id and line.variant_id not in resolver.products and not line.is_gift_card:
                raise Waits(
                    self.env._(
                        "The order has a product that has not arrived yet (%s). It follows automatically once that "
                        "is here.",
                        line.name or line.variant_id,
                    ),
                    trace=missing("variant", line.variant_id),
                )
        if record.customer_id and record.customer_id not in resolver.customers:
            raise Waits(
                self.env._("The customer of the order has not arrived yet. The order follows automatically."),
                trace=missing("customer", record.customer_id),
            )

    # New orders

    def _create_orders(self, stream, resolver, pairs, outcome):
        """All in one batch as drafts; compared with what the system states; then confirmed in one write."""
        if not pairs:
            return []
        connection = stream.connection_id
        order_defaults = self._defaults("sale.order")
        line_defaults = self._defaults("sale.order.line")
        orders = self.env["sale.order"].with_context(pos_sync_computed_later=True).create(
            [
                {
                    **order_defaults,
                    **self._prepare_order(connection, resolver, record),
                    "order_line": [Command.create({**line_defaults, **line.vals}) for line in lines],
                }
                for record, lines in pairs
            ]
        )
        self._link_lines(orders, [lines for _record, lines in pairs])
        made = list(zip(orders, (record for record, _lines in pairs), strict=True))
        failures = self._settle_totals(connection, resolver, made)
        for order, record in made:
            if order in failures:
                outcome.fail(record, failures[order])
        self.env["sale.order"].concat(*failures).unlink()
        made = [(order, record) for order, record in made if order not in failures]
        self._confirm(connection, [(order, self._steps(connection, record)) for order, record in made])
        return made

    def _create_lines(self, vals_list):
        """Lines of orders that are there already, in one batch; they make no delivery."""
        if vals_list:
            defaults = self._defaults("sale.order.line")
            Line = self.env["sale.order.line"].with_context(skip_procurement=True, pos_sync_computed_later=True)
            Line.create([{**defaults, **vals} for vals in vals_list])

    def _defaults(self, model):
        """What Odoo would otherwise look up anew for each record, with a search for some."""
        return self.env[model]._add_missing_default_values({})

    def _prepare_order(self, connection, resolver, record):
        """Values of the sale order; all that Odoo would otherwise compute is given."""
        return {
            **self._prepare_stated(connection, resolver, record),
            **self._prepare_parties(resolver, record),
            **self._prepare_defaults(connection, resolver, record, resolver.parties[record.external_id]),
            "pos_sync_hold": self._prepare_hold(connection, record),
            "company_id": connection.company_id.id,
            "pricelist_id": resolver.currencies[record.currency].pricelist_id,
            "journal_id": False,
            "preferred_payment_method_line_id": False,
            "sale_order_template_id": False,
            "require_signature": False,
            "require_payment": False,
            "prepayment_percent": 1.0,
            "validity_date": False,
            "date_order": record.created_at.replace(tzinfo=None),
            "client_order_ref": record.purchase_order or record.source_reference or False,
            "origin": connection.name,
            # Odoo's own note is printed as terms and conditions.
            "note": False,
            "pos_sync_milestones": self.env["pos.sync.reach_milestones"]._prepare(record.status, record.fulfilments),
        }

    def _prepare_stated(self, connection, resolver, record):
        """What the system says of the order, in fields of its own."""
        place = resolver.places.get(record.location_id)
        history = connection._is_before(connection.entries_from, record)
        return {
            "pos_sync_connection_id": connection.id,
            "pos_sync_external_id": record.external_id,
            "pos_sync_number": record.number,
            "pos_sync_status": record.status.value,
            "pos_sync_paid": record.paid,
            "pos_sync_location_id": place.location_id if place else False,
            "pos_sync_register": record.register,
            "pos_sync_staff": record.staff,
            "pos_sync_channel": record.channel,
            "pos_sync_order_type": record.order_type,
            "pos_sync_fiscal_number": record.fiscal_number,
            "pos_sync_note": record.note,
            "pos_sync_closed_at": record.closed_at and record.closed_at.replace(tzinfo=None),
            "pos_sync_history": history,
            "pos_sync_no_delivery": connection.stock_policy == "system" or history,
            "pos_sync_gross": float(record.totals.gross),
            "pos_sync_net": float(record.totals.net or 0),
            "pos_sync_tax": float(record.totals.tax or 0),
            "pos_sync_channel_tax": float(channel_tax(record, resolver.currencies[record.currency].cents)),
            "commitment_date": record.due_at and record.due_at.replace(tzinfo=None),
        }

    def _walk_in(self, connection, place):
        """Who buys without a name: the location's walk-in partner, else the connection's, made when first needed."""
        if place and place.walk_in_id:
            return place.walk_in_id
        if not connection.walk_in_partner_id:
            connection.walk_in_partner_id = self.env["res.partner"].create(
                {"name": self.env._("Walk-in (%s)", connection.name), "company_id": connection.company_id.id}
            )
        return connection.walk_in_partner_id.id

    def _link_lines(self, orders, shapes):
        """Components and modifiers belong to their line; a component also to the combo choice it was taken from."""
        for order, lines in zip(orders, shapes, strict=True):
            if not any(line.parent for line in lines):
                continue
            rows = {row.pos_sync_line_id: row for row in order.order_line}
            for line in lines:
                parent = rows.get(line.parent)
                row = rows.get(line.external_id)
                if not parent or not row or row.linked_line_id == parent:
                    continue
                vals = {"linked_line_id": parent.id}
                items = parent.product_id.combo_ids.combo_item_ids.filtered(
                    lambda item, product=row.product_id: item.product_id == product
                )
                if items:
                    vals["combo_item_id"] = items[0].id
                row.write(vals)

    def _confirm(self, connection, pairs):
        """Brings orders as far as the workflow says; no mail, no delivery unless Odoo owns the stock."""
        by_state = {}
        for order, steps in pairs:
            state = steps.state
            if order.state != state and (state != "sale" or not order.pos_sync_hold):
                by_state.setdefault(state, self.env["sale.order"])
                by_state[state] |= order
        quiet = self.env["sale.order"].with_context(skip_procurement=True)
        for state, orders in by_state.items():
            if state == "cancel":
                orders.with_context(skip_procurement=True)._action_cancel()
            else:
                quiet.browse(orders.ids).write({"state": state})
        self._deliver(connection, pairs)

    # Links

    def _write_mappings(self, stream, resolver, pairs):
        Mapping = self.env["pos.sync.mapping"]
        made = []
        for order, record in pairs:
            vals = {"digest": resolver.digests[record.external_id], "name": record.number, "gone": False}
            known = resolver.orders.get(record.external_id)
            if known:
                Mapping.browse(known.mapping_id).write(vals)
            else:
                made.append(
                    {
                        **vals,
                        "connection_id": stream.connection_id.id,
                        "entity": "order",
                        "external_id": record.external_id,
                        "sale_order_id": order.id,
                        "made_here": True,
                        "seen": stream.sweep or stream.sweep_last,
                    }
                )
        Mapping.create(made)

    # Deletions

    def _import_gone(self, stream, external_ids, outcome):
        """An order that the system no longer has is marked and kept: what was sold stays on record."""
        found = self.env["pos.sync.mapping"]._find(stream.connection_id, "order", external_ids).values()
        mappings = self.env["pos.sync.mapping"].concat(*found).filtered(lambda mapping: not mapping.gone)
        mappings.write({"gone": True, "digest": False})
        outcome.deleted += len(mappings)
