"""What can go wrong in the assistant's room.

AssistantError
├── SettingsError        shop.toml is not as it should be
├── NoSuchConversation   the id or its token is unknown
├── ConversationOver     it was ended; start another
├── BadRequest           a frame or request is not of the form expected
├── FloorTaken           somebody else was quicker, or holds it already
├── NotHolder            only who holds the floor may do this
├── DraftClosed          the draft was judged, overtaken, or came too late
├── BadLogin             name or password is wrong, or the code was used
├── NoRight              the role may not do this
├── NameTaken            there is such a member of staff already
├── NoSuchStaff          there is no such member of staff
├── NoProgramme          the shop has no loyalty programme
├── StillTalking         who is to be erased is talking with the shop
├── ConsentsRefused      consents.toml is not as it should be
├── CannotProve          this machine gives no sealed network to prove something in
└── ModelError
    ├── Unavailable      no engine, or it died on the way
    ├── Overdue          the deadline passed before the first word
    └── TooLong          the prompt does not fit into the model's context
"""

from typing import ClassVar


class AssistantError(Exception):
    """Something the reader of the message can act on; `code` is stable and machine-read."""

    code: ClassVar[str] = "assistant"


class SettingsError(AssistantError):
    """`shop.toml` is not as it should be."""

    code = "settings"


class NoSuchConversation(AssistantError):
    """The conversation's id or its token is unknown."""

    code = "no-such-conversation"


class ConversationOver(AssistantError):
    """The conversation was ended."""

    code = "conversation-over"


class BadRequest(AssistantError):
    """A frame or request is not of the form expected."""

    code = "bad-request"


class FloorTaken(AssistantError):
    """A colleague was quicker, or holds the conversation already."""

    code = "floor-taken"


class NotHolder(AssistantError):
    """Only who holds the conversation may do this."""

    code = "not-holder"


class DraftClosed(AssistantError):
    """The draft does not wait for a judgement any more."""

    code = "draft-closed"


class BadLogin(AssistantError):
    """Name or password is wrong, or the invitation is; never says which."""

    code = "bad-login"


class NoRight(AssistantError):
    """The role of this member of staff may not do this."""

    code = "no-right"


class NameTaken(AssistantError):
    """There is a member of staff with that name already."""

    code = "name-taken"


class NoSuchStaff(AssistantError):
    """There is no such member of staff."""

    code = "no-such-staff"


class NoProgramme(AssistantError):
    """The shop keeps no loyalty programme, so no customers either."""

    code = "no-programme"


class StillTalking(AssistantError):
    """Who is to be erased is talking with the shop just now."""

    code = "still-talking"


class ConsentsRefused(AssistantError):
    """`consents.toml` is not as it should be."""

    code = "consents"


class CannotProve(AssistantError):
    """A sealed network cannot be made here, or the day's work in it could not be done."""

    code = "cannot-prove"


class ModelError(AssistantError):
    """The language model cannot answer this time."""

    code = "model"


class Unavailable(ModelError):
    """There is no engine, or it died on the way."""

    code = "model-unavailable"


class Overdue(ModelError):
    """The deadline passed before the first word."""

    code = "model-overdue"


class TooLong(ModelError):
    """The prompt does not fit into the model's context."""

    code = "model-too-long"
