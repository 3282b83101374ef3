"""The methods of models that write and read files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kexp.errors import ArgumentError, StateError
from kexp.models.resuming import Resumable
from kexp.models.saving.files import Name, hdf5, replacing


class Savable(Resumable):
    """A model that can be written to a file, whole or its weights alone."""

    def save(self, filepath: Name, overwrite: bool = True, zipped: bool | None = None) -> None:
        """Write the model to a .keras or .h5 file, for `kexp.models.load_model`; see `kexp.models.save_model`."""
        self._save(self, filepath, overwrite, zipped)
