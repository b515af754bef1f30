"""What every system must do, whatever it is. A system proves itself by inheriting this and saying where it answers:

    class TestSquare(SystemContract):
        system = "square"

        @pytest.fixture(scope="class")
        @classmethod
        def remote(cls):
            with sandbox("square") as url:
                yield Remote(
                    url=url,
                    settings={"access_token": "right"},
                    wrong_credentials={"access_token": "wrong"},
                    counts={Flow.PRODUCTS_PULL: 1200},
                    small_pages={"products_a_page": 50},
                )

All requests go through a proxy that can misbehave. Flows that the system does not support have no tests here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from connectors import codec
from connectors.connector import Connector
from connectors.errors import Failure, NeedsFixing, Refused, RetryLater
from connectors.flows import FLOWS, Flow
from connectors.pages import Cursor, Page
from connectors.registry import registry
from tests.connectors import loopback
from tests.connectors.fake_time import FakeTime
from tests.connectors.loopback import Loopback, Reply

Connect = Callable[..., Connector]
SETUP = ("locations", "tax_rates", "price_levels", "payment_methods", "customer_groups")
GET = {
    "pull_products": "get_product",
    "pull_stock": "get_stock",
    "pull_customers": "get_customer",
    "pull_orders": "get_order",
}
PASSING = {
    "429": loopback.TOO_MANY,
    "500": loopback.BROKEN,
    "cut": loopback.CUT,
    "cut chunks": loopback.CUT_CHUNKS,
    "hang up": loopback.HANG_UP,
    "timeout": loopback.SILENT,
}
LASTING = {
    **PASSING,
    "cut unnoticed": loopback.CUT_UNNOTICED,
    "web page": loopback.WEB_PAGE,
    "404": Reply(404, loopback.WEB_PAGE.body, {"Content-Type": "text/html"}),
    "nonsense": Reply(200, b'{"error": {"message": 5}}', {"Content-Type": "application/json"}),
    "a number": Reply(200, b"5", {"Content-Type": "application/json"}),
    "empty": Reply(200, b"", {"Content-Type": "application/json"}),
}

EXPIRED = Reply(401, b"{}", {"Content-Type": "application/json"})


@dataclass(frozen=True)
class Remote:
    """A system to test against: where it answers, settings that are right (without the address) and some that are not.

    `counts`: how many records a full pull of a flow has, counted by other means than the connector. `small_pages`:
    attributes of the connector that make a pull of what is there take several pages.
    """

    url: str
    settings: Mapping[str, str]
    wrong_credentials: Mapping[str, str]
    counts: Mapping[Flow, int] = field(default_factory=dict)
    small_pages: Mapping[str, int] = field(default_factory=dict)
    url_setting: str = "url"


class Connected:
    """A system behind a proxy that can misbehave."""

    system: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls) -> Iterator[Remote]:
        raise NotImplementedError

    @pytest.fixture
    def front(self, remote: Remote) -> Iterator[Loopback]:
        with loopback.proxy(remote.url) as running:
            yield running

    @pytest.fixture
    def connect(self, remote: Remote, front: Loopback) -> Iterator[Connect]:
        """Makes connectors as the engine does, but for their clock."""
        made = []

        def connect(**settings: str) -> Connector:
            entered = {remote.url_setting: front.url, **remote.settings, **settings}
            time = FakeTime()
            connector = registry.get(self.system)(entered, clock=time.clock, sleep=time.sleep)
            vars(connector).update(remote.small_pages)
            made.append(connector)
            return connector

        yield connect
        for connector in made:
            connector.close()


class SystemContract(Connected):
    """`only`: flows to test, where a subclass differs from a sibling in how it connects and not in what it reads."""

    only: ClassVar[tuple[Flow, ...]] = ()

    @pytest.fixture(scope="class")
    @classmethod
    def everything(cls, remote: Remote) -> dict[Flow, list[Page]]:
        """The pages of a full pull of each flow."""
        connector = registry.get(cls.system)({remote.url_setting: remote.url, **remote.settings})
        vars(connector).update(remote.small_pages)
        return {flow: list(pull(connector, flow, Cursor())) for flow in cls.only or pulls(cls.system)}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        flows = self.only or pulls(self.system)
        system = registry.get(self.system)
        if "got" in metafunc.fixturenames:
            got = [flow for flow in flows if flow.info.method in GET and system.implements(GET[flow.info.method])]
            metafunc.parametrize("got", got, ids=[flow.value for flow in got])
        if "flow" in metafunc.fixturenames:
            metafunc.parametrize("flow", flows, ids=[flow.value for flow in flows])
        if "setup" in metafunc.fixturenames:
            metafunc.parametrize("setup", [name for name in SETUP if system.implements(name)])

    # Who is there

    def test_check_names_the_account(self, connect: Connect) -> None:
        account = connect().check()
        assert account.external_id
        assert account.name
        assert connect().check().external_id == account.external_id

    def test_wrong_credentials_are_refused(self, connect: Connect, remote: Remote) -> None:
        failure = fails(Refused, connect(**remote.wrong_credentials).check)
        assert_no_secret(failure, {**remote.settings, **remote.wrong_credentials})

    def test_setup_is_listed_with_its_own_ids(self, connect: Connect, setup: str) -> None:
        listed = list(getattr(connect(), setup)())
        assert len({record.external_id for record in listed}) == len(listed)

    # Everything, page by page

    def test_a_full_pull_gives_everything_once(self, everything, remote: Remote, flow: Flow) -> None:
        records = [record for page in everything[flow] for record in page.records]
        assert [item.failure for page in everything[flow] for item in page.malformed] == []
        assert {type(record) for record in records} <= {flow.info.record}
        assert len({record.external_id for record in records}) == len(records)
        if flow in remote.counts:
            assert len(records) == remote.counts[flow]
        for page in everything[flow]:
            assert page.total is None or page.total >= len(records)

    def test_only_the_last_page_ends_the_pass(self, everything, flow: Flow) -> None:
        assert [page.last for page in everything[flow]] == [False] * (len(everything[flow]) - 1) + [True]

    def test_a_pull_goes_on_in_another_process(self, connect: Connect, everything, flow: Flow) -> None:
        """Each page is asked for by a new connector, from the cursor as it is stored."""
        cursor, found = Cursor(), []
        while True:
            page = next(pull(connect(), flow, Cursor.loads(cursor.dumps())))
            found += page.records
            cursor = page.cursor
            if page.last:
                break
        assert digests(found) == digests(record for page in everything[flow] for record in page.records)

    def test_the_next_pass_asks_for_changes_only(self, connect: Connect, everything, flow: Flow) -> None:
        cursor = everything[flow][-1].cursor
        assert cursor.reached
        following = cursor.next_pass(timedelta(0))
        changed = [record for page in pull(connect(), flow, following) for record in page.records]
        assert len(changed) < max(2, sum(len(page.records) for page in everything[flow]))

    def test_a_record_is_found_by_its_id(self, connect: Connect, everything, got: Flow) -> None:
        connector, method = connect(), GET[got.info.method]
        records = [record for page in everything[got] for record in page.records]
        for record in (records[0], records[-1]):
            assert digests([getattr(connector, method)(record.external_id)]) == digests([record])
        assert getattr(connector, method)("no-such-thing") is None

    def test_nothing_new_is_an_empty_page(self, connect: Connect, everything, flow: Flow) -> None:
        tomorrow = everything[flow][-1].cursor.reached + timedelta(days=1)
        pages = list(pull(connect(), flow, Cursor(since=tomorrow)))
        assert [record for page in pages for record in page.records] == []
        assert pages[-1].last

    # Faults on the way

    def test_credentials_that_expire_in_the_middle_are_refused(self, connect: Connect, front, remote, flow) -> None:
        connector = connect()
        pages = pull(connector, flow, Cursor())
        if next(pages).last:
            pages = pull(connector, flow, Cursor())
        front.always(EXPIRED)
        assert_no_secret(fails(Refused, lambda: list(pages)), remote.settings)

    @pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
    def test_one_fault_loses_nothing(self, connect: Connect, front: Loopback, everything, flow: Flow, fault) -> None:
        connector = connect()
        pages = pull(connector, flow, Cursor())
        found = [*next(pages).records]
        front.first(fault)
        if fault.silent:
            impatient_once(connector)
        found += [record for page in pages for record in page.records]
        assert digests(found) == digests(record for page in everything[flow] for record in page.records)

    @pytest.mark.parametrize("fault", LASTING.values(), ids=LASTING)
    def test_a_fault_in_the_middle_is_a_sentence(self, connect: Connect, front: Loopback, remote, flow, fault) -> None:
        connector = connect()
        pages = pull(connector, flow, Cursor())
        if next(pages).last:
            pages = pull(connector, flow, Cursor())
        front.always(fault)
        impatient(connector, 0.2)
        failure = fails(Failure, lambda: list(pages))
        assert isinstance(failure, (RetryLater, NeedsFixing))
        assert_no_secret(failure, remote.settings)

    @pytest.mark.parametrize("fault", LASTING.values(), ids=LASTING)
    def test_a_fault_while_connecting_is_a_sentence(self, connect: Connect, front: Loopback, remote, fault) -> None:
        front.always(fault)
        failure = fails(Failure, impatient(connect(), 0.2).check)
        assert not isinstance(failure, Refused)
        assert_no_secret(failure, remote.settings)

    def test_nothing_secret_is_logged(self, connect: Connect, remote: Remote, flow: Flow, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        next(pull(connect(), flow, Cursor()))
        assert any(record.name.startswith("connectors") for record in caplog.records)
        for secret in secrets_of(self.system, remote.settings):
            assert secret not in caplog.text


def pulls(system: str) -> list[Flow]:
    return [flow for flow in registry.get(system).flows() if FLOWS[flow].method.startswith("pull_")]


def pull(connector: Connector, flow: Flow, cursor: Cursor) -> Iterator[Page[Any]]:
    return iter(getattr(connector, flow.info.method)(cursor))


def impatient(connector: Connector, seconds: float) -> Connector:
    """Waits so long for an answer, and asks twice at most."""
    connector.read_timeout = seconds  # type: ignore[attr-defined]
    connector.attempts = 2  # type: ignore[attr-defined]
    return connector


def impatient_once(connector: Connector) -> None:
    """Gives up on the next answer soon, and waits for those after it as long as ever."""
    patience, sleep = connector.read_timeout, connector.sleep  # type: ignore[attr-defined]

    def patient_again(seconds: float) -> None:
        connector.read_timeout = patience  # type: ignore[attr-defined]
        sleep(seconds)

    connector.read_timeout, connector.sleep = 0.2, patient_again  # type: ignore[attr-defined, method-assign]


def digests(records: Iterable[Any]) -> dict[str, str]:
    """Digest by external id, in order: what records say, whenever they were read."""
    return {record.external_id: codec.digest(record) for record in records}


def fails(kind: type[Failure], call: Callable[[], Any]) -> Failure:
    """The failure of a call, which tells a person something."""
    with pytest.raises(kind) as caught:
        call()
    failure = caught.value
    assert failure.code
    assert failure.sentence[:1].isupper() or failure.sentence[:1] == "“"
    assert failure.sentence.endswith(".")
    assert "Traceback" not in failure.sentence
    return failure


def secrets_of(system: str, settings: Mapping[str, str]) -> list[str]:
    return [settings[item.key] for item in registry.get(system).settings if item.secret and settings.get(item.key)]


def assert_no_secret(failure: Failure, settings: Mapping[str, str]) -> None:
    told = f"{failure.sentence} {failure.details} {failure.trace}"
    for value in settings.values():
        assert len(value) < 12 or value not in told
