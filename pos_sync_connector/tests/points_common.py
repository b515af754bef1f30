"""Imported orders without an importer, and what a customer's points must be."""

from __future__ import annotations

from odoo import fields

from .sales_common import SalesCase

SOLD_ON = fields.Datetime.to_datetime("2026-03-02 10:30:00")


class PointsCase(SalesCase):
    """The connection's program gives one point a dollar; two customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.connection = cls.connection.with_env(cls.env)
        cls.connection.points_from = "2026-01-01"
        cls.connection.action_make_program()
        cls.program = cls.connection.program_id
        cls.rule = cls.program.rule_ids
        cls.ada, cls.bob = cls.env["res.partner"].create([{"name": "Ada"}, {"name": "Bob"}])
        cls.product = cls.make_product("Tea")
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.Awards = cls.env["pos.sync.award_points"]
        cls.number = 0

    @classmethod
    def make_product(cls, name, **values):
        return cls.env["product.product"].create({"name": name, "taxes_id": False, **values})

    def sell(self, gross=100.0, partner=None, *, settle=True, lines=None, **values):
        """A completed order as an import leaves it, with points. `lines`: (product, quantity, price)."""
        type(self).number += 1
        values.setdefault("pos_sync_external_id", f"o{self.number}")
        state = values.pop("state", "sale")
        order = self.env["sale.order"].create(
            {
                "name": f"Shop {values['pos_sync_external_id']}",
                "partner_id": (partner or self.ada).id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "date_order": SOLD_ON,
                "pos_sync_connection_id": self.connection.id,
                "pos_sync_status": "completed",
                "pos_sync_gross": gross,
                "pos_sync_net": gross,
                "pos_sync_no_delivery": True,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_uom_qty": quantity, "price_unit": price})
                    for product, quantity, price in lines or [(self.product, 1, gross)]
                ],
                **values,
            }
        )
        order.with_context(pos_sync_settle_later=True).write({"state": state, "date_order": SOLD_ON})
        if settle:
            self.Awards._settle(order)
        return order

    def give_back(self, order, gross, *, settle=True, lines=(), **values):
        """A refund of an imported order. `lines`: (product, quantity, amount)."""
        type(self).number += 1
        refund = self.env["pos.sync.refund"].create(
            {
                "connection_id": self.connection.id,
                "external_id": f"r{self.number}",
                "number": f"R{self.number}",
                "order_id": order.id,
                "order_external_id": order.pos_sync_external_id,
                "currency_id": order.currency_id.id,
                "gross": gross,
                "net": gross,
                "refunded_at": fields.Datetime.add(SOLD_ON, days=1, seconds=self.number),
                "line_ids": [
                    (0, 0, {"product_id": product.id, "quantity": quantity, "gross": amount, "net": amount})
                    for product, quantity, amount in lines
                ],
                **values,
            }
        )
        if settle:
            self.Awards._settle(order)
        return refund

    def cards(self, partner, program=None):
        return (
            self.env["loyalty.card"]
            .with_context(active_test=False)
            .search([("partner_id", "=", partner.id), ("program_id", "=", (program or self.program).id)])
        )

    def points(self, partner, program=None):
        """What the ledger, the customer's one card and its history say, which must be the same."""
        cards = self.cards(partner, program)
        self.assertLessEqual(len(cards), 1, f"{partner.name} has several cards")
        ledger = self.env["pos.sync.points"].search(
            [("partner_id", "=", partner.id), ("program_id", "=", (program or self.program).id)]
        )
        booked = round(sum(ledger.mapped("points")), 2)
        self.assertAlmostEqual(cards.points, booked, 2, f"the card of {partner.name} differs from the ledger")
        history = sum(line.issued - line.used for line in cards.history_ids)
        self.assertAlmostEqual(history, booked, 2, f"the history of {partner.name} differs from the ledger")
        self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [])
        return booked

    def rows(self, order):
        """The order's rows in the ledger: (kind, points), the first one first."""
        rows = self.env["pos.sync.points"].search(
            [("order_external_id", "=", order.pos_sync_external_id)], order="sequence"
        )
        return [(row.kind, row.points) for row in rows]

    def merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((source | target).ids, target)
        self.env.invalidate_all()
