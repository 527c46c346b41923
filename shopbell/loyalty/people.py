"""People of the simulated shop. Family names are made up; numbers and addresses are reserved for fiction.

Phone numbers are from the ranges Ofcom keeps for television and radio drama (07700 900000 to 900999 and
020 7946 0000 to 0999); addresses are at example.com (RFC 2606).
"""

from datetime import date
from random import Random

_GIVEN = (
    "Aisha Alasdair Amara Anil Anneliese Bashir Beatriz Bronwen Carys Chidi Ciaran Daichi Delphine "
    "Dimitri Eilidh Ekene Emeka Esra Fatima Femi Fiona Florin Freya Gareth Giulia Grainne Haruka Hamza "
    "Henrietta Idris Ifeoma Ines Isla Jaroslav Jasmin Joaquin Kavya Kenji Kofi Lakshmi Leila Linh "
    "Lorcan Magda Mairead Malik Marisol Mehmet Mei Nadia Niamh Nkechi Oisin Olena Omar Parveen Pilar "
    "Priya Quentin Rafael Rania Rhys Rosalind Samir Sanjay Saoirse Seren Shu Siobhan Sunita Tadeusz "
    "Tamsin Thandiwe Tomasz Uma Valentina Wanjiru Winifred Xiomara Yara Yusuf Zainab Zdenka"
).split()
_BEGINNINGS = (
    "Amber Birk Calder Dusk Elder Fenn Gorse Hazel Iron Juniper Kestrel Lark Marl Nettle Orrin".split()
)
_ENDINGS = "bourne croft dale field garth ham holt leigh mere row shaw stead thwaite wick worth".split()
MOST = 2_000
"""People at most: so many fictional numbers there are."""


def name(random: Random) -> str:
    """Return a made-up name."""
    return f"{random.choice(_GIVEN)} {random.choice(_BEGINNINGS)}{random.choice(_ENDINGS)}"


def phone(number: int) -> str:
    """Return the fictional phone number of the person with this number, from 0 to `MOST` - 1."""
    return f"+447700900{number:03d}" if number < MOST // 2 else f"+442079460{number - MOST // 2:03d}"


def email(called: str, number: int) -> str:
    """Return an address that belongs to nobody."""
    return f"{called.lower().replace(' ', '.')}.{number}@example.com"


def birthday(random: Random, year: int) -> date:
    """Return a birthday that makes somebody 18 to 84 years old in `year`; one in 366 is on 29 February."""
    born = date(year - random.randint(18, 84), 1, 1)
    month, day = random.choice([(2, 29)] * 4 + [(1 + n % 12, 1 + n % 28) for n in range(1, 1461)])
    leap = born.year % 4 == 0  # true of every year from 1901 to 2099
    return born.replace(month=month, day=day if leap or (month, day) != (2, 29) else 28)
