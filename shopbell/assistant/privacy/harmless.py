"""Tables that hold nothing of customers, and what they hold instead."""

NOT_ABOUT_CUSTOMERS = {
    "alembic_version": "the number of the database's form",
    "backup_made": "when backups were made",
    "computed_segment": "names and sums of groups, without who is in them",
    "consent_text": "the wordings that were shown to everybody",
    "document": "the shop's own files",
    "erased_person": "hashes that name nobody; kept so that a restored backup forgets them again",
    "ghost_topic": "how drafts of the assistant were judged, by topic",
    "figure_week": "figures of past weeks: shares and counts, of nobody in particular",
    "gap": "questions without an answer, of nobody in particular; those of an erased customer are dropped",
    "head": "the end of the ledger's chain",
    "passage": "the shop's own words",
    "reckoning": "how the nightly reckoning went: counts and errors, of nobody in particular",
    "report": "figures about the shop's answers",
    "retention_run": "when old data was removed",
    "sign_in_try": "when somebody tried to sign in, under digests that name nobody; removed after a month",
    "staff": "people of the staff",
    "staff_invitation": "people of the staff",
    "staff_session": "people of the staff",
    "till_key": "tills",
    "ware_habit": "how often articles are bought, when and together, of all receipts",
    "webhook_subscription": "other programs of the shop",
}
"""Table -> what it holds instead."""
