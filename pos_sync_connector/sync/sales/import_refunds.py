from odoo import models
from odoo.fields import Command

from ...connectors import codec
from ..engine.base_importer import NEVER_SWEPT
from ..engine.outcome import Waits, missing

_RESTOCKED = {True: "yes", False: "no", None: False}


class PosSyncImportRefunds(models.AbstractModel):
    """Imports refunds as records of their own, never as an edit of what was sold."""

    _name = "pos.sync.import_refunds"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Refunds"

    _takes_turn = True

    def _record_name(self, record):
        return record.number

    def _swept(self, stream):
        return self.env["pos.sync.refund"], [("connection_id", "=", stream.connection_id.id)]

    def _import(self, stream, records, outcome):
        connection = stream.connection_id
        known = self._digests(connection, records)
        changed = []
        for record in records:
            if known.get(record.external_id) == codec.digest(record):
                outcome.unchanged += 1
                outcome.arrived.add(record.external_id)
            else:
                changed.append(record)
        orders = self.env["pos.sync.mapping"]._find(connection, "order", {record.order_id for record in changed})
        pairs = []
        for record in changed:
            mapping = orders.get(record.order_id)
            if mapping is None:
                outcome.fail(
                    record,
                    Waits(
                        self.env._("The order of this refund has not arrived yet. The refund follows automatically."),
                        trace=missing("order", record.order_id),
                    ),
                )
            else:
                pairs.append((mapping.sale_order_id, record))
        orders = self.env["sale.order"].union(*(order for order, _record in pairs))
        Day = self.env["pos.sync.reconciliation"]
        before = Day._moments(connection, orders)
        created = self._write_refunds(connection, pairs, stream.sweep or stream.sweep_last)
        Day._note_touched(connection, [*before, *Day._moments(connection, orders)])
        self.env["pos.sync.award_points"]._settle(orders)
        outcome.created += created
        outcome.updated += len(pairs) - created
        outcome.arrived |= {record.external_id for _order, record in pairs}

    def _digests(self, connection, records):
        rows = self.env["pos.sync.refund"].search_read(
            [
                ("connection_id", "=", connection.id),
                ("external_id", "in", [record.external_id for record in records]),
                ("gone", "=", False),
            ],
            ["external_id", "digest"],
        )
        return {row["external_id"]: row["digest"] for row in rows}

    def _write_with_orders(self, connection, pairs):
        """The refunds that orders name, by `pairs` of order and its record. One that came like that and is named no
        more was cancelled."""
        orders = self.env["sale.order"].union(*(order for order, _record in pairs))
        named = {(order, refund.external_id) for order, record in pairs for refund in record.refunds}
        self._write_refunds(
            connection, [(order, refund) for order, record in pairs for refund in record.refunds], NEVER_SWEPT
        )
        before = self.env["pos.sync.refund"].search(
            [
                ("connection_id", "=", connection.id),
                ("order_id", "in", orders.ids),
                ("seen", "=", NEVER_SWEPT),
                ("gone", "=", False),
            ]
        )
        before.filtered(lambda refund: (refund.order_id, refund.external_id) not in named).gone = True

    def _write_refunds(self, connection, pairs, seen):
        """Creates or brings up to date the refunds of `pairs` of order and record; a new one is noted as `seen` by that
        pass. Returns how many were new."""
        if not pairs:
            return 0
        Refund = self.env["pos.sync.refund"]
        known = {
            refund.external_id: refund
            for refund in Refund.search(
                [
                    ("connection_id", "=", connection.id),
                    ("external_id", "in", [record.external_id for _order, record in pairs]),
                ]
            )
        }
        facts = self._facts(connection, pairs)
        made, changed = [], Refund
        for order, record in pairs:
            refund = known.get(record.external_id)
            if refund and not refund.gone and refund.digest == codec.digest(record):
                continue
            vals = self._prepare_refund(connection, facts, order, record)
            if refund:
                refund.payment_ids.unlink()
                refund.write({**vals, **{name: [Command.clear(), *vals[name]] for name in ("line_ids", "charge_ids")}})
                changed |= refund
            else:
                made.append({**vals, "seen": seen})
        created = Refund.create(made)
        self.env["pos.sync.return_goods"]._return(changed | created)
        self.env["pos.sync.reach_milestones"]._reach_refunds(connection, created)
        return len(made)

    def _facts(self, connection, pairs):
        """What the refunds of a page refer to, in one query a kind."""
        orders = self.env["sale.order"].union(*(order for order, _record in pairs))
        variants = {line.variant_id for _order, record in pairs for line in record.lines if line.variant_id}
        locations = self.env["pos.sync.location"].with_context(active_test=False)
        currencies = self.env["res.currency"].with_context(active_test=False)
        taxes = self.env["pos.sync.tax"].with_context(active_test=False)
        erased = self.env["pos.sync.tombstone"].search([("partner_id", "in", orders.partner_id.ids)])
        return {
            "erased": erased.partner_id,
            "lines": {(line.order_id.id, line.pos_sync_line_id): line.id for line in orders.order_line},
            "products": {
                key: mapping.product_id.id
                for key, mapping in self.env["pos.sync.mapping"]._find(connection, "variant", variants).items()
            },
            "taxes": {row.external_id: row.tax_id.id for row in taxes.search([("connection_id", "=", connection.id)])},
            "locations": {row.external_id: row.id for row in locations.search([("connection_id", "=", connection.id)])},
            "currencies": {
                row.name: row.id
                for row in currencies.search([("name", "in", list({record.currency for _order, record in pairs}))])
            },
        }

    def _prepare_refund(self, connection, facts, order, record):
        currency_id = facts["currencies"].get(record.currency) or order.currency_id.id
        return {
            "connection_id": connection.id,
            "external_id": record.external_id,
            "digest": codec.digest(record),
            "number": record.number or record.external_id,
            "order_id": order.id,
            "order_external_id": record.order_id,
            "location_id": facts["locations"].get(record.location_id, False),
            "currency_id": currency_id,
            "gross": float(record.gross),
            "net": float(record.net if record.net is not None else record.gross - (record.tax or 0)),
            "tax": float(record.tax or 0),
            "tax_stated": record.tax is not None,
            "overpayment": float(record.overpayment),
            # It may name the customer.
            "reason": record.reason if order.partner_id not in facts["erased"] else False,
            "refunded_at": record.refunded_at.replace(tzinfo=None),
            "gone": False,
            "line_ids": [Command.create(self._prepare_refund_line(facts, order, line)) for line in record.lines],
            "charge_ids": [
                Command.create(self._prepare_refund_charge(facts, order, charge)) for charge in record.charges
            ],
            "payment_ids": [
                Command.create(
                    {
                        "connection_id": connection.id,
                        "external_id": payment.external_id,
                        "method_external_id": payment.method_id,
                        "method_name": payment.method_name,
                        "kind": payment.kind.value,
                        "currency_id": currency_id,
                        "amount": -abs(float(payment.amount)),
                        "tip": -abs(float(payment.tip)),
                        "rounding": -float(payment.rounding),
                        "reference": payment.reference,
                        "paid_at": payment.paid_at and payment.paid_at.replace(tzinfo=None),
                    }
                )
                for payment in record.payments
            ],
        }

    def _prepare_refund_line(self, facts, order, line):
        return {
            "order_line_id": facts["lines"].get((order.id, line.order_line_id), False),
            "product_id": facts["products"].get(line.variant_id, False),
            "name": line.name,
            "quantity": float(line.quantity),
            "gross": float(line.gross or 0),
            "net": float(line.net or 0),
            "tax": float(line.tax or 0),
            "restocked": _RESTOCKED[line.restock],
            **self._prepare_taxes(facts, line.taxes),
        }

    def _prepare_refund_charge(self, facts, order, charge):
        gross, tax = charge.amount, charge.tax or 0
        if charge.net is not None and charge.tax is not None:
            gross = charge.net + charge.tax
        elif tax and not any(order.order_line.tax_ids.mapped("price_include")):
            gross += tax
        return {
            "kind": charge.kind.value,
            "name": charge.name,
            "gross": float(gross),
            "tax": float(tax),
            **self._prepare_taxes(facts, charge.taxes),
        }

    def _prepare_taxes(self, facts, taxes):
        """Taxes as refunded. What is not mapped is left to what was sold, and to the comparison of the stated tax."""
        mapped = [facts["taxes"].get(tax.tax_id) for tax in taxes if not tax.remitted_by_channel]
        return {
            "tax_ids": [Command.set([tax_id for tax_id in mapped if tax_id] if all(mapped) else [])],
            "channel_tax": float(sum(tax.amount or 0 for tax in taxes if tax.remitted_by_channel)),
        }

    # Deletions

    def _import_gone(self, stream, external_ids, outcome):
        """A refund that the system has deleted or cancelled stays on record and counts no more."""
        refunds = self.env["pos.sync.refund"].search(
            [
                ("connection_id", "=", stream.connection_id.id),
                ("external_id", "in", list(external_ids)),
                ("gone", "=", False),
            ]
        )
        refunds.gone = True
        self.env["pos.sync.reconciliation"]._note_touched(stream.connection_id, refunds.mapped("refunded_at"))
        self.env["pos.sync.award_points"]._settle(refunds.order_id)
        outcome.deleted += len(refunds)
