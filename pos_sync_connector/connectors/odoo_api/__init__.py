"""What the system "Odoo" is made of: its two remote protocols, and how its models become records."""
