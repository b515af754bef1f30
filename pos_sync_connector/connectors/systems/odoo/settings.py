"""What a connection to another Odoo is set up with."""

from __future__ import annotations

from ...flows import Flow
from ...settings import Setting, SettingKind
from .sales import BOTH, POS_ORDERS, SALE_ORDERS
from .stock import LOCATIONS, WAREHOUSES

SETTINGS = (
    Setting("url", "Address", SettingKind.URL, help="Where you open that Odoo, such as https://shop.example.com"),
    Setting(
        "database",
        "Database",
        required=False,
        help="Its exact name. Needed when the address serves several databases, and for Odoo 18 and older.",
    ),
    Setting("login", "Login", required=False, help="Needed for Odoo 18 and older: the login of the key's user."),
    Setting("api_key", "API key", SettingKind.SECRET, help="Of a user who may read products, sales and inventory."),
    Setting(
        "company",
        "Company",
        SettingKind.CHOICE,
        required=False,
        help="Whose products, prices, stock and orders. Empty: the company of the key's user.",
        choices_from="companies",
        feeds=(Flow.SETUP_PULL, Flow.PRODUCTS_PULL, Flow.STOCK_PULL, Flow.CUSTOMERS_PULL, Flow.ORDERS_PULL),
    ),
    Setting(
        "price_level",
        "Pricelist",
        SettingKind.CHOICE,
        required=False,
        help="Its prices come beside the sales prices.",
        choices_from="price_levels",
        feeds=(Flow.PRODUCTS_PULL,),
    ),
    Setting(
        "products",
        "Products",
        SettingKind.CHOICE,
        default="sold",
        choices=(("sold", "That can be sold"), ("all", "All")),
        feeds=(Flow.PRODUCTS_PULL, Flow.STOCK_PULL),
    ),
    Setting(
        "stock_by",
        "Stock by",
        SettingKind.CHOICE,
        default=WAREHOUSES,
        choices=((WAREHOUSES, "Warehouse"), (LOCATIONS, "Location inside the warehouses")),
        feeds=(Flow.SETUP_PULL, Flow.STOCK_PULL),
    ),
    Setting(
        "orders",
        "Orders",
        SettingKind.CHOICE,
        default=BOTH,
        choices=((BOTH, "Of sales and of tills"), (SALE_ORDERS, "Of sales"), (POS_ORDERS, "Of tills")),
        feeds=(Flow.ORDERS_PULL, Flow.REFUNDS_PULL),
    ),
    Setting(
        "payment_journal",
        "Journal for payments",
        SettingKind.CHOICE,
        required=False,
        help="Payments of orders that are sent go to this journal of that Odoo.",
        choices_from="payment_journals",
    ),
    Setting(
        "language",
        "Language",
        required=False,
        help="Code of the language of names, such as fr_FR. Empty: the language of the key's user.",
        feeds=(Flow.SETUP_PULL, Flow.PRODUCTS_PULL),
    ),
    Setting(
        "protocol",
        "Protocol",
        SettingKind.CHOICE,
        default="auto",
        choices=(("auto", "By version"), ("json2", "JSON-2"), ("xmlrpc", "XML-RPC")),
    ),
)
