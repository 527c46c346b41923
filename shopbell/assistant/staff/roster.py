"""The roster: accounts, invitations and sessions of the staff in the database. Every call blocks."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from shopbell.assistant.errors import BadLogin, BadRequest, NameTaken, NoSuchStaff
from shopbell.assistant.staff.audit import Action, AuditLog
from shopbell.assistant.staff.names import key_of
from shopbell.assistant.staff.passwords import fingerprint
from shopbell.assistant.staff.sessions import Member, end_all, stamp
from shopbell.assistant.staff.tables import invitation, session, staff
from shopbell.assistant.staffwire import Account, Role
from shopbell.storage.database import reading

INVITED_FOR = timedelta(hours=24)
_STALE_CODE = "That code is not known, was used, or is too old. Ask the owner for another one."


class Roster:
    """Who works here."""

    def __init__(self, engine: sa.Engine, audit: AuditLog, clock: Callable[[], datetime]) -> None:
        """Take the database, the log every change is written to, and the time."""
        self._engine = engine
        self._audit = audit
        self._clock = clock

    # --- accounts ------------------------------------------------------------------------------------------

    def has_owner(self) -> bool:
        """Say whether an owner can sign in."""
        query = sa.select(staff.c.id).where(
            staff.c.role == "owner", staff.c.password.is_not(None), staff.c.revoked_at.is_(None)
        )
        with reading(self._engine) as db:
            return db.execute(query.limit(1)).first() is not None

    def accounts(self) -> tuple[Account, ...]:
        """Return everybody, by name."""
        last = sa.select(sa.func.max(session.c.seen_at)).where(session.c.staff == staff.c.id)
        query = sa.select(staff, last.scalar_subquery().label("seen")).order_by(staff.c.id)
        with reading(self._engine) as db:
            return tuple(
                Account(
                    name=row.name,
                    role=row.role,
                    state="revoked" if row.revoked_at else "active" if row.password else "invited",
                    created_at=datetime.fromisoformat(row.created_at),
                    seen_at=datetime.fromisoformat(row.seen) if row.seen else None,
                )
                for row in db.execute(query)
            )

    def add(self, actor: str, name: str, role: Role, code: str) -> datetime:
        """Add somebody, who chooses a password with `code`; return until when. Raises NameTaken.

        A revoked account may be added anew.
        """
        with self._engine.begin() as db:
            found = db.execute(sa.select(staff).where(staff.c.id == key_of(name))).one_or_none()
            if found is not None and found.revoked_at is None:
                raise NameTaken(f"{found.name} is on the staff already. Choose another name.")
            fresh = {"name": name, "role": role, "password": None, "revoked_at": None}
            if found is None:
                db.execute(staff.insert().values(id=key_of(name), created_at=self._now(), **fresh))
            else:
                db.execute(staff.update().where(staff.c.id == key_of(name)).values(fresh))
            self._audit.add(db, actor, "account-added", name, {"role": role})
            return self._invite(db, key_of(name), role, code)

    def change_role(self, actor: str, name: str, role: Role) -> None:
        """Give somebody another role; raises NoSuchStaff, or BadRequest for the last owner."""
        self._change(actor, name, "account-role", {"role": role}, keeps_owner=role == "owner")

    def revoke(self, actor: str, name: str) -> None:
        """End an account and its sessions; raises NoSuchStaff, or BadRequest for the last owner."""
        changes = {"revoked_at": self._now(), "password": None}
        self._change(actor, name, "account-revoked", changes, keeps_owner=False)

    def reset(self, actor: str, name: str, code: str) -> tuple[Role, datetime]:
        """Void somebody's password and sessions; `code` lets them choose another."""
        with self._engine.begin() as db:
            row = row_of(db, name)
            db.execute(staff.update().where(staff.c.id == row.id).values(password=None))
            end_all(db, row.id, self._now())
            self._audit.add(db, actor, "account-reset", row.name)
            return row.role, self._invite(db, row.id, row.role, code)

    # --- passwords and invitations -------------------------------------------------------------------------

    def password_of(self, name: str) -> str | None:
        """Return the hash of the password; None when nobody of that name can sign in."""
        with reading(self._engine) as db:
            query = sa.select(staff.c.password).where(
                staff.c.id == key_of(name), staff.c.revoked_at.is_(None)
            )
            return db.execute(query).scalar_one_or_none()

    def invite_owner(self, code: str) -> datetime:
        """Let whoever has `code` become the first owner; earlier such codes end."""
        with self._engine.begin() as db:
            open_ones = invitation.c.staff.is_(None) & invitation.c.used_at.is_(None)
            db.execute(invitation.update().where(open_ones).values(used_at=self._now()))
            return self._invite(db, None, "owner", code)

    def invited(self, code: str) -> str | None:
        """Return whom a code invites; None for the first owner, who has no name yet. Raises BadLogin."""
        with reading(self._engine) as db:
            row = self._invitation(db, code)
            if row.staff is None:
                return None
            return str(db.execute(sa.select(staff.c.name).where(staff.c.id == row.staff)).scalar_one())

    def join(self, code: str, name: str, password: str) -> str:
        """Use a code: keep the password's hash and return the name. Raises BadLogin or NameTaken."""
        with self._engine.begin() as db:
            row = self._invitation(db, code)
            db.execute(
                invitation.update()
                .where(invitation.c.code_hash == fingerprint(code))
                .values(used_at=self._now())
            )
            member = row.staff
            if member is None:
                member = key_of(name)
                if db.execute(sa.select(staff.c.id).where(staff.c.id == member)).first():
                    raise NameTaken(f"{name} is on the staff already. Choose another name.")
                owner = {"name": name, "role": "owner", "created_at": self._now()}
                db.execute(staff.insert().values(id=member, **owner))
            db.execute(staff.update().where(staff.c.id == member).values(password=password))
            found = row_of(db, member)
            self._audit.add(db, found.name, "join", found.name, {"role": found.role})
            return str(found.name)

    def keep_password(self, member: Member, password: str) -> None:
        """Keep the hash of somebody's new password; their other sessions end."""
        with self._engine.begin() as db:
            key = key_of(member.name)
            db.execute(staff.update().where(staff.c.id == key).values(password=password))
            end_all(db, key, self._now(), but=member.session)
            self._audit.add(db, member.name, "password-changed", member.name)

    # --- inside --------------------------------------------------------------------------------------------

    def _now(self) -> str:
        return stamp(self._clock())

    def _invite(self, db: sa.Connection, member: str | None, role: Role, code: str) -> datetime:
        ends = self._clock() + INVITED_FOR
        kept = {"code_hash": fingerprint(code), "staff": member, "role": role, "ends_at": stamp(ends)}
        if member is not None:
            before = (invitation.c.staff == member) & invitation.c.used_at.is_(None)
            db.execute(invitation.update().where(before).values(used_at=self._now()))
        db.execute(invitation.insert().values(kept))
        return ends

    def _invitation(self, db: sa.Connection, code: str) -> sa.Row[tuple[object, ...]]:
        query = sa.select(invitation).where(
            invitation.c.code_hash == fingerprint(code),
            invitation.c.used_at.is_(None),
            invitation.c.ends_at > self._now(),
        )
        row = db.execute(query).one_or_none()
        if row is None:
            raise BadLogin(_STALE_CODE)
        return row

    def _change(
        self, actor: str, name: str, action: Action, changes: dict[str, str | None], *, keeps_owner: bool
    ) -> None:
        with self._engine.begin() as db:
            row = row_of(db, name)
            if row.role == "owner" and not keeps_owner and _owners(db) == 1:
                raise BadRequest(f"{row.name} is the only owner. Make somebody else an owner first.")
            db.execute(staff.update().where(staff.c.id == row.id).values(changes))
            if "revoked_at" in changes:
                end_all(db, row.id, self._now())
            detail = {"role": changes["role"] or ""} if "role" in changes else {}
            self._audit.add(db, actor, action, row.name, detail)


def row_of(db: sa.Connection, name: str) -> sa.Row[tuple[object, ...]]:
    """Return an account that was not revoked; raises NoSuchStaff."""
    query = sa.select(staff).where(staff.c.id == key_of(name), staff.c.revoked_at.is_(None))
    row = db.execute(query).one_or_none()
    if row is None:
        raise NoSuchStaff(f"Nobody called {name} is on the staff.")
    return row


def _owners(db: sa.Connection) -> int:
    owners = sa.select(sa.func.count()).select_from(staff)
    owners = owners.where(staff.c.role == "owner", staff.c.revoked_at.is_(None))
    return int(db.execute(owners).scalar_one())
