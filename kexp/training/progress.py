"""Progress: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

from kexp.core.component import one_of

REFRESH_S = 0.1
PLAIN_INTERVAL_S = 1.0
LONG_EPOCH_S = 1.0
MANY_EPOCHS = 50


class Progress:
    """Shows a fit as it goes.

    `verbose`: 0 nothing; 1 a live line on a terminal, else a line for every epoch; 2 a line for every epoch;
    'auto' as 1, but where output is no terminal at most one line a second for more than 50 epochs, so that 500 short
    ones stay readable.
    The live line stays behind for epochs of a second or more. `validation_rows`: which rows validate, in words.
    """

    def __init__(
        self,
        verbose: int | str,
        epochs: int,
        steps: int | None,
        n: int | None = None,
        validation_rows: str = "",
        stream: TextIO | None = None,
    ) -> None:
        one_of("verbose", verbose, ("auto", 0, 1, 2))
        self.stream = stream or sys.stdout
        self.shown = verbose != 0
        self.live = self.shown and verbose != 2 and self.stream.isatty()
        crowded = verbose == "auto" and not self.live and epochs > MANY_EPOCHS
        self.interval_s = PLAIN_INTERVAL_S if crowded else 0.0
        self.epochs, self.steps, self.n, self.validation_rows = epochs, steps, n, validation_rows
        self._status: Any = None
        self._last = 0.0

    def begin(self, validation: int | None) -> None:
        """Say what is trained on, and open the live line."""
        if not self.shown:
            return
        rows = f" ({self.validation_rows})" if self.validation_rows else ""
        data = f"{self.n} samples" if self.n else f"{self.steps} batches" if self.steps else "batches"
        print(
            f"Train on {data}" + (f", validate on {validation} samples{rows}" if validation else ""), file=self.stream
        )
        if self.live:
            from rich.console import Console  # rich takes 40 ms to import, and only a terminal needs it
            from rich.live import Live

            self._status = Live(console=Console(file=self.stream), auto_refresh=False, transient=True)
            self._status.start()

    def begin_epoch(self, epoch: int) -> None:
        """An epoch starts, counted from 0."""
        self.epoch, self.done = epoch, 0
        self.start = self.trained_until = time.perf_counter()

    def advance(self, batches: int, objective: Any) -> None:
        """`batches` more were trained on; `objective.logs()` is asked for only if the line is due."""
        self.done += batches
        now = self.trained_until = time.perf_counter()
        if self.live and now - self._last > REFRESH_S:
            self._last = now
            self._draw(objective.logs())

    def end_epoch(self, logs: dict[str, float], *, last: bool) -> None:
        """An epoch is over."""
        if not self.shown:
            return
        now = time.perf_counter()
        if self.live:
            if now - self.start >= LONG_EPOCH_S or last:
                self._status.console.print(self._line(logs), markup=False, highlight=False, soft_wrap=True)
            elif now - self._last > REFRESH_S:
                self._last = now
                self._draw(logs)
        elif last or self._last == 0.0 or now - self._last >= self.interval_s:
            self._last = now
            print(self._line(logs), file=self.stream, flush=True)

    def end(self) -> None:
        """Close the live line, whatever happened."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _line(self, logs: dict[str, float]) -> str:
        steps = max(1, self.done)
        count = f"{steps}/{self.steps}" if self.steps else str(steps)
        shown = "  ".join(
            f"{name}: {value:.4g}" if abs(value) < 1e-3 else f"{name}: {value:.4f}" for name, value in logs.items()
        )
        width = len(str(self.epochs))
        took = _duration((self.trained_until - self.start) / steps)
        return f"Epoch {self.epoch + 1:>{width}}/{self.epochs}  {count} steps  {took}/step  {shown}"

    def _draw(self, logs: dict[str, float]) -> None:
        from rich.text import Text

        share = (self.epoch + (self.done / self.steps if self.steps else 0)) / self.epochs
        filled = round(20 * min(share, 1.0))
        done, left = ("━" * filled, "green"), ("━" * (20 - filled), "bright_black")
        self._status.update(
            Text.assemble(done, left, " ", self._line(logs), no_wrap=True, overflow="ellipsis"), refresh=True
        )


def _duration(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
