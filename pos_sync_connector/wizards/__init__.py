from . import erase_person, open_balances
