"""The use cases: gather, decide, act. One module a wake-up; each says what it needs as fields."""
