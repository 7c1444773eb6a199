"""One module per function, with its name: collect, decide, act."""
