"""What every system must do that has its webhooks registered by us. A system's class inherits this beside
`WebhookContract`, and says what stands at the system:

    class TestSquareSends(PushContract, WebhookContract, RegistrationContract): ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from connectors.errors import Refused
from connectors.flows import Flow
from connectors.registry import registry
from tests.connectors.contract import Connect, Connected, Remote, fails

TOKEN = "pos_sync/webhook/token-1_a"
URL, FORMER = f"https://odoo.example.com/{TOKEN}", f"https://old.example.com/{TOKEN}"
FOREIGN = "https://other.example.com/pos_sync/webhook/token-2_b"


@dataclass(frozen=True)
class Board:
    """What is registered at the system. `sent`: address and topic, once for each time that it would be sent; `ids` of
    what stands there; `spoil`: somebody switches something off or changes what it sends; `clear` takes all away."""

    sent: Callable[[], list[tuple[str, str]]]
    ids: Callable[[], set[str]]
    spoil: Callable[[], None]
    clear: Callable[[], None]


class RegistrationContract(Connected):
    @pytest.fixture
    def made(self) -> Board:
        raise NotImplementedError

    @pytest.fixture
    def board(self, made: Board) -> Board:
        made.clear()
        return made

    @pytest.fixture
    def topics(self) -> list[str]:
        known = registry.get(self.system).webhook_topics
        return sorted(topic for topic, flows in known.items() if Flow.ORDERS_PULL in flows)

    def test_topics_tell_of_flows_of_the_system(self) -> None:
        system = registry.get(self.system)
        assert system.webhook_help
        for topic, flows in system.webhook_topics.items():
            assert flows, topic
            assert set(flows) <= set(system.flows())

    def test_it_is_registered_once(self, connect: Connect, board: Board, topics) -> None:
        found = connect().register_webhooks(URL, topics)
        assert sorted(found.topics) == topics
        assert not found.missing
        assert sorted(board.sent()) == [(URL, topic) for topic in topics]
        before = board.ids()
        again = connect().register_webhooks(URL, reversed(topics))
        assert (sorted(again.topics), board.ids()) == (topics, before)

    def test_a_former_address_is_moved_and_another_connection_left_alone(self, connect, board, topics) -> None:
        connect().register_webhooks(FOREIGN, topics[:1])
        connect().register_webhooks(FORMER, topics)
        connect().register_webhooks(URL, topics)
        assert sorted(board.sent()) == [(URL, topic) for topic in topics] + [(FOREIGN, topics[0])]

    def test_what_somebody_spoilt_is_mended(self, connect: Connect, board: Board, topics) -> None:
        connect().register_webhooks(URL, topics)
        board.spoil()
        assert sorted(board.sent()) != [(URL, topic) for topic in topics]
        connect().register_webhooks(URL, topics)
        assert sorted(board.sent()) == [(URL, topic) for topic in topics]

    def test_what_is_not_wanted_goes(self, connect: Connect, board: Board, topics) -> None:
        connect().register_webhooks(FOREIGN, topics[:1])
        connect().register_webhooks(URL, topics)
        assert connect().register_webhooks(URL, topics[1:]).topics == tuple(topics[1:])
        assert sorted(board.sent()) == [(URL, topic) for topic in topics[1:]] + [(FOREIGN, topics[0])]
        assert connect().register_webhooks(URL, ()).topics == ()
        assert board.sent() == [(FOREIGN, topics[0])]

    def test_who_may_not_registers_nothing(self, connect: Connect, remote: Remote, board: Board, topics) -> None:
        fails(Refused, lambda: connect(**remote.wrong_credentials).register_webhooks(URL, topics))
        assert board.sent() == []
