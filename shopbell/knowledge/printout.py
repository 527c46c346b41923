"""Printouts: what `shopbell knowledge` shows in a terminal."""

from collections.abc import Sequence

import msgspec
import rich_click as click

from shopbell.knowledge.evaluate import EvalReport
from shopbell.knowledge.gaps import Gap
from shopbell.knowledge.golden import Colour, GoldenReport
from shopbell.knowledge.passage import Retrieval
from shopbell.knowledge.problem import Problem, Severity

_SIGNS = {
    Severity.ERROR: ("error  ", "red"),
    Severity.WARNING: ("warning", "yellow"),
    Severity.NOTICE: ("notice ", None),
}
_COLOURS = {Colour.GREEN: "green", Colour.AMBER: "yellow", Colour.RED: "red"}


def print_json(value: object) -> None:
    """Print a value as JSON with indents."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def print_problems(problems: Sequence[Problem]) -> None:
    """Print what there is to say about the files."""
    for problem in problems:
        sign, colour = _SIGNS[problem.severity]
        click.echo(f"{click.style(sign, fg=colour)}  {problem}")


def print_golden(report: GoldenReport, *, show_all: bool) -> None:
    """Print how the golden questions fare; without `show_all` only those that fail."""
    print_problems(report.problems)
    for row in report.rows:
        if show_all or row.colour is not Colour.GREEN:
            click.echo(
                f"{click.style(f'{row.colour:<5}', fg=_COLOURS[row.colour])}  line {row.line}: {row.question}"
            )
            click.echo(
                f"       wanted {row.expected or 'a refusal'}; {row.outcome}, found "
                f"{', '.join(row.found) or '-'}"
            )
    click.echo(
        f"{report.answerable} answerable: {report.recall_at_1:.1%} right at once, "
        f"{report.recall_at_3:.1%} within three, {report.wrongly_refused:.1%} wrongly refused. "
        f"{report.unanswerable} unanswerable: {report.refused:.1%} refused."
    )


def print_eval(report: EvalReport) -> None:
    """Print a table of the three searches."""
    click.echo(f"{report.docs} passages, {report.queries} questions, {report.answerable} of them answerable")
    click.echo(f"{'':<8} hit@1  hit@3  hit@5  rec@10   MRR  nDCG@10")
    for name, row in (("shopbell", report.fused), ("BM25", report.bm25), ("MiniLM", report.minilm)):
        figures = (row.hit_1, row.hit_3, row.hit_5, row.recall_10, row.mrr, row.ndcg_10)
        click.echo(f"{name:<8} " + "  ".join(f"{figure:.3f}" for figure in figures))
    kept = report.refusals
    shares = [
        f"{name} {value:.3f}"
        for name, value in (("precision", kept.precision), ("recall", kept.recall))
        if value is not None
    ]
    click.echo(f"refused {kept.refused}: {', '.join(shares) or 'nothing to compare'}")
    click.echo(f"{report.ms_p50:.1f} ms a question (p50), {report.ms_p95:.1f} ms (p95)")


def print_gaps(found: Sequence[Gap]) -> None:
    """Print the groups of unanswered questions."""
    for each in found:
        click.echo(f"{each.count:>5} x  {each.example}   (#{each.id}, last {each.last_seen[:10]})")
    if not found:
        click.echo("No question has gone unanswered.")


def print_retrieval(found: Retrieval) -> None:
    """Print what was found."""
    click.echo(f"{found.outcome} ({found.confidence:.0%})")
    for match in found.matches:
        click.echo(f"\n{match.score:.2f}  {match.passage.id}  {match.passage.source}")
        click.echo(f"  {match.passage.title}")
        click.echo("  " + match.passage.text.replace("\n", "\n  "))
