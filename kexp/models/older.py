"""Methods of models that Keras 2 had: class numbers, and fits on generators."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import one_of
from kexp.errors import ArgumentError
from kexp.models.fitting import without_queue
from kexp.models.preparation import Preparation, index_of
from kexp.models.savable import Savable
from kexp.training import History


class OlderNames(Savable):
    """The methods under their older names; what they stand on is `Model`'s."""

    preparation: Preparation
    fit: Any
    evaluate: Any
    predict: Any

    def predict_proba(self, x: Any, batch_size: int | None = None, verbose: int | str = "auto") -> Any:
        """`predict`, under its name in Keras 2."""
        return self.predict(x, batch_size, verbose)

    def predict_classes(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        *,
        labels: bool = False,
        keep_index: bool = False,
    ) -> Any:
        """Class numbers, as in Keras 2: (n,) from several outputs a sample, (n, 1) from one (above 0.5 is class 1).

        `labels`: the labels (n,) that the training targets had instead. `keep_index`: as a Series with the index of
        the table x.
        """
        index = index_of(x) if keep_index else None
        found = self.predict(x, batch_size, verbose)
        if not isinstance(found, np.ndarray):
            raise ArgumentError("predict_classes needs a model of one output; use predict and choose")
        classes = found.argmax(-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")
        if labels:
            classes = self.preparation.original(classes.reshape(len(classes)))
        return classes if index is None else self.preparation.with_index(classes.reshape(len(classes)), index)

    def fit_generator(
        self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1, verbose: int | str = 1, **more: Any
    ) -> History:
        """`fit` on a generator of batches, under its name in Keras 2; `more`: arguments of `fit`."""
        if "shuffle" in more:
            one_of("shuffle", more.pop("shuffle"), (True, False))  # whoever cuts the batches shuffles them
        found: History = self.fit(
            generator, steps_per_epoch=steps_per_epoch, epochs=epochs, verbose=verbose, **without_queue(more)
        )
        return found

    def evaluate_generator(self, generator: Any, steps: int | None = None, callbacks: Any = None, **more: Any) -> Any:
        """`evaluate` on a generator of batches, under its name in Keras 2."""
        more.setdefault("verbose", 0)
        return self.evaluate(generator, steps=steps, callbacks=callbacks, **without_queue(more, workers=True))

    def predict_generator(self, generator: Any, steps: int | None = None, callbacks: Any = None, **more: Any) -> Any:
        """`predict` on a generator of batches, under its name in Keras 2."""
        more.setdefault("verbose", 0)
        return self.predict(generator, steps=steps, callbacks=callbacks, **without_queue(more, workers=True))
