"""Build a release; `make release` runs this. The wheel doesn't contain it."""
