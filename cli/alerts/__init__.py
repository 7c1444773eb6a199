"""Where alerts go: alerts.toml checked, built and explained."""
