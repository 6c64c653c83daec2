"""Signatures by Ed25519 (RFC 8032); points in extended coordinates (x, y, z, t)."""

from __future__ import annotations

import hashlib

from hub.proof.verifier.points import combined

EP = 2**255 - 19
EL = 2**252 + 27742317777372353535851937790883648493
ED = -121665 * pow(121666, -1, EP) % EP


def ed_add(p: tuple[int, int, int, int], q: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * ED * p[3] * q[3], 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % EP, g * h % EP, f * g % EP, e * h % EP


def ed_point(data: bytes) -> tuple[int, int, int, int] | None:
    y, odd = int.from_bytes(data, "little") & 2**255 - 1, data[31] >> 7
    square = (y * y - 1) * pow(ED * y * y + 1, -1, EP) % EP
    x = pow(square, (EP + 3) // 8, EP)
    if x * x % EP != square:
        x = x * pow(2, (EP - 1) // 4, EP) % EP
    if y >= EP or x * x % EP != square or (x == 0 and odd):
        return None
    x = EP - x if x % 2 != odd else x
    return x, y, 1, x * y % EP


def ed25519_verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """`key` is 32 bytes, `signature` R || S."""
    s, point = int.from_bytes(signature[32:], "little"), ed_point(key)
    base = ed_point((4 * pow(5, -1, EP) % EP).to_bytes(32, "little"))
    if point is None or s >= EL:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % EL
    away = (EP - point[0], point[1], 1, EP - point[3])
    x, y, z, _ = combined(ed_add, (0, 1, 1, 0), s, base, k, away)
    x, y = x * pow(z, -1, EP) % EP, y * pow(z, -1, EP) % EP
    encoded: bytes = (y | (x & 1) << 255).to_bytes(32, "little")
    return encoded == signature[:32]
