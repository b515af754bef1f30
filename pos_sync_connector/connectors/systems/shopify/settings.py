"""What a connection to Shopify is set up with."""

from __future__ import annotations

from ...flows import Flow
from ...settings import Setting, SettingKind
from . import access

SETTINGS = (
    Setting(
        "url",
        "Shop domain",
        SettingKind.URL,
        help="The one that ends in myshopify.com: Settings, Domains. Not the address that customers see.",
    ),
    *access.SETTINGS,
    Setting(
        "webhook_secret",
        "Webhook secret",
        SettingKind.SECRET,
        required=False,
        help="Of webhooks made by your app: its API secret key, beside the token. Of those made under Settings, "
        "Notifications, Webhooks: the key that stands below their list.",
    ),
    Setting(
        "group_tags",
        "Tags that are groups",
        SettingKind.CHOICES,
        required=False,
        help="Shopify has no customer groups. A customer's first tag of these is the group; empty: of all tags.",
        choices_from="customer_groups",
        feeds=(Flow.CUSTOMERS_PULL,),
    ),
    Setting(
        "location",
        "Location for orders",
        SettingKind.CHOICE,
        required=False,
        help="Orders that are sent and already handed over left from there, unless their warehouse is mapped to "
        "another. Empty: the first one that is active.",
        choices_from="order_locations",
    ),
    Setting(
        "stock",
        "Orders and refunds sent move Shopify's stock",
        SettingKind.BOOLEAN,
        required=False,
        default="true",
        help="Off where Odoo tells Shopify the stock, which has them in it already.",
    ),
)
