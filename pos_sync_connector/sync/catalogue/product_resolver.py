"""Finds, with one query a kind, all that a page of products needs in Odoo. Holds ids only, for one attempt."""

from __future__ import annotations

from dataclasses import dataclass, field

from odoo.fields import Domain

from ..engine.outcome import Review
from .product_codes import code_key, spellings


@dataclass(slots=True)
class Linked:
    """A mapping as plain values. `target_id` is the template or variant, None when it was deleted in Odoo."""

    mapping_id: int
    target_id: int | None
    digest: str = ""
    made_here: bool = False
    owns_identity: bool = False
    owns_price: bool = False
    owns_tax: bool = False
    image_checksum: str = ""
    gone: bool = False
    parent: str = ""
    kind: str = ""
    stated: dict = field(default_factory=dict)

    @property
    def unknown(self) -> bool:
        """A variant that records named and the system did not know: no product was ever made for it."""
        return self.gone and not self.target_id and not self.parent


@dataclass(slots=True)
class Candidate:
    """A variant of Odoo that has a barcode or reference of the page."""

    product_id: int
    tmpl_id: int
    active: bool
    uom_id: int
    kind: str
    by_barcode: bool = False


@dataclass(slots=True)
class ProductResolver:
    """Resolves `records` (changed `Product`s) for `connection`; `env` is the importer's."""

    env: object
    connection: object
    records: list
    products: dict[str, Linked] = field(default_factory=dict)
    variants: dict[str, Linked] = field(default_factory=dict)
    by_barcode: dict[str, list[Candidate]] = field(default_factory=dict)
    by_sku: dict[str, list[Candidate]] = field(default_factory=dict)
    taxes: dict[str, int | None] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    categories: dict[tuple[str, ...], int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    owners: dict[int, set[str]] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)
    templates: dict[int, int] = field(default_factory=dict)
    price_level: str = ""
    decisions: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    currency: object = None

    def load(self) -> ProductResolver:
        records = self.records
        self.products = self._links("product", "product_tmpl_id", {record.external_id for record in records})
        own = {variant.external_id for record in records for variant in record.variants}
        chosen = {item.variant_id for record in records for choice in record.combos for item in choice.items}
        self.variants = self._links("variant", "product_id", own | chosen)
        templates = self.env["product.template"].browse(
            [link.target_id for link in self.products.values() if link.target_id]
        )
        kinds = {template.id: template.type for template in templates}
        for link in self.products.values():
            link.kind = kinds.get(link.target_id, "")
        linked_ids = [link.target_id for link in self.variants.values() if link.target_id]
        products = self.env["product.product"].browse(linked_ids)
        self.templates = {product.id: product.product_tmpl_id.id for product in products}
        self.price_level = self.connection._price_level()
        unlinked = [v for record in records for v in record.variants if v.external_id not in self.variants]
        self._load_candidates(
            # A linked one may have got a barcode that another product has.
            {variant.barcode for record in records for variant in record.variants if variant.barcode},
            {variant.sku for variant in unlinked if variant.sku},
        )
        self._load_decisions()
        taxes = (
            self.env["pos.sync.tax"]
            .with_context(active_test=False)
            .search([("connection_id", "=", self.connection.id)])
        )
        self.taxes = {tax.external_id: (0 if tax.ignored else tax.tax_id.id or None) for tax in taxes}
        self._load_units({name.lower() for r in records if r.unit for name in (r.unit.name, r.unit.base) if name})
        return self

    def _load_decisions(self):
        """What a person said about products that were asked about; "" where nobody has answered yet."""
        new = [record.external_id for record in self.records if record.external_id not in self.products]
        rows = self.env["pos.sync.message"].search_read(
            [
                ("connection_id", "=", self.connection.id),
                ("flow", "=", "products_pull"),
                ("external_id", "in", new),
                "|",
                ("decision", "!=", False),
                ("kind", "=", Review.kind),
                ("state", "in", ("waiting", "held", "failed")),
            ],
            ["external_id", "decision", "candidate_tmpl_id"],
            load=None,
        )
        self.decisions = {row["external_id"]: (row["decision"] or "", row["candidate_tmpl_id"] or None) for row in rows}

    def load_owners(self, tmpl_ids) -> None:
        """Which groups of fields of these templates have an owner already."""
        for mapping in self.env["pos.sync.mapping"].search(
            [("entity", "=", "product"), ("product_tmpl_id", "in", list(tmpl_ids)), ("gone", "=", False)]
        ):
            owned = self.owners.setdefault(mapping.product_tmpl_id.id, set())
            owned |= {name for name in ("owns_identity", "owns_price", "owns_tax") if mapping[name]}

    def _links(self, entity, target, external_ids):
        if not external_ids:
            return {}
        rows = self.env["pos.sync.mapping"].search_read(
            [
                ("connection_id", "=", self.connection.id),
                ("entity", "=", entity),
                ("external_id", "in", list(external_ids)),
            ],
            [
                "external_id",
                target,
                "digest",
                "made_here",
                "owns_identity",
                "owns_price",
                "owns_tax",
                "image_checksum",
                "gone",
                "parent_external_id",
                "stated",
            ],
            load=None,
        )
        return {
            row["external_id"]: Linked(
                mapping_id=row["id"],
                target_id=row[target] or None,
                digest=row["digest"] or "",
                made_here=row["made_here"],
                owns_identity=row["owns_identity"],
                owns_price=row["owns_price"],
                owns_tax=row["owns_tax"],
                image_checksum=row["image_checksum"] or "",
                gone=row["gone"],
                parent=row["parent_external_id"] or "",
                stated=row["stated"] or {},
            )
            for row in rows
        }

    def _load_candidates(self, barcodes, skus):
        if not barcodes and not skus:
            return
        wanted = {code_key(barcode) for barcode in barcodes}
        spelled = {spelling for barcode in barcodes for spelling in spellings(barcode)}
        rows = (
            self.env["product.product"]
            .with_context(active_test=False)
            .search_fetch(
                Domain(self.env["product.product"]._check_company_domain(self.connection.company_id))
                & (Domain("barcode", "in", list(spelled)) | Domain("default_code", "in", list(skus))),
                ["barcode", "default_code", "active", "uom_id", "type", "product_tmpl_id"],
            )
        )
        self.taken = {
            mapping.product_id.id: mapping.external_id
            for mapping in self.env["pos.sync.mapping"].search_fetch(
                [("connection_id", "=", self.connection.id), ("product_id", "in", rows.ids), ("gone", "=", False)],
                ["product_id", "external_id"],
            )
        }
        for product in rows:
            candidate = Candidate(
                product_id=product.id,
                tmpl_id=product.product_tmpl_id.id,
                active=product.active,
                uom_id=product.uom_id.id,
                kind=product.type,
            )
            if product.barcode and code_key(product.barcode) in wanted:
                self.by_barcode.setdefault(code_key(product.barcode), []).append(candidate)
            if product.default_code in skus:
                self.by_sku.setdefault(product.default_code, []).append(candidate)

    def _load_units(self, names):
        if names:
            for unit in self.env["uom.uom"].with_context(active_test=False, lang="en_US").search([]):
                self.units.setdefault((unit.name or "").strip().lower(), unit.id)
