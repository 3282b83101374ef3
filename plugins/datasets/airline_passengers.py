"""Airline passengers: a monthly series of twelve years."""

from __future__ import annotations

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.published import find_file, read_frame

TABLE = DataFile(
    "airline-passengers.csv",
    "https://raw.githubusercontent.com/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f/"
    "airline-passengers.csv",
    "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621",
    2180,
    "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621",
)


class AirlinePassengers(Dataset):
    """Passengers of international airlines, in thousands a month, 1949-01 to 1960-12 (Box & Jenkins 1976, series G).

    Shapes: the one split, 'train', is the whole series in its order: x float32 (144, 1), y float32 (144,) the same
    numbers, for windows to be cut from. With `as_frame` x is a DataFrame with the column Passengers and the first day
    of each month as index, y its Series.
    Files: airline-passengers.csv, gzipped or not; `path`: the file or its folder; without it KEXP_DATA, the cache or
    the system's folder, else it is downloaded into the cache. Its content is checked by hash. Terms: not stated (Time
    Series Data Library).
    Raises: MissingFileError if it is nowhere to be had; DataError if it is damaged or another file.
    """

    def __init__(self, path: str | None = None, as_frame: bool = False) -> None:
        self.path = path
        self.as_frame = as_frame

    def load(self) -> dict[str, Split]:
        place = find_file("airline_passengers", TABLE, self.path)
        x = read_frame(place, TABLE.content_sha256, index_col="Month", parse_dates=["Month"], date_format="%Y-%m")
        x = x.astype(np.float32)
        y = x["Passengers"]
        return {"train": Split(x, y) if self.as_frame else Split(x.to_numpy(copy=True), y.to_numpy(copy=True))}


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"airline_passengers": AirlinePassengers}
