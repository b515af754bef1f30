from . import (  # noqa: I001  base classes first
    engine,
    people,
    catalogue,
    sales,
    loyalty,
    outbox,
    accounting,
    first_sync,
)
