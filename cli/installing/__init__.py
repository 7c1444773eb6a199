"""Install, upgrade and remove the stack that the installed package contains. A clone isn't needed."""
