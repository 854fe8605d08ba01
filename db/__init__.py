"""PostgreSQL: migrations, functions, named queries, the demo world, and how to connect."""
