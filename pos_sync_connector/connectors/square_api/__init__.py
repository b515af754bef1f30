"""Square's Connect API v2: how its JSON becomes records, and records its JSON."""
