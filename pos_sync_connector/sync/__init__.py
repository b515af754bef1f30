from . import (
    import_page,
    import_products,
    import_setup,
    import_stock,
    online_visibility,
    product_combos,
    product_images,
    product_prices,
    product_variants,
    run_stream,
)
