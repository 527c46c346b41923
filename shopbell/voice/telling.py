"""Telling: which words of a conversation are spoken, and when. No sound, no clock."""

from shopbell.assistant import wire
from shopbell.voice import readback
from shopbell.voice.clauses import Clauses
from shopbell.voice.mouth import Mouth
from shopbell.voice.plain import plain


class Telling:
    """Takes the frames of one conversation and gives the mouth what the customer is to hear."""

    def __init__(self, mouth: Mouth) -> None:
        self._mouth = mouth
        self._clauses = Clauses()
        self._said = ""
        """What came of the running reply."""
        self._stopped = ""
        """The reply of which nothing more is said."""
        self.open = ""
        """The reply that is not complete yet."""
        self.last = ""
        """The last complete reply's words, to say again."""
        self.asked: readback.Question | None = None
        """The question about money or points that is open."""
        self.asked_in = ""
        """The reply that asked it."""
        self.holder: wire.Holder = "assistant"
        self.leaving = False
        """Goodbye was said."""
        self.plain = False

    def tell(self, frame: wire.ServerFrame) -> None:
        """Take one live frame."""
        match frame:
            case wire.Replying(reply=reply):
                self._begin(reply)
            case wire.Delta(reply=reply, text=text) if reply != self._stopped:
                self._more(reply, text)
            case wire.Replied() as reply:
                self._finish(reply)
            case wire.Said(who="staff" | "notice", text=text):
                self.last = text
                self._mouth.say(text)
            case wire.FloorChanged(holder=holder):
                self.holder = holder
            case wire.Trouble(text=text):
                self._mouth.say(text)
            case wire.Ended():
                self.leaving = True
            case _:
                pass

    @property
    def begun(self) -> bool:
        """Whether words of the running reply came already."""
        return bool(self._said)

    def stop(self) -> None:
        """Say nothing more of the running reply."""
        self._stopped, self._clauses = self.open, Clauses()

    def repeat(self) -> bool:
        """Say the last reply once more; False when there was none."""
        if self.last:
            self._mouth.say(self._worded(self.last))
        return bool(self.last)

    def _begin(self, reply: str) -> None:
        self.open, self._said, self._clauses = reply, "", Clauses()
        self.asked = None

    def _more(self, reply: str, text: str) -> None:
        self._said += text
        for piece in self._clauses.feed(self._worded(text)):
            self._mouth.say_piece(piece, reply)

    def _finish(self, reply: wire.Replied) -> None:
        stopped = reply.cut or reply.reply == self._stopped
        if self.open == reply.reply:
            self.open = ""
        self.last = reply.text or self.last
        if stopped:
            self._clauses = Clauses()
            return
        if reply.text.startswith(self._said):
            self._more(reply.reply, reply.text[len(self._said) :])
        for piece in self._clauses.flush():
            self._mouth.say_piece(piece, reply.reply)
        self._said = ""
        self.asked, self.asked_in = readback.question(reply.text), reply.reply
        self.leaving = self.leaving or reply.ends

    def _worded(self, text: str) -> str:
        return plain(text) if self.plain else text
