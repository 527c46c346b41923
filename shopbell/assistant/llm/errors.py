"""What can happen inside the engine; none of it leaves the worker. Needs no engine to import."""


class Aborted(Exception):
    """Reading was stopped half-way; what was read before remains."""


class Full(Exception):
    """There is no room for a prompt beside those that are at work; there will be, once they are done."""


class EngineError(Exception):
    """The library refused, or what it was given does not fit; the message says what it was asked."""
