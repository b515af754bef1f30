"""Odoo's web client, built once for a database instead of by the first browser of each copy. Runs inside a hub."""
from __future__ import annotations

from typing import Any

_BUNDLES = ("web.assets_web", "web.assets_frontend_minimal", "web.assets_frontend")


def build(env: Any) -> None:
    """Builds what a browser loads to log in and to work."""
    for name in _BUNDLES:
        bundle = env["ir.qweb"]._get_asset_bundle(name, css=True, js=True)
        bundle.js()
        bundle.css()
