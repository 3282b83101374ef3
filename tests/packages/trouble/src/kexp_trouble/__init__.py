"""Plugins with something wrong."""
