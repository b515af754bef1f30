"""Whatever is wrong at the other side or in the form: a sentence for a person, no traceback, and nothing changed."""
from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.database import Database
from tools.postgres import free_port

from .hub import Hub, Rejected, Shop
from .misbehaving import Misbehaving

# What "Test connection" writes when it succeeds, and what it might write when it does not.
_TABLES = (
    "pos_sync_connection pos_sync_setting pos_sync_setting_choice pos_sync_stream pos_sync_location pos_sync_tax "
    "pos_sync_mapping pos_sync_message pos_sync_run ir_cron_trigger mail_message"
).split()
_SAID_OF_THE_TEST = {
    "pos_sync_setting": {"problem", "write_date", "write_uid"},
    "pos_sync_connection": {"state_message", "write_date", "write_uid"},
}
# A person waits for the answer.
_ANSWERS_WITHIN = 60.0


@pytest.fixture(scope="module")
def patient_hub(hub_base: tuple[Database, str]) -> Iterator[Hub]:
    """One hub without jobs for all the cases, as none of them may change it."""
    database, key = hub_base
    hub = Hub(database.copy("bad_input"), key, cron_workers=0)
    with hub.database, hub.server:
        yield hub


@pytest.fixture
def connection(patient_hub: Hub) -> Iterator[int]:
    """A connection that was entered but not tested. Its case may leave no error in the log."""
    before = len(patient_hub.complaints())
    made = patient_hub.make_connection({"url": "https://shop.example.invalid", "api_key": "a-key"})
    yield made
    assert patient_hub.complaints()[before:] == []
    patient_hub.call("pos.sync.connection", "unlink", [made])


def refused_sentence(hub: Hub, connection: int) -> str:
    """The sentence of a test that has to fail; checks that it is one and stands in the form, and that all else in the
    database is as before."""
    before = contents(hub)
    started = time.monotonic()
    answer = hub.call("pos.sync.connection", "action_test", [connection])
    seconds = time.monotonic() - started
    assert contents(hub) == before, "the test changed something"
    assert answer["params"]["type"] == "danger"
    sentence = answer["params"]["message"]
    check_sentence(sentence)
    in_form = hub.database.query(
        "SELECT problem FROM pos_sync_setting WHERE connection_id = %s AND problem IS NOT NULL "
        "UNION SELECT state_message FROM pos_sync_connection WHERE id = %s AND state_message IS NOT NULL",
        connection, connection)
    assert in_form == [(sentence,)]
    assert seconds < _ANSWERS_WITHIN, f"the answer took {seconds:.0f} s"
    return sentence


def check_sentence(sentence: str) -> None:
    """Something that a person can read: words, an end, and nothing of Python's."""
    assert sentence.endswith("."), sentence
    assert len(sentence.split()) >= 6, sentence
    for mark in ("Traceback", "Error(", "Exception", "object at 0x", "<class", "<html", "{", "None"):
        assert mark not in sentence, sentence


def contents(hub: Hub) -> dict[str, list[object]]:
    """All rows, without what the form says of the last test and when that was written."""
    found = {}
    for table in _TABLES:
        rows = hub.database.query(f"SELECT to_jsonb(row) FROM {table} row ORDER BY id")
        found[table] = [
            {name: value for name, value in row.items() if name not in _SAID_OF_THE_TEST.get(table, ())}
            for (row,) in rows]
    return found


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("web_page", ("Odoo", "address")),
        ("web_page_for_everything_but_its_version", ("web page", "address")),
        ("old_version", ("11.0", "14.0")),
        ("server_error", ("500",)),
        ("server_error_after_its_version", ("502",)),
        ("cut_off", ("broke off",)),
        ("another_shape", ("Odoo",)),
        ("redirect", ("address",)),
        ("empty", ("Odoo",)),
    ],
)
def test_a_server_that_is_none_or_has_trouble(
    patient_hub: Hub, connection: int, behaviour: str, words: tuple[str, ...],
) -> None:
    with Misbehaving(behaviour) as server:
        patient_hub.enter(connection, {"url": server.url})
        sentence = refused_sentence(patient_hub, connection)
    print(sentence)
    assert all(word in sentence for word in words), sentence


def test_certificate_of_its_own(patient_hub: Hub, connection: int, tmp_path: Path) -> None:
    with Misbehaving("web_page", certificate=tmp_path) as server:
        patient_hub.enter(connection, {"url": server.url})
        assert "certificate" in refused_sentence(patient_hub, connection)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://shop.example.invalid", "no server named"),
        ("http://127.0.0.1:{port}", "refuses the connection"),
    ],
)
def test_nobody_there(patient_hub: Hub, connection: int, url: str, words: str) -> None:
    patient_hub.enter(connection, {"url": url.format(port=free_port())})
    assert words in refused_sentence(patient_hub, connection)


@pytest.mark.parametrize("url", ["ftp://shop.example.com", "http://", "https://me@shop.example.com", "not an address"])
def test_no_address_at_all(patient_hub: Hub, connection: int, url: str) -> None:
    """The form does not take it."""
    before = contents(patient_hub)
    with pytest.raises(Rejected) as rejected:
        patient_hub.enter(connection, {"url": url})
    assert rejected.value.status == 422
    check_sentence(rejected.value.answer["message"])
    assert "https://shop.example.com" in rejected.value.answer["message"]
    assert contents(patient_hub) == before


def test_a_missing_setting_is_named(patient_hub: Hub, connection: int) -> None:
    patient_hub.enter(connection, {"url": ""})
    assert "“Address” is empty" in refused_sentence(patient_hub, connection)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"api_key": "0123456789abcdef0123456789abcdef01234567"}, "does not accept the"),
        ({"api_key": "ключ"}, "credentials"),
        ({"database": "no_such_database"}, "name of the database"),
        ({"company": "company-424242"}, ""),
    ],
)
def test_wrong_for_a_real_shop(
    shop: Shop, patient_hub: Hub, connection: int, wrong: dict[str, str], words: str,
) -> None:
    patient_hub.enter(connection, {**shop.settings, **wrong})
    sentence = refused_sentence(patient_hub, connection)
    print(sentence)
    assert words in sentence
    assert wrong.get("api_key", "\0") not in sentence


def test_sync_before_it_was_tested(patient_hub: Hub, connection: int) -> None:
    before = contents(patient_hub)
    with pytest.raises(Rejected) as rejected:
        patient_hub.call("pos.sync.connection", "action_sync_now", [connection])
    assert rejected.value.status == 422
    check_sentence(rejected.value.answer["message"])
    assert contents(patient_hub) == before
