"""`shopbell loyalty keys` and `shopbell loyalty hooks`: who may call, and who is told."""

from pathlib import Path

import rich_click as click

from shopbell.loyalty.opening import Place, json_option, now, opened, print_json, shop_option
from shopbell.loyalty.printout import table
from shopbell.loyalty.tills import Scope

_DEFAULT = (Scope.SALES_WRITE, Scope.REWARDS_REDEEM, Scope.READ)


@click.group("keys")
def keys_group() -> None:
    """Keys of the tills."""


@keys_group.command("create")
@click.argument("till")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=[scope.value for scope in _DEFAULT],
    show_default=True,
    help="What it may be used for; give it several times for several.",
)
@shop_option
@json_option
@click.pass_obj
def create_key(place: Place, till: str, scopes: tuple[str, ...], shop: Path, as_json: bool) -> None:
    """Make the key of TILL, and print it this once."""
    with opened(place, shop, as_json=as_json) as room:
        new = room.tills.create(till, [Scope(scope) for scope in scopes], now())
    if as_json:
        print_json(new)
        return
    click.echo(f"The key of {till}. It is shown now and never again:")
    click.echo(f"  {new.text}")


@keys_group.command("list")
@shop_option
@json_option
@click.pass_obj
def list_keys(place: Place, shop: Path, as_json: bool) -> None:
    """List the keys and when each was last used."""
    with opened(place, shop, as_json=as_json) as room:
        keys = room.tills.keys()
    if as_json:
        print_json(keys)
        return
    table(
        ("key", "till", "may", "last used", "state"),
        [
            (
                key.id,
                key.till,
                " ".join(sorted(key.scopes)),
                f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never",
                "revoked" if key.revoked_at else "in use",
            )
            for key in keys
        ],
    )


@keys_group.command("revoke")
@click.argument("key")
@shop_option
@json_option
@click.pass_obj
def revoke_key(place: Place, key: str, shop: Path, as_json: bool) -> None:
    """Let KEY (its id, from the list) in no more, from the next request on."""
    with opened(place, shop, as_json=as_json) as room:
        room.tills.revoke(key, now())
    if as_json:
        print_json({"revoked": key})
    else:
        click.echo(f"{key} lets nobody in any more.")


@click.group("hooks")
def hooks_group() -> None:
    """Webhooks: who is told what happens, and what became of the messages."""


@hooks_group.command("add")
@click.argument("url")
@click.option(
    "--event", "events", multiple=True, default=["*"], show_default=True, help="Such as points.adjusted."
)
@click.option("--public", is_flag=True, help="Allow an address outside the shop's own network (https only).")
@shop_option
@json_option
@click.pass_obj
def add_hook(
    place: Place, url: str, events: tuple[str, ...], public: bool, shop: Path, as_json: bool
) -> None:
    """Tell URL what happens, and print the secret that signs the messages this once."""
    with opened(place, shop, as_json=as_json) as room:
        new = room.subscriptions.subscribe(url, events, now(), public=public)
    if as_json:
        print_json(new)
        return
    click.echo(f"{new.subscription.id} is told. Its secret is shown now and never again:")
    click.echo(f"  {new.secret}")


@hooks_group.command("list")
@shop_option
@json_option
@click.pass_obj
def list_hooks(place: Place, shop: Path, as_json: bool) -> None:
    """List who is told."""
    with opened(place, shop, as_json=as_json) as room:
        hooks = room.subscriptions.all()
    if as_json:
        print_json(hooks)
        return
    table(
        ("hook", "address", "events", "network"),
        [
            (each.id, each.url, " ".join(sorted(each.events)), "public" if each.public else "own")
            for each in hooks
        ],
    )


@hooks_group.command("remove")
@click.argument("hook")
@shop_option
@json_option
@click.pass_obj
def remove_hook(place: Place, hook: str, shop: Path, as_json: bool) -> None:
    """Tell HOOK nothing more; what waits for it is dropped."""
    with opened(place, shop, as_json=as_json) as room:
        room.subscriptions.unsubscribe(hook, now())
    if as_json:
        print_json({"removed": hook})
    else:
        click.echo(f"{hook} is told nothing more.")


@hooks_group.command("log")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@shop_option
@json_option
@click.pass_obj
def hook_log(place: Place, limit: int, shop: Path, as_json: bool) -> None:
    """Show the latest tries to deliver."""
    with opened(place, shop, as_json=as_json) as room:
        attempts = room.outbox.log(limit)
    if as_json:
        print_json(attempts)
        return
    table(
        ("delivery", "when", "event", "state", "outcome"),
        [
            (each.delivery, f"{each.at:%Y-%m-%d %H:%M:%S}", each.event, each.state, each.outcome.words)
            for each in attempts
        ],
    )


@hooks_group.command("redeliver")
@click.argument("delivery", type=int)
@shop_option
@json_option
@click.pass_obj
def redeliver(place: Place, delivery: int, shop: Path, as_json: bool) -> None:
    """Send DELIVERY (a number of the log) again; the running server does it within seconds."""
    with opened(place, shop, as_json=as_json) as room:
        room.outbox.redeliver(delivery, now())
    if as_json:
        print_json({"redelivered": delivery})
    else:
        click.echo(f"Delivery {delivery} goes out again.")
