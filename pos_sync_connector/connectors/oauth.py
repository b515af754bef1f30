"""OAuth: what a system states about it, the permission that it gives to a person's code or to an app by itself, and the
way back from its page. Asking for tokens is in `oauth_tokens.py`, using them in `oauth_connector.py`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode, urlsplit

from .errors import Refused
from .settings import Setting, SettingKind
from .signatures import hmac_of

CLIENT_ID, CLIENT_SECRET, GRANT = "client_id", "client_secret", "grant"
_LONG_AGO = 10**9
_EXPIRY = ("expires_at", "expires_in", "expires", "access_token_expiration")


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """How a system's OAuth differs. Addresses hold settings in braces, say `{url}/oauth2/token`.

    `authorize`: the page that asks a person; none has it, where an app gets tokens for its id and secret alone (client
    credentials, RFC 6749, 4.4). Where that is possible, `credentials_with` are the parameters beside the usual ones,
    with settings in braces, say `{"scope": "{url}/.default"}`; None: it is not.

    `refresh`: where tokens are renewed, if not at `token`. `authorize_with`, `exchange_with`: parameters beside the
    usual ones, of its page and of the exchange of the code. `form`: it reads a form, not JSON. `basic`: it wants the
    app's id and secret in the header, not in the body. `early`: so long before its end a token is renewed, but never
    before a fifth of its life is over. `keeps`: settings by the name under which the page or the token endpoint tells
    them. `signed_with`: the parameter of the way back with an HMAC-SHA256 of the others in hexadecimal digits, by the
    app's secret; `host_in`: the one that names the host which must be that of the setting `url`. `instead_of`: the
    setting of a token that a person may enter instead.
    """

    authorize: str = ""
    token: str
    credentials_with: Mapping[str, str] | None = None
    refresh: str = ""
    scopes: tuple[str, ...] = ()
    separator: str = " "
    authorize_with: Mapping[str, str] = field(default_factory=dict)
    exchange_with: Mapping[str, str] = field(default_factory=dict)
    form: bool = False
    basic: bool = False
    pkce: bool = False
    early: timedelta = timedelta(minutes=5)
    keeps: Mapping[str, str] = field(default_factory=dict)
    signed_with: str = ""
    host_in: str = ""
    instead_of: str = "access_token"

    def page(self, values: Mapping[str, Any], *, redirect: str, state: str, verifier: str) -> str:
        """The address of the system's page that asks a person for permission, and sends them back to `redirect`."""
        parameters = {
            "client_id": values[CLIENT_ID],
            "response_type": "code",
            "redirect_uri": redirect,
            "state": state,
            **({"scope": self.separator.join(self.scopes)} if self.scopes else {}),
            **({"code_challenge": challenge(verifier), "code_challenge_method": "S256"} if self.pkce else {}),
            **self.authorize_with,
        }
        return f"{self.authorize.format(**values)}?{urlencode(parameters)}"

    def code_of(self, name: str, values: Mapping[str, Any], parameters: Mapping[str, str]) -> str:
        """The code that the system sent the person back with; raises Refused with a sentence."""
        if parameters.get("error"):
            raise _not_allowed(name, parameters["error"])
        if self.signed_with:
            self._check_signature(name, values[CLIENT_SECRET], parameters)
        if self.host_in:
            _check_host(name, values["url"], parameters.get(self.host_in, ""))
        if not parameters.get("code"):
            raise Refused(f"{name} sent no permission along. Press Connect again.", code="no-code")
        return parameters["code"]

    def _check_signature(self, name: str, secret: str, parameters: Mapping[str, str]) -> None:
        signed = sorted((key, value) for key, value in parameters.items() if key != self.signed_with)
        wanted = hmac_of(secret, urlencode(signed).encode(), encoding="hex")
        if not hmac.compare_digest(parameters.get(self.signed_with, "").encode(), wanted.encode()):
            raise Refused(
                f"The answer is not signed as {name} would sign it. Copy the app's secret again, enter it on the "
                "connection and press Connect.",
                code="bad-client",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A permission: the tokens with when they end and when they are renewed (aware UTC; None: never), for which app,
    and the address that gave them. `own`: the app got it by itself, and gets another by asking again."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    ends_at: datetime | None = None
    renew_at: datetime | None = None
    client_id: str = ""
    issuer: str = ""
    own: bool = False

    @classmethod
    def of(cls, answer: Mapping[str, Any], now: datetime, early: timedelta) -> Grant:
        """What a token endpoint answered at `now`; raises ValueError where that is none."""
        access = answer.get("access_token") if isinstance(answer, Mapping) else None
        if not access or not isinstance(access, str):
            raise ValueError("no token")
        ends_at = _end(answer, now)
        renew_at = ends_at - min(early, (ends_at - now) * 4 / 5) if ends_at else None
        return cls(
            access_token=access,
            refresh_token=str(answer.get("refresh_token") or ""),
            ends_at=ends_at,
            renew_at=renew_at,
        )

    def after(self, former: Grant) -> Grant:
        """A renewed one: a refresh token that is not replaced stays."""
        return replace(self, refresh_token=self.refresh_token or former.refresh_token)

    def of_app(self, client_id: str, issuer: str) -> Grant:
        return replace(self, client_id=client_id, issuer=issuer)

    def by_itself(self) -> Grant:
        return replace(self, own=True, refresh_token="")

    def dumps(self) -> str:
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def loads(cls, text: str | None) -> Grant | None:
        """None where none was given, or what is stored can't be read."""
        try:
            data = json.loads(text or "null")
            moments = {
                key: datetime.fromisoformat(data[key]) if data.get(key) else None for key in ("ends_at", "renew_at")
            }
            return cls(**{**data, **moments})
        except (AttributeError, KeyError, TypeError, ValueError):
            return None


def app_settings(app_id: tuple[str, str], secret: tuple[str, str]) -> tuple[Setting, ...]:
    """The settings of an app of one's own, each with the label and the help given, and the permission that it gets."""
    return (
        Setting(CLIENT_ID, app_id[0], required=False, way_in=True, help=app_id[1]),
        Setting(CLIENT_SECRET, secret[0], SettingKind.SECRET, required=False, way_in=True, help=secret[1]),
        Setting(GRANT, "Permission", SettingKind.SECRET, required=False, handed_out=True),
    )


def challenge(verifier: str) -> str:
    """What the page is told of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _end(answer: Mapping[str, Any], now: datetime) -> datetime | None:
    """When an access token ends, however the system says so: in seconds from now, as a moment in seconds since 1970, or
    as ISO text; None where it says nothing."""
    value = next((answer[name] for name in _EXPIRY if answer.get(name)), None)
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    if seconds > _LONG_AGO:
        return datetime.fromtimestamp(seconds, timezone.utc)
    return now + timedelta(seconds=seconds)


def _not_allowed(name: str, error: str) -> Refused:
    code = re.sub(r"[^a-z_]", "", error.lower())[:40]
    if code == "access_denied":
        return Refused(
            f"The permission was refused on the page of {name}. To be asked again, press Connect.", code="denied"
        )
    return Refused(
        f"{name} could not ask for the permission ({code}). Check the app there: its permissions, and the redirect "
        "address of the connection; then press Connect again.",
        code="not-asked",
        details=code,
    )


def _check_host(name: str, url: str, host: str) -> None:
    own = urlsplit(url).netloc.lower()
    if host.lower() != own:
        raise Refused(
            f"The permission was given for “{host[:100]}”, and the connection is for “{own}”. Enter the right address "
            f"on the connection, or sign in to the right account at {name}; then press Connect again.",
            code="other-host",
        )
