from datetime import datetime, timedelta, timezone

from odoo.tests import tagged

from ..connectors import records as rec
from .posting_common import PostingCase, by_card, paid
from .sales_common import SOLD_AT, charge, line, order, tax_of


@tagged("post_install", "-at_install")
class TestPostingSummary(PostingCase):
    """Days whose entries were worked out by hand."""

    def test_a_day_of_taxes_in_and_out_of_the_price(self):
        self.map_tax("out", 10.0)
        included = self.map_tax("in", 25.0, inclusive="yes").tax_id
        tag = self.env["account.account.tag"].create({"name": "box 1", "applicability": "taxes"})
        included.invoice_repartition_line_ids.filtered(lambda row: row.repartition_type == "base").tag_ids = tag
        self.sell(
            # 3 x 9.99 = 29.97 + 10 % = 2.997 -> 3.00
            order(
                "1",
                line("a", quantity=3, unit_price="9.99", taxes=(tax_of("out", 10),)),
                gross="32.97",
                tax="3.00",
                payments=(paid("p1", "32.97"),),
            ),
            # 12.50 holds 2.50 of tax
            order(
                "2",
                line("a", "v-coffee", unit_price="12.50", taxes=(tax_of("in", 25, True),)),
                gross="12.50",
                tax="2.50",
                price_includes_tax=True,
                payments=(by_card("p2", "12.50"),),
            ),
            order("3", line("a", quantity=2), payments=(paid("p3", 5), by_card("p4", 15))),
        )
        move = self.post()
        self.assertEntry(
            move,
            ("101000", 37.97),
            ("102000", 27.50),
            ("251000", -3.00),
            ("251000", -2.50),
            ("400000", -29.97, 10.0),
            ("400000", -10.00, 25.0),
            ("400000", -20.00),
        )
        self.assertEqual(str(move.date), "2026-03-02")
        self.assertEqual(move.line_ids.filtered(lambda row: 25.0 in row.tax_ids.mapped("amount")).tax_tag_ids, tag)
        self.assertEqual(set(move.line_ids.mapped("tax_line_id.amount")), {10.0, 25.0})
        self.assertEqual(self.day().state, "posted")
        self.assertFalse(self.post(), "posted twice")

    def test_a_day_of_charges(self):
        self.map_tax("out", 10.0)
        self.sell(
            # 20.00 - 5.00 = 15.00, + 10 % = 16.50; + 3.00 tip + 4.00 delivery
            order(
                "1",
                line("a", quantity=2, taxes=(tax_of("out", 10),)),
                charges=(
                    charge("d", rec.ChargeKind.DISCOUNT, -5, taxes=(tax_of("out", 10),)),
                    charge("t", rec.ChargeKind.TIP, 3),
                    charge("s", rec.ChargeKind.SHIPPING, 4),
                ),
                gross="23.50",
                tax="1.50",
                payments=(by_card("p1", "20.50", tip=3),),
            ),
            # A gift card sold for 50, another one pays 10 of this tea; 0.02 rounded off in cash
            order("2", charges=(charge("g", rec.ChargeKind.GIFT_CARD, 50),), payments=(paid("p2", 60),)),
            order("3", charges=(charge("u", rec.ChargeKind.GIFT_CARD, "-7"),), payments=(paid("p3", 3),)),
            order(
                "4",
                line("a", unit_price="10.02"),
                charges=(charge("r", rec.ChargeKind.ROUNDING, "-0.02"),),
                payments=(paid("p4", 10),),
            ),
        )
        self.assertEntry(
            self.post(),
            ("101000", 73.00),
            ("102000", 23.50),
            ("251000", -1.50),
            ("252000", -3.00),
            ("253000", -50.00),
            ("253000", 7.00),
            ("400000", -20.00, 10.0),
            ("400000", -30.02),
            ("401000", 5.00, 10.0),
            ("402000", -4.00),
            ("650000", 0.02),
        )

    def test_an_order_that_nobody_has_paid(self):
        self.sell(order("1", payments=(paid("p1", 4), paid("p2", 6, paid_at=SOLD_AT + timedelta(days=1)))))
        self.assertEntry(self.post(), ("101000", 4.00), ("121000", 6.00), ("400000", -10.00))
        self.assertEntry(self.post("2026-03-03"), ("101000", 6.00), ("121000", -6.00))

    def test_the_day_is_the_locations_own_when_its_clocks_change(self):
        self.env["pos.sync.location"].create(
            {
                "connection_id": self.connection.id,
                "external_id": "berlin",
                "name": "Berlin",
                "timezone": "Europe/Berlin",
            }
        )
        place = {"location_id": "berlin"}
        self.sell(
            # Summer time begins on 29 March at 01:00 UTC: midnight is 23:00 UTC before it, and 22:00 after it.
            order(
                "1", created_at=datetime(2026, 3, 28, 22, 59, tzinfo=timezone.utc), payments=(paid("a", 10),), **place
            ),
            order(
                "2",
                line("a", unit_price=20),
                created_at=datetime(2026, 3, 28, 23, 0, tzinfo=timezone.utc),
                payments=(paid("b", 20),),
                **place,
            ),
            order(
                "3",
                line("a", unit_price=40),
                created_at=datetime(2026, 3, 29, 21, 59, tzinfo=timezone.utc),
                payments=(paid("c", 40),),
                **place,
            ),
            order(
                "4",
                line("a", unit_price=80),
                created_at=datetime(2026, 3, 29, 22, 0, tzinfo=timezone.utc),
                payments=(paid("d", 80),),
                **place,
            ),
        )
        self.assertEntry(self.post("2026-03-28"), ("101000", 10.00), ("400000", -10.00))
        self.assertEntry(self.post("2026-03-29"), ("101000", 60.00), ("400000", -60.00))
        self.assertEntry(self.post("2026-03-30"), ("101000", 80.00), ("400000", -80.00))

    def test_two_currencies(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-03-01", "company_rate": 0.8, "company_id": self.company.id}
        )
        self.sell(
            order("1", payments=(paid("p1", 10),)),
            order("2", line("a", unit_price=8), currency="EUR", payments=(by_card("p2", 8, currency="EUR"),)),
        )
        dollars = self.post(currency_id=self.env.ref("base.USD"))
        self.assertEntry(dollars, ("101000", 10.00), ("400000", -10.00))
        euros = self.post(currency_id=euro)
        self.assertEntry(euros, ("102000", 8.00), ("400000", -8.00))
        self.assertEqual(sorted(euros.line_ids.mapped("balance")), [-10.0, 10.0])
