"""kexp's own speed, each figure a ratio to something that runs beside it."""
