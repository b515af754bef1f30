"""Deliveries of imported orders and the parcels of the system that they came from: each on both sides once."""

from decimal import Decimal

from odoo.tests import tagged

from ..connectors import records as rec
from ..connectors.answers import Pushed
from ..connectors.errors import RetryLater
from ..connectors.parcels import Parcel
from .sales_common import SalesCase, SalesSystem, line, order

PAID = rec.OrderStatus.PAID


class ShippingSystem(SalesSystem):
    """The test system, which hears of parcels: one with every call, but for what it has made of the same key."""

    __test__ = False

    code = "shipping_test"
    name = "Test System That Ships"
    notifies_buyers = True
    shipped: dict[str, Parcel]

    def push_parcel(self, parcel: Parcel, *, key: str) -> Pushed:
        self.world.happens("push_parcel")
        self.world.shipped[key] = parcel
        self.world.happens("push_parcel_answer")
        return Pushed(external_id=f"there-{list(self.world.shipped).index(key)}")


class ParcelCase(SalesCase):
    selling_system = ShippingSystem

    def setUp(self):
        super().setUp()
        self.world.shipped = {}
        self.connection.stock_policy = "odoo"
        self.tea = self.variant("v-tea")
        self.tea.product_tmpl_id.write({"type": "consu", "is_storable": True})

    def sell(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        return self.order(orders[0].external_id)

    def deliver(self, sale, many=None):
        picking = sale.picking_ids.filtered(lambda item: item.state not in ("done", "cancel"))
        for move in picking.move_ids:
            move.write({"quantity": many or move.product_uom_qty, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        return picking

    def push(self):
        self.run_job(self.connection._stream("parcels_push"))
        self.env.invalidate_all()

    def reports(self):
        return self.env["pos.sync.message"].search(
            [("connection_id", "=", self.connection.id), ("flow", "=", "parcels_push")], order="id"
        )


@tagged("post_install", "-at_install")
class TestParcelsSent(ParcelCase):
    def three(self, **values):
        return self.sell(order("1", line("l-1", quantity=3), status=PAID, **values))

    def test_two_deliveries_are_two_parcels(self):
        sale = self.three()
        first = self.deliver(sale, 1)
        first.write({"pos_sync_carrier": "UPS", "pos_sync_tracking_number": "1Z9"})
        self.push()
        second = self.deliver(sale)
        self.push()
        one, two = self.world.shipped.values()
        self.assertEqual((one.order_id, one.lines, one.is_last), ("1", (("l-1", Decimal(1)),), False))
        self.assertEqual((one.carrier, one.tracking_number, one.notify), ("UPS", "1Z9", False))
        self.assertEqual((two.lines, two.shipped), ((("l-1", Decimal(2)),), (("l-1", Decimal(3)),)))
        self.assertEqual((two.is_last, two.others, two.parcel_id), (True, ("there-0",), ""))
        self.assertEqual(sale.pos_sync_parcel_ids.picking_id, first | second)
        self.assertEqual(sale.pos_sync_parcel_ids.mapped("external_id"), ["there-0", "there-1"])

    def test_a_lost_answer_and_a_second_try_have_one_key(self):
        sale = self.three()
        self.deliver(sale)
        self.world.plan["push_parcel_answer"] = [RetryLater("The answer was lost.", code="in-doubt")]
        self.push()
        self.assertEqual(self.reports().state, "waiting")
        self.connection._stream("parcels_push").retry_at = False
        self.push()
        self.assertEqual((self.reports().state, self.reports().attempts, len(self.world.shipped)), ("done", 2, 1))

    def test_tracking_that_comes_later_is_reported_once(self):
        self.connection.notify_buyers = True
        sale = self.three()
        picking = self.deliver(sale)
        self.push()
        picking.pos_sync_tracking_number = "1Z9"
        picking.pos_sync_tracking_number = "1Z8"
        self.assertEqual(self.reports().mapped("state"), ["done", "waiting"])
        self.push()
        (parcel,) = self.world.shipped.values()
        self.assertEqual((parcel.parcel_id, parcel.tracking_number, parcel.notify), ("there-0", "1Z8", True))
        picking.pos_sync_tracking_number = "1Z8"
        self.assertEqual(self.reports().mapped("state"), ["done", "done"])

    def test_nothing_is_reported_where_the_system_owns_the_stock(self):
        self.assertTrue(self.connection._stream("parcels_push").enabled)
        sale = self.three()
        self.connection.stock_policy = "system"
        self.assertFalse(self.connection._stream("parcels_push").enabled)
        self.deliver(sale)
        self.assertFalse(self.reports())

    def test_history_and_what_left_there_are_not_reported(self):
        self.sell(order("1"), order("2", status=PAID, created_at=order("2").created_at.replace(year=2025)))
        self.assertEqual(self.order("1").picking_ids.state, "done")
        self.assertFalse(self.order("2").picking_ids)
        self.assertFalse(self.reports())



@tagged("post_install", "-at_install")
class TestParcelsReceived(ParcelCase):
    def parcel(self, external_id, many=None, **values):
        lines = (("l-1", Decimal(many)),) if many else ()
        values.setdefault("status", rec.FulfilmentStatus.SHIPPED)
        return rec.Fulfilment(external_id=external_id, order_id="1", lines=lines, **values)

    def with_parcels(self, *parcels, **values):
        return self.sell(order("1", line("l-1", quantity=3), fulfilments=parcels, **{"status": PAID, **values}))

    def done(self, sale):
        return [
            (picking.state, sum(picking.move_ids.mapped("quantity" if picking.state == "done" else "product_uom_qty")))
            for picking in sale.picking_ids.sorted("id")
        ]

    def test_parcels_are_deliveries_and_the_rest_a_backorder(self):
        sale = self.with_parcels(self.parcel("f1", 1, carrier="UPS", tracking_number="1Z9"))
        (first, *_rest) = sale.picking_ids.sorted("id")
        self.assertEqual(first._pos_sync_tracking_of(), ("UPS", "1Z9", ""))
        self.assertEqual([row for row in self.done(sale) if row[0] == "done"], [("done", 1)])
        both = (self.parcel("f1", 1, carrier="UPS", tracking_number="1Z8"), self.parcel("f2", 2))
        for note in ("a", "b"):
            self.with_parcels(*both, note=note)
            self.assertEqual(self.done(sale), [("done", 1), ("done", 2)])
        self.assertEqual(first._pos_sync_tracking_of()[1], "1Z8")
        self.assertEqual(sale.order_line.qty_delivered, 3)
        self.assertEqual(sale.pos_sync_parcel_ids.mapped("external_id"), ["f1", "f2"])
        self.assertFalse(self.reports(), "it is not told what it said itself")

    def test_a_parcel_of_everything_names_no_lines(self):
        sale = self.with_parcels(self.parcel("f1"))
        self.assertEqual(self.done(sale), [("done", 3)])

    def test_an_order_that_comes_with_its_parcels(self):
        sale = self.with_parcels(self.parcel("f1", 1), self.parcel("f2", 2), status=rec.OrderStatus.COMPLETED)
        self.assertEqual(self.done(sale), [("done", 1), ("done", 2)])

    def test_what_was_reported_from_here_is_not_delivered_again(self):
        sale = self.with_parcels()
        self.deliver(sale, 1)
        # Its echo is faster than the answer.
        self.with_parcels(self.parcel("there-0", 1))
        self.assertEqual([row for row in self.done(sale) if row[0] == "done"], [("done", 1)])
        self.push()
        self.with_parcels(self.parcel("there-0", 1), note="again")
        self.with_parcels(self.parcel("there-0", 1), self.parcel("f2", 1))
        self.assertEqual([row for row in self.done(sale) if row[0] == "done"], [("done", 1), ("done", 1)])
        self.deliver(sale)
        self.push()
        (_first, last) = self.world.shipped.values()
        self.assertEqual((last.lines, set(last.others)), ((("l-1", Decimal(1)),), {"there-0", "f2"}))

    def test_an_order_that_may_not_be_changed_any_more_is_delivered_too(self):
        sale = self.with_parcels()
        sale.action_lock()
        self.with_parcels(self.parcel("f1", 2))
        self.assertEqual([row for row in self.done(sale) if row[0] == "done"], [("done", 2)])

    def test_what_is_packed_only_or_is_cancelled_did_not_leave(self):
        sale = self.with_parcels(
            self.parcel("f1", 1, status=rec.FulfilmentStatus.PACKED),
            self.parcel("f2", 1, status=rec.FulfilmentStatus.CANCELLED),
        )
        self.assertNotIn("done", [state for state, _many in self.done(sale)])

    def test_goods_that_need_a_lot_wait_for_a_person(self):
        sale = self.with_parcels()
        self.tea.tracking = "lot"
        self.with_parcels(self.parcel("f1", 1))
        self.assertNotIn("done", [state for state, _many in self.done(sale)])
        self.assertEqual(len(sale.activity_ids), 1)
        self.assertIn("f1", sale.activity_ids.note)

