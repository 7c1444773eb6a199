"""The messages that the local account sends: collected, and shown on a page and in the terminal."""
