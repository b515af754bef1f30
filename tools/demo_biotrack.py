"""The demo's second shop: BioTrack, its database made up and read directly. SQL on both sides says whether all came."""
from __future__ import annotations

from typing import Any

from sandbox import biotrack

from .commands.sandbox import biotrack_settings, make_biotrack
from .console import step
from .database import Database
from .flows import FlowResult, FlowWatch, table
from .postgres import Postgres
from .workspace import Workspace

_SCALE = 0.05
_SOLD = "SELECT DISTINCT ON (location, id) * FROM tickets ORDER BY location, id, datetime DESC"
_SHOP_MONTHS = f"""
    SELECT to_char(to_timestamp(datetime) AT TIME ZONE 'UTC', 'YYYY-MM'), count(*), sum(totalprice), sum(price),
           sum(tax)
      FROM ({_SOLD}) t WHERE deleted = 0 AND preorder = 0 AND totalprice > 0 GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - a statement of ours
_HUB_MONTHS = """
    SELECT to_char(date_order, 'YYYY-MM'), count(*), sum(amount_total)::numeric(16, 2),
           sum(pos_sync_net)::numeric(16, 2), sum(pos_sync_tax)::numeric(16, 2)
      FROM sale_order WHERE pos_sync_connection_id = %s AND pos_sync_status = 'completed' GROUP BY 1 ORDER BY 1
"""
_UNPRICED = "no-price"
_MESSAGES = """
    SELECT code, external_id, sentence FROM pos_sync_message
     WHERE connection_id = %s AND state IN ('waiting', 'held', 'failed')
"""


def sync(workspace: Workspace, hub: Database) -> tuple[list[FlowResult], list[FlowResult], list[str]]:
    """Both passes of a BioTrack connection of a running hub, with what is wrong with them in sentences."""
    with step("Connecting the hub to a BioTrack shop") as progress:
        name = workspace.database_name("biotrack")
        make_biotrack(workspace.postgres, name, biotrack.make_shop(_SCALE), biotrack.NEWER)
        settings = biotrack_settings(workspace.postgres, name)
        shop = {"system": "biotrack", "name": "BioTrack", "settings": settings}
        (connection,) = hub.call("tools.inside.settings:connect", shops=[shop])
        # The first pass of the setup began with the test of the connection.
        setup = FlowWatch(hub, connection, anew=True).wait(progress)
    with step("Pulling its year") as progress:
        watch = FlowWatch(hub, connection)
        hub.call("tools.inside.settings:prepare", connection_ids=[connection])
        first = setup + [result for result in watch.wait(progress) if result.flow != setup[0].flow]
    print(f"\nBioTrack, first pull\n{table(first)}\n", flush=True)
    complaints = _differences(workspace.postgres, name, hub, connection)
    with step("Pulling its year again from reset cursors") as progress:
        watch = FlowWatch(hub, connection)
        hub.call("tools.inside.hub:pull_everything", connection_id=connection)
        second = watch.wait(progress)
    print(f"\nBioTrack, second pull\n{table(second)}\n", flush=True)
    complaints += [f"BioTrack, {result.flow}: reading it again changed something." for result in second
                   if result.created or result.updated]
    return first, second, complaints


def _differences(server: Postgres, name: str, hub: Database, connection: int) -> list[str]:
    """Months that differ, and what did not arrive; but a product that nothing tells the price of has to wait."""
    sold, arrived = _query(server, name, _SHOP_MONTHS), hub.query(_HUB_MONTHS, connection)
    found = [f"BioTrack, {row[0]}: {row[1:]} there, {other[1:]} in the hub." for row, other in
             zip(sold, arrived, strict=False) if row != other]
    if len(sold) != len(arrived):
        found.append(f"BioTrack sold in {len(sold)} months, {len(arrived)} of them arrived.")
    messages = hub.query(_MESSAGES, connection)
    unpriced = {external_id for code, external_id, _sentence in messages if code == _UNPRICED}
    found += [f"BioTrack, {external_id}: {sentence}" for code, external_id, sentence in messages
              if code != _UNPRICED and external_id.partition("@")[0] not in unpriced]
    return found


def _query(server: Postgres, name: str, statement: str) -> list[tuple[Any, ...]]:
    connection = server.connect(name)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()
