"""The one place that states kexp's version."""

__version__ = "0.1.0"
