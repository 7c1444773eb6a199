"""Reading TOML so that an error names its line."""
