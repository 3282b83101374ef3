"""Who has diabetes, in five folds: `python experiments/pima/run.py`."""

import numpy as np

from kexp import Pipeline
from kexp.datasets import pima
from kexp.layers import Dense, Dropout
from kexp.models import Sequential
from kexp.optimizers import Adam
from kexp.splitters import KFold
from kexp.transforms import Impute, Standardize

if __name__ == "__main__":
    (x, y), _ = pima.load_data(test_fraction=0.0, as_frame=True, zeros_are_missing=True)
    accuracies = []
    for fold in range(5):
        rows = KFold(5, fold, stratify=True).rows(len(x), np.asarray(y))
        model = Sequential(seed=7)
        model.pipeline = Pipeline([Impute(strategy="median"), Standardize()])  # fitted on the training rows by fit
        model.add(Dense(16, activation="relu"))
        model.add(Dropout(0.3))
        model.add(Dense(8, activation="relu"))
        model.add(Dense(1, activation="sigmoid"))
        model.compile(Adam(0.003), "binary_crossentropy", metrics=["accuracy"])
        model.fit(x.iloc[rows["train"]], y.iloc[rows["train"]], batch_size=16, epochs=20, verbose=0)
        loss, accuracy = model.evaluate(x.iloc[rows["validation"]], y.iloc[rows["validation"]], verbose=0)
        print(f"fold {fold}  accuracy: {accuracy:.4f}  loss: {loss:.4f}")
        accuracies.append(accuracy)
    print(f"mean    accuracy: {np.mean(accuracies):.4f}")
