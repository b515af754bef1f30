"""The accountant's side of the demo: what a person does under Accounting, by the same buttons. Runs inside the hub."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Any

_ADMIN = "base.user_admin"
# What is owed, or is no sale: (name, code, type), by the name that is proposed for it.
_ACCOUNTS = (
    ("Tips to Pay to the Staff", "252910", "liability_current"),
    ("Gift Cards and Points Outstanding", "252920", "liability_current"),
    ("Payout Adjustments", "620910", "expense"),
    ("Petty Cash of the Shops", "101910", "asset_current"),
)
_TIPS, _GIFT_CARDS, _ADJUSTMENTS, _PETTY_CASH = (name for name, _code, _kind in _ACCOUNTS)


def keep(env: Any, first: str, until: str) -> None:
    """A company that keeps books: a chart, taxes that reach its accounts, and the days of every connection summarised
    from `first` on, none of them posted yet. A rate of the euro is known for all of them. One way to pay of the days
    before `until` has no account."""
    env = _as_accountant(env)
    env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
    for name, code, kind in _ACCOUNTS:
        env["account.account"].create({"name": name, "code": code, "account_type": kind})
    env["res.currency.rate"].create({"currency_id": env.ref("base.EUR").id, "name": first, "company_rate": 0.9})
    connections = env["pos.sync.connection"].search([])
    connections.write({"entries_from": first})
    env["pos.sync.posting.period"].create(
        [{"connection_id": connection.id, "date_from": first, "mode": "summary"} for connection in connections])
    env["pos.sync.day"].action_gather()
    _choose(env, until)


def _choose(env: Any, until: str) -> None:
    """All that the page of accounts and taxes asks for, but the account of one way to pay: the one of the fewest days,
    of those that no account is proposed for."""
    choices = env["pos.sync.posting.choice"].search([("done", "=", False)])
    days = dict(env["pos.sync.payment"]._read_group(
        [("day_id.date", "<", until), ("method_id.account_id", "=", False)], ["method_id"], ["day_id:count_distinct"]))
    left = min(days, key=lambda method: (days[method], method.id))
    choices = choices.filtered(lambda row: not (row.kind == "method" and row.source == left.id))
    choices.action_create_missing()
    for row in env["pos.sync.posting.choice"].search([("done", "=", False), ("id", "in", choices.ids)]):
        row.account_id = _account(env, _GIFT_CARDS if row.kind == "method" else _ADJUSTMENTS)


def post(env: Any, until: str) -> None:
    """Posts the days before `until`, cancels an order of one of them afterwards, and asks what the systems count."""
    env = _as_accountant(env)
    days = env["pos.sync.day"].search([("date", "<", until)], order="date")
    days.action_post()
    days.filtered(lambda day: day.state == "posted" and day.order_count > 1)[-1:].order_ids[:1].action_cancel()
    env["pos.sync.day"].action_gather()
    for connection in env["pos.sync.connection"].search([]):
        connection._reconcile(_first(env), connection._today() - timedelta(days=1))


def sign(env: Any, until: str) -> None:
    """Signs what agrees of the days before `until`. The last payout and the last cash count are left to be posted."""
    env = _as_accountant(env)
    env["pos.sync.reconciliation"].search([("state", "=", "ok"), ("date", "<", until)]).action_sign()
    parts = env["pos.sync.payout.account"].search([("account_id", "=", False)])
    parts.account_id = _account(env, _ADJUSTMENTS)
    payouts = env["pos.sync.payout"].search([("posting_state", "=", "open")])
    # Money of a day that is held or has changed can't be paid out yet; that from before the books is left to a person.
    payouts = payouts.filtered(
        lambda payout: all(payment.day_id.state == "posted" for payment in payout.entry_ids.payment_id))
    counts = env["pos.sync.cash.count"].search([("state", "=", "to_post")])
    counts.other_account_id = _account(env, _PETTY_CASH)
    for waiting in (payouts[1:], counts[1:]):
        if waiting:
            waiting.action_post()
    env["pos.sync.tax.statement"].create({"name": "Sales Tax", "period": "month"})


def _first(env: Any) -> date:
    return min(env["pos.sync.posting.period"].search([]).mapped("date_from"))


def _account(env: Any, name: str) -> Any:
    return env["account.account"].search([("name", "=", name)])


def _as_accountant(env: Any) -> Any:
    user = env.ref(_ADMIN)
    return env(user=user.id, context={"allowed_company_ids": user.company_id.ids})
