"""``cronmend local``: an emulated account that keeps running, and what goes wrong in it."""
