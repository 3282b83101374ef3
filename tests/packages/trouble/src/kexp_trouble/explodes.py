"""Raises on import."""

raise RuntimeError("no licence file")
