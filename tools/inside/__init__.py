"""What ./dev runs inside an Odoo: __main__.py calls one function there; shop.py and hub.py hold those of the demo."""
