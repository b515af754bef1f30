"""What two products of a system may share and Odoo's may not: they come in without it, and a person is told."""

from __future__ import annotations

from dataclasses import replace

from ...connectors.errors import NeedsFixing
from ...connectors.records import OptionValue, Product
from .product_codes import code_key


class ProductClashes:
    """Clears a page's records of clashes. `env` gives the translations; `taken`: external ids by Odoo's variant."""

    def __init__(self, env, resolver, taken: dict[int, str]):
        self.env = env
        self._by_barcode = resolver.by_barcode
        self._taken = taken
        self._stated = {v.external_id: code_key(v.barcode) for record in resolver.records for v in record.variants}
        self._barcodes: dict[str, str] = {}

    def clear(self, record: Product) -> tuple[Product, NeedsFixing | None]:
        """The record as Odoo can have it, and what a person is to correct at the system; None where nothing is."""
        record, options = self._tell_apart(record)
        record, barcodes = self._free_barcodes(record)
        return record, barcodes or options

    def _tell_apart(self, record):
        """Variants are told apart by their options: those of the same ones get a code or number behind the last."""
        seen, variants, clash = set(), [], False
        for variant in record.variants:
            key = _combination(variant.options)
            if key in seen:
                clash = True
                variants.append(replace(variant, options=self._other_options(record, variant)))
            else:
                variants.append(variant)
            seen.add(_combination(variants[-1].options))
        if not clash:
            return record, None
        if any(not variant.options for variant in variants):
            # One without options can't stand beside one with some.
            variants = [
                variant if variant.options else replace(variant, options=self._other_options(record, variant))
                for variant in variants
            ]
        sentence = self.env._(
            "“%s” has several variants with the same options. They came in with their codes behind the option. Give "
            "each its own options at the system.",
            record.name,
        )
        question = NeedsFixing(sentence, code="same-options", trace="same-options")
        return replace(record, variants=tuple(variants)), question

    def _other_options(self, record, variant):
        code = variant.sku or variant.external_id
        if not variant.options:
            alone = variant.name and sum(other.name == variant.name for other in record.variants) == 1
            return (OptionValue(option=self.env._("Variant"), value=variant.name if alone else code),)
        *others, last = variant.options
        return (*others, replace(last, value=f"{last.value} ({code})"))

    def _free_barcodes(self, record):
        """A barcode stays with the product that had it first."""
        variants, question = [], None
        for variant in record.variants:
            if variant.barcode and self._owner(variant) != variant.external_id:
                question = NeedsFixing(
                    self.env._(
                        "The barcode %(barcode)s of “%(name)s” is on another product of the system as well. This one "
                        "came in without it. Correct one of them there, then retry.",
                        barcode=variant.barcode,
                        name=record.name,
                    ),
                    code="duplicate-barcode",
                    trace="duplicate-barcode",
                )
                variants.append(replace(variant, barcode=""))
            else:
                variants.append(variant)
        return (replace(record, variants=tuple(variants)), question) if question else (record, None)

    def _owner(self, variant):
        key = code_key(variant.barcode)
        owner = self._barcodes.setdefault(key, variant.external_id)
        for candidate in self._by_barcode.get(key, ()):
            other = self._taken.get(candidate.product_id, owner)
            # Whoever gives it up on the same page does not have it any more.
            if self._stated.get(other, key) == key:
                owner = other
        return owner


def _combination(options):
    return frozenset((option.option, option.value) for option in options)
