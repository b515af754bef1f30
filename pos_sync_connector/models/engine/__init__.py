from . import (  # noqa: I001  base classes first
    stream,
    stream_held,
    stream_repair,
    stream_subscription,
    run,
    mapping,
    message,
    message_review,
    failure,
    failure_fix,
    event,
    ir_http,
)
