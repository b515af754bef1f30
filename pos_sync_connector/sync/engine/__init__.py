from . import (  # noqa: I001  base classes first
    outcome,
    replay,
    quiet,
    base_importer,
    wake_stream,
    run_stream,
    stream_inbox,
    stream_missing,
    receive_webhook,
    tend_webhooks,
    import_setup,
)
