"""Finds, with one query a kind, all that a page of orders needs in Odoo. Holds plain values only, for one attempt."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from .order_addresses import Parties

UNKNOWN = "unknown"


@dataclass(slots=True)
class LinkedOrder:
    mapping_id: int
    order_id: int | None
    digest: str = ""
    gone: bool = False


@dataclass(slots=True)
class Sold:
    """A product as an order line needs it."""

    product_id: int
    name: str
    uom_id: int
    kind: str
    list_price: float = 0.0


@dataclass(slots=True)
class Place:
    """A location of the system: its row, the partner for orders without a customer, the warehouse."""

    location_id: int
    walk_in_id: int | None
    warehouse_id: int | None


@dataclass(slots=True)
class MappedTax:
    tax_id: int | None
    ignored: bool
    included: bool


@dataclass(slots=True)
class OrderCurrency:
    """A currency, the pricelist that gives it to an order, and its smallest amount."""

    currency_id: int
    pricelist_id: int
    cents: Decimal


@dataclass(slots=True)
class OrderResolver:
    """Resolves `records` (`Order`s whose digests differ) for `connection`; `env` is the importer's."""

    env: object
    connection: object
    records: list
    orders: dict[str, LinkedOrder] = field(default_factory=dict)
    products: dict[str, Sold | None] = field(default_factory=dict)
    by_sku: dict[str, Sold] = field(default_factory=dict)
    customers: dict[str, int | None] = field(default_factory=dict)
    taxes: dict[str, MappedTax] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    charges: dict[str, Sold] = field(default_factory=dict)
    currencies: dict[str, OrderCurrency] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    parties: dict[str, Parties] = field(default_factory=dict)
    defaults: dict[str, dict] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    payment_terms: dict[str, int] = field(default_factory=dict)
    positions: dict[tuple, int] = field(default_factory=dict)
    detects_position: bool = False
    carriers: dict[str, int | None] = field(default_factory=dict)
    marks_delivery: bool = False
    warehouse_id: int = 0
    quantity_digits: int = 2
    discount_digits: int = 2

    def load(self) -> OrderResolver:
        env, connection, records = self.env, self.connection, self.records
        self.products = self._sold({line.variant_id for record in records for line in record.lines if line.variant_id})
        self.by_sku = self._sold_by_sku()
        self.customers = env["pos.sync.import_customers"]._partners(
            connection, {record.customer_id for record in records if record.customer_id}
        )
        taxes = env["pos.sync.tax"].with_context(active_test=False)
        known = taxes.search([("connection_id", "=", connection.id)])
        for tax in known | taxes._learn(connection, self._unlisted(known.mapped("external_id"))):
            self.taxes[tax.external_id] = MappedTax(tax.tax_id.id or None, tax.ignored, tax.tax_id.price_include)
        locations = env["pos.sync.location"].with_context(active_test=False)
        for place in locations.search([("connection_id", "=", connection.id)]):
            self.places[place.external_id] = Place(
                place.id, place.walk_in_partner_id.id or None, place.warehouse_id.id or None
            )
        self.charges = {row.kind: self._as_sold(row.product_id) for row in connection.sudo().charge_product_ids}
        self.warehouse_id = (
            env["stock.warehouse"].search([("company_id", "=", connection.company_id.id)], limit=1).id or 0
        )
        precision = env["decimal.precision"]
        self.quantity_digits = precision.precision_get("Product Unit")
        self.discount_digits = precision.precision_get("Discount")
        return self

    def load_orders(self, external_ids) -> None:
        """The mappings of orders, for those that came before."""
        rows = self.env["pos.sync.mapping"].search_read(
            [
                ("connection_id", "=", self.connection.id),
                ("entity", "=", "order"),
                ("external_id", "in", list(external_ids)),
            ],
            ["external_id", "sale_order_id", "digest", "gone"],
            load=None,
        )
        for row in rows:
            self.orders[row["external_id"]] = LinkedOrder(
                row["id"], row["sale_order_id"] or None, row["digest"] or "", row["gone"]
            )

    def _unlisted(self, listed):
        """The taxes that the records were charged with and nothing lists; without a rate there is nothing to match."""
        charged = (
            tax for record in self.records for part in (*record.lines, *record.charges) for tax in part.taxes
        )
        return list({tax.tax_id: tax for tax in charged
                     if tax.tax_id and tax.rate is not None and tax.tax_id not in listed
                     and not tax.remitted_by_channel}.values())

    def _sold(self, variant_ids):
        """None stands for a variant that will never be here: deleted in Odoo, or unknown to the system itself."""
        found = self.env["pos.sync.mapping"]._find(self.connection, "variant", variant_ids)
        return {
            external_id: self._as_sold(mapping.product_id) if mapping.product_id else None
            for external_id, mapping in found.items()
        }

    def _sold_by_sku(self):
        """Products of lines whose variant is gone, by a code that exactly one product has."""
        skus = {
            line.sku.strip()
            for record in self.records
            for line in record.lines
            if line.sku.strip() and not (line.variant_id and self.products.get(line.variant_id, True))
        }
        if not skus:
            return {}
        Product = self.env["product.product"]
        company = Product._check_company_domain(self.connection.company_id)
        found = Product.search([*company, ("default_code", "in", list(skus)), ("type", "!=", "combo")])
        return {
            code: self._as_sold(products) for code, products in found.grouped("default_code").items()
            if len(products) == 1
        }

    def sold(self, line):
        """The product of a line: by its variant, else where that is gone by its code; None for an unknown one."""
        known = self.products.get(line.variant_id) if line.variant_id else None
        return known or self.by_sku.get(line.sku.strip())

    def _as_sold(self, product):
        return Sold(product.id, product.display_name, product.uom_id.id, product.type, product.list_price)

    def quantum(self) -> Decimal:
        """The finest quantity that Odoo keeps on a line."""
        return Decimal(1).scaleb(-self.quantity_digits)
