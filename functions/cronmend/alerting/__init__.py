"""What people read, where it goes, and what they have seen of it."""
