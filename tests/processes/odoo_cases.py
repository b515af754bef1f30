"""What the shop lacks for testing the connector: users, a second company, and pricelists with every kind of rule.

Runs inside the shop. What it returns is Odoo's own word, to compare with.
"""

from __future__ import annotations

from typing import Any

YEARS_AGO, IN_YEARS = "2020-01-01 00:00:00", "2050-01-01 00:00:00"


def prepare(env: Any, prices: bool = False) -> dict[str, Any]:
    """The pricelists made here and, if asked for, their prices as Odoo computes them, by variant id."""
    admin = env.ref("base.user_admin")
    company = env.ref("base.main_company")
    env = env(context={**env.context, "allowed_company_ids": company.ids, "tracking_disable": True})
    # Switching the feature on by its setting would archive what is there already.
    env.ref("base.group_user").implied_ids += env.ref("product.group_product_pricelist")
    env["product.pricelist"].with_context(active_test=False).search([]).active = True
    env["res.users"].create({
        "name": "Reader", "login": "reader", "group_ids": [(6, 0, env.ref("base.group_user").ids)],
    })  # fmt: skip
    pricelists = _pricelists(env)
    odd = _oddities(env)
    env.flush_all()
    return {
        "company": company.id,
        "odd": odd.id,
        "other_company": _other_company(env, admin, company),
        "pricelists": {name: pricelist.id for name, pricelist in pricelists.items()},
        "prices": {name: _prices(env, pricelist) for name, pricelist in pricelists.items()} if prices else {},
    }


def give_back(env: Any) -> int:
    """An order that is sold, invoiced and credited; the id of the credit note."""
    variant = env["product.product"].create({"name": "Given back", "list_price": 25, "invoice_policy": "order"})
    order = env["sale.order"].create({
        "partner_id": env["res.partner"].create({"name": "Gives back"}).id,
        "order_line": [(0, 0, {"product_id": variant.id, "product_uom_qty": 2})],
    })  # fmt: skip
    order.action_confirm()
    invoice = order._create_invoices()
    invoice.action_post()
    note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
    note.action_post()
    return note.id


def _other_company(env: Any, admin: Any, company: Any) -> dict[str, Any]:
    """A company in euros that prices one shared product at another cost."""
    euro = env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")])
    other = env["res.company"].create({"name": "Zweite GmbH", "currency_id": euro.id})
    admin.company_ids += other
    variant = env["product.product"].search([("company_id", "=", False), ("sale_ok", "=", True)], limit=1)
    variant.with_company(other).standard_price = 7.77
    own = env["product.product"].with_company(other).create({"name": "Nur hier", "company_id": other.id})
    return {"id": other.id, "shared_variant": variant.id, "own_variant": own.id}


def _prices(env: Any, pricelist: Any) -> dict[str, float]:
    domain = [("sale_ok", "=", True), *env["product.product"]._check_company_domain(env.company)]
    variants = env["product.product"].with_context(active_test=False).search(domain, order="id")
    if pricelist.item_ids.base_pricelist_id:
        # Odoo takes long for prices that are based on others: those with a rule of their own, and a tenth of the rest.
        variants = (variants & pricelist.item_ids.product_tmpl_id.product_variant_ids) | variants[::10]
    return {str(number): price for number, price in pricelist._get_products_price(variants, 1.0).items()}


def _pricelists(env: Any) -> dict[str, Any]:
    """One that has a rule of every kind, one in euros that is based on it, one based on costs, one without rules."""
    euro = env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")])
    euro.active = True
    variants = env["product.product"].search([("sale_ok", "=", True), ("type", "=", "consu")])
    several = variants.product_tmpl_id.filtered(lambda template: template.product_variant_count > 1)
    category = env["product.category"].search([("parent_id", "=", False), ("child_id", "!=", False)], limit=1)
    category = category or env["product.category"].search([], limit=1)
    child = env["product.category"].create({"name": "Below", "parent_id": category.id})
    variants[-1].categ_id = child

    def rules(*values: dict[str, Any]) -> list[Any]:
        return [(0, 0, value) for value in values]

    def of(record: Any) -> dict[str, Any]:
        if record._name == "product.product":
            product = {"product_id": record.id, "product_tmpl_id": record.product_tmpl_id.id}
            return {"applied_on": "0_product_variant", **product}
        if record._name == "product.template":
            return {"applied_on": "1_product", "product_tmpl_id": record.id}
        return {"applied_on": "2_product_category", "categ_id": record.id}

    fixed = {"compute_price": "fixed"}
    formula = {"compute_price": "formula"}
    every_kind = env["product.pricelist"].create({
        "name": "Every kind of rule",
        "currency_id": env.company.currency_id.id,
        "item_ids": rules(
            {**of(several[0].product_variant_ids[0]), **fixed, "fixed_price": 3.333},
            {**of(several[0]), **fixed, "fixed_price": 4},
            {**of(several[1]), **fixed, "fixed_price": 0},
            {**of(several[2]), **fixed, "fixed_price": 5, "min_quantity": 1},
            {**of(several[2]), **fixed, "fixed_price": 1, "min_quantity": 1.01},
            {**of(several[3]), **fixed, "fixed_price": 6, "date_start": IN_YEARS},
            {**of(several[4]), **fixed, "fixed_price": 6, "date_end": YEARS_AGO},
            {**of(several[5]), **fixed, "fixed_price": 6, "date_start": YEARS_AGO, "date_end": IN_YEARS},
            {**of(several[6]), "compute_price": "percentage", "percent_price": 12.5},
            {**of(several[7]), "compute_price": "percentage", "percent_price": -10, "base": "standard_price"},
            {**of(several[8]), **formula, "price_discount": 7, "price_round": 0.25, "price_surcharge": -0.01},
            {**of(several[9]), **formula, "price_discount": 50, "price_min_margin": -1},
            {**of(several[10]), **formula, "price_discount": -50, "price_max_margin": 2.5, "price_round": 10},
            {**of(several[11]), **formula, "base": "standard_price", "price_discount": -33.3, "price_round": 0.05},
            {**of(category), "compute_price": "percentage", "percent_price": 20},
            {**of(child), "compute_price": "percentage", "percent_price": 30},
            {"applied_on": "3_global", **formula, "price_discount": 1, "price_round": 0.01},
            {"applied_on": "3_global", **fixed, "fixed_price": 0.5, "min_quantity": 100},
        ),
    })  # fmt: skip
    based = {**formula, "base": "pricelist"}
    in_euros = env["product.pricelist"].create({
        "name": "In euros, based on another",
        "currency_id": euro.id,
        "item_ids": rules(
            {**of(several[12]), **based, "base_pricelist_id": every_kind.id, "price_surcharge": 1},
            {"applied_on": "3_global", **based, "base_pricelist_id": every_kind.id, "price_discount": 3},
        ),
    })  # fmt: skip
    again = env["product.pricelist"].create({
        "name": "Based on what is based on another",
        "currency_id": env.company.currency_id.id,
        "item_ids": rules({"applied_on": "3_global", **based, "base_pricelist_id": in_euros.id}),
    })  # fmt: skip
    empty = env["product.pricelist"].create({"name": "Without rules", "currency_id": euro.id})
    return {"every kind": every_kind, "in euros": in_euros, "twice based": again, "empty": empty}


def _oddities(env: Any) -> Any:
    """Extra prices, attributes without variants, an image of a variant, tags, a dozen as unit."""
    size = env["product.attribute"].create({
        "name": "Größe",
        "value_ids": [(0, 0, {"name": name, "default_extra_price": extra}) for name, extra in (("S", 0), ("L", 1.5))],
    })  # fmt: skip
    topping = env["product.attribute"].create({
        "name": "Topping",
        "create_variant": "no_variant",
        "display_type": "multi",
        "value_ids": [(0, 0, {"name": name, "default_extra_price": 0.4}) for name in ("Nuts", "Cream")],
    })  # fmt: skip
    template = env["product.template"].create({
        "name": "Eis am Stiel",
        "list_price": 2.2,
        "categ_id": env["product.category"].search([], limit=1).id,
        "uom_id": env.ref("uom.product_uom_dozen").id,
        "product_tag_ids": [(0, 0, {"name": "Sommer"})],
        "attribute_line_ids": [
            (0, 0, {"attribute_id": attribute.id, "value_ids": [(6, 0, attribute.value_ids.ids)]})
            for attribute in (size, topping)
        ],
    })  # fmt: skip
    template.image_1920 = _PIXEL
    template.product_variant_ids[1].image_variant_1920 = OTHER_PIXEL
    return template


_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
OTHER_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
