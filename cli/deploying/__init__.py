"""What a person has of their own to deploy Cronmend, in a directory that git ignores: settings, jobs and alerts."""
