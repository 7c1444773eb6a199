"""``cronmend doctor``: whether a deployed stack works, and what to do if it doesn't."""
