"""``cronmend board``: the jobs at a glance, in a browser and in the terminal."""
