"""Money between the owner's `7.40` and the ledger's 740 minor units, and how it is said."""

from decimal import Decimal
from fractions import Fraction

_NONE = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
_THREE = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}


def places(currency: str) -> int:
    """Return how many decimals the currency has (ISO 4217)."""
    return 0 if currency in _NONE else 3 if currency in _THREE else 2


def minor(amount: Decimal, currency: str) -> int:
    """Return minor units. Raises ValueError when the amount is finer than the smallest coin."""
    scaled = amount.scaleb(places(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is finer than the smallest coin of {currency}")
    return int(scaled)


def money(amount: int, currency: str) -> str:
    """Say minor units: "€7.40", "CHF 7.40"."""
    digits = places(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    number = f"{whole:,}.{rest:0{digits}d}" if digits else f"{whole:,}"
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'-' if amount < 0 else ''}{sign}{number}"


def number(value: Decimal | Fraction) -> str:
    """Say a number without trailing noughts: "1.25", "2"."""
    exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
    return f"{exact:.3f}".rstrip("0").rstrip(".")


def plural(count: int, one: str) -> str:
    """Say "1 point", "2 points"."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"
