"""What can go wrong with model files.

ModelsError
├── CatalogueError        catalogue-bad       the list of models cannot be read
├── UnknownModelError     model-unknown       no model of that name
├── ModelMissingError     model-missing       not on this machine yet
├── ModelCorruptError     model-corrupt       on this machine, but not the file it should be
├── AddError              add-refused         an owner's own file that is no model we can run
└── FetchError            fetch-failed        the source gave an answer we do not understand
    ├── NoPipError        fetch-no-pip        this Python has no pip
    ├── NoSpaceError      fetch-no-space      the disk is too full
    ├── BusyError         fetch-busy          another fetch is at work
    ├── NotFoundError     fetch-not-found     the source does not have the file
    ├── LostError         fetch-lost          the connection was lost and did not come back
    └── WrongHashError    fetch-wrong-hash    what came is not what was promised
"""

from typing import ClassVar


class ModelsError(Exception):
    """Anything wrong with a model file; `str()` is written for the shop's owner."""

    code: ClassVar[str] = "models"


class CatalogueError(ModelsError):
    """A catalogue file cannot be read; the message names file and key."""

    code = "catalogue-bad"


class UnknownModelError(ModelsError):
    """No model of that name is in the catalogue."""

    code = "model-unknown"


class ModelMissingError(ModelsError):
    """The model is not, or not wholly, on this machine."""

    code = "model-missing"


class ModelCorruptError(ModelsError):
    """A file is there but is not what the catalogue says; it has been moved aside."""

    code = "model-corrupt"


class AddError(ModelsError):
    """An owner's own file was refused."""

    code = "add-refused"


class FetchError(ModelsError):
    """A model could not be fetched; what has been fetched so far is kept."""

    code = "fetch-failed"


class NoPipError(FetchError):
    """This Python environment has no pip to fetch with."""

    code = "fetch-no-pip"


class NoSpaceError(FetchError):
    """The disk that holds the data folder is too full."""

    code = "fetch-no-space"


class BusyError(FetchError):
    """Another process is fetching into the same folder."""

    code = "fetch-busy"


class NotFoundError(FetchError):
    """The source does not hold a file that is needed."""

    code = "fetch-not-found"


class LostError(FetchError):
    """The connection was lost, and the retries are used up."""

    code = "fetch-lost"


class WrongHashError(FetchError):
    """The bytes that came do not have the promised sha256; they are never used."""

    code = "fetch-wrong-hash"
