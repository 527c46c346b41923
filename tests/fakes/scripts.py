"""What the scripted service says to which question."""

from msgspec import Struct

from shopbell.assistant import wire


class Script(Struct, frozen=True, kw_only=True):
    """How one question is answered."""

    text: str
    rung: wire.Rung = "faq"
    sources: tuple[wire.Source, ...] = ()
    why: str = ""
    offer_person: bool = False
    places: tuple[int, ...] = ()
    """Places in the queue, told one after the other."""
    word_s: float = 0.0
    """Seconds between words."""


def source(title: str, text: str, where: str) -> wire.Source:
    """Make a passage."""
    return wire.Source(id=where, title=title, text=text, source=where)


SCRIPTS: dict[str, Script] = {
    "sunday": Script(
        text="On Sundays we are open from 09:00 to 16:00.",
        sources=(source("Opening hours", "Sunday: 09:00 to 16:00.", "faq/hours.md:12"),),
        why="The shop's own words answer this, and the match was sure.",
    ),
    "deliver": Script(
        text="Yes, within three miles of the shop, from Tuesday to Saturday. "
        "Orders over £25 go free; below that delivery is £3.50.",
        rung="model",
        sources=(
            source(
                "Where we deliver",
                "We deliver within three miles of the shop, Tuesday to Saturday.",
                "faq/delivery.md:3",
            ),
            source("What delivery costs", "Delivery is £3.50. Orders over £25 go free.", "faq/delivery.md:9"),
        ),
        why="Written from two of the shop's own entries. Every number in it was checked against them.",
        word_s=0.02,
    ),
    "long": Script(
        text=" ".join(f"Word {n} of a long story about bread." for n in range(1, 60)),
        rung="model",
        word_s=0.05,
    ),
    "oat": Script(
        text="Thank you for waiting. The oat flat white is £3.40.", rung="model", places=(2, 1), word_s=0.01
    ),
    "helicopter": Script(
        text="I do not know that, and I would rather not guess. Shall I get someone from the shop?",
        rung="person",
        why="Nothing in the shop's knowledge comes near this question.",
        offer_person=True,
    ),
}
PLAIN = Script(text="Happy to help.", rung="rule", why="A greeting is answered by rule.")


def script_for(text: str) -> Script:
    """Return how a question is answered: by a word in it; `echo ...` gives back what follows."""
    if text.startswith("echo "):
        return Script(
            text=text[5:], rung="model", why=text[5:], sources=(source(text[5:], text[5:], text[5:]),)
        )
    return next((script for word, script in SCRIPTS.items() if word in text.lower()), PLAIN)
