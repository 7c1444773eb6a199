"""Puts the adapters behind the use cases, a module a function: a cold start loads what its own function needs."""
