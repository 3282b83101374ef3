"""Digits read with and without augmented training images: `python experiments/mnist_augment/run.py`."""

from kexp import Pipeline
from kexp.datasets import mnist_t10k
from kexp.layers import Conv2D, Dense, Flatten
from kexp.models import Sequential
from kexp.transforms import RandomAffine, Rescale, Reshape

if __name__ == "__main__":
    (x_train, y_train), (x_test, y_test) = mnist_t10k.load_data()
    augment = RandomAffine(rotation=0.03, translation=0.08, zoom=0.1, fill_mode="constant")
    for name, steps in (("augmented", [augment]), ("as they are", [])):
        model = Sequential(seed=7)
        model.pipeline = Pipeline([Rescale(1 / 255), Reshape([28, 28, 1]), *steps])
        model.add(Conv2D(8, 5, strides=2, activation="relu"))
        model.add(Conv2D(16, 3, strides=2, activation="relu"))
        model.add(Flatten())
        model.add(Dense(64, activation="relu"))
        model.add(Dense(10, activation="softmax"))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x_train, y_train, batch_size=64, epochs=8, verbose=2)
        print(name, model.evaluate(x_test, y_test, return_dict=True, verbose=0))
