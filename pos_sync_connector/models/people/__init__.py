from . import (  # noqa: I001  base classes first
    partner,
    match,
    mapping_customer,
    tombstone,
    privacy_request,
    tax_exempt,
)
