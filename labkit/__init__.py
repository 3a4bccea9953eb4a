"""labkit: convolutional networks taught, checked and graded. Nothing heavy is imported here."""

__version__ = "0.1.0"
__all__ = ["__version__"]
