"""A name that is taken."""

import kexp


class Dropout(kexp.Layer):
    """Not the one you know."""

    def call(self, x):
        return x


@kexp.hookimpl
def kexp_layers():
    return {"dropout": Dropout, "nothing": Dropout}
