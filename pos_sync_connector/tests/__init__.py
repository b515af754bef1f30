from . import (
    test_engine_failures,
    test_products_combos,
    test_products_fields,
    test_products_matching,
    test_products_prices,
    test_products_variants,
    test_security,
)
