"""How a connection reaches that Odoo: its version, the protocol that follows from it, and the context of all calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import Failure, NeedsFixing, RetryLater
from ...http import HttpConnector
from .rpc import Json2, Rpc, Transport, XmlRpc, no_odoo
from .values import number, text
from .versions import JSON2_SINCE, OLDEST


def read_version(http: HttpConnector, protocol: str) -> str:
    """As that Odoo states it, "19.0" or "saas~18.2+e"; raises NeedsFixing where no Odoo answers or it is too old.

    The page with the version is asked only where JSON-2 may be spoken: an older Odoo may answer it with an error."""
    version = (protocol != "xmlrpc" and _newer_version(http)) or _older_version(http)
    if major(version) < OLDEST:
        raise NeedsFixing(
            f"That Odoo has version {version}; {OLDEST}.0 or later is needed. Upgrade it first.", code="too-old"
        )
    return version


def major(version: str) -> int:
    found = re.search(r"\d+", version)
    return int(found.group()) if found else 0


def _newer_version(http: HttpConnector) -> str:
    """"" where there is no such page."""
    try:
        answer = http.json("GET", "web/version")
    except NeedsFixing as failure:
        if failure.code in ("redirected", "certificate", "bad-setting"):
            raise
        return ""
    except RetryLater as failure:
        if failure.code != "server-error":
            raise
        # A page that fails says nothing about the rest of that Odoo.
        try:
            return _older_version(http)
        except Failure:
            raise failure from None
    return text(answer.get("version")) if isinstance(answer, Mapping) else ""


def _older_version(http: HttpConnector) -> str:
    try:
        answer = XmlRpc(http, "", "", "").execute("common", "version")
    except NeedsFixing as failure:
        raise no_odoo() from failure
    version = text(answer.get("server_version")) if isinstance(answer, Mapping) else ""
    if not version:
        raise no_odoo()
    return version


def choose_transport(http: HttpConnector, values: Mapping[str, Any], version: str) -> Transport:
    """JSON-2 for versions that have it, unless the setting `protocol` says otherwise."""
    protocol = values["protocol"]
    if protocol == "json2" or (protocol == "auto" and major(version) >= JSON2_SINCE):
        return Json2(http, values["database"], values["api_key"])
    return XmlRpc(http, values["database"], values["login"], values["api_key"])


def open_rpc(transport: Transport, values: Mapping[str, Any]) -> Rpc:
    """Calls in the chosen language or the user's, and in one company: the chosen one or the user's."""
    rpc = Rpc(transport)
    rpc.context |= rpc.call("res.users", "context_get", gives=dict)
    if values["language"]:
        rpc.context["lang"] = values["language"]
    company = chosen(values, "company", "company")
    if not company:
        company = rpc.read("res.users", [rpc.user_id], ["company_id"])[0]["company_id"]
    rpc.context["allowed_company_ids"] = [company]
    return rpc


def chosen(values: Mapping[str, Any], setting: str, kind: str) -> int:
    """The id that a setting names, 0 where it is empty."""
    if not values[setting]:
        return 0
    found = number(kind, values[setting])
    if not found:
        raise NeedsFixing(
            f"The connection names “{values[setting]}”, which this Odoo did not offer. Choose one of its values again.",
            code="bad-setting",
            details=setting,
        )
    return found
