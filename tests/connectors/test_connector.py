import pickle
import weakref
from datetime import datetime, timedelta, timezone

import pytest

from connectors.connector import Connector
from connectors.errors import Failure, NeedsFixing, Refused, RetryLater, Skip
from connectors.flows import FLOWS, Flow
from connectors.http import HttpConnector
from connectors.pages import Cursor, parse_each
from connectors.registry import Registry, registry
from connectors.settings import Setting, SettingKind

NOON = datetime(2026, 3, 29, 12, tzinfo=timezone.utc)


class Till(Connector):
    code = "till"
    name = "Till"
    settings = (
        Setting("url", "Address", SettingKind.URL),
        Setting("token", "Token", SettingKind.SECRET),
        Setting("shop", "Shop", SettingKind.INTEGER, required=False),
        Setting("live", "Live", SettingKind.BOOLEAN, required=False),
        Setting("mode", "Mode", SettingKind.CHOICE, default="a", choices=(("a", "A"), ("b", "B"))),
    )

    def locations(self):
        return ()

    def pull_products(self, cursor):
        return iter(())


ENTERED = {"url": " shop.example.com/ ", "token": "s3cret"}


def test_settings_are_read_with_their_types():
    till = Till({**ENTERED, "shop": "7", "live": "True"})
    assert till.values == {
        "url": "https://shop.example.com", "token": "s3cret", "shop": 7, "live": True, "mode": "a"
    }  # fmt: skip
    assert Till(ENTERED).values["shop"] is None
    assert Till(ENTERED).values["live"] is False


@pytest.mark.parametrize(
    ("entered", "says"),
    [
        ({"token": "x"}, "“Address” is empty"),
        ({**ENTERED, "token": "  "}, "“Token” is empty"),
        ({**ENTERED, "url": "ftp://shop"}, "“Address” must be a web address"),
        ({**ENTERED, "url": "https://"}, "“Address” must be a web address"),
        ({**ENTERED, "url": "https://me:secret@shop.example.com"}, "“Address” must be a web address"),
        ({**ENTERED, "shop": "seven"}, "“Shop” must be a whole number"),
        ({**ENTERED, "mode": "c"}, "“Mode”: choose one of the values offered"),
    ],
)
def test_a_wrong_setting_is_named(entered, says):
    with pytest.raises(NeedsFixing) as caught:
        Till(entered)
    assert says in caught.value.sentence
    assert "secret" not in caught.value.sentence + caught.value.details


def test_implementing_a_method_is_supporting_its_flow():
    assert Till.flows() == (Flow.SETUP_PULL, Flow.PRODUCTS_PULL)
    assert all(hasattr(Connector, info.method) for info in FLOWS.values())
    assert set(FLOWS) == set(Flow)


def test_a_pass_goes_back_by_the_overlap():
    cursor = Cursor().at("page 2", NOON, None).at("page 3", NOON - timedelta(hours=1))
    assert cursor == Cursor(position="page 3", reached=NOON)
    assert Cursor.loads(cursor.dumps()) == cursor
    following = cursor.at("").next_pass(timedelta(minutes=15))
    assert following == Cursor(since=NOON - timedelta(minutes=15))
    # A pass that saw nothing keeps its place.
    assert following.at("").next_pass(timedelta(minutes=15)).since == following.since


@pytest.mark.parametrize("text", ["", None, "nonsense", "[]", '{"since": "x"}', '{"since": 5}', "null"])
def test_a_cursor_that_cannot_be_read_starts_from_the_beginning(text):
    assert Cursor.loads(text) == Cursor()


def test_one_malformed_payload_does_not_hold_up_its_page():
    def parse(payload):
        if payload["id"] == 3:
            raise Skip("A test order.")
        return 10 / payload["id"]

    parsed, malformed = parse_each([{"id": 5}, {"id": 0}, {"id": 3}, {}, None, {"id": 2}], parse, lambda row: row["id"])
    assert parsed == (2.0, 5.0)
    assert [item.external_id for item in malformed] == ["", "3", "", ""]
    assert [type(item.failure) for item in malformed] == [NeedsFixing, Skip, NeedsFixing, NeedsFixing]
    assert malformed[2].raw == {}
    assert "'id'" in malformed[2].failure.sentence
    assert "test_connector.py parse" in malformed[2].failure.trace


def test_a_failure_that_is_kept_does_not_keep_what_it_was_raised_in():
    class Big:
        pass

    seen = []

    def parse(_payload):
        big = Big()
        seen.append(weakref.ref(big))
        try:
            raise KeyError(big)
        except KeyError:
            raise NeedsFixing("No.") from None

    _parsed, malformed = parse_each([{"id": 1}], parse, lambda payload: payload["id"])
    assert malformed[0].failure.sentence == "No."
    assert seen[0]() is None


def test_a_mistake_in_the_parser_is_not_swallowed():
    def parse(payload):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        parse_each([{}], parse, str)


@pytest.mark.parametrize(
    "failure",
    [
        RetryLater("Busy.", after=3.5, details="x"),
        NeedsFixing("Map it.", fix="Map the tax.", trace="missing-tax:8.25"),
        Skip("Test order."),
        Refused("No.", code="bad-credentials"),
    ],
)
def test_failures_travel_between_processes(failure):
    again = pickle.loads(pickle.dumps(failure))
    assert type(again) is type(failure)
    assert again.__dict__ == failure.__dict__
    assert str(again) == failure.sentence


def test_the_registry_refuses_two_systems_with_one_code():
    systems = Registry()
    systems.add(Till)
    with pytest.raises(ValueError, match="two systems"):
        systems.add(type("Other", (Till,), {"__qualname__": "Other"}))
    with pytest.raises(ValueError, match="code and a name"):
        systems.add(type("Nameless", (Connector,), {}))
    with pytest.raises(NeedsFixing, match="no system “gone”"):
        systems.get("gone")


@pytest.mark.parametrize("system", registry.all(), ids=lambda system: system.code)
def test_a_system_is_well_formed(system):
    """What every system must state, so that its form and table can be made from it."""
    keys = [item.key for item in system.settings]
    assert len(keys) == len(set(keys))
    assert Flow.SETUP_PULL in system.flows()
    for item in system.settings:
        assert item.label
        assert not (item.choices_from and not hasattr(system, item.choices_from))
        assert not (item.secret and item.default)
        if item.choices:
            assert set(item.parts(item.default)) <= dict(item.choices).keys()
            assert not any("," in value for value, _label in item.choices if item.kind is SettingKind.CHOICES)
    assert system.__doc__


class Reached(HttpConnector):
    code = "reached"
    name = "Reached"
    settings = (
        Setting("url", "Address", SettingKind.URL),
        Setting("port", "Port", SettingKind.INTEGER, required=False),
        Setting("token", "Token", SettingKind.SECRET),
    )


@pytest.mark.parametrize(("failure", "setting"), [
    (Refused("No.", code="bad-credentials"), "token"),
    (Refused("No.", code="forbidden"), "token"),
    (RetryLater("Where?", code="unknown-host"), "url"),
    (NeedsFixing("A page.", code="web-page"), "url"),
    (RetryLater("Busy.", code="server-error"), ""),
    (NeedsFixing("Odd.", code="bad-setting", details="KeyError < InvalidURL"), ""),
])
def test_a_failed_test_is_about_a_setting(failure: Failure, setting: str) -> None:
    assert Reached.setting_of(failure) == setting


def test_nothing_is_blamed_that_the_system_does_not_name() -> None:
    assert Till.setting_of(RetryLater("Where?", code="unknown-host")) == ""


@pytest.mark.parametrize("values", [{}, {"url": "a b"}, {"url": "shop.example.com", "port": "many"}])
def test_what_was_entered_wrong_is_named(values: dict[str, str]) -> None:
    wrong = "port" if "port" in values else "url"
    with pytest.raises(NeedsFixing) as caught:
        Reached(values)
    assert Reached.setting_of(caught.value) == wrong
