from . import (  # noqa: I001  base classes first
    order_spending,
    point_terms,
    post_points,
    award_points,
    award_refunds,
    open_points,
)
