"""A system that pays out, and a connection whose payouts are explained by its orders."""

from datetime import timedelta
from unittest.mock import patch

from ..connectors.payouts import Payout, PayoutEntry, PayoutEntryKind, PayoutStatus, settled
from ..connectors.registry import registry
from .posting_common import by_card, paid
from .reconcile_common import CountingSystem, ReconcileCase
from .sales_common import SOLD_AT, SalesSystem, line, money, order

DAY = "2026-03-02"


class PayingSystem(CountingSystem):
    """Pays out."""

    __test__ = False

    def pull_payouts(self, cursor):
        return self._pages("pull_payouts", self.world.payouts.values(), cursor)


def entry(external_id, kind, gross, fee=0, payment="", **values):
    return PayoutEntry(
        external_id=external_id,
        payment_id=payment,
        happened_at=SOLD_AT,
        **settled(PayoutEntryKind(kind), money(gross), money(fee)),
        **values,
    )


class PayoutCase(ReconcileCase):
    """Three sales of a day: 30 and 12 by card (p1, p2), 5 in cash. 104 the way to the bank, 651 fees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {SalesSystem.code: PayingSystem}))
        cls.connection._make_streams()
        cls.connection._stream("payouts_pull").enabled = True
        cls.accounts |= {
            code: cls.env["account.account"].create(
                {"code": code, "name": name, "account_type": kind, "company_ids": [(6, 0, cls.company.ids)]}
            )
            for code, name, kind in (
                ("104000", "On its way to the bank", "asset_current"),
                ("651000", "Bank fees of cards", "expense"),
                ("652000", "Disputes", "expense"),
            )
        }
        cls.company.transfer_account_id = cls.accounts["104000"]

    def setUp(self):
        super().setUp()
        self.world.payouts = {}
        self.connection._stream("orders_pull").first_done = True
        self.sell(
            order("1", line("1-1", unit_price=30), payments=(by_card("p1", 30),)),
            order("2", line("2-1", unit_price=12), payments=(by_card("p2", 12),)),
            order("3", line("3-1", unit_price=5), payments=(paid("p3", 5),)),
        )

    def pay_out(self, external_id="po", *entries, status="paid", net=None, **values):
        self.world.now += timedelta(minutes=1)
        values.setdefault("currency", "USD")
        values.setdefault("sent_at", SOLD_AT + timedelta(days=1))
        fees = sum((item.fee for item in entries), money(0))
        net = sum((item.net for item in entries), money(0)) if net is None else money(net)
        self.world.payouts[external_id] = Payout(
            external_id=external_id,
            status=PayoutStatus(status),
            reference=f"ref-{external_id}",
            gross=net + fees,
            fees=fees,
            net=net,
            entries=entries,
            updated_at=self.world.now,
            **values,
        )
        self.pull("payouts_pull")
        self.assertNothingFailed("payouts_pull")
        self.env.invalidate_all()
        return self.env["pos.sync.payout"].search(
            [("connection_id", "=", self.connection.id), ("external_id", "=", external_id)]
        )

    def both(self, **values):
        return self.pay_out(
            "po", entry("e1", "payment", 30, "0.90", "p1"), entry("e2", "payment", 12, "0.40", "p2"), **values
        )

    def cards(self):
        return self.env["account.move.line"].search(
            [("account_id", "=", self.accounts["102000"].id), ("parent_state", "=", "posted")]
        )

    def date(self, text):
        return type(SOLD_AT).fromisoformat(text).date()
