"""Customers, addresses, products and texts: what a system tells of them, and what was set in Odoo before."""

from __future__ import annotations

from datetime import datetime, timezone

from ..connectors import records as rec
from . import cases_shopify as web
from . import cases_square as till
from .cases_player import Case
from .cases_refunds import POST
from .cases_shopify import GIFT, TEA
from .posting_common import by_card
from .sales_common import customer, line, order, refund

HOME = web.place("Ida", "Ives", "3 Oak Lane", "Salem")
IDA = web.customer("601", "Ida", "Ives", "ida@shop.example", HOME)
TOLD_IDA = {"customer": {"id": IDA["id"]}, "shippingAddress": HOME, "billingAddress": HOME}
_TO_OLE = web.place("Ole", "Olsen", "7 Pine Road", "Astoria", phone="+15035550177")
_BILL = web.place("Una", "Underhill", "2 Bank Square", "Salem", company="Underhill & Co")
_ELSEWHERE = rec.Address(
    kind=rec.AddressKind.DELIVERY, name="Ole Olsen", street="7 Pine Road", city="Astoria", country="US"
)
_AT_HOME = rec.Address(kind=rec.AddressKind.CONTACT, street="3 Oak Lane", city="Salem", country="US")
_COMPANY = {
    "__typename": "PurchasingCompany",
    "company": {"id": web.gid("Company", "1"), "name": "Underhill & Co"},
    "contact": None,
    "location": {"id": web.gid("CompanyLocation", "2"), "name": "Mill"},
}


def _for_ida(key, fulfilled=True, **more):
    return ("order", web.order(key, web.item(f"{key}1", 10), fulfilled=fulfilled, **{**TOLD_IDA, **more}))


ADDRESSES = (
    Case(
        "a present for somebody else",
        "shopify",
        (
            ("customer", IDA),
            _for_ida("6011", False, shippingAddress=_TO_OLE, billingAddressMatchesShippingAddress=False),
        ),
        {"orders": {"6011": {"customer": "Ida Ives", "ship_to": {"street": "7 Pine Road", "city": "Astoria"}}}},
        {"stock": True},
    ),
    Case(
        "a purchase order of a company",
        "shopify",
        (
            (
                "order",
                web.order("6012", web.item("60121", 100), poNumber="PO-3107", purchasingEntity=_COMPANY),
            ),
        ),
        {"orders": {"6012": {"reference": "PO-3107"}}},
    ),
    Case(
        "a bill for somebody else",
        "shopify",
        (
            ("customer", IDA),
            _for_ida("6013", billingAddress=_BILL, billingAddressMatchesShippingAddress=False),
        ),
        {"orders": {"6013": {"customer": "Ida Ives", "invoice_to": {"street": "2 Bank Square"}}}},
    ),
    Case(
        "a present told by records",
        "records",
        (
            ("customer", customer("ida", "Ida", "Ives", email="ida@shop.example", addresses=(_AT_HOME,))),
            ("order", order("i", customer_id="ida", shipping_address=_ELSEWHERE)),
        ),
        {"orders": {"i": {"customer": "Ida Ives", "ship_to": {"street": "7 Pine Road", "city": "Astoria"}}}},
        {"stock": True},
    ),
    Case(
        "an order to the customer's own home",
        "shopify",
        (("customer", IDA), _for_ida("6014")),
        {
            "orders": {
                "6014": {
                    "customer": "Ida Ives",
                    "ship_to": {"street": "3 Oak Lane"},
                    "invoice_to": {"street": "3 Oak Lane"},
                }
            }
        },
    ),
)


# Customers ------------------------------------------------------------------------------------------------------------

_EXTENSION = web.place("Jo", "Jansen", "4 Elm Street", "Salem", phone="+1 503-555-0131 ext. 2207")
_FIRST = web.place("Kim", "King", "5 Fir Court", "Bend", "61", phone="+15415550142")
_SECOND = web.place("Kim", "King", "6 Ash Way", "Salem", "62")
_AT_WORK = web.place("Lea", "Lang", "1 Mill Yard", "Salem", company="Mill Works")

CUSTOMERS = (
    Case(
        "an only address that is no default",
        "shopify",
        (("customer", web.customer("611", "Ida", "Ives", "ida@shop.example", places=[HOME])),),
        {"customers": {"611": {"name": "Ida Ives", "street": "3 Oak Lane", "city": "Salem"}}},
    ),
    Case(
        "a phone with an extension on the address",
        "shopify",
        (("customer", web.customer("612", "Jo", "Jansen", "jo@shop.example", _EXTENSION)),),
        {"customers": {"612": {"phone_digits": "5035550131"}}},
    ),
    Case(
        "two addresses that are no default",
        "shopify",
        (("customer", web.customer("613", "Kim", "King", "kim@shop.example", places=[_FIRST, _SECOND])),),
        {"customers": {"613": {"street": "5 Fir Court", "phone_digits": "5415550142"}}},
    ),
    Case(
        "two addresses of mail in one field",
        "shopify",
        (("send_customer", {"name": "Mill Works", "is_company": True, "email": "a@mill.example, b@mill.example"}),),
        {"sent": {"email": "a@mill.example"}},
    ),
    Case(
        "a British number sent to America",
        "shopify",
        (
            (
                "send_customer",
                {
                    "name": "Max Moor",
                    "phone": "020 7946 0321",
                    "street": "8 High Road",
                    "city": "London",
                    "zip": "N1 9GU",
                    "country": "GB",
                },
            ),
        ),
        {"sent": {"phone": "+442079460321"}},
    ),
    Case(
        "an e-mail in capitals",
        "shopify",
        (
            ("make_customer", {"name": "Nia North", "email": "NIA@Shop.Example"}),
            ("customer", web.customer("614", "Nia", "North", "nia@shop.example")),
        ),
        {"customers": {"614": {"same": "Nia North"}}},
    ),
    Case(
        "a company on the address",
        "shopify",
        (("customer", web.customer("615", "Lea", "Lang", "lea@shop.example", _AT_WORK)),),
        {"customers": {"615": {"name": "Lea Lang", "company_name": "Mill Works"}}},
    ),
    Case(
        "a name changed in Odoo",
        "shopify",
        (
            ("customer", web.customer("616", "Pia", "Park", "pia@shop.example")),
            ("rename", {"key": "616", "name": "Pia Park-Quist"}),
            ("customer", web.customer("616", "Pia", "Park", "pia@shop.example", note="mornings only")),
        ),
        {"customers": {"616": {"name": "Pia Park-Quist"}}},
    ),
    Case(
        "a name changed at the shop",
        "shopify",
        (
            ("customer", web.customer("617", "Pia", "Park", "pia@shop.example")),
            ("customer", web.customer("617", "Pia", "Parker", "pia@shop.example")),
        ),
        {"customers": {"617": {"name": "Pia Parker"}}},
    ),
    Case(
        "points of a gift card",
        "shopify",
        (
            ("customer", web.customer("618", "Ray", "Rowe", "ray@shop.example")),
            (
                "order",
                web.order("6181", web.item("61811", 50, GIFT), customer={"id": web.gid("Customer", "618")}),
            ),
        ),
        {"customers": {"618": {"points": 0.0}}},
        {"points": True},
    ),
)


# Gone, or there twice -------------------------------------------------------------------------------------------------

_SUE = till.customer("CUSNEW", "Sue", "Stone", "sue@shop.example")
_TWO_SIZES = till.product("ITEMPIE", "Pie", ("VARPIE1", "Large", 501), ("VARPIE2", "Large", 502))
_LATE_REFUND = refund(
    "old-r",
    "old",
    10,
    payments=(by_card("old-q", 10),),
    refunded_at=datetime(2026, 3, 3, 10, tzinfo=timezone.utc),
)

GONE = (
    Case(
        "a customer whom the system deleted",
        "records",
        (("unknown", "gone"), ("order", order("g", customer_id="gone"))),
        {"orders": {"g": {"there": True, "walk_in": True}}},
    ),
    Case(
        "a customer who was merged",
        "square",
        (
            ("unknown", "CUSOLD", _SUE),
            ("unknown", "CUSNEW", _SUE),
            ("order", till.order("SQ21", till.item("a", 1000), customer_id="CUSOLD")),
            ("order", till.order("SQ22", till.item("a", 1000), customer_id="CUSNEW")),
        ),
        {"orders": {"SQ21": {"customer": "Sue Stone"}, "SQ22": {"customer": "Sue Stone"}}},
    ),
    Case(
        "a deleted product with a known code",
        "shopify",
        (
            ("set_code", {"variant": TEA, "code": "OOLONG-1"}),
            ("order", web.order("6211", {**web.item("62111", 10), "variant": None, "sku": "OOLONG-1"})),
        ),
        {"orders": {"6211": {"lines": [("Tea", 1.0)]}}},
    ),
    Case(
        "a barcode that two variants have",
        "shopify",
        (
            (
                "product",
                web.product(
                    "622",
                    web.variant("6221", barcode="4006381333931", option=("Color", "Red")),
                    web.variant("6222", barcode="4006381333931", option=("Color", "Blue")),
                    title="Shawl",
                ),
            ),
            ("order", web.order("6223", web.item("62231", 10, "6221"))),
        ),
        {"orders": {"6223": {"there": True, "total": 10.0}}},
    ),
    Case(
        "two variations of one name",
        "square",
        (("product", _TWO_SIZES), ("order", till.order("SQ23", till.item("a", 501, "VARPIE1", name="Pie")))),
        {"orders": {"SQ23": {"there": True, "total": 5.01}}},
    ),
    Case(
        "a refund of a sale before the start",
        "records",
        (
            (
                "order",
                order(
                    "old",
                    line("old-a"),
                    payments=(by_card("old-p", 10),),
                    created_at=datetime(2026, 2, 20, 12, tzinfo=timezone.utc),
                ),
            ),
            ("refund", _LATE_REFUND),
            POST,
        ),
        {"waiting": ["refunds_pull"], "booked_or_told": {"old-r": {"clearing": -10.0}}},
        {"orders_from": "2026-03-01"},
    ),
)


# Products and texts ---------------------------------------------------------------------------------------------------


def _found(name, ours, code="", barcode="", same=True):
    """Whether the shop's product is the one in Odoo that has `ours`."""
    told = web.product("631", web.variant("6311", code=code, barcode=barcode), title="Mug")
    return Case(
        name,
        "shopify",
        (("make_product", {"name": "Mug of ours", **ours}), ("product", told)),
        {"products": {"631": {"same" if same else "other": "Mug of ours"}}},
    )


_NOTE = "Gate <B>, second floor\nAsk for Bo & Mo"
_MARKUP = "<p>Thick &amp; soft<br>80&nbsp;% wool</p><ul><li>Cold wash</li></ul>"


def _cap(color, at):
    variants = (
        web.variant("6351", option=("Color", color)),
        web.variant("6352", option=("Color", "Black")),
    )
    return ("product", web.product("635", *variants, title="Cap", at=at))


def _shirt(price, at):
    return ("product", web.product("633", web.variant("6331", price), title="Shirt", at=at))


def _cup(cents):
    return ("product", till.product("ITEMCUP", "Cup", ("VARCUP", "Regular", cents)))


PRODUCTS = (
    _found("a barcode within blanks", {"barcode": "4006381333931"}, barcode=" 4006381333931 "),
    _found("a code before a blank", {"code": "MUG-7"}, code="MUG-7 "),
    _found("a barcode of twelve digits", {"barcode": "0036000291452"}, barcode="036000291452"),
    _found("a barcode of other digits", {"barcode": "0036000291452"}, barcode="036000291469", same=False),
    Case(
        "a product without a code",
        "shopify",
        (
            ("make_product", {"name": "Plain"}),
            ("product", web.product("632", web.variant("6321", 10), title="Bowl")),
        ),
        {"products": {"632": {"price": 10.0, "active": True}}},
    ),
    Case(
        "taxes that the accountant set",
        "shopify",
        (
            _shirt(10, "2026-03-01T09:00:00Z"),
            ("set_taxes", {"key": "633", "rates": [7.0]}),
            _shirt(12, "2026-03-02T09:00:00Z"),
        ),
        {"products": {"633": {"taxes": [7.0], "price": 12.0}}},
    ),
    Case(
        "archived in Odoo and sold on at the till",
        "square",
        (_cup(300), ("archive", {"key": "ITEMCUP"}), _cup(350)),
        {"products": {"ITEMCUP": {"active": False}}},
    ),
    Case(
        "a colour that got another name",
        "shopify",
        (_cap("Grey", "2026-03-01T09:00:00Z"), _cap("Slate", "2026-03-02T09:00:00Z")),
        {"products": {"635": {"options": ["Black", "Slate"], "variants": 2}}},
    ),
    Case(
        "a description with markup",
        "shopify",
        (("product", web.product("634", web.variant("6341"), title="Rug", descriptionHtml=_MARKUP)),),
        {
            "products": {
                "634": {
                    "text_has": ["Thick & soft", "wool", "Cold wash"],
                    "text_lacks": ["<", ">", "&amp;", "&nbsp;"],
                }
            }
        },
    ),
    Case(
        "a note with signs of markup",
        "shopify",
        (("order", web.order("6361", web.item("63611", 10), note=_NOTE)),),
        {"orders": {"6361": {"note": _NOTE.split("\n"), "terms_lack": ["Gate", "Ask for"]}}},
    ),
)
