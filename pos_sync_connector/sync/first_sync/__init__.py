from . import product_review, look_ahead, undo_first_sync  # noqa: I001  base classes first
