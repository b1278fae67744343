"""The embedded default: PostgreSQL and Valkey out of wheels, supervised by us, no Django in here."""
