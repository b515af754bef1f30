from . import open_balances
