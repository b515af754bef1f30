"""A Shopify shop: its GraphQL Admin API, with a year of a shop's life in it, and webhooks that it really sends.

    with ShopifySandbox(make_shop(scale=0.1)) as sandbox:
        sandbox.settings()
"""

from ..serving import Fault
from . import books
from .server import SECRET, TOKEN, ShopifySandbox
from .shop import Shop, make_shop

__all__ = ["SECRET", "TOKEN", "Fault", "Shop", "ShopifySandbox", "books", "make_shop"]
