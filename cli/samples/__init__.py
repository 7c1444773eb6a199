"""``cronmend samples``: the index of the sample events."""
