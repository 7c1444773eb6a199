"""Where alerts go: check alerts.toml, build from it, and explain it."""
