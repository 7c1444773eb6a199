"""The library that all functions share. ARCHITECTURE.md describes its packages."""
