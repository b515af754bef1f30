"""A Square account: its Connect API, with a year of a shop's life in it, and webhooks that it really sends.

    with SquareSandbox(make_shop(scale=0.1)) as sandbox:
        sandbox.settings()
"""

from ..serving import Fault
from . import books
from .server import TOKEN, SquareSandbox
from .shop import Shop, make_shop

__all__ = ["TOKEN", "Fault", "Shop", "SquareSandbox", "books", "make_shop"]
