"""What every system must do that takes orders, and that sends webhooks. A system's class inherits these beside
`SystemContract`, over a remote of their own that may be changed, and says what is sent:

    class TestSquareSends(PushContract, WebhookContract): ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

import pytest

from connectors import records as rec
from connectors.answers import WebhookRequest
from connectors.connector import Connector
from connectors.errors import NeedsFixing, Refused, RetryLater
from connectors.registry import registry
from tests.connectors.contract import Connect, Connected, Remote, assert_no_secret, fails
from tests.connectors.loopback import Loopback, Request


def _paid(back: rec.Order) -> Decimal:
    return sum((item.amount + item.tip for item in back.payments), Decimal(0))


@dataclass(frozen=True)
class Target:
    """`order`: one that is paid and can be sent. `orders`: how many the system has. `foreign`: a currency that it does
    not sell in. `reads`: whether a request changes nothing there. `paid`: what was paid for an order that was read
    back, as the system tells it."""

    order: rec.Order
    orders: Callable[[], int]
    foreign: str
    reads: Callable[[Request], bool]
    paid: Callable[[rec.Order], Decimal] = _paid


class PushContract(Connected):
    @pytest.fixture
    def target(self, remote: Remote) -> Target:
        raise NotImplementedError

    @pytest.fixture
    def key(self, request: pytest.FixtureRequest) -> str:
        """Another one for each test."""
        return f"S{abs(hash(request.node.name)) % 10**8}-ab12"

    def test_an_order_is_made_once(self, connect: Connect, target: Target, key: str) -> None:
        before = target.orders()
        made = connect().push_order(target.order, key=key)
        again = connect().push_order(target.order, key=key)
        assert made.external_id == again.external_id
        assert len(made.lines) == len(target.order.lines)
        assert target.orders() == before + 1

    def test_it_is_found_by_its_key(self, connect: Connect, target: Target, key: str) -> None:
        assert connect().find_pushed_order(key) is None
        made = connect().push_order(target.order, key=key)
        found = connect().find_pushed_order(key)
        assert found is not None
        assert found.external_id == made.external_id

    def test_it_comes_back_as_it_was_sent(self, connect: Connect, target: Target, key: str) -> None:
        sent, connector = target.order, connect()
        made = connector.push_order(sent, key=key)
        back = connector.get_order(made.external_id)
        assert (back.currency, back.source_reference) == (sent.currency, key)
        assert (back.status, back.paid) == (sent.status, sent.paid)
        assert back.totals.gross == sent.totals.gross
        assert back.totals.tax == sent.totals.tax
        names = dict(made.lines)
        there = {line.external_id: line for line in back.lines}
        for line in sent.lines:
            twin = there[names[line.external_id]]
            assert (twin.name, twin.variant_id, twin.quantity) == (line.name, line.variant_id, line.quantity)
            assert (twin.net, twin.gross) == (line.net, line.gross)
        assert target.paid(back) == sent.totals.gross

    def test_whatever_answer_is_lost_there_is_one_order(
        self, connect: Connect, front: Loopback, target: Target, key: str
    ) -> None:
        """As the engine does it: what may have arrived is asked for before it is sent again, with the same key."""
        first = len(front.requests)
        connect().push_order(target.order, key=f"{key}-plain")
        steps = sum(not target.reads(request) for request in front.requests[first:])
        assert steps
        for step in range(steps):
            before, own = target.orders(), f"{key}-{step}"
            front.lose(step, but=target.reads)
            connector = connect()
            try:
                connector.push_order(target.order, key=own)
            except RetryLater:
                connector.find_pushed_order(own)
                connector.push_order(target.order, key=own)
            assert target.orders() == before + 1, f"after the answer to step {step} was lost"
            found = connector.find_pushed_order(own)
            back = connector.get_order(found.external_id)
            assert back.paid
            assert target.paid(back) == target.order.totals.gross

    def test_an_order_in_a_foreign_currency_is_not_made(self, connect: Connect, target: Target, key: str) -> None:
        before = target.orders()
        order = replace(target.order, currency=target.foreign)
        fails(NeedsFixing, lambda: connect().push_order(order, key=key))
        assert target.orders() == before


@dataclass(frozen=True)
class Hook:
    """A genuine webhook. `settings`: those that hold its key."""

    request: WebhookRequest
    settings: Mapping[str, str]


class WebhookContract(Connected):
    """`signs_url`: whether the system's signature covers the address that a webhook was sent to."""

    signs_url: ClassVar[bool] = True

    @pytest.fixture(scope="class")
    @classmethod
    def hook(cls, remote: Remote) -> Hook:
        raise NotImplementedError

    def _connector(self, remote: Remote, settings: Mapping[str, str]) -> Connector:
        entered = {remote.url_setting: remote.url, **remote.settings, **settings}
        return registry.get(self.system)(entered)

    def test_a_genuine_webhook_is_heard(self, remote: Remote, hook: Hook) -> None:
        connector = self._connector(remote, hook.settings)
        events = connector.webhook(hook.request)
        assert events
        assert all(event.event_id for event in events)
        assert connector.webhook(hook.request) == events

    @pytest.mark.parametrize("forged", ["body", "cut", "url", "signature", "unsigned", "empty"])
    def test_a_forged_webhook_is_refused(self, remote: Remote, hook: Hook, forged: str) -> None:
        request = hook.request
        headers = dict(request.headers)
        values = {
            "body": {"body": request.body.replace(b"2", b"3", 1)},
            "cut": {"body": request.body[: len(request.body) // 2]},
            "url": {"url": request.url.replace("https", "http").replace("example.com", "example.org")},
            "signature": {"headers": {name: value[::-1] for name, value in headers.items()}},
            "unsigned": {"headers": {}},
            "empty": {"headers": dict.fromkeys(headers, "")},
        }[forged]
        changed = replace(request, **values)
        assert changed != request
        if forged == "url" and not self.signs_url:
            assert self._connector(remote, hook.settings).webhook(changed)
            return
        failure = fails(Refused, lambda: self._connector(remote, hook.settings).webhook(changed))
        assert_no_secret(failure, hook.settings)

    def test_without_a_key_a_webhook_is_refused(self, remote: Remote, hook: Hook) -> None:
        none = dict.fromkeys(hook.settings, "")
        fails(Refused, lambda: self._connector(remote, none).webhook(hook.request))

    def test_anothers_key_does_not_open_it(self, remote: Remote, hook: Hook) -> None:
        other = {key: f"{value}x" for key, value in hook.settings.items()}
        fails(Refused, lambda: self._connector(remote, other).webhook(hook.request))
