"""One module a function, named like it: gather, decide, act."""
