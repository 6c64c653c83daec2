"""Valid numbers by the thousand, in the never assigned division 99: GB 11643, 32100, 11714.

Written apart from `quality.identifiers` on purpose: the generator and the check must not share a
mistake.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from sample.text import Numbers, Text, chosen, days, number_of, padded, texts

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_ORG_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RESIDENT_CHECKS = texts(list("10X98765432"))
_ORG_CHECKS = "0123456789X"
_BODIES = 31**6  # places of the running part of an organisation code
_LONG_FORM = date(1999, 10, 1)  # GB 11643-1999 in force
_STEP = 366_834_029  # prime to 31 and to 10: scatters running numbers without a collision

Places = NDArray[np.int64]  # (rows, characters): indices into an alphabet


def resident_ids(division: Numbers, born: Numbers, sequence: Numbers) -> Text:
    """18-character numbers from 6-digit divisions, birth days and 0..999 sequences."""
    body = padded(division, 6) + days(born, "%Y%m%d") + padded(sequence, 3)
    return body + resident_checks(body)


def resident_checks(bodies: Text) -> Text:
    """The check characters of 17-digit bodies (ISO 7064 MOD 11-2)."""
    digits = np.array(bodies.tolist(), dtype="U17").view("U1").reshape(-1, 17).astype(np.int64)
    weights = np.array([2 ** (17 - place) % 11 for place in range(17)])
    checks: Text = _RESIDENT_CHECKS[digits @ weights % 11]
    return checks


def legacy_resident_ids(numbers: Text, born: Numbers) -> Text:
    """The 15-digit forms of people born before the long form came in; else None."""
    short = texts([n[:6] + n[8:17] for n in numbers.tolist()])
    return chosen(born < number_of(_LONG_FORM), short)


def _organisation_places(running: Numbers, old: NDArray[np.bool_]) -> Places:
    """Nine indices into the 31 characters: eight of body and the GB 11714 check."""
    rows = len(running)
    places = np.zeros((rows, 9), dtype=np.int64)
    digits = (running * _STEP + 7) % 10**8
    letters = (running * _STEP + 7) % _BODIES
    for place in range(8):
        places[old, place] = digits[old] // 10 ** (7 - place) % 10
    new = ~old
    places[new, 0], places[new, 1] = USCC_ALPHABET.index("M"), USCC_ALPHABET.index("A")
    for place in range(6):
        places[new, place + 2] = letters[new] // 31 ** (5 - place) % 31
    values = np.array([_ORG_VALUES.index(c) for c in USCC_ALPHABET])
    total = values[places[:, :8]] @ np.array([3, 7, 9, 10, 5, 8, 4, 2])
    check = np.array([USCC_ALPHABET.index(c) for c in _ORG_CHECKS + "0"])
    places[:, 8] = check[11 - total % 11]
    return places


def usccs(prefix: str, division: Numbers, running: Numbers, old: NDArray[np.bool_]) -> Text:
    """USCCs of one registering authority; `old` ones carry an organisation code of digits."""
    rows = len(running)
    places = np.zeros((rows, 18), dtype=np.int64)
    for place, letter in enumerate(prefix):
        places[:, place] = USCC_ALPHABET.index(letter)
    for place in range(6):
        places[:, 2 + place] = division // 10 ** (5 - place) % 10
    places[:, 8:17] = _organisation_places(running, old)
    weights = np.array([pow(3, place, 31) for place in range(17)])
    places[:, 17] = (31 - places[:, :17] @ weights % 31) % 31
    letters = np.array(list(USCC_ALPHABET))[places]
    return texts(np.ascontiguousarray(letters).view("U18").ravel().tolist())


def registration_numbers(division: Numbers, running: Numbers) -> Text:
    """15-digit business registration numbers, check digit by ISO 7064 MOD 11,10."""
    body = padded(division, 6) + padded(running, 8)
    digits = np.array(body.tolist(), dtype="U14").view("U1").reshape(-1, 14).astype(np.int64)
    product = np.full(len(body), 10)
    for place in range(14):
        total = (product + digits[:, place]) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    return body + padded((11 - product) % 10, 1)
