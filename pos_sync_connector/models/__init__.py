from . import (
    connection,
    setting,
    connection_check,
    stream,
    run,
    message,
    mapping,
    location,
    tax,
    product,
    stock_quant,
)
