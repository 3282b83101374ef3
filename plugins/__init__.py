"""The components that kexp brings along; each module is a plugin like anyone else's."""
