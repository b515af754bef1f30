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
    product,
    stock_quant,
)
