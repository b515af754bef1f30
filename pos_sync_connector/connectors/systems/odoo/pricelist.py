"""The price of a pricelist, computed from its rules as Odoo computes it.

Odoo offers no public method for many products at once (`get_contextual_price` takes one product a request), so the
rules of `product.pricelist.item` are read and applied here: quantity 1, the product's own unit, now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ...errors import NeedsFixing
from . import fields
from .rpc import Rpc
from .values import decimal, wire

# The order in which Odoo looks for the first rule that fits.
_RULE_ORDER = "applied_on, min_quantity desc, categ_id desc, id desc"
_DIGITS = Decimal("1e-10")


_Rules = Mapping[int, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Priced:
    """What a price depends on: a variant, its template and category path, its prices in currency ids."""

    variant_id: int
    template_id: int
    category_ids: tuple[int, ...]
    list_price: Decimal
    list_currency: int
    cost: Decimal
    cost_currency: int


class Pricelist:
    """One pricelist and those that its rules are based on."""

    def __init__(self, rpc: Rpc, pricelist_id: int):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._id = pricelist_id
        self._currencies = self._read_chain()
        self._rates: dict[int, Decimal] = {}

    @property
    def currency_id(self) -> int:
        return self._currencies[self._id]

    def prices(self, products: Iterable[Priced], now: datetime) -> dict[int, Decimal]:
        """Price by variant id, in the pricelist's currency, unrounded as Odoo's."""
        products = list(products)
        rules = self._read_rules(products, now)
        self._read_rates(products, now)
        return {item.variant_id: _tidy(self._price(self._id, item, rules)) for item in products}

    def changed(self, since: datetime, now: datetime) -> list[Any] | None:
        """A domain on product.template: whose price may have changed since; None: nobody's, []: everybody's.

        A rule changes prices when it is written, and when its time begins or ends. A rule that was deleted by itself
        leaves no trace; deleted on its pricelist's form it does.
        """
        ids = sorted(self._currencies)
        recent, until = wire(since), wire(now)
        if self._rpc.count("product.pricelist", [("id", "in", ids), ("write_date", ">=", recent)]):
            return []
        rates = [("currency_id", "in", sorted(set(self._currencies.values()))), ("write_date", ">=", recent)]
        if self._rpc.count("res.currency.rate", rates):
            return []
        domain = ["|", "|", ("write_date", ">=", recent)]
        for name in ("date_start", "date_end"):
            domain += ["&", (name, ">=", recent), (name, "<=", until)]
        rules = self._rows.read("product.pricelist.item", [("pricelist_id", "in", ids), *domain], fields.RULE)
        parts = [_products_of(rule) for rule in rules]
        if not parts:
            return None
        if [] in parts:
            return []
        return ["|"] * (len(parts) - 1) + [leaf for part in parts for leaf in part]

    def _read_chain(self) -> dict[int, int]:
        """Currency by pricelist, for the pricelist and all that its rules are based on."""
        found: dict[int, int] = {}
        pending = {self._id}
        while pending:
            rows = self._rpc.search_read("product.pricelist", [("id", "in", sorted(pending))], ["currency_id"])
            found.update({row["id"]: row["currency_id"] for row in rows})
            if self._id not in found:
                raise NeedsFixing(
                    "The chosen pricelist is not there any more. Choose another price level on the connection.",
                    code="missing-price-level",
                )
            based = [("pricelist_id", "in", sorted(pending)), ("base", "=", "pricelist")]
            rules = self._rpc.read_all("product.pricelist.item", based, ["base_pricelist_id"])
            pending = {rule["base_pricelist_id"] for rule in rules if rule["base_pricelist_id"]} - set(found)
        return found

    def _read_rules(self, products: list[Priced], now: datetime) -> _Rules:
        """Rules that are in force and may fit one of the products, by pricelist, in the order of their precedence."""
        templates, variants = {item.template_id for item in products}, {item.variant_id for item in products}
        domain = [
            ("pricelist_id", "in", sorted(self._currencies)),
            "|", ("product_tmpl_id", "=", False), ("product_tmpl_id", "in", sorted(templates)),
            "|", ("product_id", "=", False), ("product_id", "in", sorted(variants)),
            "|", ("date_start", "=", False), ("date_start", "<=", wire(now)),
            "|", ("date_end", "=", False), ("date_end", ">=", wire(now)),
        ]  # fmt: skip
        rules: dict[int, list[dict[str, Any]]] = {pricelist: [] for pricelist in self._currencies}
        wanted = self._rows.names("product.pricelist.item", fields.RULE)
        for rule in self._rpc.search_read("product.pricelist.item", domain, wanted, order=_RULE_ORDER):
            rules[rule["pricelist_id"]].append(rule)
        return rules

    def _read_rates(self, products: list[Priced], now: datetime) -> None:
        used = set(self._currencies.values())
        used |= {currency for item in products for currency in (item.list_currency, item.cost_currency)}
        if len(used) > 1 and used - set(self._rates):
            context = {"date": now.date().isoformat()}
            rows = self._rpc.search_read("res.currency", [("id", "in", sorted(used))], ["rate"], context=context)
            self._rates = {row["id"]: decimal(row["rate"]) for row in rows}

    def _price(self, pricelist: int, item: Priced, rules: _Rules) -> Decimal:
        rule = next((rule for rule in rules[pricelist] if _fits(rule, item)), None)
        currency = self._currencies[pricelist]
        if rule is None:
            return self._convert(item.list_price, item.list_currency, currency)
        kind = rule["compute_price"]
        if kind == "fixed":
            return decimal(rule["fixed_price"])
        base = self._base(rule, item, rules, currency)
        if kind == "percentage":
            return base - base * decimal(rule["percent_price"]) / 100
        if kind == "formula":
            return _formula(rule, base)
        raise NeedsFixing(
            f"A rule of the pricelist computes its price as “{kind}”, which is not known here. "
            "Choose a price level without such a rule.",
            code="unknown-price-rule",
        )

    def _base(self, rule: dict[str, Any], item: Priced, rules: _Rules, currency: int) -> Decimal:
        if rule["base"] == "pricelist" and rule["base_pricelist_id"]:
            other = rule["base_pricelist_id"]
            return self._convert(self._price(other, item, rules), self._currencies[other], currency)
        if rule["base"] == "standard_price":
            return self._convert(item.cost, item.cost_currency, currency)
        return self._convert(item.list_price, item.list_currency, currency)

    def _convert(self, amount: Decimal, source: int, target: int) -> Decimal:
        return amount if source == target else amount * self._rates[target] / self._rates[source]


def _fits(rule: Mapping[str, Any], item: Priced) -> bool:
    if decimal(rule["min_quantity"]) > 1:
        return False
    return {
        "3_global": True,
        "2_product_category": rule["categ_id"] in item.category_ids,
        "1_product": rule["product_tmpl_id"] == item.template_id,
        "0_product_variant": rule["product_id"] == item.variant_id,
    }.get(rule["applied_on"], False)


def _formula(rule: Mapping[str, Any], base: Decimal) -> Decimal:
    price = base - base * decimal(rule["price_discount"]) / 100
    step = decimal(rule["price_round"])
    if step:
        price = (price / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
    price += decimal(rule["price_surcharge"])
    if lowest := decimal(rule["price_min_margin"]):
        price = max(price, base + lowest)
    if highest := decimal(rule["price_max_margin"]):
        price = min(price, base + highest)
    return price


def _products_of(rule: Mapping[str, Any]) -> list[Any]:
    """A domain on product.template of one leaf, for whom the rule may count; []: everybody."""
    if rule["applied_on"] == "0_product_variant":
        return [("product_variant_ids", "in", [rule["product_id"]])]
    if rule["applied_on"] == "1_product":
        return [("id", "=", rule["product_tmpl_id"])]
    if rule["applied_on"] == "2_product_category":
        return [("categ_id", "child_of", rule["categ_id"])]
    return []


def _tidy(amount: Decimal) -> Decimal:
    """Without digits beyond those that a float of Odoo holds."""
    return amount.quantize(_DIGITS).normalize() + 0
