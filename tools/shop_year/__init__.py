"""A year of sales in the shop, at tills and in the sales app, of two companies. Runs inside the shop.

Lines, taxes and totals are computed by Odoo; what its screens would do order by order is done in batches.
"""
