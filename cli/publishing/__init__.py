"""Publish policies and routes to a deployed stack."""
