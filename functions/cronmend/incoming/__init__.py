"""What triggers the functions: JSON → nouns. No other room knows these shapes."""
