"""Who may call which public method: the table of `test_rights`."""

_USER = "pos_sync_connector.group_user"
_INVOICING = "account.group_account_invoice"
_CONTACTS = "base.group_partner_manager"

# Who calls: the groups of each. A clerk also sells and ships; the chief manages POS Sync, the accounts and the
# contacts; `other` is a manager and an accountant, of another company.
ROLES = {
    "public": "base.group_public",
    "portal": "base.group_portal",
    "internal": "base.group_user",
    "seller": "sales_team.group_sale_manager,stock.group_stock_user",
    "user": _USER,
    "clerk": f"{_USER},sales_team.group_sale_manager,{_CONTACTS},stock.group_stock_user",
    "accountant": f"{_USER},{_INVOICING}",
    "manager": "pos_sync_connector.group_manager",
    "chief": f"pos_sync_connector.group_manager,account.group_account_manager,{_CONTACTS}",
    "other": f"pos_sync_connector.group_manager,{_INVOICING}",
}

# What a method is called with, besides its records: arguments and keywords.
ARGUMENTS = {
    "look_ahead": (["products_pull"], {}),
    "action_create_group": ([], {"context": {"first_sync_group": "new_products"}}),
    "action_link_group": ([], {"context": {"first_sync_group": "new_products"}}),
    "action_leave_out_group": ([], {"context": {"first_sync_group": "new_products"}}),
    "action_view_group": ([], {"context": {"first_sync_group": "new_products"}}),
}

_READERS = "user clerk accountant manager chief"
_ACCOUNTANTS = "accountant chief"
_MANAGERS = "manager chief"
_CHIEF = "chief"

# {model: {method: who may call it}}
MAY = {
    "res.partner": {
        "action_pos_sync_send": "clerk chief",
        "pos_sync_send": "clerk chief",
    },
    "account.move": {
        "action_pos_sync_lines": _READERS,
        "action_pos_sync_send_refund": _ACCOUNTANTS,
        "action_pos_sync_view_day": _ACCOUNTANTS,
    },
    "account.move.line": {
        "action_pos_sync_orders": _ACCOUNTANTS,
    },
    "stock.picking": {
        "action_pos_sync_send_refund": "clerk accountant chief",
    },
    "sale.order": {
        "action_pos_sync_cancel_there": "seller clerk accountant chief",
        "action_pos_sync_fulfil": "seller clerk",
        "action_pos_sync_messages": _READERS,
        "action_pos_sync_release": "seller clerk accountant chief",
        "action_pos_sync_send": "clerk accountant chief",
        "action_pos_sync_view_day": "portal seller clerk accountant chief",
        "action_pos_sync_view_entries": "portal seller clerk accountant chief",
        "pos_sync_send": "clerk accountant chief",
    },
    "pos.sync.connection": {
        "action_fetch_orders": _READERS,
        "action_ask_permission": _MANAGERS,
        "action_ask_undo_first_sync": _MANAGERS,
        "action_award_earlier": _MANAGERS,
        "action_confirm_database": _MANAGERS,
        "action_create_group": _READERS,
        "action_finish_first_sync": _MANAGERS,
        "action_leave_out_group": _READERS,
        "action_link_group": _READERS,
        "action_make_program": _MANAGERS,
        "action_make_stock_locations": _MANAGERS,
        "action_make_taxes": _CHIEF,
        "action_off": _MANAGERS,
        "action_on": _MANAGERS,
        "action_open": _READERS,
        "action_open_program": _READERS,
        "action_pull_stale": _READERS,
        "action_reconcile_all": _ACCOUNTANTS,
        "action_register_webhooks": _MANAGERS,
        "action_remove_webhooks": _MANAGERS,
        "action_setup_back": _MANAGERS,
        "action_setup_next": _MANAGERS,
        "action_setup_read_again": _MANAGERS,
        "action_setup_start": _MANAGERS,
        "action_start_anew": _MANAGERS,
        "action_sync_now": _READERS,
        "action_take_over": _MANAGERS,
        "action_test": _MANAGERS,
        "action_test_access": _MANAGERS,
        "action_undo_first_sync": _MANAGERS,
        "action_view_access": _READERS,
        "action_view_failures": _READERS,
        "action_view_first_sync": _READERS,
        "action_view_group": _READERS,
        "action_view_locations": _READERS,
        "action_view_mappings": _READERS,
        "action_view_matches": _READERS,
        "action_view_messages": _READERS,
        "action_view_orders": _READERS,
        "action_view_pending": _READERS,
        "action_view_points": _READERS,
        "action_view_reconciliations": _READERS,
        "action_view_runs": _READERS,
        "action_view_streams": _READERS,
        "action_view_taxes": _READERS,
        "look_ahead": _MANAGERS,
        "menu_counts": f"{_READERS} other",
    },
    "pos.sync.location": {
        "action_make_stock_location": _MANAGERS,
    },
    "pos.sync.stream": {
        "action_drop_pending": _MANAGERS,
        "action_pull_everything": _READERS,
        "action_send_counts": _MANAGERS,
        "action_send_zeros": _MANAGERS,
        "action_sync_now": _READERS,
    },
    "pos.sync.mapping": {
        "action_make_again": _MANAGERS,
        "action_open_record": _READERS,
        "action_open_remote": _READERS,
    },
    "pos.sync.message": {
        "action_view_awaited": _READERS,
        "action_choose": _READERS,
        "action_create": _READERS,
        "action_drop": _READERS,
        "action_leave_out": _READERS,
        "action_link": _READERS,
        "action_link_product": _READERS,
        "action_open_record": "clerk accountant chief",
        "action_retry": _READERS,
        "action_view_siblings": _READERS,
    },
    "pos.sync.failure": {
        "action_make_tax": "accountant manager chief",
        "action_mend": _READERS,
        "action_retry": _READERS,
        "action_view_connection": _READERS,
        "action_view_messages": _READERS,
    },
    "pos.sync.tax": {
        "action_make_tax": _CHIEF,
    },
    "pos.sync.match": {
        "action_different": _READERS,
        "action_same": _READERS,
    },
    "pos.sync.payment.method": {
        "action_create_accounts": _CHIEF,
        "action_view_items": _READERS,
    },
    "pos.sync.refund": {
        "action_accept": _ACCOUNTANTS,
    },
    "pos.sync.day": {
        "action_gather": _READERS,
        "action_open_choices": _READERS,
        "action_post": _ACCOUNTANTS,
        "action_view_lines": "clerk accountant chief",
        "action_view_moves": _READERS,
        "action_view_orders": _READERS,
    },
    "pos.sync.day.line": {
        "action_view_orders": _READERS,
    },
    "pos.sync.reconciliation": {
        "action_check": _ACCOUNTANTS,
        "action_mend": _ACCOUNTANTS,
        "action_post": _ACCOUNTANTS,
        "action_reopen": _ACCOUNTANTS,
        "action_sign": _ACCOUNTANTS,
        "action_view_days": _READERS,
        "action_view_orders": _READERS,
    },
    "pos.sync.difference": {
        "action_accept": _ACCOUNTANTS,
        "action_cancel_there": _ACCOUNTANTS,
        "action_mend": _ACCOUNTANTS,
        "action_restore": _ACCOUNTANTS,
        "action_view": _READERS,
    },
    "pos.sync.payout": {
        "action_post": _ACCOUNTANTS,
        "action_view_move": _READERS,
        "action_view_orders": _READERS,
    },
    "pos.sync.payout.entry": {
        "action_view_order": _READERS,
    },
    "pos.sync.cash.count": {
        "action_post": _ACCOUNTANTS,
        "action_view_move": _READERS,
    },
    "pos.sync.posting.choice": {
        "action_create_missing": _CHIEF,
    },
    "pos.sync.tax.report": {
        "action_view_item": _ACCOUNTANTS,
    },
    "pos.sync.tax.statement": {
        "action_print": _READERS,
        "action_send": _ACCOUNTANTS,
        "action_view_taxes": _READERS,
    },
    "pos.sync.erase": {
        "action_erase": _CHIEF,
    },
    "pos.sync.link_product": {
        "action_link": _MANAGERS,
    },
    "pos.sync.link": {
        "action_link": _READERS,
    },
    "pos.sync.open_balances": {
        "action_open": _MANAGERS,
    },
    "pos.sync.send": {
        "action_send": "clerk chief",
    },
    "pos.sync.fetch": {
        "action_fetch": _READERS,
    },
}
