"""Next month's air passengers, against "as many as this month": `python experiments/airline/run.py`."""

import numpy as np

from kexp import Pipeline
from kexp.datasets import airline_passengers
from kexp.layers import LSTM, Dense
from kexp.models import Sequential
from kexp.optimizers import Adam
from kexp.transforms import Difference, Log1p, Standardize, Window

MONTHS = 24


def rmse(found, wanted):
    return float(np.sqrt(np.mean((found - wanted) ** 2)))


if __name__ == "__main__":
    series = airline_passengers.load_data()[:, None]
    past, future = series[:-37], series[-37:]  # a month for the first change and twelve for the first window

    model = Sequential([LSTM(16), Dense(1)], seed=7)
    scale = Standardize()
    model.pipeline = Pipeline([Log1p(), Difference(), scale, Window(12, target=0)])
    model.compile(Adam(0.01), "mean_squared_error", metrics=["root_mean_squared_error"])
    model.fit(past, past[:, 0], batch_size=16, epochs=100, verbose=2)
    print(model.evaluate(future, future[:, 0], return_dict=True, verbose=0))

    changes = scale.inverse(model.predict(future, verbose=0))[:-1]  # the last one is a month that nobody knows
    found = np.expm1(np.log1p(future[-MONTHS - 1 : -1]) + changes)
    wanted = future[-MONTHS:]
    print(f"RMSE in thousands of passengers: LSTM {rmse(found, wanted):.1f}", end=", ")
    print(f"this month again {rmse(future[-MONTHS - 1 : -1], wanted):.1f}", end=", ")
    print(f"last year's month again {rmse(series[-MONTHS - 12 : -12], wanted):.1f}")
    known = np.diff(np.log1p(future[-MONTHS - 1 :]), axis=0)
    print(f"in standard deviations of a change: this month again {rmse(known, 0) / scale.scale_[0]:.3f}")
