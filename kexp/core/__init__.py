"""The contracts that plugins build on, a file each."""
