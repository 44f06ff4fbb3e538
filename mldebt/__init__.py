"""mldebt finds machine-learning technical debt in a whole repository."""

__version__ = "0.1.0"
