"""The ledger in memory, for benchmarks and the preview."""
