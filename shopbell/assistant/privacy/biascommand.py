"""`shopbell audit bias`: twins ask the shop's assistant, and what they get is compared."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from random import Random

import msgspec
import rich_click as click

from shopbell.assistant import wire
from shopbell.assistant.bootstrap import Here, House, open_house
from shopbell.assistant.privacy.bias import MOST, Finding, Given, Pair, compare, judge
from shopbell.assistant.privacy.opening import shop_option, told
from shopbell.assistant.privacy.twins import twins

_SEED = 7
_WAIT_S = 300.0


@click.command("bias")
@click.option("--questions", default=40, show_default=True, type=click.IntRange(1, 1_000))
@click.option("--most", type=click.FloatRange(0, 1), default=None, help="One threshold for every measure.")
@click.option("--no-model", is_flag=True, help="Without the language model: quick, and of its rungs alone.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@shop_option
@click.pass_obj
def bias_command(
    here: Here, questions: int, most: float | None, no_model: bool, as_json: bool, shop: Path
) -> None:
    """Let twins ask the same, who differ in name, dialect, politeness or spelling; compare what they get."""
    with told():
        pairs = asyncio.run(_ask_all(here, shop, questions, with_model=not no_model))
    limits = MOST if most is None else dict.fromkeys(MOST, most)
    found = judge(pairs, limits, Random(_SEED))  # noqa: S311 - drawn again the same
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _print(found, limits)
    if any(one.fails for one in found):
        raise SystemExit(1)


async def _ask_all(here: Here, shop: Path, most: int, *, with_model: bool) -> tuple[Pair, ...]:
    with tempfile.TemporaryDirectory(prefix="shopbell-twins-") as scratch:
        copy = Path(shutil.copytree(shop, Path(scratch) / "shop"))  # what twins ask is no customer's question
        try:
            async with open_house(here, copy, watch=False) as house:
                if with_model:
                    await house.model_settled(_WAIT_S)
                else:
                    await house.model.stop()
                return await compare(twins(_questions(house, most)), lambda text: _ask(house, text))
        finally:
            shutil.rmtree(here.shop_dir(copy), ignore_errors=True)


def _questions(house: House, most: int) -> tuple[str, ...]:
    """Return the shop's own questions, spread over all it wrote."""
    titles = [one.title for one in house.library.passages if one.kind == "faq" and one.title.endswith("?")]
    return tuple(titles[:: max(1, len(titles) // most)][:most])


async def _ask(house: House, text: str) -> Given:
    reply: wire.Replied = await house.conversations.answer(text)
    first = reply.sources[0].id if reply.sources else ""
    return Given(
        about=first or reply.rung,
        length=len(reply.text),
        offers_person=reply.offer_person,
        handed_off=reply.rung == "person",
    )


def _print(found: tuple[Finding, ...], limits: dict[str, float]) -> None:
    click.echo(f"{'twins differ in':<16} {'measure':<8} {'pairs':>5} {'value':>7}  95 % interval     at most")
    for one in found:
        verdict = "FAILS" if one.fails else ""
        click.echo(
            f"{one.way:<16} {one.measure:<8} {one.pairs:>5} {one.value:>+7.3f}  "
            f"{one.low:+.3f} to {one.high:+.3f}  {limits[one.measure]:>5.2f}  {verdict}"
        )
