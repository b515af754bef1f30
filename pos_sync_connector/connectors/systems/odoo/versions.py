"""What older versions of Odoo need besides other names of fields (those are found by asking, see `fields`).

Overrides of one method name its arguments differently (`args`, `domain`; `vals`, `values`), and some take fewer. Over
XML-RPC arguments therefore go by position, as far as all versions agree on it.
"""

from __future__ import annotations

from typing import Any

OLDEST = 14
JSON2_SINCE = 19
# From here on `message_post` takes a text as text; before, as HTML.
PLAIN_MESSAGES_SINCE = 17

# The order of arguments after the ids, each with what stands for "not given".
_POSITIONS: dict[str, tuple[tuple[str, Any], ...]] = {
    "search_read": (("domain", []), ("fields", []), ("offset", 0), ("limit", 0), ("order", "id")),
    "search_count": (("domain", []),),
    "read": (("fields", []), ("load", "_classic_read")),
    "write": (("vals", {}),),
    "create": (("vals_list", []),),
    "load": (("fields", []), ("data", [])),
    "fields_get": (("allfields", []), ("attributes", [])),
    "read_group": (("domain", []), ("fields", []), ("groupby", [])),
}

# What a version does not have at all, or tells in a way that leaves something open: version, then sentences for people.
LACKS: dict[int, tuple[str, ...]] = {
    14: (
        "No loyalty points of customers: it has no loyalty cards.",
        "No codes of coupons on orders.",
        "Refunds of tills: those made with “Return Products” on an order. Goods that are typed in at a till with a "
        "negative quantity stay lines of an order.",
    ),
    15: (
        "No loyalty points of customers: it has no loyalty cards.",
        "No codes of coupons on sales orders.",
    ),
    17: ("A part of a combo names its choice only where no other choice of that combo has the same product.",),
}


def lacks(major: int) -> tuple[str, ...]:
    """As notes on a connection."""
    return tuple(f"Odoo {major}: {sentence}" for sentence in LACKS.get(major, ()))


def by_position(method: str, named: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call as XML-RPC sends them: by position as far as is known, the rest by name."""
    places = _POSITIONS.get(method, ())
    names = [name for name, _default in places]
    used = max((place + 1 for place, name in enumerate(names) if name in named), default=0)
    positional = [named.get(name, default) for name, default in places[:used]]
    return positional, {name: value for name, value in named.items() if name not in names}
