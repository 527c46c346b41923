"""Numbers: today in figures, with plots, and an honest word where there is nothing to show yet."""

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widget import Widget
from textual_plotext import PlotextPlot

from shopbell.assistant import staffwire as w
from shopbell.tui.errors import ConsoleError
from shopbell.tui.figures import FiguresScreen
from shopbell.tui.plate import Plate
from shopbell.tui.rows import Piece, Row, Tone, fit, paragraph, row
from shopbell.tui.screen import ConsoleScreen
from shopbell.tui.state import Desk

QUIET = "No conversation yet today. The figures begin with the first customer."


class NumbersScreen(ConsoleScreen):
    """One day in figures."""

    MODE = "numbers"
    AUTO_FOCUS = "#page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "weeks", "Weeks"),
        Binding("r", "load", "Load again"),
    ]

    def __init__(self) -> None:
        """Begin with nothing loaded."""
        super().__init__()
        self.numbers: w.Numbers | None = None
        self.trouble = ""

    def inside(self) -> Iterable[Widget]:
        """Return the figures and two plots."""
        plots = Container(PlotextPlot(id="hours"), PlotextPlot(id="latency"), id="plots")
        yield VerticalScroll(Plate(id="figures"), plots, id="page")

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Offer the owner's figures to whom they may be shown."""
        return self.console_app.desk.may("figures") if action == "weeks" else True

    def action_weeks(self) -> None:
        """Show more than one day, and what is behind each figure."""
        self.app.push_screen(FiguresScreen())

    def on_screen_resume(self) -> None:
        """Load what may have changed."""
        self.repaint()
        self.action_load()

    @work(exclusive=True, group="load")
    async def action_load(self) -> None:
        """Ask the server."""
        try:
            self.numbers = await self.console_app.house.ask("numbers", w.Numbers)
            self.trouble = ""
        except ConsoleError as error:
            self.trouble = str(error)
        self._plot()
        self.repaint()

    def paint(self, _: Desk) -> None:
        """Show the figures; the plots are drawn when they are loaded."""
        rows = figures(self.numbers, self.trouble, self.app.size.width - 6)
        self.put("figures", rows)

    def _plot(self) -> None:
        numbers = self.numbers
        begun = bool(numbers and any(numbers.by_hour))
        self.query_one("#hours").display = begun
        self.query_one("#latency").display = bool(numbers and numbers.rungs)
        if numbers is None:
            return
        primary = self.app.theme_variables["primary"]
        colour = (int(primary[1:3], 16), int(primary[3:5], 16), int(primary[5:7], 16))
        if begun:
            first, last = busy(numbers.by_hour)
            plot = self.query_one("#hours", PlotextPlot)
            plot.plt.clear_figure()
            hours = [str(hour) for hour in range(first, last + 1)]
            plot.plt.bar(hours, list(numbers.by_hour[first : last + 1]), color=colour, width=0.6)
            plot.plt.yticks(steps(max(numbers.by_hour)))
            plot.plt.title("Conversations begun, by hour")
            plot.refresh()
        if numbers.rungs:
            plot = self.query_one("#latency", PlotextPlot)
            plot.plt.clear_figure()
            plot.plt.multiple_bar(
                [one.rung for one in numbers.rungs],
                [[one.median_s for one in numbers.rungs], [one.p95_s for one in numbers.rungs]],
                color=[colour, (127, 127, 127)],  # type: ignore[arg-type]  # one for each series, says its guide
            )
            plot.plt.title("Seconds to the first word: median, then 95 of 100")
            plot.refresh()


def steps(most: int) -> list[float]:
    """Return whole numbers from 0 to about `most`, seven at most, for the side of a plot."""
    step = max(1, -(-most // 6))
    return [float(number) for number in range(0, most + 1, step)]


def busy(by_hour: tuple[int, ...]) -> tuple[int, int]:
    """Return the hours from which and to which something began; at least eight of them."""
    hours = [hour for hour, count in enumerate(by_hour) if count]
    first, last = min(hours), max(hours)
    return max(0, min(first, 23 - 7, last - 7)), min(23, max(last, first + 7))


def figures(numbers: w.Numbers | None, trouble: str, width: int) -> list[Row]:
    """Return the figures in words. Pure."""
    rows: list[Row] = [row()]
    if trouble:
        rows += [*paragraph(trouble, width, "urgent"), row()]
    if numbers is None:
        return rows if trouble else [row(), row(Piece("One moment ...", "dim"))]
    rows.append(row(Piece(f"{numbers.day}", "strong")))
    if not numbers.conversations:
        sold = [_figure(pair, width) for pair in _sold(numbers.trade)]
        return [*rows, row(), *paragraph(QUIET, width, "dim"), *([row(), *sold] if sold else [])]
    pairs = _pairs(numbers)
    half = (len(pairs) + 1) // 2
    if width < 100:  # noqa: PLR2004 - columns on which two figures stand side by side
        return [*rows, *(_figure(pair, width) for pair in pairs), row(), *_rungs(numbers)]
    for left, right in zip(pairs[:half], [*pairs[half:], ("", "", "")], strict=False):
        rows.append(row(*_figure(left, width // 2), *_figure(right, width // 2)))
    return [*rows, row(), *_rungs(numbers)]


def _pairs(n: w.Numbers) -> list[tuple[str, str, Tone]]:
    share = n.resolved / n.conversations
    thumbs = f"{n.thumbs_up} up, {n.thumbs_down} down" if n.thumbs_up + n.thumbs_down else "none given"
    stars = f"{n.stars:.1f} of 5, from {n.stars_given}" if n.stars_given else "none given"
    waited = f"{n.waiting_median_s:.0f} s median, {n.waiting_longest_s:.0f} s longest"
    drafts = ", ".join(f"{count} {verdict}" for verdict, count in n.drafts.items() if count)
    return [
        ("Conversations", f"{n.conversations} with {n.customer_messages} messages of customers", ""),
        ("Resolved", f"{n.resolved} ({share:.0%}) without a person", ""),
        ("Stars", stars, ""),
        ("Thumbs", thumbs, ""),
        ("Person wanted", f"{n.handovers} times", ""),
        ("Waited", waited if n.handovers > n.unserved else "nobody got a person yet", ""),
        ("Not served", f"{n.unserved}", "urgent" if n.unserved else ""),
        ("Suggestions", drafts or "none judged", ""),
        *_sold(n.trade),
    ]


def _sold(trade: w.Trade | None) -> list[tuple[str, str, Tone]]:
    if trade is None:
        return []
    sales = f"{trade.sales:,}, {trade.amount} together" if trade.sales else "none told by the till yet"
    ours = f"{trade.known:,} of them, {trade.known_amount}" if trade.sales else "none yet"
    return [
        ("Sales", sales, ""),
        ("To members", ours, ""),
        ("Points", f"{trade.issued:,} given, {trade.redeemed:,} spent", ""),
    ]


def _figure(pair: tuple[str, str, Tone], width: int) -> Row:
    name, text, tone = pair
    return row(Piece(f"{name:<14}", "dim"), Piece(fit(text, max(0, width - 14)), tone or "strong"))


def _rungs(numbers: w.Numbers) -> list[Row]:
    if not numbers.rungs:
        return [row(Piece("The assistant has not answered yet today.", "dim"))]
    head = f"{'How':<10}{'replies':>8}{'median':>10}{'95 of 100':>12}"
    rows = [row(Piece(head + "   to the first word", "dim"))]
    lines = (
        f"{one.rung:<10}{one.replies:>8}{one.median_s:>8.2f} s{one.p95_s:>10.2f} s" for one in numbers.rungs
    )
    return [*rows, *(row(line) for line in lines)]
