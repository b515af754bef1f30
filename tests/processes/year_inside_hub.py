"""What the test of the year asks inside the hub's own Odoo."""
from __future__ import annotations

from typing import Any

_COMPARED = ("sale.order", "sale.order.line")


def prepare(env: Any, connection: int, euros_a_dollar: float) -> None:
    """A program of one point a currency unit for all orders, and the rate of the euro in all companies."""
    euro = env.ref("base.EUR")
    euro.active = True
    rate = {"currency_id": euro.id, "name": "2000-01-01", "company_id": False}
    if not env["res.currency.rate"].search([(name, "=", value) for name, value in rate.items()]):
        env["res.currency.rate"].create({**rate, "rate": euros_a_dollar})
    found = env["pos.sync.connection"].browse(connection)
    found.write({"points_from": False})
    found.action_make_program()


def recompute(env: Any) -> list[str]:
    """Computes every stored computed field of all imported orders and lines again; what has changed, in sentences."""
    orders = env["sale.order"].search([("pos_sync_connection_id", "!=", False)])
    found = []
    for records in (orders, orders.order_line):
        stored = [field for field in records._fields.values() if field.store and field.compute and field.column_type]
        before = _rows(env, records, stored)
        for field in stored:
            env.add_to_compute(field, records)
        env.flush_all()
        env.invalidate_all()
        for number, row in _rows(env, records, stored).items():
            found += [f"{records._name} {number}: {name} was {before[number][name]!r}, is {value!r}"
                      for name, value in row.items() if value != before[number][name]]  # fmt: skip
    return found[:50]


def _rows(env: Any, records: Any, stored: list[Any]) -> dict[int, dict[str, Any]]:
    env.flush_all()
    env.cr.execute(f"SELECT to_jsonb(t) FROM {records._table} t WHERE id = ANY(%s)", [records.ids])
    names = {field.name for field in stored}
    return {row["id"]: {name: row[name] for name in names} for (row,) in env.cr.fetchall()}


def check_ledger(env: Any) -> list[Any]:
    return env["pos.sync.points"]._check_ledger()
