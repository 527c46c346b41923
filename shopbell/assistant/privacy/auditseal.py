"""The audit log after a person was renamed in it: its chain is sealed anew and can be followed again."""

import sqlalchemy as sa

from shopbell.assistant.staff.tables import audit
from shopbell.storage.chain import GENESIS, seal


def reseal_audit(db: sa.Connection) -> None:
    """Seal the log anew from the first line that does not hold; its laws have to be lifted meanwhile."""
    before = GENESIS
    for row in db.execute(sa.select(audit).order_by(audit.c.seq)).all():
        digest = seal(before, row.seq, row.at, row.actor, row.action, row.target, row.detail)
        if (bytes(row.prev_hash), bytes(row.hash)) != (before, digest):
            changed = audit.update().where(audit.c.seq == row.seq)
            db.execute(changed.values(prev_hash=before, hash=digest))
        before = digest
