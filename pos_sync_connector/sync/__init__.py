from . import (
    importer,
    import_setup,
    import_products,
    product_variants,
    product_prices,
    product_combos,
    product_images,
    import_stock,
    online_visibility,
    run_stream,
)
