from . import (  # noqa: I001  base classes first
    connection,
    engine,
    catalogue,
    people,
    sales,
    loyalty,
    outbox,
    accounting,
    first_sync,
)
