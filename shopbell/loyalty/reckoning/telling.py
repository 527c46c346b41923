"""Telling: a reckoning and its error in plain words, to be printed beside every table of its figures."""

from collections.abc import Iterator

from shopbell.loyalty.money import money
from shopbell.loyalty.reckoning.answers import Reckoning


def told_run(run: Reckoning) -> Iterator[str]:
    """Yield what one night's run did."""
    yield (
        f"Reckoned {run.reckoned} of {run.customers} customers as of {run.day} in {run.seconds:.1f} s; the "
        f"others did not agree to profiling. {run.at_risk} are at risk."
    )
    for each in run.parameters:
        yield f"  {each.name:6} {each.value:12.4g}   95 %: {each.low:.4g} to {each.high:.4g}"
    yield from told_hold_out(run, "")


def told_hold_out(run: Reckoning, currency: str) -> Iterator[str]:
    """Yield how far off such figures were, tried on the past; without a currency money is left out."""
    if run.note:
        yield run.note
    if (tried := run.held_out) is None:
        return
    off = f" and {money(tried.mae_minor, currency)}" if currency else ""
    yield (
        f"Tried on the past: as of {tried.split}, the next {tried.days} days were off by "
        f"{tried.mae_visits:.2f} visits{off} a customer on average (the same for everybody: "
        f"{tried.mae_mean:.2f} visits); {tried.predicted_visits:.0f} visits were expected of "
        f"{tried.customers} customers and {tried.actual_visits} came."
    )
    if tried.within is not None:
        yield f"{tried.within:.0%} paid within their 95 % interval."
    if tried.auc_risk is not None and tried.auc_recency is not None:
        yield (
            f"The order of who is at risk was right for {tried.auc_risk:.0%} of pairs, days away alone "
            f"for {tried.auc_recency:.0%}; a coin is right for 50 %."
        )
