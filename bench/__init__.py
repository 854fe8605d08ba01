"""Benchmarks: what Cordboard reaches, next to the plainest thing that does the same work."""
