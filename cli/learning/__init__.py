"""`cronmend learn`: from a failure that was diagnosed wrongly to a fixture and a rule to fill in."""
