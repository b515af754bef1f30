"""The hub's side of the demo: connects, prepares and reads as a person would on the screens. Runs inside the hub."""
from __future__ import annotations

from typing import Any

_ADMIN = "base.user_admin"


def connect(env: Any, name: str, url: str, api_key: str) -> int:
    """A connection to another Odoo, tested, with nothing but its locations and taxes switched on; returns its id."""
    connection = env["pos.sync.connection"].with_user(env.ref(_ADMIN)).create({"name": name, "system": "odoo"})
    settings = {setting.key: setting for setting in connection.setting_ids}
    settings["url"].value = url
    settings["api_key"].secret_input = api_key
    connection.stream_ids.filtered(lambda stream: stream.flow != "setup_pull").write({"enabled": False})
    answer = connection.action_test()
    if connection.state != "connected":
        raise ValueError(answer["params"]["message"])
    return connection.id


def prepare(env: Any, connection_id: int, pricelist: str) -> None:
    """Chooses the price level, maps what the setup brought and nothing here matches, and starts all pulls."""
    connection = env["pos.sync.connection"].with_user(env.ref(_ADMIN)).browse(connection_id)
    level = connection.setting_ids.filtered(lambda setting: setting.key == "price_level")
    choice = env["pos.sync.setting.choice"].search([
        ("connection_id", "=", connection.id), ("key", "=", "price_level"), ("name", "=like", f"{pricelist}%"),
    ])
    choice.ensure_one()
    level.choice_id = choice
    connection.action_make_taxes()
    connection.action_make_stock_locations()
    connection.stream_ids.filtered(lambda stream: not stream.enabled and stream.flow.endswith("_pull")).enabled = True
    connection.action_sync_now()


def pull_everything(env: Any, connection_id: int) -> None:
    """Resets every cursor."""
    connection = env["pos.sync.connection"].with_user(env.ref(_ADMIN)).browse(connection_id)
    connection.stream_ids.filtered("enabled").action_pull_everything()


def facts(env: Any, connection_id: int) -> dict[str, Any]:
    """What arrived, in the shape of the shop's own facts."""
    connection = env["pos.sync.connection"].browse(connection_id)
    env = env(context={"allowed_company_ids": connection.company_id.ids})
    links = env["pos.sync.mapping"].search([
        ("connection_id", "=", connection.id),
        ("entity", "=", "variant"),
        ("gone", "=", False),
        ("product_id", "!=", False),
    ])
    variants = links.product_id
    prices = {
        item.product_id.id: item.fixed_price
        for item in env["product.pricelist.item"].search([("pricelist_id", "=", connection.pricelist_id.id)])
    }
    stock: dict[int, dict[str, float]] = {variant.id: {} for variant in variants.filtered("is_storable")}
    for location in connection.location_ids.filtered("stock_location_id"):
        for variant in variants.filtered("is_storable").with_context(location=location.stock_location_id.id):
            stock[variant.id][location.external_id] = variant.qty_available
    return {
        link.external_id: {
            "barcode": link.product_id.barcode or "",
            "reference": link.product_id.default_code or "",
            "price": prices.get(link.product_id.id),
            "stock": stock.get(link.product_id.id, {}),
        }
        for link in links
        if link.product_id.active
    }
