from . import (  # noqa: I001  base classes first
    customer_resolver,
    match_customers,
    import_customers,
    marketing_consent,
    partner_details,
    tax_exempt,
    partner_groups,
    review_customers,
    erase_person,
    answer_privacy,
)
