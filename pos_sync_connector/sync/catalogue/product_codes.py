"""The codes of products: internal references without blanks around them, barcodes in any length of one GTIN."""

from __future__ import annotations

from dataclasses import replace

from ...connectors.records import Product

_GTIN = 14


def clean_codes(record: Product) -> Product:
    """The record with its codes as they can be compared: blanks around them are nobody's."""
    if all(v.sku == v.sku.strip() and v.barcode == v.barcode.strip() for v in record.variants):
        return record
    return replace(
        record, variants=tuple(replace(v, sku=v.sku.strip(), barcode=v.barcode.strip()) for v in record.variants)
    )


def code_key(barcode: str) -> str:
    """Equal for equal barcodes: a GTIN of 12 or 13 digits is the one of 14 without its leading zeros."""
    barcode = barcode.strip()
    is_gtin = barcode.isascii() and barcode.isdigit() and _GTIN - 2 <= len(barcode) <= _GTIN
    return barcode.zfill(_GTIN) if is_gtin else barcode


def spellings(barcode: str) -> set[str]:
    """All the ways in which Odoo may have the barcode."""
    key = code_key(barcode)
    found = {barcode, key}
    if len(key) == _GTIN and key.isdigit():
        found |= {key[zeros:] for zeros in (1, 2) if key.startswith("0" * zeros)}
    return found
