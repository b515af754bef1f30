from . import (
    test_products_variants,
    test_security,
)
