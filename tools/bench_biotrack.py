"""How fast the history of a BioTrack shop comes in, beside plain `sale.order.create` of the same orders; inside Odoo.

The tickets come out of a real PostgreSQL database through the stream's own job, with customers, products, taxes,
payments and points in place. After every slice plain Odoo makes the same orders as drafts, in batches of a page; what
plain Odoo is given was read beforehand and costs it nothing.
"""
from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from odoo.addons.pos_sync_connector.connectors.flows import Flow
from odoo.addons.pos_sync_connector.connectors.pages import Cursor

from .bench_products import Cost, _resident

_LONG_AGO = "2000-01-01"


class BioTrackBench:
    """A connection to a shop, with its products and customers in place."""

    def __init__(self, env: Any, settings: dict[str, str]) -> None:
        self.env = env
        self.connection = env["pos.sync.connection"].create({
            "name": "BioTrack", "system": "biotrack", "points_from": _LONG_AGO, "entries_from": _LONG_AGO,
        })
        for row in self.connection.setting_ids.filtered(lambda row: row.key in settings):
            row["secret_input" if row.kind == "secret" else "value"] = settings[row.key]
        self.connection.action_test()
        self.connection.action_make_program()
        env.cr.commit()
        self.run(Flow.SETUP_PULL)
        self.connection.action_make_taxes()
        self.connection.action_make_stock_locations()
        env.cr.commit()
        for flow in (Flow.PRODUCTS_PULL, Flow.CUSTOMERS_PULL):
            while self.run(flow).state == "running":
                continue

    def run(self, flow: Flow, cost: Cost | None = None) -> Any:
        stream = self.connection._stream(flow)
        self.env.invalidate_all()
        (cost or Cost()).measure(self.env, lambda: self.env["pos.sync.run_stream"]._run(stream.id))
        self.env.invalidate_all()
        return stream.run_id or stream.last_run_id

    def slices(self, cost: Cost) -> Iterator[int]:
        """Pulls the orders; after each slice, how many it read."""
        before = 0
        while True:
            run = self.run(Flow.ORDERS_PULL, cost)
            yield run.read_count - before
            before = run.read_count
            if run.state != "running":
                break
        if run.state != "done" or run.failed_count or run.held_count or run.created_count != run.read_count:
            raise AssertionError(f"{run.state} {run._summary()} {run.sentence or ''}")

    def same_orders(self) -> Iterator[dict[str, Any]]:
        """Values for the same orders as a program without this addon would create them."""
        Mapping = self.env["pos.sync.mapping"]
        products = {row.external_id: row.product_id.id for row in Mapping.search([("entity", "=", "variant")])}
        partners = {row.external_id: row.partner_id.id for row in Mapping.search([("entity", "=", "customer")])}
        taxes = {row.external_id: row.tax_id.ids for row in self.connection.tax_ids}
        nobody = self.env["res.partner"].create({"name": "Nobody"}).id
        anything = self.env["product.product"].create({"name": "Anything"}).id
        self.env.cr.commit()
        with self.connection._connector() as connector:
            for page in connector.pull_orders(Cursor()):
                for order in page.records:
                    yield {
                        "partner_id": partners.get(order.customer_id, nobody),
                        "date_order": order.created_at.replace(tzinfo=None),
                        "order_line": [
                            (0, 0, {
                                "product_id": products.get(line.variant_id, anything),
                                "product_uom_qty": float(line.quantity),
                                "price_unit": float(line.net / line.quantity),
                                "tax_ids": [(6, 0, [own for tax in line.taxes for own in taxes[tax.tax_id]])],
                            })
                            for line in order.lines
                        ],
                    }


def speed(env: Any, size: int, settings: dict[str, str]) -> dict[str, Any]:
    """Seconds and their ratio for all orders of the shop."""
    bench = BioTrackBench(env, settings)
    same, batch = bench.same_orders(), bench.connection._system_class().orders_a_page
    ours, plain = Cost(), Cost()
    made = 0

    def make(values: list[dict[str, Any]]) -> None:
        env["sale.order"].create(values)
        env.flush_all()

    for count in bench.slices(ours):
        made += count
        for start in range(0, count, batch):
            values = list(islice(same, min(batch, count - start)))
            plain.measure(env, lambda values=values: make(values))
            env.cr.commit()
            env.invalidate_all()
    imported = env["sale.order"].search_count([("pos_sync_connection_id", "=", bench.connection.id)])
    others = env["sale.order"].search_count([("pos_sync_connection_id", "=", False)])
    if not imported == others == made:
        raise AssertionError(f"{made} read, {imported} imported, {others} made plainly")
    return {
        "orders": made,
        "ratio": plain.seconds / ours.seconds,
        "orders_per_second": made / ours.seconds,
        "plain_per_second": made / plain.seconds,
        "queries_per_order": ours.queries / made,
        "seconds": {"orders": ours.seconds, "plain": plain.seconds},
    }


def peak_memory(env: Any, size: int, settings: dict[str, str]) -> dict[str, float]:
    """The peak of the process in MB while it pulled the orders, and what it was before."""
    bench = BioTrackBench(env, settings)
    # 5 sets the peak of the resident memory back to what is resident now.
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident("VmHWM")
    for _count in bench.slices(Cost()):
        continue
    return {"before_mb": before, "peak_mb": _resident("VmHWM")}
