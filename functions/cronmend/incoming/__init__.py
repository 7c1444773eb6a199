"""The events and payloads that trigger the functions: JSON → data types. No other package knows these shapes."""
