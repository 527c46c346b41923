"""What can happen inside the engine; none of it leaves the worker. Needs no engine to import."""


class Aborted(Exception):
    """Reading was stopped half-way; the slices already read remain."""
