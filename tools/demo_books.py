"""The demo's books: a month of all its connections are compared, posted, paid out and signed, but for what an
accountant should find waiting."""
from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from .console import Problem, step
from .database import Database

# Days before today: since when books are kept, before which days are signed, before which they are posted.
_KEPT, _SIGNED, _POSTED = 30, 10, 2
_PATIENCE = 120
# What every accounting page is to show.
_PAGES = {
    "a business day that is posted": "FROM pos_sync_day WHERE state = 'posted'",
    "one that is held": "FROM pos_sync_day WHERE state = 'held' AND sentence IS NOT NULL",
    "one that has changed since": "FROM pos_sync_day WHERE state = 'changed'",
    "one that is not posted yet": "FROM pos_sync_day WHERE state = 'open'",
    "a reconciled day that differs": "FROM pos_sync_reconciliation WHERE state = 'differs'",
    "one that is signed": "FROM pos_sync_reconciliation WHERE sign_state = 'signed' AND state = 'ok'",
    "an account to choose": "FROM pos_sync_payment_method WHERE account_id IS NULL",
    "a payout that is posted": "FROM account_move WHERE pos_sync_payout_id IS NOT NULL AND state = 'posted'",
    "a cash count that is posted": "FROM pos_sync_cash_count WHERE state = 'posted'",
    "a tax": "FROM account_move_line WHERE tax_line_id IS NOT NULL AND parent_state = 'posted'",
}
_DIFFERENCES = """
    SELECT connection.name, day.date, row.cause, row.sentence, row.amount
      FROM pos_sync_difference row JOIN pos_sync_reconciliation day ON day.id = row.reconciliation_id
      JOIN pos_sync_connection connection ON connection.id = day.connection_id
      LEFT JOIN sale_order sale ON sale.id = row.order_id
     WHERE row.cause NOT IN ('not_posted', 'unmapped') AND sale.state IS DISTINCT FROM 'cancel'
       AND row.message_id IS NULL ORDER BY 1, 2
"""
_COMPARING = "SELECT name, reconcile_sentence FROM pos_sync_connection WHERE reconcile_from IS NOT NULL"
_DAYS = """
    SELECT connection.name, day.state, count(*), sum(order_count)
      FROM pos_sync_day day JOIN pos_sync_connection connection ON connection.id = day.connection_id
     GROUP BY 1, 2 ORDER BY 1, 2
"""


def keep(hub: Database) -> list[str]:
    """What is wrong with the books of a running hub's connections, in sentences."""
    today = datetime.now(timezone.utc).date()
    first, signed, posted = (str(today - timedelta(days=days)) for days in (_KEPT, _SIGNED, _POSTED))
    with step("Keeping the hub's books"):
        hub.call("tools.inside.books:keep", first=first, until=posted)
        hub.call("tools.inside.books:post", until=posted)
    with step("Comparing them with what the systems count"):
        _wait(hub)
        hub.call("tools.inside.books:sign", until=signed)
    for name, state, days, orders in hub.query(_DAYS):
        print(f"  {name:<10} {days:>4} business days {state:<8} {orders:>5} orders", flush=True)
    found = [f"No accounting page shows {what}." for what, rows in _PAGES.items()
             if not hub.query(f"SELECT count(*) {rows}")[0][0]]
    return found + [f"{name}, {day}: {cause}: {sentence} ({amount})" for name, day, cause, sentence, amount in
                    hub.query(_DIFFERENCES)]


def _wait(hub: Database) -> None:
    deadline = time.monotonic() + _PATIENCE
    while rows := hub.query(_COMPARING):
        if time.monotonic() > deadline or any(sentence for _name, sentence in rows):
            raise Problem(f"The days are not compared: {rows}")
        time.sleep(0.3)
