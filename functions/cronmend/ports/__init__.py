"""Interfaces the use cases depend on. Each is small, so its fake is easy to read."""
