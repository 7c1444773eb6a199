"""Where alerts go, one class a channel."""
