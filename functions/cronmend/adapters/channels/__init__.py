"""The channels for messages, one class for each."""
