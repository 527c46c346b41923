"""Certain: words after which there is no doubt what is wished, whatever else is in the message. Pure."""

import re

_ASIDE = (
    r"^\W*((hi|hiya|hello|hey|good (morning|afternoon|evening)|ok|okay|so|um|uh|erm|well|right|and|also|but|"
    r"now|please|pls|plz|sorry|just|then|yes|yeah|no|oh|hm+|thanks|(can|could|would|will) you|you can|can i|"
    r"could i|may i|let me|i want( you)? to|i'?d like( you)? to|i would like( you)? to|i need( you)? to|"
    r"i wish to|i wanna|i'?ll|go ahead and)\b\W*)*"
)
"""What may stand before a wish and says nothing."""
_AFTER = r"(\W+(please|pls|plz|again|then|today|to go|now|thanks|thank you|mate|love|cheers))*\W*$"
_THING = r"(orders?|parcel|package|delivery|subscription( bag)?|cake|bread|beans|coffee)"
_SENT = r"(order|parcel|package|delivery)"
_NOTES = (
    r"(that i\b(?! exist)|i'?m\b|i (said|told|take|like)\b|what (i (said|told)|you (remember|noted))\b|"
    r"one thing\b|"
    r"(a|one|something|the last) (note|you (remember|know|noted)|about|for)\b|something i told\b|"
    r"(the|that|this|your|one of (your|the|my)) (\w+ )?notes?\b|the (bit|thing)s? (about|with)\b)"
)
_KEPT = r"(account|membership|profile|(personal |club )?(data|details|info|information))"
_MAIL = r"(e-?mails?|newsletters?|offers|marketing|texts|ads|adverts|adverti[sz]ing|promotions?|spam)"
_WHEN = (
    r"on|at|about|later|today|tonight|tomorrow|this|next|regarding|in|after|before|between|asap|and|so|to|for|"
    r"(mon|tues|wednes|thurs|fri|satur|sun)day|whenever"
)
_REACH = r"(contact( details| data| info)?|(phone|mobile|telephone|cell)( number)?|e-?mail( address)?|number)"

_PATTERNS = {
    "unremember": rf"{_ASIDE}(forget|delete|drop|remove|erase|scratch|unlearn|clear)\s+{_NOTES}"
    rf"|{_ASIDE}forget (about )?my (?!({_KEPT}|orders?|number|points)\b)"
    r"|\b(stop (remembering|keeping in mind)|(no need|(don'?t|do not) (need|have)) to (remember|keep in mind)"
    r"|(don'?t|do not|no longer) want you to (remember|keep))\b"
    r"|\b(any ?more|no longer|not true|wrong)\b.*\b(forget|remove|delete) (it|that)\W*$",
    "remember": rf"{_ASIDE}(remember|memori[sz]e|note( down| for me)?|keep in mind|bear in mind|make a note|"
    r"don'?t forget|save|write down|put down|add a note)\W+"
    r"(that\b|this\b|of my\b|i\b|i'?m\b|i'?ve\b|we\b|my\b(?! (new|order|number|phone|e-?mail)\b)).*[^?\s]\s*$"
    r"|\b(i|i'?m|i'?ve|my|we|no)\b.*\W(please )?((remember|save|keep|note|write) (that|it|this)"
    r"( down| in mind)?( for (me|next time|later|the future))?|(please )?(remember|don'?t forget))"
    r"( please)?\W*$",
    "usual": rf"^\W*usual\W*$|(?<!with )\b(my|the|one|a) usual( (order|drink|coffee|thing|one))?{_AFTER}"
    rf"|{_ASIDE}(the )?same (again|as (always|usual|ever|every time)){_AFTER}",
    "complaint": r"\b(want|like|wish|need) to (complain|(make|lodge) (a |an official )?complaint)\b"
    r"|\b(this is|i have) a complaint\b",
    "callback": r"\b(call me back|(ring|phone|telephone) me( back)?)\b(?! (when|if|as)\b)"
    rf"|\bcall me\b( ({_WHEN})\b|{_AFTER})"
    r"|\bgive (me|us) a (call|ring|bell|buzz)\b"
    rf"|{_ASIDE}(a |request (a )?)?call-? ?back( request)?{_AFTER}",
    "optout": r"\bunsubscribe\b|\bopt (me )?out\b"
    r"|^\W*(please )?(stop|no more) (sending|(e-?)?mailing|contacting|texting)\b"
    rf"|{_ASIDE}(stop|no more|cancel|turn off|switch off|end|no)\W+"
    rf"(the |your |with the |all |any |my )?{_MAIL}\b"
    r"|\b(take|get|remove) me (off|from) (of )?(the|your) ((e-?mail|mailing) list|newsletter|list)\b",
    "signout": rf"{_ASIDE}(sign|log) (me |us )?(out|off)\b"
    r"|^(?!\W*(why|did|do|does|will|when|what|how)\b).*\b(sign|log) (me|us) (out|off)\b",
    "signin": rf"({_ASIDE}|^\W*((how|where) (do|can) i|how to) )(sign|log) (me )?(in|on)"
    rf"( (here|to|into) my account)?{_AFTER}",
    "join": rf"{_ASIDE}(join|sign (me )?up|enroll?( me)?|(become|be|make me) a member|register me)"
    r"( (to|for|in|with|of))?( (the|your)( (loyalty|points))?"
    rf" (club|programme|program|scheme|card|points))?{_AFTER}",
    "order": rf"\bwhere('?s| is| are) my {_THING}\b|\b(track|status of) my {_THING}\b|\border status\b"
    rf"|{_ASIDE}(when (is|will|does)|is|has|have you (sent|shipped|posted)|did you (send|ship|post)|"
    rf"any (news|updates?|sign) (on|of|about|from)|what('?s| is) happening with) my {_SENT}\b"
    rf"|\bmy {_SENT} (is late|has(n'?t| not) (come|arrived|turned up|shipped)|(still )?isn'?t here)\b",
    "balance": r"\bhow many points (do i have|have i|i have|i've got|am i on)\b"
    r"|^\W*(my )?(points|balance)( please| pls)?\W*$",
    "card": r"\bhow many stamps (do i have|have i|i have|i've got)\b",
    "knowme": r"\bwhat (data |details |info |information |else )?(do|have|did) (you|u|ya) "
    r"(know|remember|store|stored?|kept|keep|saved?|hold|have|got) (about|on|of) me\b",
    "forgetme": rf"{_ASIDE}(delete|erase|close|cancel|remove|wipe|destroy) (all )?(of )?my {_KEPT}\b"
    r"|\b(delete|erase) (me\b|everything (about|you (know|have) (about|on|of)) me\b)",
    "contact": rf"\b(change|update|correct|edit|replace|swap|fix) my {_REACH}\b"
    rf"|\b(have|'ve got|got|'ve) a new {_REACH}"
    rf"|\bmy {_REACH} (has |is |was )?(changed|new|wrong|different)\b",
    "referral": r"\bmy (referral|invite|invitation|friends?'?|recommendation) (code|link)\b"
    r"|\breferral code\b",
    "purchases": r"\bwhat (did (i|we)|have (i|we)) (buy|bought|order(ed)?|purchased?) "
    r"(last|on|yesterday|recently|from you|here|the other)\b|\bwhat did i buy\b",
    "feedback": rf"{_ASIDE}(survey|review|rating|feedback){_AFTER}"
    r"|\b(leave|give)( you| some| my| a| an)* (feedback|rating)\b"
    r"|\brate (my|your|the) (visit|service)\b"
    r"|\b(stars?|out of (5|five|10|ten)) from me\b",
}
_WORDS = {wish: re.compile(pattern, re.IGNORECASE) for wish, pattern in _PATTERNS.items()}


def certain(text: str) -> str:
    """Return the wish that the words leave no doubt about; empty for none."""
    plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((wish for wish, pattern in _WORDS.items() if pattern.search(plain)), "")
