"""Orders and refunds in any page, in any order, several times, edited between pulls or killed halfway: the database
ends the same."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from ..connectors import records as rec
from .again_common import PROFILE, AgainMixin
from .common import combo
from .sales_common import SalesCase, charge, customer, line, order, refund, tax_of

_FLOWS = ("customers_pull", "orders_pull", "refunds_pull")


def paid(external_id, amount):
    return (rec.Payment(external_id=external_id, method_id="cash", amount=Decimal(amount), currency="USD"),)


def sales():
    """A bit of everything, as it is in the end."""
    return [
        order("plain", line("a", quantity=3), line("b", "v-coffee", unit_price=4), customer_id="ada",
              payments=paid("p1", 34)),
        order("taxed", line("a", unit_price=10, taxes=(tax_of("vat", 10),)), gross=11, net=10, tax=1,
              customer_id="bob"),
        order("off", line("a", unit_price="7.77", discount="0.78"), customer_id="ada", charges=(
            charge("tip", rec.ChargeKind.TIP, "1.5"), charge("round", rec.ChargeKind.ROUNDING, "0.01"))),
        order("menu", line("a", "v-menu", unit_price=12), line("b", unit_price=0, parent_id="a"), gross=12,
              customer_id="bob"),
        order("back", line("a", quantity=5), customer_id="ada", refunds=(refund("own", "back", 20),)),
        order("walk-in", line("a")),
        order("open", line("a"), customer_id="ada", status=rec.OrderStatus.OPEN, paid=False),
        order("ended", line("a"), customer_id="bob", status=rec.OrderStatus.CANCELLED),
        order("unknown", line("a", "v-unknown"), customer_id="ada"),
    ]  # fmt: skip


def returns():
    return [
        refund("half", "plain", "17", lines=(
            rec.RefundLine(order_line_id="a", variant_id="v-tea", quantity=Decimal("1.5"), gross=Decimal(15)),)),
        refund("rest", "plain", "10"),
        refund("all", "taxed", 11, net=Decimal(10), tax=Decimal(1), payments=paid("p2", 11)),
        refund("of-nothing", "never-sold", 5),
    ]  # fmt: skip


def earlier(item):
    """Former versions of an order, the oldest one first: another customer, other lines, before it was paid."""
    if item.external_id == "plain":
        return [replace(order("plain", line("a", quantity=1), line("c", "v-coffee", unit_price=4), customer_id="bob"))]
    if item.external_id == "ended":
        return [replace(item, status=rec.OrderStatus.OPEN), replace(item, status=rec.OrderStatus.COMPLETED)]
    if item.external_id == "back":
        return [order("back", line("a", quantity=2), customer_id="ada")]
    if item.external_id in ("taxed", "menu"):
        return [replace(item, status=rec.OrderStatus.OPEN, customer_id="ada")]
    return []


@tagged("post_install", "-at_install")
class TestOrdersAgain(AgainMixin, SalesCase):
    def setUp(self):
        super().setUp()
        self.connection.action_make_program()
        self.world.put(combo("menu", 12, drink=("v-tea", "v-coffee")))
        self.pull("products_pull")
        self.map_tax("vat", 10.0)
        self.world.know(customer("ada"), customer("bob", "Bob", "Smith"))

    def fill(self, orders, refunds):
        self.world.orders.clear()
        self.world.refunds.clear()
        self.world.plan.clear()
        self.world.sell(*orders)
        self.world.give_back(*refunds)

    def pull_all(self, flows=_FLOWS, full=False):
        for flow in flows:
            self.pull(flow, full=full)

    def expected(self):
        with self.undone():
            self.fill(sales(), returns())
            self.pull_all()
            dump = self.dump()
        self.assertEqual(len([key for key in dump if key.startswith("order:")]), 9)
        self.assertEqual(len([key for key in dump if key.startswith("refund:")]), 4)
        self.assertEqual([row[1] for row in dump["messages"]], ["of-nothing"])
        # 34 less two refunds, 8.50, 50 less 20, and 10; of Bob's two sales one was given back.
        self.assertEqual(dump["points"], {"Ada Lovelace": Decimal("54.00"), "Bob Smith": Decimal(12)})
        return dump

    def dump(self):
        """All that the imports leave behind, without ids and moments. Lines that count nothing any more, and the
        steps by which points were reached, tell of the way and not of its end."""
        self.env.invalidate_all()
        found = {}
        for item in self.env["sale.order"].search([("pos_sync_connection_id", "=", self.connection.id)]):
            key = f"order:{item.pos_sync_external_id}"
            self.assertNotIn(key, found)
            found[key] = {
                "state": (item.state, item.pos_sync_status, item.pos_sync_paid),
                "customer": item.partner_id.name,
                "totals": (item.amount_total, item.amount_untaxed, item.amount_tax),
                "stated": (item.pos_sync_gross, item.pos_sync_net, item.pos_sync_tax),
                "lines": sorted(
                    (row.pos_sync_line_id, row.product_id.name, row.product_uom_qty, row.price_unit, row.discount,
                     row.qty_delivered, row.tax_ids.mapped("name"), row.linked_line_id.pos_sync_line_id)
                    for row in item.order_line
                    if row.product_uom_qty
                ),
                "payments": sorted(item.pos_sync_payment_ids.mapped(lambda row: (row.external_id, row.amount))),
                "points": self.sum_of(item.pos_sync_points_ids),
                "coupons": sum(item.coupon_point_ids.mapped("points")),
            }  # fmt: skip
        for item in self.env["pos.sync.refund"].search([("connection_id", "=", self.connection.id)]):
            found[f"refund:{item.external_id}"] = (
                item.order_id.pos_sync_external_id, item.gross, item.net, item.tax, item.digest, item.gone,
                sorted((row.quantity, row.gross, row.order_line_id.pos_sync_line_id) for row in item.line_ids),
                sorted(item.payment_ids.mapped("amount")),
            )  # fmt: skip
        links = self.env["pos.sync.mapping"].search(
            [("connection_id", "=", self.connection.id), ("entity", "in", ("order", "customer"))]
        )
        found["links"] = sorted((link.entity, link.external_id, link.gone, link.digest) for link in links)
        rows = self.env["pos.sync.points"].search([("connection_id", "=", self.connection.id)])
        points = {partner.name: self.sum_of(own) for partner, own in rows.grouped("partner_id").items()}
        found["points"] = {name: total for name, total in points.items() if total}
        cards = self.env["loyalty.card"].search([("program_id", "=", self.connection.program_id.id)])
        found["cards"] = sorted((card.partner_id.name, round(card.points, 2)) for card in cards if card.points)
        self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [])
        messages = self.env["pos.sync.message"].search(
            [("connection_id", "=", self.connection.id), ("state", "in", ("waiting", "held", "failed"))]
        )
        found["messages"] = sorted((item.flow, item.external_id, item.state, item.code) for item in messages)
        found["partners"] = self.env["res.partner"].search_count([("company_id", "=", self.company.id)])
        return found

    def sum_of(self, rows):
        return sum((Decimal(str(row.points)) for row in rows), Decimal(0)).quantize(Decimal("0.01"))

    def test_any_order_with_repeats(self):
        expected = self.expected()

        @PROFILE
        @given(
            st.permutations(range(9)), st.permutations(range(4)), st.permutations(_FLOWS), st.integers(1, 9),
            st.lists(st.integers(0, 8), max_size=4),
        )  # fmt: skip
        def check(places, refund_places, flows, page_size, repeats):
            orders, refunds = sales(), returns()
            with self.undone():
                self.fill([orders[place] for place in places], [refunds[place] for place in refund_places])
                # The same record again on a later page, as a system does whose pages shift while they are read.
                for number, place in enumerate(repeats):
                    self.world.orders[f"again-{number}"] = self.world.orders[orders[place].external_id]
                self.world.page_size = page_size
                self.pull_all(flows)
                # What waited for a record of another flow comes with that flow's next turn.
                self.pull_all()
                self.assertSame(self.dump(), expected, (places, refund_places, flows, page_size, repeats))
                self.pull_all(full=True)
                self.assertSame(self.dump(), expected, "pulled again from reset cursors")

        check()

    def test_edited_between_pulls(self):
        expected = self.expected()

        @PROFILE
        @given(st.permutations(range(9)), st.lists(st.booleans(), min_size=9, max_size=9), st.integers(1, 9))
        def check(places, pulls, page_size):
            with self.undone():
                self.fill([], [])
                self.world.page_size = page_size
                orders = sales()
                for place in places:
                    for former in earlier(orders[place]):
                        self.world.sell(former)
                        if pulls[place]:
                            self.pull_all()
                    self.world.sell(orders[place])
                    self.world.give_back(*(item for item in returns() if item.order_id == orders[place].external_id))
                self.world.give_back(returns()[-1])
                self.pull_all()
                self.assertSame(self.dump(), expected, (places, pulls, page_size))

        check()

    def test_a_crash_between_any_two_steps(self):
        expected = self.expected()

        @PROFILE
        @given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 6))
        def check(first, second, page_size):
            with self.undone():
                self.fill(sales(), returns())
                self.world.page_size = page_size
                self.pull_killed(_FLOWS, first, second)
                self.assertSame(self.dump(), expected, f"killed after {first} and {second} steps")

        check()
