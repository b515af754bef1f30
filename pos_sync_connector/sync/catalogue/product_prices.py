from odoo import models

from ...connectors.errors import NeedsFixing
from ...connectors.records import ProductKind


class PosSyncImportProducts(models.AbstractModel):
    """The prices of products: the chosen level goes to the connection's pricelist, one fixed item a variant."""

    _inherit = "pos.sync.import_products"

    def _price(self, resolver, variant):
        """The variant's `Price` at the chosen level, else its ordinary one; None when it has neither."""
        by_level = {price.level: price for price in variant.prices}
        return by_level.get(resolver.price_level) or by_level.get("")

    def _check_prices(self, connection, resolver, plan):
        """Raises Failure. Before there is a pricelist the first price says which currency it will be in."""
        record = plan.record
        for variant in plan.variants:
            price = self._price(resolver, variant)
            if price is None:
                if variant.open_price or record.kind in (ProductKind.COMBO, ProductKind.GIFT_CARD):
                    continue
                raise NeedsFixing(
                    self.env._(
                        "“%s” has no price at the chosen price level. Enter one at the system, or choose another "
                        "level.",
                        record.name,
                    ),
                    code="no-price",
                    trace="no-price",
                )
            if not resolver.currency:
                resolver.currency = connection.pricelist_id.currency_id or self._find_currency(connection, price)
            if price.currency and price.currency != resolver.currency.name:
                raise NeedsFixing(
                    self.env._(
                        "“%(name)s” is priced in %(currency)s, the connection's pricelist is in %(own)s.",
                        name=record.name,
                        currency=price.currency,
                        own=resolver.currency.name,
                    ),
                    fix=self.env._("Choose a pricelist in that currency on the connection."),
                    code="wrong-currency",
                    trace=f"wrong-currency:{price.currency}",
                )

    def _find_currency(self, connection, price):
        """The currency that a price is in. Raises NeedsFixing where Odoo does not have it."""
        if not price.currency:
            return connection.company_id.currency_id
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", price.currency)])
        if not currency:
            raise NeedsFixing(
                self.env._("It is priced in %s, a currency that Odoo does not have.", price.currency),
                fix=self.env._("Correct the currency at the system, or add it to Odoo."),
                code="wrong-currency",
                trace=f"wrong-currency:{price.currency}",
            )
        return currency

    def _prepare_list_price(self, connection, resolver, plan):
        """The product's own price: that of its first variant, in the company's currency."""
        for variant in plan.record.variants:
            price = self._price(resolver, variant)
            if price is not None:
                amount = self._in_company_currency(connection, price.amount, price.currency)
                if amount is not None:
                    return {"list_price": amount}
                return {} if plan.tmpl_id else {"list_price": 0.0}
        return {"list_price": 0.0}

    def _in_company_currency(self, connection, amount, currency):
        """None where Odoo has no rate: no price at all is better than a wrong one."""
        own = connection.company_id.currency_id
        if not currency or currency == own.name:
            return float(amount)
        other = self.env["res.currency"].with_context(active_test=False).search([("name", "=", currency)])
        if not other or not other.rate_ids:
            return None
        return other._convert(float(amount), own, connection.company_id, self.env.cr.now().date(), round=False)

    def _write_prices(self, connection, resolver, plans):
        prices = {
            plan.product_ids[variant.external_id]: (plan, variant.external_id, self._price(resolver, variant))
            for plan in plans
            for variant in plan.variants
        }
        if any(price for *_variant, price in prices.values()):
            self._ensure_pricelist(connection, resolver.currency)
        pricelist = connection.pricelist_id
        if not pricelist:
            return
        Item = self.env["product.pricelist.item"]
        known = {
            item.product_id.id: item
            for item in Item.search(
                [
                    ("pricelist_id", "=", pricelist.id),
                    ("applied_on", "=", "0_product_variant"),
                    ("product_id", "in", list(prices)),
                    ("compute_price", "=", "fixed"),
                    ("min_quantity", "=", 0),
                    ("date_start", "=", False),
                    ("date_end", "=", False),
                ]
            )
        }
        missing = []
        for product_id, (plan, key, price) in prices.items():
            is_news = plan.news(key, {"price": price.amount if price else None})
            item = known.get(product_id)
            if price is None:
                if item:
                    item.unlink()
            elif item is None:
                missing.append(self._prepare_pricelist_item(pricelist, plan.tmpl_id, product_id, price))
            elif is_news and item.fixed_price != float(price.amount):
                item.fixed_price = float(price.amount)
        Item.create(missing)

    def _prepare_pricelist_item(self, pricelist, tmpl_id, product_id, price):
        return {
            "pricelist_id": pricelist.id,
            "applied_on": "0_product_variant",
            "product_tmpl_id": tmpl_id,
            "product_id": product_id,
            "compute_price": "fixed",
            "fixed_price": float(price.amount),
        }

    def _ensure_pricelist(self, connection, currency):
        """The connection's pricelist is made when its first price arrives."""
        if not connection.pricelist_id:
            if not currency.active:
                currency.active = True
            connection.pricelist_id = self.env["product.pricelist"].create(
                {"name": connection.name, "currency_id": currency.id, "company_id": connection.company_id.id}
            )
