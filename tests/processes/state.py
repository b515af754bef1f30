"""The end state of a pull as plain rows: what is in the hub, told by the system's own ids, never by Odoo's."""
from __future__ import annotations

from typing import Any

from tools.database import Database

_QUERIES = {
    "links": """
        SELECT entity, external_id, parent_external_id, name, digest, seen, gone, made_here, image_checksum,
               owns_identity, owns_price, owns_tax,
               COALESCE(product_tmpl_id, product_id, combo_id) IS NOT NULL
          FROM pos_sync_mapping
    """,
    "products": """
        SELECT mapping.external_id, template.name, template.type, template.is_storable, template.active,
               template.list_price, template.description_sale, template.sale_ok, category.complete_name, unit.name,
               (SELECT array_agg(tax.name->>'en_US' ORDER BY tax.name->>'en_US')
                  FROM product_taxes_rel rel JOIN account_tax tax ON tax.id = rel.tax_id
                 WHERE rel.prod_id = template.id),
               (SELECT array_agg(combo.name ORDER BY combo.name)
                  FROM product_combo_product_template_rel rel
                  JOIN product_combo combo ON combo.id = rel.product_combo_id
                 WHERE rel.product_template_id = template.id),
               (SELECT count(*) FROM ir_attachment
                 WHERE res_model = 'product.template' AND res_id = template.id AND res_field = 'image_1920')
          FROM pos_sync_mapping mapping
          JOIN product_template template ON template.id = mapping.product_tmpl_id
          LEFT JOIN product_category category ON category.id = template.categ_id
          LEFT JOIN uom_uom unit ON unit.id = template.uom_id
         WHERE mapping.entity = 'product'
    """,
    "variants": """
        SELECT mapping.external_id, product.default_code, product.barcode, product.active, product.weight,
               (SELECT array_agg(cost.value ORDER BY cost.value) FROM jsonb_each_text(product.standard_price) cost),
               (SELECT array_agg((value.name->>'en_US') ORDER BY value.name->>'en_US')
                  FROM product_variant_combination combination
                  JOIN product_template_attribute_value item
                    ON item.id = combination.product_template_attribute_value_id
                  JOIN product_attribute_value value ON value.id = item.product_attribute_value_id
                 WHERE combination.product_product_id = product.id),
               (SELECT array_agg(item.fixed_price ORDER BY item.id)
                  FROM product_pricelist_item item WHERE item.product_id = product.id)
          FROM pos_sync_mapping mapping
          JOIN product_product product ON product.id = mapping.product_id
         WHERE mapping.entity = 'variant'
    """,
    "quantities": """
        SELECT location.external_id, mapping.external_id, quant.quantity
          FROM stock_quant quant
          JOIN pos_sync_location location ON location.stock_location_id = quant.location_id
          JOIN pos_sync_mapping mapping ON mapping.product_id = quant.product_id AND mapping.entity = 'variant'
    """,
    "messages": "SELECT external_id, flow, state, code, trace_key, sentence FROM pos_sync_message",
    "runs": """
        SELECT flow, state, "full", page_count, read_count, created_count, updated_count, unchanged_count,
               skipped_count, held_count, failed_count, deleted_count
          FROM pos_sync_run
    """,
    "streams": """
        SELECT flow, first_done, sweep, sweep_last, failures, sentence, run_id IS NULL, pass_ended
          FROM pos_sync_stream
    """,
}
_COUNTED = (
    "product_template product_product product_pricelist product_pricelist_item product_attribute "
    "product_attribute_value product_template_attribute_line product_template_attribute_value product_category "
    "product_tag product_combo product_combo_item uom_uom stock_quant stock_move stock_move_line stock_location "
    "account_tax ir_attachment mail_message pos_sync_mapping pos_sync_location pos_sync_tax ir_cron"
).split()


def state_of(database: Database) -> dict[str, list[Any]]:
    """Sorted rows by subject, and the number of rows of every table that a pull writes to."""
    state: dict[str, list[Any]] = {name: sorted(database.query(query), key=repr) for name, query in _QUERIES.items()}
    counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in _COUNTED)
    state["rows"] = database.query(counts)
    return state


def differences(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> list[str]:
    """What is in one state only, a line each."""
    found = []
    for subject, rows in one.items():
        mine, others = {repr(row) for row in rows}, {repr(row) for row in other[subject]}
        found += [f"{subject}, only in the first: {row}" for row in sorted(mine - others)]
        found += [f"{subject}, only in the second: {row}" for row in sorted(others - mine)]
        if len(rows) != len(other[subject]):
            found.append(f"{subject}: {len(rows)} rows in the first, {len(other[subject])} in the second")
    return found


def duplicates(database: Database) -> list[tuple[Any, ...]]:
    """What is there twice and must not be: barcodes of a company, references that links made, prices, quants, links."""
    return [
        *database.query("""
            SELECT 'barcode', product.barcode, template.company_id, count(*)
              FROM product_product product JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE product.barcode IS NOT NULL GROUP BY product.barcode, template.company_id HAVING count(*) > 1
        """),
        *database.query("""
            SELECT 'link', connection_id, entity, external_id, count(*)
              FROM pos_sync_mapping GROUP BY connection_id, entity, external_id HAVING count(*) > 1
        """),
        *database.query("""
            SELECT 'product of two links', connection_id, product_id, count(*)
              FROM pos_sync_mapping WHERE product_id IS NOT NULL
             GROUP BY connection_id, product_id HAVING count(*) > 1
        """),
        *database.query("""
            SELECT 'price', pricelist_id, product_id, count(*)
              FROM product_pricelist_item WHERE product_id IS NOT NULL
             GROUP BY pricelist_id, product_id HAVING count(*) > 1
        """),
        *database.query("""
            SELECT 'quant', quant.location_id, product_id, count(*)
              FROM stock_quant quant JOIN stock_location location ON location.id = quant.location_id
             WHERE usage = 'internal' GROUP BY quant.location_id, product_id HAVING count(*) > 1
        """),
        *database.query("""
            SELECT 'category', complete_name, count(*)
              FROM product_category GROUP BY complete_name HAVING count(*) > 1
        """),
    ]
