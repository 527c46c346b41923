"""Themes: comments that speak of the same thing, put together by meaning. Pure but for the embedder.

Average linkage over the cosine distance of sentence vectors, cut at one distance: it needs no number of
groups beforehand, gives the same groups for the same comments, and does not chain as single linkage does. A
group is named by its medoid, the comment nearest to all others: words a customer really wrote.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy.cluster.hierarchy import fcluster, linkage

from shopbell.assistant.feedback.comments import Comment
from shopbell.knowledge.history import Embed

CUT = 0.75
"""Cosine distance up to which groups are put together; `scripts/prove_themes` shows how it was chosen."""
MOST = 1_500
"""Comments looked at, the latest: the distances of more would take seconds and hundreds of megabytes."""
LEAST_LETTERS = 4


class Theme(Struct, frozen=True, kw_only=True):
    """Comments about one thing."""

    label: str
    """What the one nearest to all others says."""
    comments: tuple[Comment, ...]
    """Newest first."""

    @property
    def unhappy(self) -> int:
        """How many sound unhappy."""
        return sum(one.mood == "unhappy" for one in self.comments)

    @property
    def happy(self) -> int:
        """How many sound happy."""
        return sum(one.mood == "happy" for one in self.comments)


def themes(comments: Sequence[Comment], embed: Embed, cut: float = CUT) -> tuple[Theme, ...]:
    """Return the themes of all comments that hold words, the largest first."""
    worded = [one for one in comments if sum(c.isalpha() for c in one.text) >= LEAST_LETTERS][-MOST:]
    if not worded:
        return ()
    vectors = np.asarray(embed([one.text for one in worded]), dtype=np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    groups: dict[int, list[int]] = defaultdict(list)
    for at, label in enumerate(grouped(vectors, cut)):
        groups[int(label)].append(at)
    found = [_theme(worded, vectors, members) for members in groups.values()]
    return tuple(sorted(found, key=lambda one: (-len(one.comments), one.label)))


def grouped(vectors: npt.NDArray[np.float64], cut: float) -> npt.NDArray[np.int64]:
    """Return the number of its group for each of float64[n, d] unit vectors."""
    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    return np.asarray(fcluster(linkage(vectors, "average", metric="cosine"), cut, "distance"), dtype=np.int64)


def _theme(worded: Sequence[Comment], vectors: npt.NDArray[np.float64], members: Sequence[int]) -> Theme:
    own = vectors[members]
    medoid = members[int(np.argmax((own @ own.T).sum(axis=1)))]
    return Theme(label=worded[medoid].text, comments=tuple(worded[at] for at in reversed(members)))
