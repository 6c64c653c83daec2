"""Signatures by SM2 with SM3 (GB/T 32918.2, the curve of GB/T 32918.5)."""

from __future__ import annotations

from hub.proof.verifier.points import combined
from hub.proof.verifier.sm3 import sm3

SP = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SB = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SN = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SG = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
SIGNER_ID = b"1234567812345678"


def sm2_add(p: tuple[int, int] | None, q: tuple[int, int] | None) -> tuple[int, int] | None:
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0] and (p[1] + q[1]) % SP == 0:
        return None
    if p == q:
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, SP)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, SP)
    x = (slope * slope - p[0] - q[0]) % SP
    return x, (slope * (p[0] - x) - p[1]) % SP


def sm2_verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """`key` and `signature` are 64 bytes: x || y and r || s."""
    x, y, r, s = (
        int.from_bytes(part[n : n + 32], "big") for part in (key, signature) for n in (0, 32)
    )
    if max(x, y) >= SP or (y * y - x * x * x + 3 * x - SB) % SP:
        return False
    t = (r + s) % SN
    if not (0 < r < SN and 0 < s < SN and t):
        return False
    curve = b"".join(n.to_bytes(32, "big") for n in (SP - 3, SB, *SG))
    who = sm3((8 * len(SIGNER_ID)).to_bytes(2, "big") + SIGNER_ID + curve + key)
    found = combined(sm2_add, None, s, SG, t, (x, y))
    return found is not None and (int.from_bytes(sm3(who + message), "big") + found[0]) % SN == r
