"""Two transactions that move one customer's points at the same moment, inside a hub's own Odoo."""
from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_DAY = "2026-03-02 10:00:00"


def race(env: Any, case: str) -> dict[str, Any]:
    """Sets up `case`, runs its two transactions side by side, each repeated as its caller in the product would, and
    returns what became of the customer: `cards`, `points` (of the cards), `ledger`, `earned` (rows), `repeated`
    (transactions that had to start again) and `differences`."""
    connections = _connections(env)
    customer = env["res.partner"].create({"name": f"Customer of {case}"})
    first, second = _CASES[case](env, connections, customer)
    env.cr.commit()
    repeated = _side_by_side(env, first, second)
    env.cr.rollback()
    env.invalidate_all()
    program = connections[0].program_id
    cards = env["loyalty.card"].search([("partner_id", "=", customer.id), ("program_id", "=", program.id)])
    rows = env["pos.sync.points"].search([("partner_id", "=", customer.id)])
    return {
        "cards": len(cards),
        "points": sum(cards.mapped("points")),
        "ledger": sum(rows.mapped("points")),
        "earned": len(rows.filtered(lambda row: row.kind == "earn")),
        "repeated": repeated,
        "differences": env["pos.sync.points"]._check_ledger(cards),
    }


def _connections(env: Any) -> Any:
    """Connections of two companies that share a program, so that no turn of the importers keeps them apart."""
    Connection = env["pos.sync.connection"]
    known = Connection.search([("name", "like", "Shop of%")])
    if known:
        return known
    companies = env["res.company"].create([{"name": f"Company {number}"} for number in (1, 2)])
    connections = Connection.create(
        [
            {"name": f"Shop of {company.name}", "system": "odoo", "company_id": company.id, "points_from": False}
            for company in companies
        ]
    )
    connections[0].action_make_program()
    connections[0].program_id.write({"company_id": False})
    connections[1].program_id = connections[0].program_id
    return connections


def _order(env: Any, company: Any, customer: Any, amount: float, **values: Any) -> Any:
    product = env["product.product"].create({"name": "Service", "type": "service", "taxes_id": False})
    return (
        env["sale.order"]
        .with_company(company)
        .create(
            {
                "partner_id": customer.id,
                "company_id": company.id,
                "date_order": _DAY,
                "order_line": [(0, 0, {"product_id": product.id, "price_unit": amount, "tax_ids": False})],
                **values,
            }
        )
    )


def _imported(env: Any, connection: Any, customer: Any, amount: float) -> Any:
    order = _order(
        env,
        connection.company_id,
        customer,
        amount,
        pos_sync_connection_id=connection.id,
        pos_sync_external_id=f"{customer.id}-{amount}",
        pos_sync_status="completed",
        pos_sync_gross=amount,
        pos_sync_net=amount,
    )
    order.with_context(pos_sync_settle_later=True).write({"state": "sale"})
    return order


def _settle(order: Any) -> Callable[[Any], None]:
    return lambda env: env["pos.sync.award_points"]._settle(env["sale.order"].browse(order.id))


def _two_streams(env: Any, connections: Any, customer: Any) -> Any:
    return [_settle(_imported(env, connection, customer, 100.0 + connection.id)) for connection in connections]


def _one_order_twice(env: Any, connections: Any, customer: Any) -> Any:
    order = _imported(env, connections[0], customer, 100.0)
    return _settle(order), _settle(order)


def _a_card_that_is_there(env: Any, connections: Any, customer: Any) -> Any:
    env["pos.sync.award_points"]._settle(_imported(env, connections[0], customer, 1000.0))
    return _two_streams(env, connections, customer)


def _stream_and_salesperson(env: Any, connections: Any, customer: Any) -> Any:
    own = _order(env, connections[0].company_id, customer, 30.0)
    imported = _imported(env, connections[0], customer, 100.0)
    return lambda env: env["sale.order"].browse(own.id).action_confirm(), _settle(imported)


_CASES = {
    "two streams": _two_streams,
    "one order twice": _one_order_twice,
    "a card that is there": _a_card_that_is_there,
    "a stream and a salesperson": _stream_and_salesperson,
}


def _side_by_side(env: Any, *transactions: Callable[[Any], None]) -> int:
    from odoo import SUPERUSER_ID, api
    from odoo.addons.pos_sync_connector.sync.engine.outcome import is_concurrency

    both_have_looked = threading.Barrier(len(transactions))

    def run(transaction: Callable[[Any], None]) -> int:
        for attempt in range(5):
            with env.registry.cursor() as cursor:
                own = api.Environment(cursor, SUPERUSER_ID, {"loyalty_no_mail": True})
                # What a transaction sees is settled by its first look: neither may see what the other one does.
                cursor.execute("SELECT count(*) FROM loyalty_card")
                if not attempt:
                    both_have_looked.wait(timeout=60)
                try:
                    transaction(own)
                    cursor.flush()
                    cursor.commit()
                    return attempt
                except Exception as error:
                    cursor.rollback()
                    if not is_concurrency(error):
                        raise
        raise AssertionError("a transaction was repeated five times")

    with ThreadPoolExecutor(len(transactions)) as pool:
        return sum(pool.map(run, transactions))
