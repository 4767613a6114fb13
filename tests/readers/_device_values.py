"""What a user types or scans: addresses, links, digits, unlock codes (core/PROTOCOL.md, sections 2, 3, 4 and 10)."""

import base64
import ipaddress
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

LINK, QR_CODE, TYPED, CONTACT = 1, 2, 3, 4
OFFLINE_ALLOWED, CONFIRM = 1, 2
TYPED_PROFILE = bytes.fromhex("0208001e")
MAX_TEXT = 2048
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Refused(Exception):
    """Nothing is stored and nothing is sent."""


def require(fits: bool, reason: str) -> None:
    if not fits:
        raise Refused(reason)


# Section 4: digits


def luhn_digit(digits: str) -> str:
    """The check digit of ISO/IEC 7812-1 annex B of `digits`."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


def checked(digits: str) -> str:
    return digits + luhn_digit(digits)


def check_digit_fits(digits: str) -> bool:
    return luhn_digit(digits[:-1]) == digits[-1]


def typed_digits(text: str, length: int, name: str) -> str:
    """A typed value with a check digit; hyphens and white space do not count."""
    digits = "".join(c for c in text if c != "-" and not c.isspace())
    require(re.fullmatch(r"[0-9]+", digits) is not None, f"{name}: not digits")
    require(len(digits) == length, f"{name}: {len(digits)} digits instead of {length}")
    if not check_digit_fits(digits):
        raise Refused(f"{name}: the check digit does not fit{swap_hint(digits)}")
    return digits


def swap_hint(digits: str) -> str:
    """Where the first two neighbours stand whose swap would make the check digit fit."""
    for at in range(len(digits) - 1):
        swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        if swapped != digits and check_digit_fits(swapped):
            return f", swapped at {at}?"
    return ""


def password_digits(text: str) -> str:
    """The password of a QR code: exactly eight ASCII digits."""
    require(re.fullmatch(r"[0-9]{8}", text) is not None, "password: not eight digits")
    return text


# Section 2: addresses


def canonical_host(host: str) -> str:
    """The canonical spelling of an ASCII host. (Unicode needs UTS #46, which this device does without.)"""
    if host.startswith("["):
        try:
            ip = ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]"))
        except ValueError:
            raise Refused("address: IPv6") from None
        require(ip.ipv4_mapped is None and ip.scope_id is None, "address: IPv6")
        return f"[{ip}]"
    host = host.lower()
    require(len(host) <= 253, "address: too long")
    labels = host.split(".")
    for label in labels:
        require(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) is not None, "address: label")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise Refused("address: not an IPv4 address") from None
    return host


def is_loopback(address: str) -> bool:
    host = re.sub(r":[0-9]+$", "", address)
    return (
        host in ("localhost", "[::1]")
        or host.endswith(".localhost")
        or re.fullmatch(r"127(\.[0-9]+){3}", host) is not None
    )


def typed_address(text: str) -> str:
    """The canonical spelling of an address that a user typed."""
    scheme, rest = re.fullmatch(r"(https?://)?(.*)", text.strip(), re.IGNORECASE | re.DOTALL).groups()
    parts = re.fullmatch(r"(\[[^\]]*\]|[^:/?#@\[\]]+)(?::(0|[1-9][0-9]{0,4}))?/?", rest)
    require(parts is not None, "address: not host or host:port")
    host, port = canonical_host(parts[1]), int(parts[2]) if parts[2] else None
    if (scheme or "").lower() == "http://":
        require(is_loopback(host), "address: http")
        port = 80 if port is None else port
    require(port is None or 1 <= port <= 65535, "address: port")
    address = host if port in (None, 443) else f"{host}:{port}"
    require(len(address) <= 64, "address: too long")
    return address


def base_url(address: str) -> str:
    """https, and plain http to loopback hosts unless the port is 443 (section 2)."""
    has_port = re.search(r":[0-9]+$", address) is not None
    return ("http://" if is_loopback(address) and has_port else "https://") + address


# Sections 3 and 7.2: orders


@dataclass(frozen=True)
class Order:
    """What a door's text says, without its secret: the header of section 7.2."""

    mode: int
    flags: int
    activation_id: bytes
    issuer_key: bytes
    serial: str
    profile: bytes
    expiry: int
    address: str

    def header(self) -> bytes:
        return (
            bytes([2, self.mode, self.flags])
            + self.activation_id
            + self.issuer_key
            + serial_bytes(self.serial)
            + self.profile
            + self.expiry.to_bytes(4, "big")
            + self.address.encode("ascii")
        )

    @property
    def confirmed(self) -> bool:
        return bool(self.flags & CONFIRM)


def serial_bytes(serial: str) -> bytes:
    return int(serial).to_bytes(5, "big")


def small_order(key: bytes) -> bool:
    """Points of small order, and no others, give 32 zero bytes with every private key."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError:
        return True
    return False


def read_text(text: str) -> tuple[Order, bytes]:
    """The order and the secret S of a link or QR text (section 3)."""
    text = text.strip()
    require(len(text.encode()) <= MAX_TEXT, "text: too long")
    shape = r"(?:(?i:https)://[^/?#@\s]+/a|(?i:softtoken://a))(\?[^#]*)?#([0-9]{1,3})\.(.*)"
    found = re.fullmatch(shape, text, re.DOTALL)
    require(found is not None, "text: not for this app")
    query, version, payload = found.groups()
    require(query is None, "text: not understood")
    require(version == "2", "text: unsupported")
    return read_payload(base64url(payload))


def base64url(text: str) -> bytes:
    """RFC 4648 section 5 without padding, in its only canonical spelling."""
    require(re.fullmatch(r"[A-Za-z0-9_-]*", text) is not None and len(text) % 4 != 1, "payload: base64url")
    value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(base64.urlsafe_b64encode(value).decode().rstrip("=") == text, "payload: leftover bits")
    return value


def read_payload(payload: bytes) -> tuple[Order, bytes]:
    """The fields in the order of the table of section 3."""
    require(len(payload) > 0 and payload[0] == 2, "payload: version unsupported")
    require(81 <= len(payload) <= 144, "payload: length")
    mode, flags, key, number = payload[1], payload[2], payload[35:67], int.from_bytes(payload[67:72], "big")
    require(mode in (LINK, QR_CODE), "payload: mode")
    require(flags & ~(OFFLINE_ALLOWED | CONFIRM) == 0, "payload: flags")
    require(not small_order(key), "payload: issuer's key")
    require(number < 10**10 and check_digit_fits(f"{number:010}"), "payload: serial number")
    algorithm, digits, period = payload[72], payload[73], int.from_bytes(payload[74:76], "big")
    require(1 <= algorithm <= 3 and 6 <= digits <= 10 and period >= 1, "payload: code profile")
    expiry = int.from_bytes(payload[76:80], "big")
    require(expiry != 0, "payload: expiry")
    require(payload[80:].isascii(), "payload: address")
    address = payload[80:].decode("ascii")
    require(typed_address(address) == address, "payload: address")
    order = Order(mode, flags, payload[3:19], key, f"{number:010}", payload[72:76], expiry, address)
    return order, payload[19:35]


# Section 10: the form of unlock codes


def base32_check(values: list[int]) -> int:
    """Luhn's rule over 32 values, from the last of the twelve to the first."""
    total = 0
    for place, value in enumerate(reversed(values)):
        doubled = value * 2 if place % 2 == 0 else value
        total += doubled // 32 + doubled % 32
    return -total % 32


def write_unlock_code(number: int) -> str:
    """60 bits as XXXX-XXXX-XXXX-X."""
    values = [number >> shift & 31 for shift in range(55, -1, -5)]
    text = "".join(BASE32[value] for value in [*values, base32_check(values)])
    return "-".join(text[at : at + 4] for at in range(0, 13, 4))


def read_unlock_code(text: str) -> int:
    """The 60 bits of a typed unlock code."""
    letters = "".join(c for c in text.upper() if c != "-" and not c.isspace()).translate(str.maketrans("OIL", "011"))
    require(len(letters) == 13 and all(c in BASE32 for c in letters), "unlock code: not of this form")
    values = [BASE32.index(c) for c in letters]
    require(base32_check(values[:12]) == values[12], "unlock code: the check character does not fit")
    number = 0
    for value in values[:12]:
        number = number << 5 | value
    return number
