"""Connects the use cases to their adapters. One module per function, so a cold start loads only its own."""
