from . import (  # noqa: I001  base classes first
    product_review,
    product_resolver,
    product_matching,
    import_products,
    product_variants,
    product_prices,
    product_combos,
    product_images,
    import_stock,
    online_visibility,
)
