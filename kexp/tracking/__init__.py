"""Tracking in MLflow, which a process of its own writes; the training only appends to a journal."""
