"""Digits from Python: `python experiments/digits_mlp/run.py`."""

from kexp.callbacks import EarlyStopping
from kexp.datasets import digits
from kexp.layers import Dense, Flatten
from kexp.models import Sequential

if __name__ == "__main__":
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    model = Sequential([Flatten(), Dense(64, activation="relu"), Dense(10, activation="softmax")], seed=7)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = EarlyStopping(patience=5, restore_best_weights=True)
    model.fit(x_train / 16, y_train, epochs=15, validation_data=(x_test / 16, y_test), callbacks=[stop])
    print(model.evaluate(x_test / 16, y_test, return_dict=True))
