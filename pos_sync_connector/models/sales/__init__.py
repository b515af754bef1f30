from . import (  # noqa: I001  base classes first
    connection_sales,
    sale_order,
    sale_order_fulfils,
    picking_note,
    payment,
    payment_method,
    refund,
    refund_return,
    milestone,
    sales_report,
)
