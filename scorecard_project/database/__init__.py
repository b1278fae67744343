"""Django's PostgreSQL, whose health check costs no round trip."""
