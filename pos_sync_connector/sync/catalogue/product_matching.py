"""Decides what a product of a system is in Odoo: linked already, the same as one that is there, or new."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...connectors import codec
from ...connectors.errors import NeedsFixing, Skip
from ...connectors.records import Product, ProductKind, Variant
from .product_clashes import ProductClashes
from .product_codes import code_key
from .product_review import ProductReview

_TYPES = {
    ProductKind.GOODS: "consu",
    ProductKind.SERVICE: "service",
    ProductKind.COMBO: "combo",
    ProductKind.GIFT_CARD: "service",
}


def odoo_type(record: Product) -> str:
    """The `type` of an Odoo product for a record."""
    return _TYPES[record.kind]


@dataclass(slots=True, eq=False)
class Plan:
    """What is to be done with a record. `tmpl_id` None: create it. `product_ids`: Odoo's variant by external id.

    `variants` are those to import: one that was deleted in Odoo is not made again without a person. `is_arriving`: it
    is new on this connection, or had been deleted at the system and is back. `record` is what comes in of what was
    `stated`, and `question` says what did not. `said` and `said_before`: what the system states of each field and
    last stated, as digests by the variant's external id, "" for the product itself.
    """

    record: Product
    digest: str
    tmpl_id: int | None = None
    mapping_id: int | None = None
    made_here: bool = False
    owned: set[str] = field(default_factory=set)
    product_ids: dict[str, int] = field(default_factory=dict)
    image_checksum: str = ""
    is_arriving: bool = False
    linked_by: str = "made"
    variants: list[Variant] = field(default_factory=list)
    stated: Product | None = None
    question: NeedsFixing | None = None
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    said_before: dict[str, dict[str, str]] = field(default_factory=dict)

    def news(self, key: str, vals: dict) -> dict:
        """What the system states otherwise than it last did. What a person has made of the rest in Odoo stays."""
        stated = {name: codec.digest(value) for name, value in vals.items()}
        self.said[key] = {**self.said_before.get(key, {}), **self.said.get(key, {}), **stated}
        before = self.said_before.get(key, {})
        return {name: value for name, value in vals.items() if before.get(name) != stated[name]}

    @property
    def owns_identity(self) -> bool:
        return "owns_identity" in self.owned


class ProductMatcher:
    """Makes the plans of a page. Raises `Failure` for one record; `env` gives the translations."""

    def __init__(self, env, connection, resolver):
        self.env = env
        self.connection = connection
        self.resolver = resolver
        self._review = ProductReview(env, connection, resolver)
        self._taken: dict[int, str] = dict(resolver.taken)
        self._clashes = ProductClashes(env, resolver, self._taken)

    def plan(self, record: Product, digest: str) -> Plan:
        linked = self.resolver.products.get(record.external_id)
        if linked and not linked.target_id:
            raise Skip(self.env._("“%s” was deleted in Odoo.", record.name), code="deleted-in-odoo")
        stated = record
        record, question = self._clashes.clear(stated)
        # Without a digest it is looked at again until the question is answered.
        plan = Plan(record, "" if question else digest, stated=stated, question=question)
        for variant in record.variants:
            known = self.resolver.variants.get(variant.external_id)
            if known and known.target_id:
                plan.product_ids[variant.external_id] = known.target_id
            if not known or known.target_id or known.unknown:
                plan.variants.append(variant)
        plan.is_arriving = not linked or linked.gone
        if not plan.is_arriving:
            # A variant that comes back is new.
            back = {key for key, known in self.resolver.variants.items() if known.gone}
            plan.said_before = {key: said for key, said in linked.stated.items() if key not in back}
        if linked:
            self._check_kind(record, linked.kind)
            plan.tmpl_id, plan.mapping_id = linked.target_id, linked.mapping_id
            plan.made_here, plan.image_checksum = linked.made_here, linked.image_checksum
            plan.owned = {name for name in ("owns_identity", "owns_price", "owns_tax") if getattr(linked, name)}
        else:
            self._match(plan)
        return plan

    def _match(self, plan):
        """As a person decided, else by barcode, then internal reference, then new; what is doubtful is held."""
        record = plan.record
        if self._review.follow(plan):
            if plan.tmpl_id:
                self._check_complete(plan)
            return
        found = {}
        for variant in plan.variants:
            candidate = self._candidate(record, variant) if variant.external_id not in plan.product_ids else None
            if candidate:
                found[variant.external_id] = candidate
        templates = {candidate.tmpl_id for candidate in found.values()}
        templates |= {self.resolver.templates[product_id] for product_id in plan.product_ids.values()}
        if len(templates) > 1:
            self._hold(
                record,
                "ambiguous",
                self.env._(
                    "The variants of “%s” are variants of several products in Odoo. Bring them together at one side, "
                    "or drop this message.",
                    record.name,
                ),
            )
        if templates:
            archived = {variant.external_id for variant in plan.variants if variant.archived or record.archived}
            for external_id, candidate in found.items():
                self._check_link(record, candidate, external_id in archived)
            plan.tmpl_id = templates.pop()
            plan.linked_by = "barcode" if any(item.by_barcode for item in found.values()) else "reference"
            plan.product_ids.update({key: candidate.product_id for key, candidate in found.items()})
            self._taken.update({candidate.product_id: key for key, candidate in found.items()})
            if any(variant.external_id not in plan.product_ids for variant in plan.variants):
                # One without codes of its own is known by its options.
                plan.product_ids = {**self._review._pair_variants(plan, plan.tmpl_id), **plan.product_ids}
            self._check_complete(plan)
        elif self.connection.product_policy == "hold":
            self._hold(
                record,
                "unknown-product",
                self.env._(
                    "“%s” is not in Odoo yet, and this connection does not create products. Make a product with the "
                    "same barcode or internal reference, then retry.",
                    record.name,
                ),
            )
        elif self.connection.review_new or record.external_id in self.resolver.decisions:
            self._review.ask(record)

    def _check_complete(self, plan):
        """Every variant must be there: a product that the addon did not make gets none from it."""
        record = plan.record
        missing = [variant for variant in plan.variants if variant.external_id not in plan.product_ids]
        if missing:
            self._hold(
                record,
                "variant-missing",
                self.env._(
                    "“%(name)s” is in Odoo without its variant %(variant)s. Add the variant in Odoo with the same "
                    "barcode or internal reference, then retry.",
                    name=record.name,
                    variant=missing[0].sku or missing[0].barcode or missing[0].name or missing[0].external_id,
                ),
            )

    def _candidate(self, record, variant):
        for field_name, key, index in (
            (self.env._("barcode"), code_key(variant.barcode), self.resolver.by_barcode),
            (self.env._("internal reference"), variant.sku, self.resolver.by_sku),
        ):
            found = index.get(key, []) if key else []
            free = [item for item in found if self._taken.get(item.product_id) in (None, variant.external_id)]
            active = [item for item in free if item.active] or free
            # What stands on several products of the system tells none of them: one that is linked already is not this
            # one, and one that is left over need not be, unless it took the place of one that is archived.
            if len(active) > 1 or (free and any(item.active for item in found if item not in free)):
                self._hold(
                    record,
                    "ambiguous",
                    self.env._(
                        "Several products in Odoo have the %(field)s %(value)s of “%(name)s”. Leave it on one of them, "
                        "then retry.",
                        field=field_name,
                        value=variant.barcode if index is self.resolver.by_barcode else key,
                        name=record.name,
                    ),
                )
            if active:
                active[0].by_barcode = index is self.resolver.by_barcode
                return active[0]
        return None

    def _check_link(self, record, candidate, archived):
        """Matches that a person must decide about. `archived`: the variant is, at the system."""
        if not candidate.active and not archived:
            self._hold(
                record,
                "archived-match",
                self.env._(
                    "“%s” is archived in Odoo. Unarchive it, or change its barcode and internal reference, then retry.",
                    record.name,
                ),
            )
        unit = record.unit and self.resolver.units.get(record.unit.name.strip().lower())
        if record.unit and unit != candidate.uom_id:
            self._hold(
                record,
                "unit-mismatch",
                self.env._(
                    "“%(name)s” is sold by %(unit)s at the system, and by another unit in Odoo. Give both the same "
                    "unit, then retry.",
                    name=record.name,
                    unit=record.unit.name,
                ),
            )
        self._check_kind(record, candidate.kind)

    def _check_kind(self, record, kind):
        if kind != odoo_type(record):
            self._hold(
                record,
                "kind-mismatch",
                self.env._(
                    "“%s” is of another kind in Odoo (goods, service or combo). Correct one side, then retry.",
                    record.name,
                ),
            )

    def _hold(self, record, code, sentence):
        raise NeedsFixing(sentence, code=code)
