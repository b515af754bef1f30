"""Sales that are posted, in a company with a few accounts, journals and taxes."""

from odoo.fields import Command

from ..connectors import records as rec
from .sales_common import SalesCase, money


def paid(external_id, amount, method="Cash", kind=rec.PaymentKind.CASH, **values) -> rec.Payment:
    if values.get("tip") is not None:
        values["tip"] = money(values["tip"])
    return rec.Payment(
        external_id=external_id, method_id=method.lower(), method_name=method, kind=kind, amount=money(amount), **values
    )


def by_card(external_id, amount, **values) -> rec.Payment:
    return paid(external_id, amount, method="Visa", kind=rec.PaymentKind.CARD, **values)


def returned(line_id, quantity, gross=None) -> rec.RefundLine:
    return rec.RefundLine(
        order_line_id=line_id, quantity=money(quantity), gross=None if gross is None else money(gross)
    )


class PostingCase(SalesCase):
    """Daily summaries from 2026 on. 400 sales, 251 taxes, 101 the till, 102 cards, 121 customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("account.group_account_manager")
        cls.company.write(
            {"country_id": cls.env.ref("base.us").id, "account_fiscal_country_id": cls.env.ref("base.us")}
        )
        cls.accounts = {
            code: cls.env["account.account"].create(
                {
                    "code": code,
                    "name": name,
                    "account_type": kind,
                    "company_ids": [Command.set(cls.company.ids)],
                    "reconcile": kind in ("asset_receivable", "asset_current"),
                }
            )
            for code, name, kind in (
                ("101000", "Till", "asset_cash"),
                ("102000", "Cards on their way", "asset_current"),
                ("103000", "Bank", "asset_cash"),
                ("121000", "Customers", "asset_receivable"),
                ("251000", "Sales tax", "liability_current"),
                ("252000", "Tips owed", "liability_current"),
                ("253000", "Gift cards", "liability_current"),
                ("400000", "Sales", "income"),
                ("401000", "Discounts given", "income"),
                ("402000", "Delivery fees", "income"),
                ("650000", "Rounding", "expense"),
            )
        }
        cls.company.income_account_id = cls.accounts["400000"]
        cls.company.account_sale_tax_id = cls.default_tax()
        cls.env["ir.default"].set(
            "res.partner", "property_account_receivable_id", cls.accounts["121000"].id, company_id=cls.company.id
        )
        Journal = cls.env["account.journal"]
        cls.cash = Journal.create(
            {
                "name": "Cash",
                "type": "cash",
                "code": "CSH",
                "default_account_id": cls.accounts["101000"].id,
                "company_id": cls.company.id,
            }
        )
        cls.bank = Journal.create(
            {
                "name": "Bank",
                "type": "bank",
                "code": "BNK",
                "default_account_id": cls.accounts["103000"].id,
                "company_id": cls.company.id,
            }
        )
        cls.bank.inbound_payment_method_line_ids.payment_account_id = cls.accounts["102000"]
        cls.bank.outbound_payment_method_line_ids.payment_account_id = cls.accounts["102000"]
        cls.journal = Journal.create({"name": "Tills", "type": "general", "code": "POSS", "company_id": cls.company.id})
        cls.period("2026-01-01", "summary")
        cls.env["pos.sync.import_orders"]._ensure_charge_products(cls.connection)
        charges = {row.kind: row for row in cls.connection.charge_product_ids}
        for kind, code in (
            ("tip", "252000"),
            ("gift_card", "253000"),
            ("discount", "401000"),
            ("shipping", "402000"),
            ("rounding", "650000"),
        ):
            charges[kind].account_id = cls.accounts[code]

    @classmethod
    def default_tax(cls):
        """What a company with a chart of accounts has: a sales tax with its account."""
        group = cls.env["account.tax.group"].create({"name": "Taxes", "company_id": cls.company.id})
        tax = cls.env["account.tax"].create(
            {"name": "15%", "amount": 15, "company_id": cls.company.id, "tax_group_id": group.id}
        )
        parts = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
        parts.filtered(lambda part: part.repartition_type == "tax").account_id = cls.accounts["251000"]
        return tax

    @classmethod
    def period(cls, date_from, mode):
        return cls.env["pos.sync.posting.period"].create(
            {"connection_id": cls.connection.id, "date_from": date_from, "mode": mode}
        )

    def charge_row(self, kind):
        return self.connection.charge_product_ids.filtered(lambda row: row.kind == kind)

    def map_tax(self, external_id, rate=10.0, **values):
        """A tax of the system, with the tax in Odoo that the button creates."""
        mapped = super().map_tax(external_id, rate, **{"tax_id": False, **values})
        if "tax_id" not in values:
            mapped.action_make_tax()
        return mapped

    def sell(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")

    def refund(self, *refunds):
        self.connection._stream("orders_pull").first_done = True
        self.world.give_back(*refunds)
        self.pull("refunds_pull")
        self.assertNothingFailed("refunds_pull")

    def gather(self):
        self.env["pos.sync.day"].action_gather()

    def day(self, date="2026-03-02", **values):
        days = self.env["pos.sync.day"].search([("connection_id", "=", self.connection.id), ("date", "=", date)])
        for name, value in values.items():
            days = days.filtered(lambda day, name=name, value=value: day[name] == value)
        self.assertEqual(len(days), 1, f"{len(days)} days of {date}")
        return days

    def post(self, date="2026-03-02", **values):
        """Posts a day. Returns the entry that this made; none where nothing was to be posted."""
        self.gather()
        day = self.day(date, **values)
        before = day.move_ids
        day.action_post()
        return day.move_ids - before

    def assertEntry(self, move, *lines):
        """`lines`: account code, amount in the day's currency, where it has one the rate of the taxes of the line."""
        self.assertEqual(move.state, "posted")
        found = sorted(
            (line.account_id.code, round(line.amount_currency, 2), *line.tax_ids.mapped("amount"))
            for line in move.line_ids
        )
        self.assertEqual(found, sorted(lines))
        self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0, 6)
