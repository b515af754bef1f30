"""How a person lets the connection into Square: with a token, or with an app of their own."""

from __future__ import annotations

from datetime import timedelta

from ...oauth import OAuth, app_settings
from ...settings import Setting, SettingKind

HELP = (
    "Sign in at developer.squareup.com with the account of the shop, make an application there (its name is free), "
    "open it, choose Production and copy the access token from the page Credentials. The token can do everything "
    "in the account: give it to nobody. Or copy the application's ID and secret from its page OAuth, register the "
    "redirect address there and press Connect: what you then allow is no more than what is needed."
)
_SCOPES = (
    "MERCHANT_PROFILE_READ",
    "ITEMS_READ",
    "INVENTORY_READ",
    "INVENTORY_WRITE",
    "CUSTOMERS_READ",
    "CUSTOMERS_WRITE",
    "ORDERS_READ",
    "ORDERS_WRITE",
    "PAYMENTS_READ",
    "PAYMENTS_WRITE",
    "PAYOUTS_READ",
    "CASH_DRAWER_READ",
)
# Square asks for a renewal at least every 7 days of the 30.
OAUTH = OAuth(
    authorize="{url}/oauth2/authorize",
    token="{url}/oauth2/token",  # noqa: S106
    scopes=_SCOPES,
    authorize_with={"session": "false"},
    early=timedelta(days=23),
)
SETTINGS = (
    Setting(
        "access_token",
        "Access token",
        SettingKind.SECRET,
        required=False,
        way_in=True,
        help="developer.squareup.com, your application, Credentials, Production access token.",
    ),
    *app_settings(
        ("Application ID", "Instead of the token: your application, OAuth, Production Application ID."),
        ("Application secret", "Your application, OAuth, Production Application secret. Not the access token."),
    ),
)
