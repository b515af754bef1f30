"""How a person lets the connection into Shopify: with a token, or with an app of their own."""

from __future__ import annotations

from ..connector import Setting, SettingKind
from ..oauth import OAuth, app_settings

HELP = (
    "In the shop's admin open Settings, Apps and sales channels, Develop apps, and make an app. Under "
    "Configuration give it access to orders (all of them, if older ones than 60 days are wanted), products, "
    "inventory, locations, customers, draft orders, fulfillment services and merchant-managed fulfillment orders, "
    "install it and copy its Admin API access token. Or make the app in Shopify's developer dashboard: copy its client "
    "ID and secret, register the redirect address with it and press Connect."
)
_SCOPES = (
    "read_orders",
    "write_orders",
    "read_products",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_customers",
    "write_customers",
    "write_draft_orders",
    "read_fulfillments",
    "write_fulfillments",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
)
OAUTH = OAuth(
    authorize="{url}/admin/oauth/authorize",
    token="{url}/admin/oauth/access_token",  # noqa: S106
    scopes=_SCOPES,
    separator=",",
    exchange_with={"expiring": "1"},
    signed_with="hmac",
    host_in="shop",
)
SETTINGS = (
    Setting(
        "access_token",
        "Admin API access token",
        SettingKind.SECRET,
        required=False,
        way_in=True,
        help="Settings, Apps and sales channels, Develop apps, your app, API credentials. It is shown once and "
        "begins with shpat_.",
    ),
    *app_settings(
        ("Client ID", "Instead of the token: the developer dashboard, your app, Settings."),
        ("Client secret", "Beside the client ID."),
    ),
)
