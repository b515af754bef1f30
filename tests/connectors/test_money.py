"""Minor units, shares of an amount, and moments as web systems write them."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.moments import read_moment, write_moment
from connectors.money import from_minor, minor_unit, shares, to_minor


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (1999, "USD", "19.99"),
        (-5, "EUR", "-0.05"),
        (1999, "JPY", "1999"),
        (1, "KRW", "1"),
        (1234, "KWD", "1.234"),
        (0, "", "0.00"),
    ],
)
def test_minor_units_follow_the_currency(minor, currency, amount):
    assert from_minor(minor, currency) == Decimal(amount)
    assert to_minor(Decimal(amount), currency) == minor


def test_half_a_minor_unit_is_rounded_away_from_zero():
    assert [to_minor(Decimal(text), "USD") for text in ("0.005", "-0.005", "0.0049")] == [1, -1, 0]


@pytest.mark.parametrize("value", [True, "1.5", Decimal("0.1")])
def test_what_is_no_whole_number_is_no_amount(value):
    with pytest.raises(ValueError, match="minor units"):
        from_minor(value, "USD")


@given(
    st.integers(-100_000, 100_000),
    st.lists(st.integers(0, 5000), min_size=1, max_size=6),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_shares_add_up_in_whole_minor_units(amount, weights, currency):
    unit = minor_unit(currency)
    found = shares(amount * unit, [weight * unit for weight in weights], currency)
    assert sum(found) == amount * unit
    assert all(part == part.quantize(unit) for part in found)
    total = sum(weights)
    for part, weight in zip(found, weights, strict=True):
        if total:
            assert abs(part - amount * unit * weight / total) <= unit


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-29T01:00:00Z", (2026, 3, 29, 1, 0, 0, 0)),
        ("2019-10-29T18:38:45.455006797Z", (2019, 10, 29, 18, 38, 45, 455006)),
        ("2026-03-29T01:00:00.5+02:00", (2026, 3, 28, 23, 0, 0, 500000)),
        ("2022-01-10 23:29:48 +0000 UTC", (2022, 1, 10, 23, 29, 48, 0)),
    ],
)
def test_moments_are_read_into_utc(text, moment):
    assert read_moment(text) == datetime(*moment, tzinfo=timezone.utc)


@pytest.mark.parametrize("text", ["2026-03-29", "2026-03-29T01:00:00", "yesterday", "2026-13-01T00:00:00Z"])
def test_what_is_no_moment_is_an_error(text):
    with pytest.raises(ValueError):
        read_moment(text)


def test_moments_are_written_to_the_millisecond_below():
    assert write_moment(datetime(2026, 1, 2, 3, 4, 5, 678999, tzinfo=timezone.utc)) == "2026-01-02T03:04:05.678Z"
    assert read_moment("") is None
