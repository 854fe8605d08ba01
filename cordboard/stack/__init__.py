"""The local stack: PostgreSQL, Redis, Asterisk and Cordboard's own processes under supervisor."""
