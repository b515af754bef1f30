from . import product, tax, new_tax, stock_minimum, stock_quant  # noqa: I001  base classes first
