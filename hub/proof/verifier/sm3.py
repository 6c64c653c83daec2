"""The digest SM3 (GB/T 32905)."""

from __future__ import annotations

import hashlib


def sm3(data: bytes) -> bytes:
    """Digest of 32 bytes; Python's own where it has one."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        return own_sm3(data)


def own_sm3(data: bytes) -> bytes:
    """The same in plain Python."""
    mask = 0xFFFFFFFF

    def left(x: int, n: int) -> int:
        return ((x << n % 32) | ((x & mask) >> (32 - n % 32))) & mask

    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    state = [
        *(0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600),
        *(0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E),
    ]
    for at in range(0, len(padded), 64):
        w = [int.from_bytes(padded[at + n : at + n + 4], "big") for n in range(0, 64, 4)]
        for n in range(16, 68):
            x = w[n - 16] ^ w[n - 9] ^ left(w[n - 3], 15)
            w.append(x ^ left(x, 15) ^ left(x, 23) ^ left(w[n - 13], 7) ^ w[n - 6])
        a, b, c, d, e, f, g, h = state
        for n in range(64):
            turn = left(0x79CC4519 if n < 16 else 0x7A879D8A, n)
            one = left(left(a, 12) + e + turn & mask, 7)
            two = one ^ left(a, 12)
            ff = a ^ b ^ c if n < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if n < 16 else (e & f) | (~e & mask & g)
            first = ff + d + two + (w[n] ^ w[n + 4]) & mask
            second = gg + h + one + w[n] & mask
            a, b, c, d = first, a, left(b, 9), c
            e, f, g, h = second ^ left(second, 9) ^ left(second, 17), e, left(f, 19), g
        state = [state[n] ^ x for n, x in enumerate((a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in state)
