"""The hub's side of the demo's shops that are connected by settings alone, as a person would do it on the screens.
Runs inside the hub."""
from __future__ import annotations

from typing import Any

_ADMIN = "base.user_admin"


def connect(env: Any, shops: list[dict[str, Any]]) -> list[int]:
    """A connection to each of `shops` (`system`, `name`, `settings`), tested, with nothing but its setup switched on;
    returns their ids."""
    return [_connect(env, **shop) for shop in shops]


def _connect(env: Any, system: str, name: str, settings: dict[str, str]) -> int:
    connection = env["pos.sync.connection"].with_user(env.ref(_ADMIN)).create({"name": name, "system": system})
    for row in connection.setting_ids.filtered(lambda row: row.key in settings):
        row["secret_input" if row.kind == "secret" else "value"] = settings[row.key]
    connection.stream_ids.filtered(lambda stream: stream.flow != "setup_pull").write({"enabled": False})
    answer = connection.action_test()
    if connection.state != "connected":
        raise ValueError(answer["params"]["message"])
    return connection.id


def prepare(env: Any, connection_ids: list[int]) -> None:
    """Maps taxes and locations, lets new products in without asking, makes programs for points, starts all pulls."""
    connections = _connections(env, connection_ids)
    connections.write({"review_new": False, "points_from": "2000-01-01"})
    for connection in connections:
        connection.action_make_program()
        connection.action_make_taxes()
        connection.action_make_stock_locations()
        pulls = connection.stream_ids.filtered(lambda stream: stream.flow.endswith("_pull"))
        pulls.filtered(lambda stream: not stream.enabled).enabled = True
        connection.action_sync_now()


def pull_everything(env: Any, connection_ids: list[int]) -> None:
    """Resets every cursor."""
    _connections(env, connection_ids).stream_ids.filtered("enabled").action_pull_everything()


def _connections(env: Any, ids: list[int]) -> Any:
    return env["pos.sync.connection"].with_user(env.ref(_ADMIN)).browse(ids)
