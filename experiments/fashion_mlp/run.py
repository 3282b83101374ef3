"""Fashion-MNIST from Python, as the tutorial writes it: `python experiments/fashion_mlp/run.py`."""

from kexp.datasets import fashion_mnist
from kexp.layers import Dense, Dropout
from kexp.models import Sequential
from kexp.utils import to_categorical

if __name__ == "__main__":
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    x_train = x_train.reshape(-1, 784).astype("float32") / 255
    x_test = x_test.reshape(-1, 784).astype("float32") / 255
    y_train, y_test = to_categorical(y_train), to_categorical(y_test)

    model = Sequential(seed=1)
    model.add(Dense(256, activation="relu", input_dim=784))
    model.add(Dropout(0.2))
    model.add(Dense(64, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=10, batch_size=100, validation_data=(x_test, y_test))
    loss, accuracy = model.evaluate(x_test, y_test, batch_size=100)
    print(f"Test loss: {loss:.2f}\nTest accuracy: {100 * accuracy:.2f}%")
