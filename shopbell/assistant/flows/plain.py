"""Plain: what a short reply to a question means, read by rules. Anything else is no answer to it. Pure."""

import re

_EDGES = " \t\n.,!?;:"
_YES = frozenset(
    """
    yes; yep; yeah; yup; y; yes please;
    yes pls; please do; do it; go ahead; go on; ok; okay; sure; of course; correct; that's right;
    thats right; that is right; right; exactly; confirm; confirmed; i confirm; yes do it; yes go ahead;
    yes that's right; yes thats right; yes i do; i do; i agree; agreed; yes i agree; sounds good; fine;
    that's fine; yes sure; yes of course; absolutely; definitely; by all means; yes thank you;
    yes thanks; ok do it; ok yes; aye; please; ok please; sure please; yes it is; yes correct
    """.replace("\n", " ").split(";")
)
_NO = frozenset(
    """
    no; nope; nah; n; no thanks; no thank you; don't; dont; do not; please don't; rather not;
    i'd rather not; not now; no not now; no way; not really; no i don't; i don't; i do not; no please;
    no don't; never; wrong; that's wrong; no that's wrong; not that; not this; no sorry
    """.replace("\n", " ").split(";")
)
_CANCEL = re.compile(
    r"^\W*((no|ok|okay|please|hm+|uh|um|oh|well|actually|sorry|wait|thanks)\W+)*"
    r"(cancel( it| this| that| everything)?|stop( it| this| that)?|never ?mind|"
    r"forget (it|that)|leave it|abort|quit|(i('ve| have)? )?changed my mind|let'?s not|drop it|not any ?more)"
    r"(\W+(please|thanks|then|now))*\W*$",
    re.IGNORECASE,
)
_REPEAT = re.compile(
    r"^\W*((sorry|pardon|what|huh|eh|come again|again( please)?|repeat( that| it)?( please)?|"
    r"say (that|it) again|(can|could) you (say|repeat) (that|it)( again)?|what did you (say|ask)|"
    r"what was (that|the question)( again)?)\W*)+$",
    re.IGNORECASE,
)
_CORRECT = re.compile(
    r"^\W*((no|wait|sorry|actually)\W+)*"
    r"(i (mean|meant)|make (it|that)|change (it|that) to|it'?s|it should be|not that\W+|rather|instead)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"^\W*(?:(?:it'?s|no|well|and|oh)\W+)*about\b\W*(.{3,})", re.IGNORECASE)
_WORDS = {
    word: value for value, word in enumerate("zero one two three four five six seven eight nine ten".split())
}
_NUMBER = re.compile(r"\d+")
_PHONE = re.compile(r"\+?\d(?:[\s()./-]{0,3}\d){5,14}")
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]{2,}")
_LEAD = re.compile(
    r"^\W*((no|wait|sorry|actually|please|hi)\W+)*"
    r"((i mean|i meant|make it|change it to|it'?s|it is|it should be|that'?s|my name is|my name'?s|i am|i'?m|"
    r"call me|name'?s|this is)\b)?\W*",
    re.IGNORECASE,
)


def _tidy(text: str) -> str:
    return " ".join(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower().split()).strip(_EDGES)


def _bare(text: str) -> str:
    return re.sub(r"[,.!;:]+", "", _tidy(text))


_DRAWN_OUT = re.compile(r"^((hm+|uh|um|oh|well|actually|sorry|wait)\s+)+")
_YESES = frozenset(_bare(one) for one in _YES)
_NOES = frozenset(_bare(one) for one in _NO)


def is_yes(text: str) -> bool:
    """Say whether the whole reply is a yes and nothing besides."""
    return _bare(text) in _YESES


def is_no(text: str) -> bool:
    """Say whether the whole reply is a no and nothing besides, however it is drawn out."""
    return _DRAWN_OUT.sub("", _bare(text)) in _NOES


def is_cancel(text: str) -> bool:
    """Say whether the reply calls the whole thing off."""
    return bool(_CANCEL.match(_tidy(text)))


def is_repeat(text: str) -> bool:
    """Say whether the reply asks to hear the question again."""
    return bool(_REPEAT.match(_tidy(text)))


def corrects(text: str) -> bool:
    """Say whether the reply begins like a correction: "no, I meant ..."."""
    return bool(_CORRECT.match(_tidy(text)))


def matter(text: str) -> str:
    """Return what a reply like "about a cake for twenty" says it is about; empty for any other."""
    found = _ABOUT.match(" ".join(text.split()))
    return found[1].strip(_EDGES)[:200] if found else ""


def number(text: str) -> int | None:
    """Return the one whole number in the reply, in digits or a word up to ten; None for none or several."""
    found = [int(one) for one in _NUMBER.findall(text) if len(one) < 10]  # noqa: PLR2004 - longer is no count
    found += [_WORDS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _WORDS]
    return found[0] if len(found) == 1 else None


def phone(text: str) -> str:
    """Return the phone number in the reply as typed; empty for none."""
    found = _PHONE.search(text)
    return found[0] if found else ""


def email(text: str) -> str:
    """Return the e-mail address in the reply; empty for none."""
    found = _EMAIL.search(text)
    return found[0].strip(".,;:") if found else ""


def name(text: str) -> str:
    """Return the name in a reply to "what is your name?"; empty when it does not look like one."""
    rest = _LEAD.sub("", text.strip(), count=1).strip(_EDGES)
    words = rest.split()
    fits = 0 < len(words) <= 5 and len(rest) <= 80 and not any(c.isdigit() or c in "?@<>" for c in rest)  # noqa: PLR2004 - longer is a sentence
    return rest if fits else ""
