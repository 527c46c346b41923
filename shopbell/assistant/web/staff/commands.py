"""Commands of a console: what each needs, and what it does."""

from collections.abc import Mapping

from shopbell.assistant import staffwire as w
from shopbell.assistant.errors import BadRequest, NoRight
from shopbell.assistant.staff.rights import Right, may
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.web.staff.desk import StaffDesk
from shopbell.assistant.web.words import checked_key, checked_words

NEEDS: Mapping[type, Right] = {
    w.Watch: "floor",
    w.Unwatch: "floor",
    w.TakeOver: "floor",
    w.StaffSay: "floor",
    w.HandBack: "floor",
    w.Stay: "floor",
    w.Finish: "floor",
    w.Whisper: "floor",
    w.Note: "floor",
    w.Suggest: "floor",
    w.Judge: "floor",
    w.Ping: "session",
    w.SignIn: "session",
}
"""What each frame of a console takes; a test holds that none is missing."""


class Commands:
    """What one member of staff may do on one socket."""

    def __init__(self, staff: StaffDesk, member: Member) -> None:
        self._staff = staff
        self._member = member

    async def look(self, conversation: str) -> None:
        """Write down that somebody looks at a conversation; raises NoRight."""
        self._check(w.Watch)
        await self._staff.write(self._member, "conversation-viewed", _id(conversation))

    async def run(self, frame: w.StaffFrame) -> int:
        """Do what a frame asks for and return its `seq` in the log; raises AssistantError.

        The line in the audit log is written with the event it tells of.
        """
        self._check(type(frame))
        return await self._do(frame)

    async def _do(self, frame: w.StaffFrame) -> int:
        counter, name = self._staff.counter, self._member.name
        match frame:
            case w.TakeOver(key=key, conversation=conversation, version=version):
                return await counter.take_over(_id(conversation), name, version, checked_key(key))
            case w.StaffSay(key=key, conversation=conversation, text=text):
                return await counter.say(_id(conversation), name, checked_words(text), checked_key(key))
            case w.HandBack(key=key, conversation=conversation):
                return await counter.hand_back(_id(conversation), name, checked_key(key))
            case w.Stay(conversation=conversation):
                return await counter.stay(_id(conversation), name)
            case w.Finish(key=key, conversation=conversation):
                return await counter.finish(_id(conversation), name, checked_key(key))
            case _:
                return await self._beside(frame)

    async def _beside(self, frame: w.StaffFrame) -> int:
        counter, name = self._staff.counter, self._member.name
        match frame:
            case w.Whisper(key=key, conversation=conversation, text=text):
                return await counter.whisper(_id(conversation), name, checked_words(text), checked_key(key))
            case w.Note(key=key, conversation=conversation, text=text):
                return await counter.note(_id(conversation), name, checked_words(text), checked_key(key))
            case w.Suggest(key=key, conversation=conversation):
                return await counter.approvals.suggest(_id(conversation), name, checked_key(key))
            case w.Judge(key=key, conversation=conversation):
                checked_key(key)
                return await counter.approvals.judge(_id(conversation), name, frame)
            case _:
                raise BadRequest("That is no command here. This socket is signed in already.")

    def _check(self, kind: type) -> None:
        right = NEEDS.get(kind)
        if right is None or not may(self._member.role, right):
            raise NoRight(f"As {self._member.role} you may not do this. Ask somebody who may.")


def _id(conversation: str) -> str:
    return checked_key(conversation)
