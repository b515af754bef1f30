from . import product, tax, stock_minimum, stock_quant  # noqa: I001  base classes first
