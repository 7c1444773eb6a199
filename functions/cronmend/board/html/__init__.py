"""The board as one HTML fragment: style, markup and inline SVG, without JavaScript and outside files."""
