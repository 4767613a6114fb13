"""Contents and seals of vaults and backups (core/FORMAT.md, *Sealing* and *Contents*), for reading."""
import hmac

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KINDS = {1: "totp", 2: "hotp", 3: "ocra", 4: "steam", 5: "motp", 6: "yandex", 7: "mobilepass"}
ALGORITHMS = {1: "SHA1", 2: "SHA256", 3: "SHA512"}
ORIGINS = {1: "account", 2: "offline", 3: "online", 4: "entrust-v1", 5: "two-step"}
LABEL = {1: "name", 2: "issuer", 3: "account", 4: "address", 5: "serial"}
RECORD = {2: "recovery_key_hex", 3: "pin_min_digits", 4: "forbid_biometric", 5: "forbid_backup",
          6: "verify_user", 7: "origin", 8: "clock_offset", 9: "added_at", 10: "stopped", 11: "stopped_since"}
CREDENTIAL = {1: "kind", 2: "algorithm", 3: "digits", 4: "period", 5: "t0", 6: "suite", 7: "secret_hex",
              8: "otp_pin", 9: "counter"}
SECRETS = ("secret_hex", "otp_pin", "recovery_key_hex")
LONGEST_MAP = 64 << 10


class Refused(Exception):
    """What the file or its keys are not."""


class Mismatch(Refused):
    """Another commitment: a wrong PIN, code or password."""


# --- CBOR ------------------------------------------------------------------------------------
def decode_item(data, at):
    if at >= len(data):
        raise Refused("the content ends too early")
    major, info, at = data[at] >> 5, data[at] & 31, at + 1
    if major == 7 and info in (20, 21):
        return info == 21, at
    if info >= 28 or major in (6, 7):
        raise Refused("CBOR of a kind that no writer makes")
    size = 0 if info < 24 else 1 << (info - 24)
    number = int.from_bytes(data[at:at + size], "big") if size else info
    at += size
    if major < 2:
        return (number if major == 0 else -1 - number), at
    if number > len(data) - at:
        raise Refused("the content ends too early")
    if major < 4:
        item = data[at:at + number]
        return (item if major == 2 else item.decode()), at + number
    items = []
    for _ in range(number if major == 4 else 2 * number):
        item, at = decode_item(data, at)
        items.append(item)
    if major == 4:
        return items, at
    keys = items[::2]
    if len(set(keys)) != len(keys):
        raise Refused("a key comes twice")
    return dict(zip(keys, items[1::2])), at


def decode(data):
    value, end = decode_item(data, 0)
    if end != len(data):
        raise Refused("bytes behind the content")
    return value


def decode_map(data, *needed):
    if len(data) > LONGEST_MAP:
        raise Refused("a map that is too long")
    fields = decode(data)
    if not isinstance(fields, dict) or fields.pop(0, None) != 1:
        raise Refused("a map of another version")
    if any(key not in fields for key in needed):
        raise Refused("a map without a key that it needs")
    return fields


def named(fields, names):
    """Bytes become hexadecimal where the name says so."""
    return {name: fields[key].hex() if name.endswith("_hex") else fields[key]
            for key, name in names.items() if key in fields}


def read_label(data):
    return named(decode_map(data, 1, 2, 3), LABEL)


def read_record(data):
    record = decode_map(data, 1, 3, 4, 5, 6, 7, 8, 9)
    row = {**named(decode_map(record[1], 1, 7, 9), CREDENTIAL), **named(record, RECORD)}
    row["kind"], row["origin"] = KINDS[row["kind"]], ORIGINS[row["origin"]]
    if "algorithm" in row:
        row["algorithm"] = ALGORITHMS[row["algorithm"]]
    if "otp_pin" in row:
        row["otp_pin"] = row["otp_pin"].decode()
    return row


# --- keys and seals --------------------------------------------------------------------------
def argon2id(secret, salt, memory, passes, lanes):
    return hash_secret_raw(secret, salt, passes, memory, lanes, 32, Type.ID, version=19)


def hkdf(parent, label, salt=None, length=32):
    return HKDF(SHA256(), length, salt, label).derive(parent)


def seal_keys(parent, vault_id, table, label, row, version, salt, context=b"", info=None):
    """Key, commitment and associated data."""
    okm = hkdf(parent, (label.encode() + row) if info is None else info, salt, 48)
    ad = (b"STv2" + vault_id + bytes([2, table]) + row + version.to_bytes(8, "big") + (1).to_bytes(4, "big")
          + context)
    return okm[:32], okm[32:], ad


def unseal(sealed, block, *place, **more):
    """The content of a sealed value; `place` and `more` are what `seal_keys` takes, without the salt."""
    if len(sealed) < 64:
        raise Refused("a seal that is too short")
    key, commitment, ad = seal_keys(*place, salt=sealed[:32], **more)
    if not hmac.compare_digest(commitment, sealed[32:48]):
        raise Mismatch("another key")
    try:
        frame = AESGCM(key).decrypt(bytes(12), sealed[48:], ad)
    except InvalidTag:
        raise Refused("a changed seal") from None
    length = int.from_bytes(frame[:4], "big")
    if len(frame) < 4 or len(frame) % block or length > len(frame) - 4 or any(frame[4 + length:]):
        raise Refused("a frame that no writer makes")
    return frame[4:4 + length]
