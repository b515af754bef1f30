"""Webhook signatures against known ones: each system's way of signing is data."""

from __future__ import annotations

import pytest

from connectors.answers import WebhookRequest
from connectors.errors import Refused
from connectors.signatures import Scheme, hmac_of
from connectors.systems.square.webhooks import SIGNATURE as SQUARE
from tests.connectors.contract import fails
from tests.connectors.vendor_specs import FOLDER, read_json

SHOPIFY = Scheme(header="X-Shopify-Hmac-Sha256")
WOOCOMMERCE = Scheme(header="X-WC-Webhook-Signature")
REVEL = Scheme(header="X-Revel-Signature", digest="sha1", encoding="hex")
SCHEMES = {
    "square": (SQUARE, "value"),
    "shopify": (SHOPIFY, "value"),
    "woocommerce": (WOOCOMMERCE, "value"),
    "revel": (REVEL, "hex"),
}


@pytest.fixture(scope="module")
def vectors():
    path = FOLDER / "signature_vectors.json"
    if not path.is_file():
        pytest.skip("the known signatures are not here: set VENDOR_SPECS to where they are")
    return read_json(path)


def webhook(vectors, system: str, **changes) -> tuple[Scheme, str, WebhookRequest]:
    scheme, name = SCHEMES[system]
    known = vectors[system]
    values = {
        "url": known.get("notification_url", "https://odoo.example.com/hook"),
        "headers": {known["header"].lower(): known[name]},
        "body": vectors["body_utf8"].encode(),
    }
    return scheme, vectors["key"], WebhookRequest(**{**values, **changes})


@pytest.mark.parametrize("system", SCHEMES)
def test_a_known_signature_holds(vectors, system):
    scheme, key, request = webhook(vectors, system)
    scheme.verify(key, request)


@pytest.mark.parametrize("system", SCHEMES)
def test_anything_else_is_refused(vectors, system):
    scheme, key, request = webhook(vectors, system)
    name, value = next(iter(request.headers.items()))
    forged = {
        "body": {"body": request.body + b" "},
        "cut": {"body": request.body[:-1]},
        "signature": {"headers": {name: value[:-2] + ("AA" if value[-2:] != "AA" else "BB")}},
        "not ASCII": {"headers": {name: "é" * 44}},
        "empty": {"headers": {name: ""}},
        "none": {"headers": {}},
        **({"url": {"url": request.url + "/"}} if "url" in scheme.signs else {}),
    }
    for what, changes in forged.items():
        _scheme, _key, changed = webhook(vectors, system, **changes)
        failure = fails(Refused, lambda changed=changed: scheme.verify(key, changed))
        assert failure.code == ("unsigned" if what in ("none", "empty") else "bad-signature"), what
    assert fails(Refused, lambda: scheme.verify("other key", request)).code == "bad-signature"


def test_without_a_key_nothing_is_accepted():
    request = WebhookRequest(url="", headers={SQUARE.header: SQUARE.sign("", body=b"{}")}, body=b"{}")
    assert fails(Refused, lambda: SQUARE.verify("", request)).code == "no-webhook-key"


def test_an_oauth_callback_is_signed_in_hexadecimal(vectors):
    known = vectors["shopify_oauth_callback_query"]
    assert hmac_of(vectors["key"], known["message"].encode(), encoding="hex") == known["value"]
