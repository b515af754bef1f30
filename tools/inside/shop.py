"""What the shop itself says about its products, to compare with what arrived in the hub. Runs inside the shop."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from odoo import fields

ADMIN = "base.user_admin"


def make_api_key(env: Any) -> str:
    """A key for the external API, as the administrator would make it under Account Security; valid for a day."""
    user = env.ref(ADMIN)
    tomorrow = fields.Datetime.now() + timedelta(days=1)
    return env["res.users.apikeys"].with_user(user)._generate("rpc", "POS Sync demo", tomorrow)


def facts(env: Any, pricelist: str) -> dict[str, Any]:
    """For every variant that is sold, by the external id it has for the hub: code, price on the pricelist, stock.

    `pricelist` names one. Quantities are by the external id of the warehouse, for what the shop counts.
    """
    user = env.ref(ADMIN)
    env = env(user=user.id, su=True, context={"allowed_company_ids": user.company_id.ids, "lang": "en_US"})
    level = env["product.pricelist"].search([("name", "=", pricelist)])
    level.ensure_one()
    variants = env["product.product"].search([
        ("product_tmpl_id.sale_ok", "=", True),
        ("product_tmpl_id.active", "=", True),
        *env["product.product"]._check_company_domain(user.company_id),
    ])
    counted = variants.filtered("is_storable")
    stock: dict[int, dict[str, float]] = {variant.id: {} for variant in counted}
    for warehouse in env["stock.warehouse"].search([("company_id", "=", user.company_id.id)]):
        for variant in counted.with_context(location=warehouse.view_location_id.id):
            stock[variant.id][f"warehouse-{warehouse.id}"] = variant.qty_available
    prices = level._get_products_price(variants, 1.0)
    return {
        f"variant-{variant.id}": {
            "barcode": variant.barcode or "",
            "reference": variant.default_code or "",
            "price": prices[variant.id],
            "stock": stock.get(variant.id, {}),
        }
        for variant in variants
    }
