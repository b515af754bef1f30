"""Two transactions give points to one customer at the same moment: one card, nothing lost, nothing given twice."""
from __future__ import annotations

from typing import Any

import pytest

from tools.database import Database


@pytest.fixture(scope="module")
def database(hub_base: tuple[Database, str]) -> Any:
    with hub_base[0].copy("points_races") as copy:
        yield copy


@pytest.mark.parametrize(
    ("case", "ledger", "given_by_odoo", "earned"),
    [
        ("two streams", None, 0, 2),
        ("one order twice", 100, 0, 1),
        ("a card that is there", None, 0, 3),
        ("a stream and a salesperson", 100, 30, 1),
    ],
)
def test_one_card_and_every_point_once(
    database: Database, case: str, ledger: float | None, given_by_odoo: float, earned: int
) -> None:
    found = database.call("tests.processes.points_inside_hub:race", case=case)
    assert found["cards"] == 1, "the customer has several cards of one program"
    assert found["points"] == found["ledger"] + given_by_odoo
    assert ledger in (None, found["ledger"])
    assert found["earned"] == earned
    assert found["differences"] == []
    assert found["repeated"] >= 1, "the two did not meet: the test shows nothing"
