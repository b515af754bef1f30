from . import (  # noqa: I001  base classes first
    exporter,
    send_outbox,
    send_outbox_customer,
    count_stock,
    check_counts,
    export_customers,
    export_orders,
    export_order_status,
    export_parcels,
    export_refunds,
    export_stock,
    notice_refunds,
)
