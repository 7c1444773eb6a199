"""The adapters behind the use cases, one module a function: a cold start loads only its own."""
