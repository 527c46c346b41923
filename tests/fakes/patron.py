"""What the server says of customers, for a console without a server."""

from datetime import UTC, date, datetime

import msgspec

from shopbell.assistant import staffwire as w

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
HELD = w.HoldRow(
    hold="h1",
    customer="c0042",
    name="Niamh Fennmere",
    reward="£5 off your bill",
    points=100,
    state="reserved",
    until=AT,
)
PATRON = w.Patron(
    customer="c0042",
    name="Niamh Fennmere",
    tier="Beacon",
    standing="You are at Beacon. Beacon is kept until 1 February 2027, and there is no level above it.",
    vip=True,
    member_since=date(2025, 3, 12),
    phone="***123",
    email="n***@...",
    birthday="24 November",
    birthday_in=3,
    points=1_340,
    purses=(
        w.Purse(name="Points", amount="1,340 points", note="20 more later"),
        w.Purse(name="Balance", amount="£12.50"),
        w.Purse(name="Coffee card", amount="3 of 9 stamps"),
    ),
    visits=(
        w.VisitRow(day=date(2026, 11, 19), amount="£7.40", things=("Flat white", "Almond croissant")),
        w.VisitRow(day=date(2026, 11, 14), amount="£38.00", things=("Birthday cake, ten inches",)),
        w.VisitRow(day=date(2026, 11, 12), amount="£3.40", things=("Flat white",)),
    ),
    usual=("Flat white", "Almond croissant"),
    complaints=(
        w.ComplaintRow(
            number=7,
            day=date(2026, 11, 15),
            text="The cake for Saturday had the wrong name on it.",
            wanted="a new cake",
        ),
    ),
    consents=(
        w.ConsentRow(purpose="history", given=True, day=date(2025, 3, 12)),
        w.ConsentRow(purpose="marketing", given=False, day=date(2025, 3, 12)),
    ),
    rewards=(
        w.RewardRow(reward="five-off", name="£5 off your bill", cost=100, can=True),
        w.RewardRow(
            reward="free-hot-drink", name="a free hot drink, any size and any milk", cost=0, can=True
        ),
        w.RewardRow(
            reward="cupping", name="a cupping for two", cost=2_000, can=False, why="660 points short."
        ),
    ),
    holds=(HELD,),
    merges=(w.MergeRow(merge=3, source="c0397", name="Niamh Fenmere", day=date(2026, 10, 2), by="Mara"),),
    most=200,
)
BARE = w.Patron(
    customer="c0511",
    name="Guest 511",
    tier="",
    member_since=date(2026, 11, 20),
    standing="",
    vip=False,
    phone="",
    email="",
    birthday="",
    birthday_in=None,
    points=0,
    purses=(w.Purse(name="Points", amount="0 points"),),
    visits=(),
    usual=(),
    complaints=(),
    consents=(w.ConsentRow(purpose="history", given=False, day=date(2026, 11, 20)),),
    rewards=(),
    holds=(),
    merges=(),
    most=0,
)
"""Somebody of whom hardly anything is known, before a clerk who may give nothing."""
ROWS = w.CustomerRows(
    rows=(
        w.CustomerRow(
            customer="c0042",
            name="Niamh Fennmere",
            phone="***123",
            email="n***@...",
            tier="Beacon",
            points=1_340,
            last_visit=date(2026, 11, 19),
        ),
        w.CustomerRow(
            customer="c0397", name="Niamh Fenmere", phone="", email="n***@...", tier="Spark", points=20
        ),
    ),
    more=True,
)
REQUESTS = w.Requests(
    requests=(
        w.Awarded(
            request="Ben:k1",
            customer="c0042",
            name="Niamh Fennmere",
            points=300,
            reason="Birthday cake with the wrong name, and she had to come twice",
            by="Ben",
            at=AT,
            state="waiting",
        ),
        w.Awarded(
            request="Anna:k2",
            customer="c0101",
            name="Tadeusz Larkholt",
            points=250,
            reason="Grinder came back broken",
            by="Anna",
            at=AT,
            state="waiting",
        ),
    )
)
ANSWERS: dict[str, msgspec.Struct] = {
    "customers/find": ROWS,
    "customers/card": PATRON,
    "customers/sign-in-code": w.SignInCode(code="481 203", ends_at=AT),
    "customers/unlock": w.Kept(text="The PIN can be tried again."),
    "customers/new-card": w.LoyaltyCard(text="SBC1-0123456789abcdef0123", svg=""),
    "customers/reveal": w.Revealed(field="phone", text="+447700900123"),
    "customers/recognise": w.Kept(),
    "customers/complaints/settle": w.Kept(),
    "customers/award": msgspec.structs.replace(
        REQUESTS.requests[0], request="Anna:k1", by="Anna", points=50, state="done", points_now=1_390
    ),
    "customers/requests": REQUESTS,
    "customers/requests/decide": msgspec.structs.replace(REQUESTS.requests[0], state="done"),
    "customers/rewards/look": HELD,
    "customers/rewards/set-aside": msgspec.structs.replace(HELD, code="7K4QW-2M9XA"),
    "customers/rewards/redeem": msgspec.structs.replace(HELD, state="redeemed", points_left=1_240),
    "customers/rewards/undo": msgspec.structs.replace(HELD, state="undone"),
    "customers/twins/preview": w.MergePreview(
        source=ROWS.rows[1],
        target=ROWS.rows[0],
        joined=(
            w.Purse(name="Points", amount="1,360 points"),
            w.Purse(name="Balance", amount="£12.50"),
        ),
        standing="You are at Beacon.",
        withdrawn=("marketing",),
    ),
    "customers/twins/join": w.Merged(merge=4, source="c0397", target="c0042", undone=False),
    "customers/twins/part": w.Merged(merge=3, source="c0397", target="c0042", undone=True),
}
