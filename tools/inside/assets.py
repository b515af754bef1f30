"""Odoo's web client, built once for a database instead of by the first browser of each copy. Runs inside a hub."""
from __future__ import annotations

from typing import Any

_BUNDLES = (
    "web.assets_web",
    "web.assets_web_print",
    "web.assets_frontend_minimal",
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_emoji",
    "web.chartjs_lib",
    "web_tour.interactive",
    "bus.websocket_worker_assets",
)


def build(env: Any) -> None:
    """Builds what a browser loads to log in and to work."""
    for name in _BUNDLES:
        bundle = env["ir.qweb"]._get_asset_bundle(name, css=True, js=True)
        if bundle.javascripts:
            bundle.js()
        if bundle.stylesheets:
            bundle.css()
