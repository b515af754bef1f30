from . import (  # noqa: I001  base classes first
    outbox,
    mapping_pushed,
    stream_push,
    connection_push,
    partner_push,
    sale_order_push,
    refund_push,
    stock_push,
    parcel_push,
    push_triggers,
    route,
)
