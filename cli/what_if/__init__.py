"""`cronmend what-if`: what Cronmend would have done in the last weeks, before anything is installed."""
