from . import (  # noqa: I001  base classes first
    points,
    connection_points,
    sale_order_points,
    loyalty_card,
    loyalty_report,
)
