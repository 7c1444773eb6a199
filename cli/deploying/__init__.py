"""Write and read the files of your own stack, in a directory that git ignores: settings, jobs and alerts."""
