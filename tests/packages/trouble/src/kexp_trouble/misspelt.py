"""A hook that nobody asks for."""

import kexp


@kexp.hookimpl
def kexp_layer():
    return {}
