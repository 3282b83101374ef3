"""The methods of models that write and read files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from kexp.models.resuming import Resumable
from kexp.models.saving.files import Name
from kexp.models.saving.weights_file import load_weights, save_weights


class Savable(Resumable):
    """A model that can be written to a file, whole or its weights alone."""

    _save: ClassVar[Callable[..., None]]

    def save(self, filepath: Name, overwrite: bool = True, zipped: bool | None = None) -> None:
        """Write the model to a .keras or .h5 file, which `kexp.models.load_model` and Keras 3 read.

        .keras files hold the pipelines, the labels and the random streams too.
        Raises: ArgumentError that names what cannot be written; no file is touched then.
        """
        type(self)._save(self, filepath, overwrite, zipped)

    def save_weights(self, filepath: Name, overwrite: bool = True, max_shard_size: Any = None) -> None:
        """Write the weights alone: to .weights.h5 as Keras 3 does, to another .h5 as Keras 2 did."""
        save_weights(self, filepath, overwrite, max_shard_size)

    def load_weights(self, filepath: Name, skip_mismatch: bool = False, by_name: bool = False) -> None:
        """Take the weights of a .weights.h5, .h5 or .keras file; none is changed if one does not fit.

        `skip_mismatch`: layers whose weights do not fit are left as they are, with a warning. `by_name`: only the
        layers whose names stand in the file, which must be an .h5 file of Keras 2's form.
        """
        load_weights(self, filepath, skip_mismatch, by_name)
