"""Built-in splitters."""
