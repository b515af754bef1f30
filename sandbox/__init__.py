"""Stand-ins for systems, each runnable alone. They know nothing of Odoo or of the connectors."""
