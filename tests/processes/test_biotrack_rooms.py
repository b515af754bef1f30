"""Which rooms of a BioTrack shop count, each choice against SQL on its lots."""

from __future__ import annotations

import pytest

from connectors.errors import NeedsFixing
from tests.processes.biotrack_shop import pull

SPLIT_PARTS = """
    SELECT i.id, split_part(part, ',', 1)::bigint AS room, split_part(part, ',', 2)::numeric AS quantity
      FROM inventory i, unnest(string_to_array(rtrim(i.roomdata, ':'), ':')) part
     WHERE i.roomdata <> ''
"""
# Lots by room: by the split where it adds up, else whole in the current room.
BY_ROOM = f"""
    WITH parts AS ({SPLIT_PARTS}),
    split AS (SELECT p.* FROM parts p JOIN inventory i ON i.id = p.id
               WHERE i.remainingweight = (SELECT sum(quantity) FROM parts q WHERE q.id = p.id)),
    live AS (
        SELECT i.* FROM inventory i JOIN products p ON p.id = i.productid
         WHERE p.deleted = 0 AND p.requiresinventory = 1 AND i.deleted = 0 AND i.transferredout = 0
           AND COALESCE(i.seized, 0) = 0 AND i.remainingweight > 0
    ),
    lots AS (
        SELECT productid, location, COALESCE(currentroom, 0) AS room, remainingweight AS quantity FROM live
         WHERE id NOT IN (SELECT id FROM split)
        UNION ALL
        SELECT l.productid, l.location, s.room, s.quantity FROM live l JOIN split s ON s.id = l.id
    )
"""
CHOICES = [
    ("", {0}), ("0", {0}), ("3", {3}), ("0, 3", {0, 3}), ("1,2", {1, 2}), ("3,4", {3}), ("9", {9}), ("77", set())]


@pytest.mark.parametrize(("entered", "counted"), CHOICES)
def test_chosen_rooms_are_summed(biotrack_base, entered, counted):
    with biotrack_base.connect(rooms=entered) as connector:
        levels, _cursor = pull(connector, "stock")
    expected = {f"{product}@{location}": quantity for product, location, quantity in biotrack_base.query(f"""
        {BY_ROOM} SELECT productid, location, sum(quantity) FROM lots WHERE room = ANY(%s) GROUP BY 1, 2
        HAVING sum(quantity) > 0
    """, sorted(counted) or [-1])}
    assert {key: level.quantity for key, level in levels.items() if level.quantity} == expected
    assert bool(expected) is bool(counted)


def test_rooms_as_locations(biotrack_base):
    with biotrack_base.connect(rooms="0,1,2,3,4,5,9", stock_by="room") as connector:
        levels, _cursor = pull(connector, "stock")
        places = {place.external_id for place in connector.locations()}
    expected = dict(biotrack_base.query(f"""
        {BY_ROOM} SELECT productid || '@' || location || '/' || room, sum(quantity) FROM lots WHERE room <> 4
         GROUP BY 1 HAVING sum(quantity) > 0
    """))
    assert {key: level.quantity for key, level in levels.items() if level.quantity} == expected
    assert {level.location_id for level in levels.values()} <= places
    assert any(key.endswith("/9") for key in expected)


def test_what_has_no_stock_is_counted_as_none(biotrack_base):
    with biotrack_base.connect(rooms="1") as connector:
        levels, _cursor = pull(connector, "stock")
    kept = biotrack_base.value("""
        SELECT count(DISTINCT (productid, i.location)) FROM inventory i JOIN products p ON p.id = i.productid
         WHERE p.deleted = 0 AND requiresinventory = 1 AND i.location = 1
    """)
    assert len([key for key in levels if key.endswith("@1")]) == kept
    assert any(not level.quantity for level in levels.values())


def test_rooms_must_be_numbers(biotrack_base):
    with pytest.raises(NeedsFixing, match="is no room"), biotrack_base.connect(rooms="floor") as connector:
        pull(connector, "stock")
