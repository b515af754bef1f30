"""Pulling everything a second time, and what that wrote."""

from __future__ import annotations

from collections.abc import Sequence

from tests.processes.hub import Hub, wait_until

# All that a pull writes to but its own notes: nothing of it may move when nothing changed.
WRITTEN = """
    product_template product_product product_pricelist_item stock_quant stock_move res_partner sale_order
    sale_order_line pos_sync_refund pos_sync_points loyalty_card loyalty_history
""".split()


def pulled_again(hub: Hub, connection: int, flows: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """What another full pull of everything did, by flow: read, created, updated, unchanged, left out."""
    before = _runs(hub, connection, flows)
    hub.call("pos.sync.stream", "action_pull_everything", [hub.stream(connection, flow) for flow in flows])
    wait_until(
        lambda: all(run > before[flow] for flow, run in _runs(hub, connection, flows).items()), "a second pull",
        within=400,
    )  # fmt: skip
    return {flow: hub.database.query(
        "SELECT read_count, COALESCE(created_count, 0), COALESCE(updated_count, 0), COALESCE(unchanged_count, 0),"
        " COALESCE(skipped_count, 0) + COALESCE(failed_count, 0) + COALESCE(held_count, 0)"
        " FROM pos_sync_run WHERE id = %s", run)[0] for flow, run in _runs(hub, connection, flows).items()}  # fmt: skip


def written(hub: Hub) -> dict[str, str]:
    return {table: str(hub.database.query(f"SELECT count(*), max(write_date) FROM {table}")[0]) for table in WRITTEN}


def _runs(hub: Hub, connection: int, flows: Sequence[str]) -> dict[str, int]:
    """The last run of each flow that ended."""
    return dict(hub.database.query(
        "SELECT flow, CASE WHEN run_id IS NULL THEN COALESCE(last_run_id, 0) ELSE 0 END FROM pos_sync_stream"
        " WHERE connection_id = %s AND flow = ANY(%s)", connection, list(flows)))  # fmt: skip
