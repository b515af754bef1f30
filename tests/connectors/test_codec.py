"""Every record survives the way through JSON, and its digest depends on what it says only."""

import json
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import codec
from connectors import records as rec

KINDS = [
    kind
    for kind in vars(rec).values()
    if isinstance(kind, type) and is_dataclass(kind) and issubclass(kind, rec.Value) and fields(kind)
]
DECIMALS = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=6)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", ""])
_STORABLE = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
SIMPLE = {
    str: st.text(_STORABLE, max_size=8),
    bool: st.booleans(),
    int: st.integers(-(10**6), 10**6),
    Decimal: DECIMALS,
    datetime: MOMENTS,
    date: st.dates(),
}


def values_of(name, hint, depth):
    arguments = [part for part in get_args(hint) if part is not type(None)]
    if name == "raw":
        return st.one_of(st.none(), st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2))
    if name == "external_id":
        return st.text(_STORABLE, min_size=1, max_size=8)
    if name in ("currency", "cost_currency"):
        return CURRENCIES
    if get_origin(hint) is tuple:
        if arguments[-1] is Ellipsis:
            smallest = 1 if name == "variants" else 0
            item = values_of("", arguments[0], depth + 1)
            return st.lists(item, min_size=smallest, max_size=2 if depth < 2 else smallest).map(tuple)
        return st.tuples(*(values_of("", part, depth) for part in arguments))
    if get_args(hint):
        return st.none() if depth > 2 else st.one_of(st.none(), values_of(name, arguments[0], depth))
    if is_dataclass(hint):
        return records_of(hint, depth + 1)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return SIMPLE[hint]


def records_of(kind, depth=0):
    hints = get_type_hints(kind)
    return st.builds(kind, **{item.name: values_of(item.name, hints[item.name], depth) for item in fields(kind)})


QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_round_trip(kind):
    @QUICK
    @given(records_of(kind))
    def there_and_back(record):
        again = codec.load(kind, json.loads(codec.dumps(record)))
        assert again == record
        assert codec.digest(again) == codec.digest(record)

    there_and_back()


LEVEL = rec.StockLevel(external_id="a@b", variant_id="a", location_id="b", quantity=Decimal("1.50"))


def test_the_digest_knows_only_what_the_record_says():
    later = replace(LEVEL, updated_at=datetime(2026, 1, 1, tzinfo=timezone.utc), raw={"x": 1})
    assert codec.digest(later) == codec.digest(LEVEL)
    assert codec.digest(replace(LEVEL, quantity=Decimal("1.5"))) == codec.digest(LEVEL)
    zeros = (codec.digest(replace(LEVEL, quantity=Decimal(zero))) for zero in ("0", "-0", "0.00"))
    assert len(set(zeros)) == 1


@given(DECIMALS, DECIMALS)
@QUICK
def test_other_quantities_have_other_digests(one, other):
    same = codec.digest(replace(LEVEL, quantity=one)) == codec.digest(replace(LEVEL, quantity=other))
    assert same == (one == other)


def test_texts_do_not_run_into_each_other():
    one = rec.OptionValue(option="ab", value="c")
    assert codec.digest(one) != codec.digest(rec.OptionValue(option="a", value="bc"))
    assert codec.digest(rec.CustomerGroup(external_id="1", name="2")) != codec.digest(
        rec.CustomerGroup(external_id="2", name="1")
    )


def test_a_missing_field_is_named_and_an_unknown_one_left_out():
    with pytest.raises(ValueError, match=r"Price\.amount is missing"):
        codec.load(rec.Price, {"currency": "EUR"})
    assert codec.load(rec.Price, {"currency": "EUR", "amount": "1", "gone": 1}).amount == 1


def test_a_field_that_came_later_changes_no_digest_until_it_says_something():
    paid = rec.Payment(external_id="1", amount=Decimal(10))
    names = [name for name, _value in codec._essence(paid)]
    assert "rounding" not in names
    assert codec.digest(paid) != codec.digest(replace(paid, rounding=Decimal("0.01")))
