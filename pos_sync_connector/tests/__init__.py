from . import (
    test_engine_again,
    test_engine_connection,
    test_engine_failures,
    test_engine_secrets,
    test_engine_streams,
    test_products_combos,
    test_products_fields,
    test_products_matching,
    test_products_prices,
    test_products_variants,
    test_security,
    test_stock,
)
