"""What tests do inside a hub's own Odoo, in a process of their own."""
from __future__ import annotations

import time
from typing import Any


def run_slices(env: Any, stream_id: int, slices: int) -> None:
    """Works on a stream as its job does, without the lock that Odoo holds for a job."""
    for _number in range(slices):
        env["pos.sync.run_stream"]._run(stream_id)


def run_pushes(env: Any, stream_id: int, until: float) -> None:
    """Sends what is in the outbox as the stream's job does, until a moment, without the lock that Odoo holds."""
    while time.time() < until:
        env["pos.sync.send_outbox"]._run(stream_id)
        time.sleep(0.05)


def map_location_while_a_pass_begins(env: Any) -> dict[str, Any]:
    """A person maps a location whose stock stream begins its pass in that moment, after the person's transaction took
    its look at the database. Returns whether the person's transaction had to be repeated (`repeated`), as Odoo does by
    itself, and whether everything is read again afterwards (`restarted`)."""
    from odoo import SUPERUSER_ID, api
    from odoo.addons.pos_sync_connector.sync.engine.outcome import is_concurrency

    connection = env["pos.sync.connection"].create({"name": "Shop", "system": "odoo", "state": "connected"})
    location = env["pos.sync.location"].create(
        {"connection_id": connection.id, "external_id": "shop", "name": "Shop", "holds_stock": True})
    shelf = env["stock.warehouse"].search([("company_id", "=", connection.company_id.id)], limit=1).lot_stock_id
    stream = connection.stream_ids.filtered(lambda item: item.flow == "stock_pull")
    stream.enabled = True
    env.cr.commit()

    def map_it(cursor: Any) -> None:
        api.Environment(cursor, SUPERUSER_ID, {})[location._name].browse(location.id).stock_location_id = shelf.id
        cursor.flush()
        cursor.commit()

    repeated = False
    with env.registry.cursor() as person:
        person.execute("SELECT count(*) FROM pos_sync_stream")
        with env.registry.cursor() as job:
            own = api.Environment(job, SUPERUSER_ID, {})
            own["pos.sync.run_stream"]._start(own[stream._name].browse(stream.id))
            own[stream._name].browse(stream.id).cursor = '{"position": "2"}'
            job.flush()
            job.commit()
        try:
            map_it(person)
        except Exception as error:
            person.rollback()
            if not is_concurrency(error):
                raise
            repeated = True
    if repeated:
        with env.registry.cursor() as person:
            map_it(person)
    env.cr.rollback()
    env.invalidate_all()
    return {"repeated": repeated, "restarted": stream.requested and not stream.cursor}
