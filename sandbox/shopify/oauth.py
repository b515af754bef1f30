"""Shopify's OAuth: its page, tokens of an hour that end with their renewal, the refresh token when its replacement is
used, and tokens of a day for an app of the shop's own organization."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..permissions import App, Page, Permissions, Refusal, read
from .shop import ALSO_KNOWN, SCOPES, Shop

CLIENT_ID = "0123456789abcdef0123456789abcdef"
_REFRESH_LIFE = timedelta(days=90)
_AGAIN = timedelta(days=30)
_OWN_LIFE = timedelta(seconds=86399)
_REFUSED = {
    "client": ("application_cannot_be_found", "The application could not be found"),
    "secret": ("invalid_client", "Client authentication failed"),
    "code": ("invalid_request", "The authorization code was not found or was already used"),
    "redirect": ("invalid_request", "The redirect_uri is not the one of the authorization"),
    "token": ("invalid_grant", "The refresh token is invalid, expired or was already used"),
    "itself": ("shop_not_permitted", "Client credentials cannot be performed on this shop."),
}


class OAuth:
    """`host`: as which the shop answers."""

    def __init__(self, shop: Shop, secret: str):
        self.app = App(CLIENT_ID, secret)
        self.host = ""
        self._shop = shop
        self.permissions = Permissions(
            self.app, shop.now, life=timedelta(hours=1), code_life=timedelta(minutes=5), rotates=True, prefix="shpat_",
            again=_AGAIN, own=True, own_life=_OWN_LIFE,
        )  # fmt: skip

    def answer(self, method: str, path: str, body: bytes) -> Page | None:
        """None for what is no concern of OAuth's."""
        target = urlsplit(path)
        if target.path == "/admin/oauth/authorize":
            return self._authorize(method, dict(parse_qsl(target.query)), body)
        if (method, target.path) == ("POST", "/admin/oauth/access_token"):
            return self._token(read(body))
        return None

    def _authorize(self, method: str, asked: dict[str, str], body: bytes) -> Page:
        if asked.get("client_id") != self.app.client_id:
            return Page.text(400, "Oauth error invalid_request: Could not find Shopify API application with api_key")
        redirect = asked.get("redirect_uri", "")
        if redirect not in self.app.redirects:
            return Page.text(400, "Oauth error invalid_request: The redirect_uri is not whitelisted")
        unknown = set(filter(None, asked.get("scope", "").split(","))) - {*SCOPES, *ALSO_KNOWN}
        if unknown:
            return Page.text(400, f"Oauth error invalid_scope: {', '.join(sorted(unknown))}")
        if method != "POST":
            return Page.question("Install Odoo", asked.get("scope", "").split(","), no="Cancel")
        if dict(parse_qsl(body.decode())).get("answer") != "allow":
            # Shopify sends nobody back who does not install.
            return Page.text(200, "The app was not installed")
        return Page.back(redirect, self._signed({
            "code": self.permissions.code(redirect), "shop": self.host, "state": asked.get("state", ""),
            "host": base64.b64encode(f"{self.host}/admin".encode()).decode(),
            "timestamp": str(int(self._shop.now().timestamp())),
        }))  # fmt: skip

    def _signed(self, parameters: dict[str, str]) -> dict[str, str]:
        message = urlencode(sorted(parameters.items())).encode()
        return {**parameters, "hmac": hmac.new(self.app.client_secret.encode(), message, hashlib.sha256).hexdigest()}

    def _token(self, sent: dict[str, Any]) -> Page:
        renews, itself = (sent.get("grant_type") == kind for kind in ("refresh_token", "client_credentials"))
        permissions = self.permissions
        work = permissions.renew if renews else permissions.give_itself if itself else permissions.exchange
        try:
            given = work(sent)
        except Refusal as refusal:
            word, text = _REFUSED[refusal.what]
            return Page.of(400, {"error": word, "error_description": text})
        row: dict[str, Any] = {"access_token": given.access, "scope": ",".join(self._shop.scopes)}
        if renews or itself or str(sent.get("expiring")) == "1":
            row |= {"expires_in": round((given.ends_at - self._shop.now()).total_seconds())}
        if given.refresh and "expires_in" in row:
            row |= {"refresh_token": given.refresh, "refresh_token_expires_in": int(_REFRESH_LIFE.total_seconds())}
        return Page.of(200, row)
