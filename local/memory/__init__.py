"""In-memory implementations of the ports, for benchmarks and tests."""
