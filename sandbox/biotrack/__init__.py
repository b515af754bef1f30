"""A BioTrack shop: its PostgreSQL database, in the two generations that are known, and a year of its life.

    with psycopg2.connect(...) as connection:
        shop = make_shop(scale=0.1)
        create_schema(connection, NEWER)
        load(connection, shop)
"""

from .database import create_schema, load
from .schema import NEWER, OLD
from .shop import TIME_ZONE, Shop, make_shop

__all__ = ["NEWER", "OLD", "TIME_ZONE", "Shop", "create_schema", "load", "make_shop"]
