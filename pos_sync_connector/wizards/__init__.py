from . import (
    erase_person,
    fetch_orders,
    link_product,
    link_record,
    open_balances,
    partner_merge_links,
    partner_merge_points,
    send_records,
)
