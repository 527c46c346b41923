"""All jobs that are at work at once: each goes on a step whenever the engine has read what it asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm.batches import Standing, choose
from shopbell.assistant.llm.errors import Aborted, Full
from shopbell.assistant.llm.requests import Response
from shopbell.assistant.llm.work import Ask, Read, Runner, Steps


@dataclass(eq=False, kw_only=True)
class Task:
    """One job."""

    steps: Callable[[], Steps]
    """Begins it; called again when there was no room for it the first time."""
    say: Callable[[Response], None]
    end: Callable[[TooLong | None], None]
    """Called once, when nothing follows."""
    cancelled: Callable[[], bool]
    conversation: str | None = None
    """Jobs of one conversation are done one after another; None is nobody's."""
    alone: bool = False
    """Whether nothing else may be at work beside it."""
    spare: bool = False
    """Whether it is worth doing only while nobody else is there."""
    waited: int = 0
    """Batches since it was last in one."""
    at_work: Steps | None = field(default=None, init=False)
    ask: Ask | None = field(default=None, init=False)


class Crew:
    """Shares the engine out, a batch at a time. Nothing here blocks but the engine itself."""

    def __init__(self, memory: Runner, *, room: Callable[[bool], int]) -> None:
        """`room` tells how many tokens may be read in the next batch, given whether somebody writes."""
        self._memory = memory
        self._room = room
        self._waiting: list[Task] = []
        self._live: list[Task] = []
        self._batch: list[Task] = []

    @property
    def live(self) -> int:
        """Jobs at work."""
        return len(self._live)

    @property
    def spare(self) -> bool:
        """Whether all that is at work could wait."""
        return all(task.spare for task in self._live)

    @property
    def writing(self) -> bool:
        """Whether somebody's words are coming."""
        return any(task.ask is not None and task.ask.writing for task in self._live)

    def take(self, task: Task) -> None:
        """Let a job in; it begins as soon as it may."""
        self._waiting.append(task)

    def unwanted(self) -> bool:
        """Say whether nobody wants what the engine is just reading."""
        return bool(self._batch) and all(task.cancelled() for task in self._batch)

    def gather(self) -> None:
        """Let go what nobody wants any more, and begin what may begin."""
        self._drop_cancelled()
        self._admit()

    def step(self) -> bool:
        """Read one batch of what was gathered; return whether anything is left to do."""
        asks = [task.ask for task in self._live if task.ask is not None]
        writing = any(ask.writing for ask in asks)
        shares = choose([_standing(task) for task in self._live], room=self._room(writing))
        self._batch = [self._live[share.place] for share in shares]
        batch = [
            (task.ask, share.count)
            for task, share in zip(self._batch, shares, strict=True)
            if task.ask is not None
        ]
        if batch:
            self._read(batch)
        self._batch = []
        return bool(self._live or self._waiting)

    def _read(self, batch: list[tuple[Ask, int]]) -> None:
        try:
            reads = self._memory.run(batch)
        except Aborted:
            return
        for task in self._live:
            task.waited += 1
        for task, read in zip(self._batch, reads, strict=True):
            task.waited = 0
            self._feed(task, read)

    def _drop_cancelled(self) -> None:
        for task in [task for task in (*self._live, *self._waiting) if task.cancelled()]:
            if task.at_work is not None:
                task.at_work.close()
            self._finish(task, None)

    def _admit(self) -> None:
        """Begin what may begin, in the order in which it came."""
        held: set[str | None] = {task.conversation for task in self._live} - {None}
        for task in tuple(self._waiting):
            if any(one.alone for one in self._live) or (task.alone and self._live):
                return
            if task.conversation in held:
                continue
            held.add(task.conversation)
            held.discard(None)
            try:
                self._begin(task)
            except Full:  # nobody who came later is let in first: the large ones would wait for ever
                return

    def _begin(self, task: Task) -> None:
        task.at_work = task.steps()
        try:
            task.ask = next(task.at_work)
        except StopIteration as stop:
            self._answer(task, stop.value)
        except TooLong as error:
            self._finish(task, error)
        else:
            self._waiting.remove(task)
            self._live.append(task)

    def _feed(self, task: Task, read: Read) -> None:
        if task.at_work is None:
            return
        try:
            task.ask = task.at_work.send(read)
        except StopIteration as stop:
            self._answer(task, stop.value)

    def _answer(self, task: Task, response: Response | None) -> None:
        if response is not None:
            task.say(response)
        self._finish(task, None)

    def _finish(self, task: Task, error: TooLong | None) -> None:
        (self._live if task in self._live else self._waiting).remove(task)
        task.end(error)


def _standing(task: Task) -> Standing:
    ask = task.ask
    return Standing(
        left=len(ask.tokens) if ask else 0,
        writing=bool(ask and ask.writing),
        waited=task.waited,
        spare=task.spare,
    )
