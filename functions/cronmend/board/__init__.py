"""The ledger's facts → the board, as values, as HTML and as text."""
