"""Which customers leave a bank, from Python with pandas: `python experiments/churn/run.py`."""

from kexp import Pipeline
from kexp.datasets import churn
from kexp.layers import Dense
from kexp.models import Sequential
from kexp.transforms import LabelEncode, OneHot, SelectColumns, Standardize

if __name__ == "__main__":
    (x, y), _ = churn.load_data(test_fraction=0.0)  # a DataFrame and a Series

    model = Sequential(seed=7)
    model.pipeline = Pipeline(
        [
            SelectColumns(list(range(3, 13))),
            LabelEncode(["Gender"]),
            OneHot(["Geography"], drop="first"),
            Standardize(),
        ]
    )
    model.add(Dense(6, kernel_initializer="uniform", activation="relu", input_dim=11))
    model.add(Dense(6, kernel_initializer="uniform", activation="relu"))
    model.add(Dense(1, kernel_initializer="uniform", activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=10, epochs=100, verbose=2)
    print(model.evaluate(x, y, return_dict=True, verbose=0))
    print(model.predict(x[:5], keep_index=True, verbose=0))  # raw rows go in: the pipeline is part of the model
