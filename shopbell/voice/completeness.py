"""Whether words, heard without punctuation, could end a turn. Pure.

Read off the end: "I have a question about" hangs in the air. Lists of English function words, of verbs that
want an object, and of endings of adjectives that want a noun; no weights.
"""

import re

_WORD = re.compile(r"[a-z']+|\d+")

_DETERMINERS = """a an the my your his its our their this these those some any no every each which whose
another many several few both""".split()
_PREPOSITIONS = """of to from with without at by about into onto between among during against through toward
towards beyond upon via regarding concerning despite until than per as like unlike""".split()
_ENDING_PREPOSITIONS = frozenset(
    {"in", "on", "for", "off", "up", "out", "over", "with", "about", "to", "like"}
)
_JOINTS = """and or but because so if when while although though unless whether that since where whereas
nor plus""".split()
_AUXILIARIES = """am is are was were be been being do does did have has had can could will would shall should
may might must cannot cant can't dont don't doesnt doesn't didnt didn't isnt isn't wasnt wasn't arent aren't
wont won't wouldnt wouldn't couldnt couldn't havent haven't hasnt hasn't id i'd ive i've im i'm youre you're
theyre they're its it's hes he's shes she's well we'd we've weve we're theyve they've ill i'll youll you'll
whats what's wheres where's hows how's theres there's lets let's""".split()
_SUBJECTS = "i we they he she who".split()
_QUESTIONS = "what how why where when which who whose".split()
_HEDGES = "um uh er erm uhm hmm really very quite rather too just also even such more most not".split()
_WANT_OBJECT = frozenset(
    """want wanted need like love recommend suggest tried trying wondering share tell find give get bring
    take buy make check explain discuss cancel book send put let help prefer leverage implement
    address""".split()
)
_STATING = frozenset(
    """allow allows enable enables helped examine examines raise raises provide provides demonstrate
    demonstrates require requires include includes suggests confirm confirms fixed reveals represents exhibit
    incorporate transform mimic remain remains offers become becomes implementing supporting ensuring
    providing""".split()
)
_COPULAS = """is are was were be been being am feel feels felt seem seems look looks sound sounds im i'm its
it's so too very really quite more most less how get gets got make makes makes that's thats all""".split()
_ADJECTIVE = re.compile(
    r"\w{2,}(?:ary|ical|ental|etic|ural|icial|ional|ative|uous|ious|found|cious|ular|istic|ogical|amental)$"
)
_NOUNS = frozenset(
    """historical total professional individual musical medical chemical animal hospital festival material
    original principal terminal initiative alternative relative representative conversation library dictionary
    salary summary february january secretary boundary anniversary capital digital mental rental dental
    commentary diary primary military canary""".split()
)
_QUALIFIED = frozenset("the a an my your his her its our their this that these those some any of and".split())
_ADVERB = re.compile(r"\w{3,}ly$")
_CLOSING_ADVERBS = frozenset(
    """exactly really actually only early daily weekly monthly reply family supply apply fly july italy
    quickly slowly clearly properly immediately recently finally probably possibly definitely certainly
    lovely friendly absolutely totally completely perfectly correctly separately locally sadly honestly
    obviously
    """.split()
)
_POINTING = frozenset("so not too many few each most more that this those any all".split())
_BEFORE_POINTING = frozenset(
    """think hope so if why me very as or is like about for with do at in on need all to want much how no once
    was than after before get""".split()
)
_REQUESTING = frozenset("can could would please do does did will".split())
_ASKING = frozenset("what which who whom how where when any anything something".split())
_PARTICLES = frozenset("in on off up out over".split())
_BEFORE_PARTICLE = frozenset(
    """come look turn sign pick give call set carry drop log be is are back try switch take put go get open
    send find check it them that this fill sold time run shut clam hurry hold grow what's whats""".split()
)
_PRONOUNS = frozenset("i you it they we he she there that this".split())
_ASKED = frozenset("have has do does did is are was".split())
"""Verbs that may end a question: what cakes do you have."""
_ANSWERED = frozenset("is are am do can will was did".split())
"""Verbs that may end an answer: yes it is."""
_BEFORE_VERB = frozenset(
    "to you can i i'd id we and was would not really has have me us that which they could please just".split()
)
_HANGING = frozenset([*_DETERMINERS, *_JOINTS, *_QUESTIONS, *_HEDGES])

HANGS = 0.1
"""Likelihood that words end a turn whose last word cannot end a sentence."""
LEANS = 0.35
"""The same, when the last word seldom does."""
STANDS = 0.95
"""The same, when nothing is amiss."""


WHOLE = 0.5
"""Likelihood from which words are taken for whole."""


def completeness(text: str) -> float:
    """Return how well the words could end a turn, 0 to 1; 1 for what is no English."""
    if text.rstrip().endswith(("...", "…", "-", "–", "—", ",")):
        return HANGS
    words = _WORD.findall(text.lower().replace("’", "'"))
    if not words:
        return 1.0
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if len(words) == 1:
        return LEANS if last in _HANGING | set(_AUXILIARIES) | {"i"} else STANDS
    return min(_by_function(words, last, before), _by_content(words, last, before))


def _by_function(words: list[str], last: str, before: str) -> float:
    """Judge a last word that carries no meaning of its own."""
    asks = not _ASKING.isdisjoint(words[:-2])
    if last in _POINTING:
        requests = last in {"that", "this"} and not _REQUESTING.isdisjoint(words[:-1])
        return STANDS if before in _BEFORE_POINTING or (requests and before != "of") else HANGS
    if last in _ENDING_PREPOSITIONS:
        moving = before in _BEFORE_PARTICLE or (last not in {"in", "on"} and before.endswith(("ing", "ed")))
        return STANDS if last in _PARTICLES and moving else LEANS if asks else HANGS
    if last in _AUXILIARIES:
        return STANDS if before in _PRONOUNS and last in (_ASKED if asks else _ANSWERED) else HANGS
    if last == "while" and before == "a":
        return STANDS
    if last in _QUESTIONS:
        return LEANS
    if last in _HANGING or last in _SUBJECTS:
        return HANGS
    if last in _PREPOSITIONS:
        return LEANS if asks else HANGS
    return STANDS


def _by_content(words: list[str], last: str, before: str) -> float:
    """Judge a last word that wants another after it."""
    if last == "you" and before in _AUXILIARIES and _ASKING.isdisjoint(words[:-2]):
        return HANGS
    if last in _WANT_OBJECT and before in _BEFORE_VERB:
        return STANDS if not _ASKING.isdisjoint(words[:-2]) else HANGS
    if last in _STATING and len(words) > 3:  # noqa: PLR2004 - a statement whose verb has just come
        return LEANS
    if _ADVERB.fullmatch(last) and last not in _CLOSING_ADVERBS:
        return LEANS
    if _ADJECTIVE.fullmatch(last) and last not in _NOUNS and before not in _COPULAS:
        return HANGS if before in _QUALIFIED else LEANS
    return STANDS
