"""How a person lets the connection into Shopify: with an app, by its id and secret alone where it belongs to the shop's
own organization, else by a permission; or with the token of an app that was made in the shop's admin, as was possible
until the end of 2025. Source: Shopify's pages on its developer dashboard and on the client credentials grant."""

from __future__ import annotations

from ...oauth import OAuth, app_settings
from ...settings import Setting, SettingKind

HELP = (
    "In the shop's admin open Settings, Apps and sales channels, Develop apps, and from there Shopify's Dev Dashboard. "
    "Make an app, give it access to orders (all of them, if older ones than 60 days are wanted), products, "
    "inventory, locations, customers, draft orders, fulfillments, merchant-managed fulfillment orders, Shopify "
    "Payments payouts and, where companies buy on account, payment terms; release that version and install the app in "
    "the shop. Then copy its client ID and secret from its settings. An app that was made in the shop's admin itself, "
    "before 2026, has an Admin API access token instead."
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
    "read_shopify_payments_payouts",
    "read_payment_terms",
)
OAUTH = OAuth(
    authorize="{url}/admin/oauth/authorize",
    token="{url}/admin/oauth/access_token",  # noqa: S106
    credentials_with={},
    scopes=_SCOPES,
    separator=",",
    exchange_with={"expiring": "1"},
    signed_with="hmac",
    host_in="shop",
)
SETTINGS = (
    *app_settings(
        ("Client ID", "Dev Dashboard, your app, Settings."),
        ("Client secret", "Beside the client ID."),
    ),
    Setting(
        "access_token",
        "Admin API access token",
        SettingKind.SECRET,
        required=False,
        way_in=True,
        help="Of an app that was made in the shop's admin before 2026: your app, API credentials. It begins with "
        "shpat_.",
    ),
)
