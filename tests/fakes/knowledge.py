"""A shop's knowledge that knows a few questions by heart."""

from shopbell.knowledge.passage import Kind, Match, Outcome, Passage, Retrieval


def passage(name: str, *, kind: Kind = Kind.FAQ) -> Passage:
    """Return a passage on `name`."""
    return Passage(
        id=f"faq#{name}",
        title=f"About {name}?",
        text=f"All about {name}.",
        kind=kind,
        source=f"faq/{name}.md:1",
    )


def retrieval(question: str, outcome: Outcome, confidence: float, *found: Passage) -> Retrieval:
    """Return what a search finds, best first."""
    matches = tuple(Match(passage=each, score=confidence, dense=0.5, lexical=0.5) for each in found)
    return Retrieval(question=question, outcome=outcome, confidence=confidence, matches=matches)


class KnownByHeart:
    """Finds what it was told to find; anything else is nothing."""

    def __init__(self, **known: tuple[Outcome, float, Passage]) -> None:
        """Take a word for each thing known: a question with that word finds it."""
        self._known = known
        self.asked: list[str] = []

    def search(self, question: str, *, limit: int = 5) -> Retrieval:
        """Return the surest thing whose word is in the question."""
        self.asked.append(question)
        found = [thing for word, thing in self._known.items() if word in question.lower()]
        if not found:
            return retrieval(question, Outcome.NONE, 0.0)
        outcome, confidence, best = max(found, key=lambda thing: thing[1])
        return retrieval(question, outcome, confidence, best)

    def whole(self, passage: Passage) -> str:
        """Return the text, marked as whole."""
        return f"{passage.text} (whole)"
