"""What becomes of an order at the system that a route sent it on to reaches the system that it came from."""

from dataclasses import replace
from decimal import Decimal

from odoo.tests import tagged

from ..connectors import records as rec
from .push_common import PushCase, TargetSystem
from .sales_common import line, order
from .test_parcels import ShippingSystem

_S = rec.OrderStatus


class OriginSystem(ShippingSystem, TargetSystem):
    """The test system, which sells, and hears of parcels and of what is paid."""

    __test__ = False

    code = "origin_test"
    name = "Test System That Sells and Listens"


@tagged("post_install", "-at_install")
class TestRelay(PushCase):
    selling_system = OriginSystem

    def setUp(self):
        super().setUp()
        self.world.shipped, self.world.statuses = {}, []
        self.connection.stock_policy = "odoo"
        (self.tea | self.coffee).is_storable = True
        self.connection.walk_in_partner_id = self.env["res.partner"].create({"name": "Walk-in"})
        self.route = self.env["pos.sync.route"].create(
            {"source_connection_id": self.connection.id, "target_connection_id": self.target.id, "status_from": "open"}
        )
        self.connection._stream("order_status_push").enabled = True

    def send_on(self, status=_S.PAID, paid=True):
        """An order of three tea and a coffee that has arrived at the target."""
        lines = line("a", quantity=3), line("b", variant_id="v-coffee", unit_price=Decimal(4), gross=Decimal(4))
        self.world.sell(order("1", *lines, status=status, paid=paid))
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        self.push()
        sale = self.order("1")
        self.assertMadeOnce(sale)
        return sale

    def happens_there(self, *parcels, status=_S.PAID, paid=None):
        """The target says this of the order."""
        made = self.target_world.made[0]
        there = replace(made, external_id="o-0", status=status, paid=bool(paid), fulfilments=parcels, raw=None)
        self.target_world.sell(there)
        self.pull("order_status_pull", self.target)
        for flow in ("parcels_push", "order_status_push"):
            self.run_job(self.connection._stream(flow))
        self.env.invalidate_all()

    def parcel(self, external_id, *lines, number=""):
        return rec.Fulfilment(
            external_id=external_id, order_id="o-0", status=rec.FulfilmentStatus.SHIPPED, carrier="UPS",
            tracking_number=number, lines=tuple((key, Decimal(many)) for key, many in lines),
        )  # fmt: skip

    def test_two_parcels_there_are_two_parcels_where_it_was_sold(self):
        sale = self.send_on()
        one, two = self.parcel("p1", ("l-0-0", 2), number="1Z1"), self.parcel("p2", ("l-0-0", 1), ("l-0-1", 1))
        self.happens_there(one)
        self.assertEqual(sorted(sale.picking_ids.mapped("state")), ["confirmed", "done"])
        (first,) = self.world.shipped.values()
        self.assertEqual((first.order_id, first.lines), ("1", (("a", Decimal(2)),)))
        self.assertEqual((first.carrier, first.tracking_number, first.is_last), ("UPS", "1Z1", False))
        self.happens_there(one, two)
        _first, second = self.world.shipped.values()
        self.assertEqual(dict(second.lines), {"a": Decimal(1), "b": Decimal(1)})
        self.assertTrue(second.is_last)
        self.happens_there(one, two, status=_S.COMPLETED, paid=True)
        self.assertEqual(len(self.world.shipped), 2)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [3, 1])

    def test_all_of_it_left_though_nothing_says_how(self):
        sale = self.send_on()
        self.happens_there(status=_S.COMPLETED, paid=True)
        self.assertEqual(sale.picking_ids.mapped("state"), ["done"])
        self.assertEqual([dict(item.lines) for item in self.world.shipped.values()], [{"a": 3, "b": 1}])

    def test_where_the_system_keeps_the_stock_nothing_is_delivered(self):
        self.connection.stock_policy = "system"
        sale = self.send_on()
        self.happens_there(self.parcel("p1", ("l-0-0", 2)))
        self.assertFalse(sale.picking_ids)

    def test_paid_there_is_paid_where_it_was_sold(self):
        self.send_on(_S.OPEN, paid=False)
        self.happens_there(status=_S.OPEN)
        self.assertFalse(self.world.statuses)
        self.happens_there(paid=True)
        (change,) = self.world.statuses
        self.assertEqual(
            (change.external_id, change.status, change.paid, change.fulfilments), ("1", _S.OPEN, True, ())
        )

    def test_what_was_paid_where_it_was_sold_is_no_news(self):
        self.send_on()
        self.happens_there(paid=True)
        self.assertFalse(self.world.statuses)

    def test_cancelled_there_asks(self):
        sale = self.send_on(_S.OPEN, paid=False)
        sale.user_id = self.env.ref("base.user_admin")
        self.happens_there(status=_S.CANCELLED)
        self.assertNotEqual(sale.state, "cancel")
        self.assertEqual(sale.activity_ids.summary, f"Cancelled at {self.target.name}")

    def test_cancelled_there_is_cancelled_here_where_that_was_chosen(self):
        self.route.on_cancel = "cancel"
        self.connection.cancel_policy = "always"
        sale = self.send_on(_S.OPEN, paid=False)
        self.happens_there(status=_S.CANCELLED)
        self.assertEqual(sale.state, "cancel")
        self.assertFalse(sale.activity_ids)

    def test_what_was_paid_or_delivered_is_never_cancelled_by_itself(self):
        self.route.on_cancel = "cancel"
        sale = self.send_on()
        sale.user_id = self.env.ref("base.user_admin")
        self.happens_there(status=_S.CANCELLED)
        self.assertEqual(sale.state, "sale")
        self.assertEqual(len(sale.activity_ids), 1)
