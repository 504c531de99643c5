"""Ed25519 by the arithmetic of RFC 8032, section 5.1, to check signatures on a path that shares nothing with the product's."""

from __future__ import annotations

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _added(a: Point, b: Point) -> Point:
    product = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + product, P - 2, P) % P
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, P - 2, P) % P
    return x, y


def _times(point: Point, number: int) -> Point:
    found = (0, 1)
    while number:
        if number & 1:
            found = _added(found, point)
        point = _added(point, point)
        number >>= 1
    return found


def _point(content: bytes) -> Point | None:
    packed = int.from_bytes(content, "little")
    y, sign = packed & (2**255 - 1), packed >> 255
    x = _x_of(y, sign) if y < P else None
    return None if x is None else (x, y)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE: Point = (_x_of(BASE_Y, 0) or 0, BASE_Y)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's on the message."""
    key, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= ORDER or len(signature) != 64:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return _times(BASE, s) == _added(r, _times(key, h))
