"""Declared: the modules that declare tables, so that all of them are known before rules are looked up."""

from shopbell.assistant import callbook as _callbook
from shopbell.assistant import ghostbook as _ghostbook
from shopbell.assistant import store as _store
from shopbell.assistant.insight import trends as _figures
from shopbell.assistant.outreach import tables as _outreach
from shopbell.assistant.privacy import tables as _privacy
from shopbell.assistant.staff import tables as _staff
from shopbell.knowledge import history as _history
from shopbell.knowledge import store as _knowledge
from shopbell.loyalty import casebook as _casebook
from shopbell.loyalty import holdingtables as _holding
from shopbell.loyalty import identity as _identity
from shopbell.loyalty import identitytries as _tries
from shopbell.loyalty import records as _records
from shopbell.loyalty import registry as _registry
from shopbell.loyalty import tables as _ledger
from shopbell.loyalty.reckoning import tables as _reckoning

DECLARED_BY = (
    *(
        _casebook,
        _figures,
        _ghostbook,
        _history,
        _holding,
        _identity,
        _knowledge,
        _ledger,
        _privacy,
        _records,
        _registry,
    ),
    *(_callbook, _outreach, _reckoning, _staff, _store, _tries),
)
"""The modules that declare tables: the rules are looked up in what they declared."""
