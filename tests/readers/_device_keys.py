"""What the device derives: psk, seed, K_rec and codes (core/PROTOCOL.md, sections 5, 7.3, 7.5, 7.6 and 10)."""

import hashlib
import hmac

from argon2.low_level import Type, hash_secret_raw

from _device_noise import hkdf
from _device_values import OFFLINE_ALLOWED, QR_CODE, TYPED, Order, checked, require, serial_bytes, write_unlock_code

ALGORITHMS = {1: "sha1", 2: "sha256", 3: "sha512"}
OCRA_SUITE = b"OCRA-1:HOTP-SHA256-0:QN09-S064"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def counted(data: bytes) -> bytes:
    """len(data) u8 and data."""
    return bytes([len(data)]) + data


def argon2id(password: bytes, salt: bytes) -> bytes:
    """The parameters of section 5."""
    return hash_secret_raw(password, salt, 3, 65536, 1, 32, Type.ID, 0x13)


def offline_keys(order: Order, s: bytes, secret: str, r: str) -> tuple[bytes, bytes]:
    """Seed and K_rec of an activation without network. `secret`: 15 digits of the activation code, or the password."""
    allowed = order.mode == TYPED or order.mode == QR_CODE and order.flags & OFFLINE_ALLOWED
    require(bool(allowed), "activation without network: unsupported")
    place = counted(order.address.encode()) + serial_bytes(order.serial)
    salt = sha256(b"softtoken/2 offline" + place + counted(s) + order.profile)
    root = argon2id((secret + r).encode(), salt)
    return hkdf(None, root, b"seed"), hkdf(None, root, b"rec")


def typed_secret(address: str, serial: str, activation_code: str) -> bytes:
    """The secret of typed values over the network (section 7.3)."""
    salt = sha256(b"softtoken/2 typed" + counted(address.encode()) + serial_bytes(serial))
    return argon2id(activation_code[:15].encode(), salt)


def order_psk(secret: bytes, activation_id: bytes) -> bytes:
    return hkdf(None, secret, b"softtoken/2 psk" + activation_id)


def contact_psk(seed: bytes, activation_id: bytes) -> bytes:
    return hkdf(None, seed, b"softtoken/2 contact" + activation_id)


def session_key(name: str, h: bytes, r_d: bytes, r_i: bytes, serial: str, policy: bytes) -> bytes:
    """K_seed, K_rec, K_sas, K_c2s and K_s2c of section 7.5."""
    info = b"softtoken/2 " + name.encode() + serial_bytes(serial) + sha256(policy)
    return hkdf(h, r_d + r_i, info)


def registration_code(k_sas: bytes, n_d: bytes) -> str:
    """The registration code over the network (section 7.6)."""
    number = int.from_bytes(hmac.digest(k_sas, n_d, "sha256")[:8], "big")
    return checked(f"{number % 10**9:09}")


def totp(seed: bytes, profile: bytes, step: int) -> str:
    """The code of a step (RFC 6238, T0 = 0)."""
    mac = hmac.digest(seed, step.to_bytes(8, "big"), ALGORITHMS[profile[0]])
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10 ** profile[1]).zfill(profile[1])


def step_at(profile: bytes, seconds: float) -> int:
    return int(seconds) // int.from_bytes(profile[2:4], "big")


def unlock_code(k_rec: bytes, address: str, serial: str, reset_code: str) -> str:
    """U of section 10 for the PIN reset code C, nine digits."""
    question = f"{int(reset_code):x}".ljust(256, "0")
    session = sha256(b"softtoken/2 unlock" + address.encode() + serial.encode())
    mac = hmac.digest(k_rec, OCRA_SUITE + b"\0" + bytes.fromhex(question) + bytes(32) + session, "sha256")
    return write_unlock_code(int.from_bytes(mac[:8], "big") >> 4)
