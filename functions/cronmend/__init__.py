"""The library that all functions share, in rooms; ARCHITECTURE.md describes each."""
