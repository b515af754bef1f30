"""What a connection to an Odoo is set up with: its shops, tills, taxes, pricelists, payment methods and groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...errors import Refused
from ...pages import Malformed, listed
from . import fields
from .rpc import Rpc
from .sales_fields import PAYMENT_METHOD, PROVIDER, either
from .stock import Place
from .values import decimal, key, text

_TILL_KINDS = {
    "cash": rec.PaymentKind.CASH,
    "bank": rec.PaymentKind.CARD,
    "pay_later": rec.PaymentKind.ON_ACCOUNT,
}
# Who pays by transfer, under its name from 16 on and before.
_BY_TRANSFER = ("custom", "transfer")
# The model of what takes payments online; until 15 it was an acquirer.
PROVIDERS = ("payment.provider", "payment.acquirer")
_WORTH_A_NOTE = (
    ("product.template", "The key's user may not read products: none come."),
    ("stock.move", "There is no inventory, or the key's user lacks the right Inventory / User: no quantities come."),
    ("pos.config", "There is no point of sale, or the key's user may not see it: tills are no locations."),
)


def till_kind(method: dict[str, Any]) -> rec.PaymentKind:
    """Of a row with PAYMENT_METHOD: in 14 a method is cash or not, and has no type."""
    if method.get("type"):
        return _TILL_KINDS.get(method["type"], rec.PaymentKind.OTHER)
    return rec.PaymentKind.CASH if method.get("is_cash_count") else rec.PaymentKind.CARD


def online_kind(provider: Any) -> rec.PaymentKind:
    return rec.PaymentKind.BANK if provider in _BY_TRANSFER else rec.PaymentKind.CARD


class SetupReader:
    def __init__(self, rpc: Rpc, currencies: dict[int, str]):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._currencies = currencies
        self._companies: list[int] = rpc.context["allowed_company_ids"]

    def company(self) -> dict[str, Any]:
        """Id, name and currency_id."""
        return self._rpc.search_read("res.company", [("id", "in", self._companies)], ["name", "currency_id"])[0]

    def database_id(self) -> str:
        """Of the database where the key's user may read it (an administrator), else ""."""
        rows = self._rows.allowed("ir.config_parameter", [("key", "=", "database.uuid")], ["value"])
        return text(rows[0]["value"]) if rows else ""

    def notes(self) -> Iterator[str]:
        """A sentence for each kind of data that the key's user may not read."""
        for model, missing in _WORTH_A_NOTE:
            try:
                readable = bool(self._rpc.fields(model, ["id"])) and self._rpc.count(model, []) >= 0
            except Refused:
                readable = False
            if not readable:
                yield missing

    def locations(self, places: list[Place], unreadable: Sequence[Malformed]) -> Iterator[rec.Location | Malformed]:
        """Places hold stock, tills and warehouses take orders; a company with neither is a location itself."""
        company = self.company()
        common = {"timezone": text(self._rpc.context.get("tz")), "currency": self._currencies[company["currency_id"]]}
        for place in places:
            yield rec.Location(
                external_id=place.external_id,
                name=place.name,
                takes_orders=place.takes_orders,
                archived=place.archived,
                **common,
            )
        yield from unreadable

        def till(row: dict[str, Any]) -> rec.Location:
            return rec.Location(
                external_id=key("pos", row["id"]),
                name=text(row["name"]),
                parent_id=self._parent_of(row, places),
                holds_stock=False,
                archived=not row["active"],
                **{**common, "currency": self._currencies[row["currency_id"]]},
            )

        tills = self._tills()
        yield from listed(tills, till, lambda row: key("pos", row["id"]))
        if not places and not unreadable and not tills:
            name = company["name"]
            yield rec.Location(external_id=key("company", company["id"]), name=name, holds_stock=False, **common)

    def tax_rates(self) -> Iterator[rec.TaxRate | Malformed]:
        rows = self._rows.read("account.tax", [("company_id", "parent_of", self._companies)], fields.TAX)
        taxes = {row["id"]: row for row in rows if isinstance(row["id"], int)}
        for row in rows:
            if row.get("type_tax_use") == "sale":
                yield from listed([row], lambda row: _tax_rate(row, taxes), lambda row: key("tax", row["id"]))

    def price_levels(self) -> Iterator[rec.PriceLevel | Malformed]:
        def level(row: dict[str, Any]) -> rec.PriceLevel:
            currency = self._currencies[row["currency_id"]]
            return rec.PriceLevel(external_id=key("pricelist", row["id"]), name=text(row["name"]), currency=currency)

        rows = self._rows.read("product.pricelist", [("active", "=", True)], ["name", "currency_id"])
        yield from listed(rows, level, lambda row: key("pricelist", row["id"]))

    def payment_methods(self) -> Iterator[rec.PaymentMethod | Malformed]:
        def method(row: dict[str, Any]) -> rec.PaymentMethod:
            return rec.PaymentMethod(
                external_id=key("pos-method", row["id"]), name=text(row["name"]), kind=till_kind(row)
            )

        def provider(row: dict[str, Any]) -> rec.PaymentMethod:
            kind = online_kind(either(row, "code", "provider"))
            return rec.PaymentMethod(external_id=key("provider", row["id"]), name=text(row["name"]), kind=kind)

        rows = self._rows.allowed("pos.payment.method", [], PAYMENT_METHOD)
        yield from listed(rows, method, lambda row: key("pos-method", row["id"]))
        for model in PROVIDERS:
            rows = self._rows.allowed(model, [("state", "=", "enabled")], PROVIDER)
            yield from listed(rows, provider, lambda row: key("provider", row["id"]))

    def customer_groups(self) -> Iterator[rec.CustomerGroup | Malformed]:
        def group(row: dict[str, Any]) -> rec.CustomerGroup:
            return rec.CustomerGroup(external_id=key("group", row["id"]), name=text(row["name"]))

        rows = self._rows.read("res.partner.category", [], ["name"])
        yield from listed(rows, group, lambda row: key("group", row["id"]))

    def _tills(self) -> list[dict[str, Any]]:
        return self._rows.allowed("pos.config", [("company_id", "in", self._companies)], fields.POINT_OF_SALE)

    def _parent_of(self, till: dict[str, Any], places: list[Place]) -> str:
        """The warehouse that a till's sales leave; "" where that is no place of ours."""
        operation = self._rows.by_id("stock.picking.type", {till["picking_type_id"] or 0}, ["warehouse_id"])
        warehouse = key("warehouse", next((row["warehouse_id"] for row in operation.values()), 0))
        return warehouse if any(place.external_id == warehouse for place in places) else ""


def _tax_rate(row: dict[str, Any], taxes: dict[int, dict[str, Any]]) -> rec.TaxRate:
    return rec.TaxRate(
        external_id=key("tax", row["id"]),
        name=text(row["name"]),
        rate=_rate(row, taxes),
        inclusive=bool(row["price_include"]),
        fixed=row["amount_type"] == "fixed",
        country=text(row.get("country_code")),
        archived=not row["active"],
        raw=row,
    )


def _rate(row: dict[str, Any], taxes: dict[int, dict[str, Any]]) -> Decimal:
    """In percent of the price without it. A division tax is percent of the price with it; a group is its parts' sum."""
    amount = decimal(row["amount"])
    if row["amount_type"] == "division":
        return (amount / (100 - amount) * 100).quantize(Decimal("1e-6")).normalize() + 0
    if row["amount_type"] == "group":
        return sum((_rate(taxes[part], taxes) for part in row["children_tax_ids"] if part in taxes), Decimal(0))
    return amount
