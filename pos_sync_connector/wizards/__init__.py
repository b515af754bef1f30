from . import erase_person, open_balances, partner_merge_links, partner_merge_points
