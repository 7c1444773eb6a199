"""Things that go wrong for real in the local account, on request, and what undoes each."""
