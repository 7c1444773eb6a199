"""`cronmend bench`: figures, each against a baseline in the same run."""
