"""Which customers leave a bank, judged on a held-out fifth: `python experiments/churn_best/run.py`."""

import numpy as np
from sklearn.metrics import recall_score, roc_auc_score

from kexp import Pipeline
from kexp.callbacks import EarlyStopping
from kexp.datasets import churn
from kexp.layers import Dense, Dropout
from kexp.models import Sequential
from kexp.splitters import Holdout
from kexp.transforms import OneHot, SelectColumns, Standardize

if __name__ == "__main__":
    (x, y), (x_test, y_test) = churn.load_data(test_fraction=0.2)
    rows = Holdout(test=0.0, validation=0.2, stratify=True).rows(len(x), np.asarray(y))
    train, validation = rows["train"], rows["validation"]

    model = Sequential(seed=7)
    model.pipeline = Pipeline(
        [
            SelectColumns(list(range(3, 13))),
            OneHot(["Geography", "Gender", "NumOfProducts"], drop="if_binary"),
            Standardize(),
        ]
    )
    model.add(Dense(64, activation="relu"))
    model.add(Dropout(0.3))
    model.add(Dense(32, activation="relu"))
    model.add(Dropout(0.3))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(
        x.iloc[train],
        y.iloc[train],
        batch_size=64,
        epochs=100,
        validation_data=(x.iloc[validation], y.iloc[validation]),
        callbacks=[EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)],
        verbose=2,
    )
    leaves = model.predict(x_test, verbose=0)[:, 0]
    print(model.evaluate(x_test, y_test, return_dict=True, verbose=0))
    print(f"area under ROC {roc_auc_score(y_test, leaves):.4f}, found {recall_score(y_test, leaves > 0.5):.4f}")
