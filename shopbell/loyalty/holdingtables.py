"""What was done to packs, and which segments a customer was in: added, never changed."""

import sqlalchemy as sa

from shopbell.storage.columns import texts, whole
from shopbell.storage.database import metadata

pack_step = sa.Table(
    "pack_step",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # the client's own: the same again is done once
    *texts("customer", "pack", "what", "by", "at"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    *texts("result"),
    sa.Index("ix_pack_step_customer", "customer"),
)
segment_change = sa.Table(
    "segment_change",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    *texts("customer", "segments", "reason", "by", "at"),  # segments: a JSON list
    sa.Index("ix_segment_change_customer", "customer", "id"),
)
