from . import partner, match, mapping_customer, tombstone, privacy_request  # noqa: I001  base classes first
