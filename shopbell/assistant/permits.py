"""Permits: what staff may do in a conversation as it stands once it is their turn to write. Pure."""

from collections.abc import Callable

from shopbell.assistant.conversation import Conversation, Floor
from shopbell.assistant.errors import BadRequest, DraftClosed, FloorTaken
from shopbell.assistant.floor import check_holding, check_taking

CLOSED = "That draft is no longer open: somebody judged it, it came too late, or another took its place."


def key_of(name: str, key: str) -> str:
    """Return the key of a command of staff: longer than any customer's, so never the same as one."""
    return f"staff:{name}:{key:>64}" if key else ""


def words_of(text: str, most: int) -> str:
    """Return the words without the space around them; raises BadRequest for none or too many."""
    text = text.strip()
    if not text:
        raise BadRequest("There is nothing to say in that. Write something first.")
    if len(text) > most:
        raise BadRequest(f"That has {len(text)} characters; at most {most} go at once.")
    return text


def held_by(name: str) -> Callable[[Conversation], None]:
    """Return a check that `name` holds the floor."""
    return lambda state: check_holding(state.hold, name)


def may_take(state: Conversation, *, name: str, version: int) -> None:
    """Check that `name`, who saw `version`, may take the floor."""
    check_taking(state.hold, name, version)


def not_a_colleagues(state: Conversation, name: str) -> None:
    """Check that no colleague of `name` holds the floor."""
    if state.floor is Floor.STAFF and state.staff != name:
        raise FloorTaken(f"{state.staff} holds this conversation. Only they can end it.")


def assistant_answers(state: Conversation) -> None:
    """Check that no person holds the floor."""
    if state.floor is Floor.STAFF:
        raise FloorTaken(f"{state.staff} answers here; a whisper is for the assistant. Write a note instead.")


def unchanged(held: Conversation) -> Callable[[Conversation], None]:
    """Return a check that the floor is as it was."""

    def check(state: Conversation) -> None:
        if state.hold != held.hold:
            raise FloorTaken("The holder came back.")

    return check


def suggested(name: str, draft: str) -> Callable[[Conversation], None]:
    """Return a check that `name` holds the floor and this suggestion is the newest."""

    def check(state: Conversation) -> None:
        if state.draft is None or state.draft.draft != draft:
            raise DraftClosed(CLOSED)
        check_holding(state.hold, name)

    return check


def waits(draft: str) -> Callable[[Conversation], None]:
    """Return a check that this reply still waits for approval, and nobody took over."""

    def check(state: Conversation) -> None:
        if state.floor is Floor.STAFF:
            raise DraftClosed(f"{state.staff} answers here now; the draft is not needed any more.")
        if state.ghost(draft) is None:
            raise DraftClosed(CLOSED)

    return check
