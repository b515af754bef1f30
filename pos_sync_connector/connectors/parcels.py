"""A parcel that left here, as it is reported to the system that its order came from."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from .records import Record, _frozen


@_frozen
class Parcel(Record):
    """`external_id` is ours; `order_id` and the lines' ids are the system's. `lines`: pairs of a line with how much
    of it is in the parcel.

    `parcel_id`: the system's own id, once it has answered with one. `others`: its ids of the order's other parcels that
    are known here. `shipped`: what all parcels of the order up to this one hold together. `is_last`: nothing else of
    the order is to be delivered. `notify`: the system tells the buyer.
    """

    external_id: str
    order_id: str
    parcel_id: str = ""
    others: tuple[str, ...] = ()
    lines: tuple[tuple[str, Decimal], ...] = ()
    shipped: tuple[tuple[str, Decimal], ...] = ()
    is_last: bool = False
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    notify: bool = False
    shipped_at: datetime
