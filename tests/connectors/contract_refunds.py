"""What every system must do that takes refunds. A system's class inherits it beside `PushContract`, whose `target` it
sells to first:

    class TestSquareSends(PushContract, RefundContract): ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import ClassVar

import pytest

from connectors import codec
from connectors import records as rec
from connectors.answers import Pushed
from connectors.connector import Connector
from connectors.errors import NeedsFixing, RetryLater
from connectors.pages import Cursor
from tests.connectors.contract import Connect, Connected, fails
from tests.connectors.contract_push import Target
from tests.connectors.loopback import Loopback

AT = datetime(2026, 3, 29, 9, 0, tzinfo=timezone.utc)


def refund_of(order: rec.Order, made: Pushed, amount: Decimal | None = None, **more: object) -> rec.Refund:
    """What Odoo sends for a credit note of an order: its first line with its money, or an amount alone."""
    line = order.lines[0]
    back = rec.RefundLine(
        order_line_id=dict(made.lines).get(line.external_id, ""), variant_id=line.variant_id, name=line.name,
        quantity=line.quantity, net=line.net, tax=line.tax, gross=line.gross, restock=True,
    )  # fmt: skip
    gross = line.gross if amount is None else amount
    refund = rec.Refund(
        external_id="account.move,3", order_id=made.external_id, number="RINV/0003", currency=order.currency,
        gross=gross or Decimal(0), net=line.net if amount is None else None, tax=line.tax if amount is None else None,
        lines=(back,) if amount is None else (), reason="RINV/0003", refunded_at=AT,
    )  # fmt: skip
    return replace(refund, **more)  # type: ignore[arg-type]


def read_back(connector: Connector, order_id: str) -> list[rec.Refund]:
    pages = list(connector.pull_refunds(Cursor()))
    return [record for page in pages for record in page.records if record.order_id == order_id]


class RefundContract(Connected):
    """`nowhere`: the id of an order that the system does not have."""

    nowhere: ClassVar[str] = "999999999"

    @pytest.fixture
    def sell(self, connect: Connect, target: Target, key: str) -> Callable[[str], Pushed]:
        """Sells what is sent, once for each name."""
        return lambda name: connect().push_order(target.order, key=f"{key}-{name}")

    def test_a_refund_is_made_once_and_comes_back_as_it_was_told(
        self, connect: Connect, target: Target, sell: Callable[[str], Pushed], key: str
    ) -> None:
        made = sell("sale")
        sent = refund_of(target.order, made)
        own = f"{key} #1/R1"
        told = connect().push_refund(sent, key=own)
        again = connect().push_refund(sent, key=own)
        assert sum(item.gross for item in told) == sent.gross
        assert [codec.digest(item) for item in told] == [codec.digest(item) for item in again]
        back = read_back(connect(), made.external_id)
        assert [codec.digest(item) for item in back] == [codec.digest(item) for item in told]
        assert {(item.source_reference, item.reason) for item in back} == {(own, back[0].reason)}
        assert back[0].reason.startswith("RINV/0003")

    def test_parts_are_given_back_until_nothing_is_left(
        self, connect: Connect, target: Target, sell: Callable[[str], Pushed], key: str
    ) -> None:
        made, whole = sell("sale"), target.order.totals.gross
        first = Decimal("5.00")
        for name, amount in (("R1", first), ("R2", whole - first)):
            connect().push_refund(refund_of(target.order, made, amount), key=f"{key}-{name}")
        failure = fails(
            NeedsFixing,
            lambda: connect().push_refund(refund_of(target.order, made, Decimal("0.01")), key=f"{key}-R3"),
        )
        assert failure.code == "over-refund"
        assert sum(item.gross for item in read_back(connect(), made.external_id)) == whole

    def test_more_than_was_paid_is_not_begun(
        self, connect: Connect, target: Target, sell: Callable[[str], Pushed], key: str
    ) -> None:
        made = sell("sale")
        more = refund_of(target.order, made, target.order.totals.gross + 1)
        fails(NeedsFixing, lambda: connect().push_refund(more, key=f"{key}-R1"))
        foreign = refund_of(target.order, made, Decimal(1), currency=target.foreign)
        fails(NeedsFixing, lambda: connect().push_refund(foreign, key=f"{key}-R2"))
        assert read_back(connect(), made.external_id) == []

    def test_of_what_nobody_paid_nothing_is_given_back(self, connect: Connect, target: Target, key: str) -> None:
        charges = tuple(item for item in target.order.charges if item.kind is not rec.ChargeKind.TIP)
        total = target.order.totals
        gross = total.gross - sum(item.amount for item in target.order.charges) + sum(item.amount for item in charges)
        order = replace(
            target.order, status=rec.OrderStatus.OPEN, paid=False, payments=(), charges=charges,
            totals=replace(total, gross=gross),
        )  # fmt: skip
        made = connect().push_order(order, key=f"{key}-open")
        failure = fails(
            NeedsFixing, lambda: connect().push_refund(refund_of(order, made, Decimal(1)), key=f"{key}-R1")
        )
        assert failure.code == "not-paid"

    def test_one_of_an_order_that_is_gone_is_a_sentence(self, connect: Connect, target: Target, key: str) -> None:
        nowhere = refund_of(target.order, Pushed(external_id=self.nowhere), Decimal(1))
        assert fails(NeedsFixing, lambda: connect().push_refund(nowhere, key=key)).code == "not-found"

    def test_whatever_answer_is_lost_it_is_given_back_once(
        self, connect: Connect, front: Loopback, target: Target, sell: Callable[[str], Pushed], key: str
    ) -> None:
        """As the engine does it: sent again with the same key."""
        plain = sell("plain")
        first = len(front.requests)
        connect().push_refund(refund_of(target.order, plain), key=f"{key}-plain-R")
        steps = sum(not target.reads(request) for request in front.requests[first:])
        assert steps
        for step in range(steps):
            made, own = sell(f"{step}"), f"{key}-{step}-R"
            sent = refund_of(target.order, made)
            front.lose(step, but=target.reads)
            try:
                connect().push_refund(sent, key=own)
            except RetryLater:
                connect().push_refund(sent, key=own)
            back = read_back(connect(), made.external_id)
            assert sum(item.gross for item in back) == sent.gross, f"after the answer to step {step} was lost"
