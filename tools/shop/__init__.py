"""What fills the second Odoo beyond its demo data. Runs inside that Odoo; the same seed makes the same shop."""
