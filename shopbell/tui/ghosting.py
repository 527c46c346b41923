"""Ghosting: how the topics of ghost mode stand. Pure."""

from shopbell.assistant import staffwire as w
from shopbell.tui.rows import Piece, Row, Tone, beside, row

WHICH = "Which topic needs approval again?"


def promoted(report: w.GhostReport | None) -> tuple[str, ...]:
    """Return the topics that need no approval any more."""
    return tuple(topic.topic for topic in report.topics if topic.promoted_at) if report else ()


def ghost_rows(report: w.GhostReport | None, width: int) -> list[Row]:
    """Return ghost mode in plain words. Pure."""
    if report is None:
        return []
    rows = [row(), row(Piece(" Ghost mode", "strong"), Piece(_rule(report), "dim"))]
    for topic in report.topics:
        text, tone = _stands(topic, report.promote_after)
        rows += beside(f" {topic.topic:<11}", "dim", text, width, tone)
    return rows


def _rule(report: w.GhostReport) -> str:
    if not (report.topics or report.everything):
        return "  off: no topic is named in shop.toml, under [console.ghost]"
    return (
        f"  {'all topics, ' * report.everything}approved within {report.deadline_s:.0f} s; "
        f"{report.promote_after} accepted in a row end it"
    )


def _stands(topic: w.GhostTopic, wanted: int) -> tuple[str, Tone]:
    counts = ((topic.accepted, "accepted"), (topic.edited, "edited"), (topic.rejected, "rejected"))
    told = [f"{count} {name}" for count, name in (*counts, (topic.lapsed, "not judged in time")) if count]
    if topic.promoted_at:
        return f"needs no approval since {topic.promoted_at:%Y-%m-%d}; " + ", ".join(told), "good"
    return ", ".join([f"{topic.in_a_row} of {wanted} in a row", *told]), ""
