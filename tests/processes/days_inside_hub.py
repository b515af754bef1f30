"""A company that keeps books, made inside a hub's own Odoo: accounts, taxes, a way of posting, an accountant."""
from __future__ import annotations

from typing import Any

ACCOUNTANT = "accountant"


def keep_books(env: Any, connection: int, date_from: str) -> None:
    """A company with a chart of accounts, and the days of the connection summarised from `date_from` on. ACCOUNTANT is
    a user of the app with Odoo's right to invoice and no more; the password is the login."""
    env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
    connection = env["pos.sync.connection"].browse(connection)
    connection.write({"entries_from": date_from, "orders_from": date_from})
    connection.action_make_taxes()
    env["account.journal"].create({"name": "Cash", "type": "cash", "code": "CSH"})
    env["account.account"].create({"name": "Tips owed", "code": "252900", "account_type": "liability_current"})
    env["pos.sync.posting.period"].create(
        {"connection_id": connection.id, "date_from": date_from, "mode": "summary"})
    env["res.users"].create({
        "name": "Alex Counts", "login": ACCOUNTANT, "password": ACCOUNTANT,
        "group_ids": [(4, env.ref(name).id) for name in (
            "base.group_user", "pos_sync_connector.group_user", "account.group_account_invoice",
            "sales_team.group_sale_salesman_all_leads")],
    })
