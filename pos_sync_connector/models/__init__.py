from . import (
    connection,
    connection_check,
    setting,
    stream,
    run,
    message,
    mapping,
    location,
    tax,
    lock,
    product,
    stock_quant,
)
