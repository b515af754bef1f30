from . import (
    connection,
    connection_check,
    location,
    mapping,
    message,
    product,
    run,
    setting,
    stock_quant,
    stream,
    tax,
)
