"""Programs that write to a ledger and are ended by force: what they acknowledge stands in a file."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty.ledger import Ledger
from shopbell.storage.database import open_database

T0 = datetime(2026, 1, 1, tzinfo=UTC)
WRITERS = 8


def keep_writing(database: str, acks: str, next_numbers: list[int]) -> None:
    """Earn a point per operation on eight threads until killed; each key is noted once it is acknowledged."""
    ledger = Ledger(open_database(Path(database)))
    out = os.open(acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def writer(number: int) -> None:
        n = next_numbers[number]
        while True:
            key = f"{number}-{n}"
            ledger.accrue(o.Accrue(key=key, at=T0, owner=f"c{number}", unit="points", points=1))
            os.write(out, f"{key}\n".encode())
            n += 1

    threads = [Thread(target=writer, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def script(n: int, earned: str) -> o.Request:
    """Return the n-th operation of the recorded day: earning, spending, holding, redeeming."""
    owner, unit = f"c{n // 4 % 5}", "points"
    match n % 4:
        case 0:
            return o.Accrue(key=f"k{n}", at=T0, owner=owner, unit=unit, points=10)
        case 1:
            return o.Spend(key=f"k{n}", at=T0, owner=owner, unit=unit, points=3)
        case 2:
            return o.Hold(key=f"k{n}", at=T0, owner=owner, unit=unit, points=2)
        case _:
            return o.RedeemHold(key=f"k{n}", at=T0, hold=earned)


def record(folder: Path, synchronous: str, operations: int) -> None:
    """Run the script on `folder/shop.db`, noting each acknowledgement, and leave without closing anything."""
    engine = open_database(folder / "shop.db")

    def settings(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.execute("PRAGMA wal_autocheckpoint = 150")  # several checkpoints in a short day

    sa.event.listen(engine, "connect", settings)
    engine.dispose()
    ledger = Ledger(engine)
    out = os.open(folder / "acks", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for n in range(operations):
        ledger.post(script(n, f"k{n - 1}"))
        os.write(out, f"k{n}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    record(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
