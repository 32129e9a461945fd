"""The version: the build and the User-Agent both read it here, and nowhere else."""

__version__ = "0.3.0"
