"""The door: numbers, texts and nesting are bounded before anything works with them."""

import json
import time
import xmlrpc.client
from decimal import Decimal

import pytest

from connectors import codec, marks
from connectors.connector import Connector
from connectors.door import Unreadable, clean_text, number, read_json, text
from connectors.errors import Failure, NeedsFixing, without_values
from connectors.markup import plain
from connectors.moments import read_moment
from connectors.pages import Malformed, indexed, listed, parse_each
from connectors.systems.biotrack.price_point import read_price_point
from connectors.systems.biotrack.rooms import split_by_room
from connectors.systems.odoo.rpc import _explain_fault, parse_xmlrpc


@pytest.mark.parametrize("word", ["1e999999", "1e400000", "9" * 400, "-Infinity", "NaN", "1e-999999", "9" * 5000])
def test_a_number_without_bounds_costs_its_record_only(word):
    answer = read_json(f'[{{"price": 1.50}}, {{"price": {word}}}, {{"price": 2}}]')
    records, malformed = parse_each(answer, lambda row: number(row["price"]), lambda row: "x")
    assert records == (Decimal("1.50"), 2)
    assert len(malformed) == 1
    assert len(codec.dumps(malformed[0].raw)) < 100
    with pytest.raises(ValueError, match="number"):
        number(word)


def test_numbers_of_usual_size_stay_as_they_are():
    found = read_json('[19.990, 0.000, 12345678901234567890, -1.1102230246251565e-16, 0E+2]')
    assert [str(value) for value in found] == [
        "19.990", "0.000", "12345678901234567890", "-1.1102230246251565E-16", "0E+2",
    ]  # fmt: skip


def test_text_is_clean():
    assert read_json(rb'{"na\u0000me": "a\u0000b\ud83dc \ud83d\ude00 \u00e9"}') == {"name": "ab�c 😀 é"}
    assert read_json(b'{"name": "a\x00b\xff"}') == {"name": "ab�"}
    assert clean_text("as it was") == "as it was"


@pytest.mark.parametrize("value", [{"a": 1}, ["a"], True, 1.5, Unreadable("1e9999", "no usable number")])
def test_what_is_no_text_is_not_taken_for_one(value):
    with pytest.raises(ValueError, match="is no text"):
        text(value)


def test_deep_nesting_costs_its_record_only():
    deep = "[" * 5000 + "]" * 5000
    found = read_json(f'[{{"name": "]"}}, {{"name": {deep}}}, {{"name": "["}}]')
    records, malformed = parse_each(found, lambda row: text(row["name"]), lambda row: "x")
    assert (records, len(malformed)) == (("]", "["), 1)
    codec.dumps(malformed[0].raw)
    for broken in ("[" * 5000, deep[:-1]):
        with pytest.raises(ValueError, match=r"no JSON|Expecting"):
            read_json(broken)


def test_xml_rpc_has_the_same_door():
    around = "<methodResponse><params><param>{}</param></params></methodResponse>"
    body = around.format("<value><array><data>{}</data></array></value>")
    values = "<value><double>1e999999</double></value><value><int>3</int></value><value><int>" + "9" * 5000
    huge, three, long = parse_xmlrpc(body.format(values + "</int></value>").encode())
    assert three == 3
    assert isinstance(huge, Unreadable)
    assert isinstance(long, Unreadable)


def test_rows_of_the_set_up_stand_for_themselves():
    rows = [{"id": "1", "name": "A"}, None, {"id": {"a": 1}}, {"id": "2", "name": "B"}]
    found = list(listed(rows, lambda row: text(row["name"]), lambda row: row["id"]))
    assert [item for item in found if not isinstance(item, Malformed)] == ["A", "B"]
    assert list(indexed(rows, lambda row: row["id"], dict)) == ["1", "2"]


def test_failures_of_one_kind_have_one_cause():
    rows = [{"id": str(index), "when": f"day {index}"} for index in range(50)]
    _records, malformed = parse_each(rows, lambda row: read_moment(row["when"]), lambda row: row["id"])
    assert len({item.failure.trace for item in malformed}) == 1
    assert len({item.failure.sentence for item in malformed}) == 50
    assert without_values("Order 17 of “Ann” is 3.50 off") == without_values("Order 8 of “Bob” is 12 off")
    _records, (item,) = parse_each([{"when": "x" * 8192}], lambda row: read_moment(row["when"]), lambda row: "1")
    assert max(map(len, (item.failure.sentence, item.failure.trace, item.failure.details))) < 500


class Odd(Connector):
    code, name = "odd", "Odd"

    def check(self):
        return {}["merchant"]

    def pull_orders(self, cursor):
        yield 1
        raise TypeError("list indices must be integers")


def test_nothing_but_failures_leaves_a_connector(caplog):
    for call in (lambda: Odd({}).check(), lambda: list(Odd({}).pull_orders(None))):
        with pytest.raises(NeedsFixing, match="answers, but not as this system does") as caught:
            call()
        assert "test_door.py" in caught.value.sentence
    assert "Traceback" in caplog.text
    assert Odd.implements("check")
    assert not Odd.implements("pull_products")


def refused(read, value):
    with pytest.raises(ValueError, match="no "):
        read(value)


def refused_fault(text):
    fault = xmlrpc.client.Fault(1, text)
    assert isinstance(_explain_fault(fault, lambda said: said), Failure)


@pytest.mark.parametrize(
    "work",
    [
        lambda size: marks.unmarked("x" + " " * size + "y"),
        lambda size: without_values("'" * size),
        lambda size: read_json(json.dumps("x" * size) + " " * size),
        lambda size: refused(read_json, "[" * 2000 + '"' * size),
        lambda size: refused(read_moment, "2026-01-01T00:00:00" + " " * size + "x"),
        lambda size: without_values("“" * size),
        lambda size: marks.unmarked("[odoo " * (size // 6)),
        lambda size: plain("<a" * (size // 2)),
        lambda size: plain("<!--" * (size // 4) + ">"),
        lambda size: plain("<a b='" * (size // 6)),
        lambda size: refused_fault("KeyError: " * (size // 10)),
        lambda size: read_price_point("9" * size),
        lambda size: split_by_room("1,2:" * (size // 4) + "x", Decimal(1)),
    ],
    ids=[
        "marks", "causes", "json", "open brackets", "moments", "open quotes", "open marks", "open tags",
        "open comments", "open values", "faults of Odoo", "price points", "rooms",
    ],
)
def test_time_grows_with_the_size_and_not_with_its_square(work):
    """Ten times as much takes about ten times as long; with its square it would be a hundred times."""

    def best(size):
        taken = []
        for _try in range(5):
            began = time.thread_time()
            work(size)
            taken.append(time.thread_time() - began)
        return min(taken)

    assert best(50_000) < 40 * max(best(5_000), 0.0002)


@pytest.mark.parametrize(("rich", "words"), [
    ("<p>Tea &amp; cake</p><p>two<br/>three &lt;b&gt;</p>", "Tea & cake\ntwo\nthree <b>"),
    ("<img alt='a > b' src=\"x\">c", "c"),
    ("a <b and c", "a <b and c"),
    ("5 < 6 > 4", "5 < 6 > 4"),
    ("<script>var a='<p>';</script>x<STYLE>p{}</STYLE>y", "xy"),
    ("<!-- c <p> -->z--q", "z--q"),
    ("<!DOCTYPE html><ul><li>a</li><li>b-c 'd'</li></ul>", "a\nb-c 'd'"),
    ("it's <b>bo\nld</b>&nbsp;&eacute;", "it's bo ld é"),
])
def test_words_of_rich_texts(rich, words):
    assert plain(rich) == words
