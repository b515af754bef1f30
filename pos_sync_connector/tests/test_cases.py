"""Situations from the life of shops, from what the system sends to what the books say; where money moves, in both ways
of posting."""

from odoo.tests import tagged

from . import cases_shopify, cases_square
from .cases_edits import EDITED
from .cases_people import ADDRESSES, CUSTOMERS, GONE, PRODUCTS
from .cases_player import CasesCase, each_case
from .cases_refunds import CANCELLED, REFUNDED
from .cases_sales import DAYS, MONEY

ALL = (*MONEY, *DAYS, *CANCELLED, *REFUNDED, *EDITED, *ADDRESSES, *CUSTOMERS, *GONE, *PRODUCTS)


class Shops(CasesCase):
    @classmethod
    def shopify_catalogue(cls):
        return [(row["id"], row) for row in cases_shopify.CATALOGUE]

    @classmethod
    def square_catalogue(cls):
        return [(row["id"], row) for row in cases_square.CATALOGUE]


@tagged("post_install", "-at_install")
@each_case(ALL)
class TestCasesSummary(Shops):
    mode = "summary"


@tagged("post_install", "-at_install")
@each_case([case for case in ALL if case.moves_money])
class TestCasesInvoice(Shops):
    mode = "invoice"
