from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from ..connectors.records import ChargeKind, OrderStatus, OrderTotals, Payment, PaymentKind
from .common import combo, price, product
from .sales_common import SOLD_AT, SalesCase, charge, customer, line, order, refund, tax_of


@tagged("post_install", "-at_install")
class TestOrdersImport(SalesCase):
    """The shape of an order in Odoo, its totals, and what becomes of one that can't come in."""

    def sell(self, *orders):
        self.world.sell(*orders)
        return self.pull("orders_pull")

    def test_completed_order_is_a_confirmed_delivered_invoiceable_sale_order(self):
        run = self.sell(order("1", line("a", quantity=2), line("b", "v-coffee", 3, 4), register="Till 2", staff="Eve"))
        self.assertCounts(run, read=1, created=1)
        sale = self.order("1")
        self.assertEqual(
            (sale.state, sale.amount_total, sale.currency_id.name, sale.date_order),
            ("sale", 32.0, "USD", SOLD_AT.replace(tzinfo=None)),
        )
        self.assertEqual((sale.pos_sync_register, sale.pos_sync_staff, sale.pos_sync_number), ("Till 2", "Eve", "N1"))
        self.assertEqual([row.qty_delivered for row in sale.order_line], [2.0, 3.0])
        self.assertEqual(sale.invoice_status, "to invoice")
        self.assertFalse(sale.picking_ids, "the system owns the stock: nothing is delivered")
        sale.order_line.product_id.invoice_policy = "delivery"
        self.assertEqual([row.qty_to_invoice for row in sale.order_line], [2.0, 3.0])

    def test_all_products_that_an_order_misses_are_fetched_in_its_own_pass(self):
        self.world.products.update({key: product(key) for key in ("salt", "rice", "oil")})
        run = self.sell(order("1", line("a", "v-salt"), line("b", "v-rice"), line("c", "v-oil")))
        self.assertCounts(run, read=1, created=1)
        self.assertEqual(len(self.order("1").order_line), 3)

    def test_status_decides_the_state(self):
        self.sell(
            order("draft", status=OrderStatus.DRAFT),
            order("open", status=OrderStatus.OPEN, paid=False),
            order("paid", status=OrderStatus.PAID),
            order("done"),
            order("gone", status=OrderStatus.CANCELLED),
        )
        states = {key: self.order(key).state for key in ("draft", "open", "paid", "done", "gone")}
        self.assertEqual(states, {"draft": "draft", "open": "draft", "paid": "sale", "done": "sale", "gone": "cancel"})
        self.assertEqual(self.order("paid").order_line.qty_delivered, 0.0)

    def test_taxes_in_and_out_of_the_price(self):
        self.map_tax("out", 10.0)
        inside = self.make_tax(20.0)
        inside.price_include_override = "tax_included"
        self.map_tax("in", 20.0, tax_id=inside.id)
        self.sell(
            order("out", line("a", unit_price=10, taxes=(tax_of("out"),)), gross=11, net=10, tax=1),
            order(
                "in",
                line("a", unit_price=12, taxes=(tax_of("in", inclusive=True),)),
                gross=12,
                net=10,
                tax=2,
                price_includes_tax=True,
            ),
        )
        self.assertNothingFailed("orders_pull")
        for key, expected in {"out": (10.0, 1.0, 11.0), "in": (10.0, 2.0, 12.0)}.items():
            sale = self.order(key)
            self.assertEqual((sale.amount_untaxed, sale.amount_tax, sale.amount_total), expected, key)

    def test_price_is_turned_where_odoo_reads_it_the_other_way(self):
        """The system states prices with tax, the mapped tax of Odoo comes on top."""
        self.map_tax("vat", 20.0)
        item = line("a", unit_price=12, taxes=(tax_of("vat", inclusive=True),), net=10, tax=2, gross=12)
        self.sell(order("1", item, gross=12, net=10, tax=2, price_includes_tax=True))
        self.assertNothingFailed("orders_pull")
        self.assertEqual((self.order("1").amount_untaxed, self.order("1").amount_total), (10.0, 12.0))

    def test_discount_is_a_percentage_only_where_that_gives_the_amount(self):
        self.sell(
            order("percent", line("a", quantity=2, discount=5)),
            order("amount", line("a", quantity=300, unit_price="3.33", discount="0.07")),
        )
        self.assertEqual(self.order("percent").order_line.discount, 25.0)
        rows = self.lines("amount")
        self.assertEqual(set(rows), {"a", "a:discount"})
        self.assertEqual((rows["a"].discount, rows["a:discount"].price_unit), (0.0, -0.07))
        self.assertEqual(self.order("amount").amount_total, 998.93)

    def test_charges_stand_on_named_service_products(self):
        kinds = {
            ChargeKind.TIP: 2,
            ChargeKind.SHIPPING: 5,
            ChargeKind.SERVICE_CHARGE: "1.5",
            ChargeKind.DISCOUNT: -3,
            ChargeKind.GIFT_CARD: -4,
            ChargeKind.ROUNDING: "0.02",
        }
        charges = tuple(charge(kind.value, kind, amount, name=f"The {kind.value}") for kind, amount in kinds.items())
        self.sell(order("1", charges=charges))
        products = {row.kind: row.product_id for row in self.connection.charge_product_ids}
        rows = self.lines("1")
        for kind, amount in kinds.items():
            row = rows[f"charge:{kind.value}"]
            self.assertEqual(
                (row.product_id, row.price_unit, row.name), (products[kind.value], float(amount), f"The {kind.value}")
            )
        self.assertEqual(self.order("1").amount_total, 11.52)

    def test_modifier_is_a_child_line(self):
        self.sell(
            order("1", line("a"), line("m", "", unit_price="0.5", name="Oat milk", parent_id="a", is_modifier=True))
        )
        rows = self.lines("1")
        self.assertEqual((rows["m"].linked_line_id, rows["m"].name, rows["m"].price_unit), (rows["a"], "Oat milk", 0.5))

    def test_money_of_a_combo_moves_to_its_components(self):
        self.world.put(combo("menu", 12, drink=("v-tea", "v-coffee"), food=("v-tea",)))
        self.pull("products_pull")
        self.sell(
            order(
                "1",
                line("c", "v-menu", unit_price=12),
                line("d", "v-coffee", unit_price=0, parent_id="c"),
                line("f", "v-tea", unit_price=1, parent_id="c"),
                gross=13,
            )
        )
        rows = self.lines("1")
        self.assertEqual(rows["c"].price_subtotal, 0.0)
        self.assertEqual(rows["d"].price_subtotal + rows["f"].price_subtotal, 13.0)
        self.assertGreater(rows["d"].price_subtotal, 0.0)
        self.assertEqual(rows["d"].linked_line_id, rows["c"])
        self.assertEqual(rows["d"].combo_item_id.product_id, self.variant("v-coffee"))

    def test_combo_without_its_components_keeps_its_money(self):
        self.world.put(combo("menu", 12, drink=("v-tea",)))
        self.pull("products_pull")
        self.sell(order("1", line("c", "v-menu", unit_price=12, name="Menu"), gross=12))
        row = self.order("1").order_line
        self.assertEqual((row.name, row.price_unit, row.product_id.type), ("Menu", 12.0, "service"))

    def test_line_without_a_known_product(self):
        self.sell(order("1", line("a", "", name="Gift wrap", unit_price=3)))
        row = self.order("1").order_line
        self.assertEqual((row.name, row.price_unit, row.product_id.type), ("Gift wrap", 3.0, "service"))

    def test_unknown_product_is_asked_for_and_the_order_follows(self):
        self.world.products["late"] = product("late", 7)
        run = self.sell(order("1", line("a", "v-late", unit_price=7)))
        self.assertCounts(run, read=1, created=1)
        self.assertEqual(self.order("1").order_line.product_id, self.variant("v-late"))

    def test_product_that_the_system_itself_does_not_know(self):
        run = self.sell(order("1", line("a", "v-ghost", unit_price=7, name="Ghost")))
        self.assertCounts(run, read=1, created=1)
        self.assertEqual(self.order("1").order_line.name, "Ghost")
        self.assertNothingFailed("orders_pull")

    def test_unmapped_tax_holds_the_order_until_it_is_mapped(self):
        tax = self.map_tax("vat", 10.0, tax_id=False)
        run = self.sell(order("1", line("a", taxes=(tax_of("vat"),)), gross=11, net=10, tax=1))
        self.assertCounts(run, read=1, failed=1)
        self.assertEqual(self.message("1", flow="orders_pull").trace_key, "missing-tax:vat")
        tax.tax_id = self.make_tax(10.0)
        self.drain("orders_pull")
        self.assertNothingFailed("orders_pull")
        self.assertEqual(self.order("1").amount_total, 11.0)

    def test_a_tax_mapped_while_its_order_was_held(self):
        """Neither transaction sees the other: the next run of the flow makes up for it."""
        tax = self.map_tax("vat", 10.0, tax_id=False)
        self.sell(order("1", line("a", taxes=(tax_of("vat"),)), gross=11, net=10, tax=1))
        with patch.object(self.registry["pos.sync.message"], "_release"):
            tax.tax_id = self.make_tax(10.0)
        self.assertEqual(self.message("1", flow="orders_pull").state, "failed")
        self.drain("orders_pull")
        self.assertNothingFailed("orders_pull")
        self.assertEqual(self.order("1").amount_total, 11.0)

    def test_a_tax_that_the_system_does_not_list_can_be_matched(self):
        charged = tax_of("9%:ADDITIVE", 9)
        sale = order("1", line("a", taxes=(charged,)), gross="10.90", net=10, tax="0.90")
        self.assertCounts(self.sell(sale), read=1, failed=1)
        self.assertEqual(self.message("1", flow="orders_pull").trace_key, "missing-tax:9%:ADDITIVE")
        tax = self.connection.tax_ids.filtered(lambda row: row.external_id == "9%:ADDITIVE")
        self.assertEqual((tax.name, tax.rate, tax.inclusive, tax.from_orders), ("Tax 9%", 9.0, "no", True))
        self.pull("setup_pull")
        self.assertFalse(tax.gone_since, "nobody expects the system to list it")
        tax.tax_id = self.make_tax(9.0)
        self.drain("orders_pull")
        self.assertNothingFailed("orders_pull")
        self.assertEqual(self.order("1").amount_total, 10.9)

    def test_a_tax_that_only_orders_name_is_proposed(self):
        known = self.make_tax(7.0)
        self.sell(order("1", line("a", taxes=(tax_of("7%", 7),)), gross="10.70", net=10, tax="0.70"))
        self.assertEqual(self.order("1").order_line.tax_ids, known)

    def test_totals_within_the_tolerance_get_a_rounding_line(self):
        self.sell(order("1", gross="10.01"))
        sale = self.order("1")
        self.assertEqual((sale.amount_total, self.lines("1")["rounding"].price_unit), (10.01, 0.01))

    def test_totals_beyond_the_tolerance_are_held_and_leave_nothing(self):
        run = self.sell(order("1", gross="10.02"), order("2"))
        self.assertCounts(run, read=2, created=1, failed=1)
        failed = self.message("1", flow="orders_pull")
        self.assertEqual(failed.code, "total-differs")
        self.assertIn("10.02", failed.sentence)
        self.assertFalse(self.env["sale.order"].search([("pos_sync_external_id", "=", "1")]))

    def test_exact_quantity_is_kept(self):
        self.sell(order("1", line("a", quantity="1.125", unit_price=8)))
        row = self.order("1").order_line.filtered(lambda item: item.pos_sync_line_id == "a")
        self.assertEqual((row.product_uom_qty, row.pos_sync_quantity, row.price_subtotal), (1.13, 1.125, 9.0))

    def test_quantity_that_rounds_to_nothing_is_held(self):
        self.sell(order("1", line("a", quantity="0.003", unit_price=1000)))
        self.assertEqual(self.message("1", flow="orders_pull").code, "quantity-too-fine")

    def test_order_in_another_currency(self):
        self.env.ref("base.EUR").active = False
        self.sell(order("1", line("a"), currency="EUR"), order("2", line("a"), currency="EUR"))
        self.assertEqual(self.order("1").currency_id.name, "EUR")
        self.assertEqual(self.order("1").pricelist_id, self.order("2").pricelist_id)
        self.assertEqual(self.order("1").amount_total, 10.0)

    def test_walk_in_and_customer(self):
        self.world.know(customer("c1"))
        self.pull("customers_pull")
        self.sell(order("1"), order("2"), order("3", customer_id="c1"))
        walk_in = self.connection.walk_in_partner_id
        self.assertTrue(walk_in)
        self.assertEqual((self.order("1").partner_id, self.order("2").partner_id), (walk_in, walk_in))
        self.assertEqual(self.order("3").partner_id, self.link("c1", "customer").partner_id)

    def test_customer_that_comes_with_its_order(self):
        self.sell(order("1", customer_id="c9", customer=customer("c9", "Grace", "Hopper")))
        self.assertEqual(self.order("1").partner_id.name, "Grace Hopper")
        self.assertEqual(self.link("c9", "customer").partner_id, self.order("1").partner_id)

    def test_customer_that_is_asked_for(self):
        self.world.customers["c7"] = customer("c7", "Alan", "Turing")
        run = self.sell(order("1", customer_id="c7"))
        self.assertCounts(run, read=1, created=1)
        self.assertEqual(self.order("1").partner_id.name, "Alan Turing")

    def test_payments_are_kept_by_method(self):
        payments = (
            Payment(external_id="p1", method_id="cash", method_name="Cash", kind=PaymentKind.CASH, amount=Decimal(4)),
            Payment(
                external_id="p2",
                method_id="card",
                method_name="Card",
                kind=PaymentKind.CARD,
                amount=Decimal(6),
                tip=Decimal(1),
            ),
        )
        self.sell(order("1", payments=payments))
        rows = self.order("1").pos_sync_payment_ids
        self.assertEqual(
            {(row.method_name, row.amount, row.tip) for row in rows}, {("Cash", 4.0, 0.0), ("Card", 6.0, 1.0)}
        )
        self.sell(order("1", payments=(replace(payments[0], amount=Decimal(10)),), note="changed"))
        self.assertEqual(
            [(row.method_name, row.amount) for row in self.order("1").pos_sync_payment_ids], [("Cash", 10.0)]
        )

    def test_older_than_the_start_date(self):
        self.connection.orders_from = "2026-03-02"
        run = self.sell(order("old", created_at=SOLD_AT.replace(day=1)), order("new"))
        self.assertCounts(run, read=2, created=1, skipped=1)

    def test_pulled_again_from_the_beginning_writes_nothing(self):
        self.world.know(customer("c1"))
        self.pull("customers_pull")
        self.world.give_back(refund("r1", "2", 4))
        self.sell(
            order("1", customer_id="c1"),
            order("2"),
            order("3", line("a", discount=3), charges=(charge("t", ChargeKind.TIP, 1),)),
        )
        self.pull("refunds_pull")
        records = self.order("1") | self.order("2") | self.order("3")
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET write_date = '2026-01-01'")
        self.env.cr.execute("UPDATE sale_order_line SET write_date = '2026-01-01'")
        self.env.cr.execute("UPDATE pos_sync_refund SET write_date = '2026-01-01'")
        self.env.cr.execute("UPDATE res_partner SET write_date = '2026-01-01'")
        for flow, count in {"orders_pull": 3, "refunds_pull": 1, "customers_pull": 1}.items():
            self.assertCounts(self.pull(flow, full=True), read=count, unchanged=count)
        moments = {
            *records.mapped("write_date"),
            *records.order_line.mapped("write_date"),
            *records.pos_sync_refund_ids.mapped("write_date"),
            *records.partner_id.mapped("write_date"),
        }
        self.assertEqual({str(moment) for moment in moments}, {"2026-01-01 00:00:00"})

    def test_recomputing_every_stored_field_changes_nothing(self):
        self.map_tax("vat", 10.0)
        self.world.put(combo("menu", 12, drink=("v-tea", "v-coffee")))
        self.pull("products_pull")
        self.sell(
            order(
                "1",
                line("a", unit_price="7.77", taxes=(tax_of("vat"),), discount="0.77"),
                gross="7.7",
                net=7,
                tax="0.7",
            ),
            order("2", line("c", "v-menu", unit_price=12), line("d", "v-tea", unit_price=0, parent_id="c"), gross=12),
            order("3", line("a", quantity=-1), gross=-10),
            order("4", gross="10.01"),
            order("5", status=OrderStatus.OPEN),
            order("6", status=OrderStatus.CANCELLED),
        )
        self.assertNothingFailed("orders_pull")
        orders = self.env["sale.order"].search([("pos_sync_connection_id", "=", self.connection.id)])
        self.assertEqual(len(orders), 6)
        for records in (orders, orders.order_line):
            stored = [field for field in records._fields.values() if field.store and field.compute]
            before = {(row.id, field.name): row[field.name] for row in records for field in stored}
            for field in stored:
                self.env.add_to_compute(field, records)
            self.env.flush_all()
            self.env.invalidate_all()
            after = {(row.id, field.name): row[field.name] for row in records for field in stored}
            changed = [f"{name}: {before[row, name]!r} -> {after[row, name]!r}" for row, name in after]
            same = [f"{name}: {before[row, name]!r} -> {before[row, name]!r}" for row, name in after]
            self.assertEqual(sorted(set(changed) - set(same)), [])

    def test_salesperson_edits_an_imported_order(self):
        """Where the system owns the stock nobody's edit makes a delivery."""
        self.sell(order("1"))
        sale = self.order("1")
        sale.order_line[0].product_uom_qty = 5
        sale.write({"order_line": [(0, 0, {"product_id": self.variant("v-coffee").id, "product_uom_qty": 2})]})
        self.assertFalse(sale.picking_ids)
        self.assertFalse(self.env["stock.move"].search([("product_id", "in", sale.order_line.product_id.ids)]))

    def test_odoo_owns_the_stock(self):
        self.connection.stock_policy = "odoo"
        self.world.change("tea", tracked=True)
        self.pull("products_pull")
        self.sell(
            order("1", line("a", quantity=2)),
            order("2", status=OrderStatus.PAID),
            order("old", created_at=SOLD_AT.replace(year=2025)),
        )
        self.assertEqual(self.order("1").picking_ids.state, "done")
        self.assertEqual(self.order("1").order_line.qty_delivered, 2.0)
        self.assertNotIn(self.order("2").picking_ids.state, ("done", "cancel", False))
        self.assertFalse(self.order("old").picking_ids, "history is not delivered")
        self.assertEqual(self.variant("v-tea").qty_available, -2.0)

    def test_totals_are_stated_as_they_came(self):
        self.sell(order("1", totals=OrderTotals(gross=Decimal("10.01"), net=Decimal("10.01"), tax=Decimal(0))))
        self.assertEqual((self.order("1").pos_sync_gross, self.order("1").pos_sync_net), (10.01, 10.01))

    def test_price_in_the_pricelist_does_not_touch_the_order(self):
        self.sell(order("1", line("a", unit_price=9)))
        self.world.change("tea", variants=(replace(self.world.products["tea"].variants[0], prices=(price(99),)),))
        self.pull("products_pull")
        self.assertEqual(self.order("1").order_line.price_unit, 9.0)
