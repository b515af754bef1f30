"""What a person decides before the first products of a connection are made in a database that has products already."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz import fuzz, process

from ..engine.outcome import Review

# Below this two names have too little in common to be proposed.
_SIMILAR = 88


def plain(name: str) -> str:
    """A name without accents, case and doubled spaces."""
    letters = unicodedata.normalize("NFKD", name)
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).casefold().split())


def numbers(name: str) -> tuple[str, ...]:
    """The numbers in a name: what tells a size or a year from the next, however alike the words are."""
    return tuple(sorted(re.findall(r"\d+", name)))


class ProductReview:
    """Asks about products that would be made, proposing those of a similar name; follows what was decided."""

    def __init__(self, env, connection, resolver):
        self.env = env
        self.connection = connection
        self.resolver = resolver
        self._names: dict[tuple[str, ...], dict[int, str]] | None = None
        self._chosen: dict[int, str] = {}

    def follow(self, plan) -> bool:
        """Whether a person has decided about the plan's record; `plan` is then filled accordingly."""
        decision, tmpl_id = self.resolver.decisions.get(plan.record.external_id, ("", None))
        if decision == "link" and tmpl_id:
            self._check_free(plan.record, tmpl_id)
            plan.tmpl_id, plan.linked_by = tmpl_id, "hand"
            plan.product_ids.update(self._pair_variants(plan, tmpl_id))
        return bool(decision)

    def ask(self, record) -> None:
        """Raises Review: the record waits until somebody says whether to make or to link it."""
        tmpl_id = self._similar(record.name)
        if tmpl_id:
            raise Review(
                self.env._("“%s” has a name like a product that is in Odoo. Is it the same?", record.name),
                code="similar-product",
                candidate_tmpl_id=tmpl_id,
            )
        raise Review(self.env._("“%s” is not in Odoo yet. Shall it be created?", record.name), code="new-product")

    def _check_free(self, record, tmpl_id) -> None:
        """Two products of the system can't be one in Odoo: what was proposed meanwhile is asked about anew."""
        linked = self.env["pos.sync.mapping"].search(
            [
                ("connection_id", "=", self.connection.id),
                ("entity", "=", "product"),
                ("product_tmpl_id", "=", tmpl_id),
                ("gone", "=", False),
            ],
            limit=1,
        )
        owner = linked.external_id or self._chosen.setdefault(tmpl_id, record.external_id)
        if owner != record.external_id:
            self.ask(record)

    def _similar(self, name):
        if self._names is None:
            Template = self.env["product.template"]
            linked = self.env["pos.sync.mapping"].search(
                [("connection_id", "=", self.connection.id), ("entity", "=", "product")]
            )
            rows = Template.search_fetch(
                [
                    *Template._check_company_domain(self.connection.company_id),
                    ("id", "not in", linked.product_tmpl_id.ids),
                ],
                ["name"],
            )
            self._names = {}
            for row in rows:
                self._names.setdefault(numbers(row.name), {})[row.id] = plain(row.name)
        alike = {key: text for key, text in self._names.get(numbers(name), {}).items() if key not in self._chosen}
        found = process.extractOne(plain(name), alike, scorer=fuzz.token_sort_ratio, score_cutoff=_SIMILAR)
        return found[2] if found else None

    def _pair_variants(self, plan, tmpl_id):
        """{external id: product id}: the only ones of both sides, else by code, else by the names of their options."""
        products = self.env["product.product"].with_context(active_test=False)
        products = products.search([("product_tmpl_id", "=", tmpl_id)])
        if len(products) == len(plan.variants) == 1:
            return {plan.variants[0].external_id: products.id}
        paired = {}
        for variant in plan.variants:
            wanted = {plain(option.value) for option in variant.options}
            for product in products:
                names = {plain(value.name) for value in product.product_template_attribute_value_ids}
                codes = {code for code in (variant.barcode, variant.sku) if code}
                if codes & {product.barcode, product.default_code} or (wanted and wanted == names):
                    paired[variant.external_id] = product.id
                    break
        return paired
