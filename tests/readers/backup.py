#!/usr/bin/env python3
"""An independent reader of encrypted backups, version 1 (core/FORMAT.md, "The backup file").

It shares no code with the token. Needs argon2-cffi and cryptography from PyPI.

    backup.py                          open the frozen file of tests/vectors/backup.json and compare every
                                       field; write it anew and compare every byte
    backup.py --make                   write that file
    backup.py FILE --password-file F   list the identities of a backup; --secrets shows their secrets too
"""
import hashlib, hmac, json, pathlib, struct, sys, unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "backup.json"
MAGIC, VERSION, HEADER, BLOCK = b"\x89STB\r\n\x1a\n", 1, 38, 4096
MAX_BYTES, MAX_ENTRIES = 64 << 20, 100_000
KINDS = {1: "totp", 2: "hotp", 3: "ocra", 4: "steam", 5: "motp", 6: "yandex", 7: "mobilepass"}
ALGORITHMS = {1: "SHA1", 2: "SHA256", 3: "SHA512"}
ORIGINS = {1: "account", 2: "offline", 3: "online", 4: "entrust-v1", 5: "two-step"}
LABEL = {1: "name", 2: "issuer", 3: "account", 4: "address", 5: "serial"}
RECORD = {2: "recovery_key_hex", 3: "pin_min_digits", 4: "forbid_biometric", 5: "forbid_backup",
          6: "verify_user", 7: "origin", 8: "clock_offset", 9: "added_at"}
CREDENTIAL = {1: "kind", 2: "algorithm", 3: "digits", 4: "period", 5: "t0", 6: "suite", 7: "secret_hex",
              8: "otp_pin", 9: "counter"}
GROUP = {3: "group_address", 4: "group_claimed_key_hex"}
SECRETS = ("secret_hex", "otp_pin", "recovery_key_hex")


class Refused(Exception):
    pass


# --- CBOR ------------------------------------------------------------------------------------
def head(major, number):
    for extra, limit, shape in ((None, 24, ""), (24, 1 << 8, ">B"), (25, 1 << 16, ">H"), (26, 1 << 32, ">I"),
                                (27, 1 << 64, ">Q")):
        if number < limit:
            return bytes([major << 5 | (number if extra is None else extra)]) + (
                struct.pack(shape, number) if shape else b"")


def encode(value):
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, (bytes, str)):
        data = value.encode() if isinstance(value, str) else value
        return head(3 if isinstance(value, str) else 2, len(data)) + data
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    return head(5, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())


def decode_item(data, at):
    if at >= len(data):
        raise Refused("the content ends too early")
    major, info, at = data[at] >> 5, data[at] & 31, at + 1
    if major == 7 and info in (20, 21):
        return info == 21, at
    if info >= 28 or major in (6, 7):
        raise Refused("CBOR of a kind that no backup has")
    size = 0 if info < 24 else 1 << (info - 24)
    number = int.from_bytes(data[at:at + size], "big") if size else info
    at += size
    if major < 2:
        return (number if major == 0 else -1 - number), at
    if major < 4:
        if number > len(data) - at:
            raise Refused("the content ends too early")
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


# --- one identity ----------------------------------------------------------------------------
def decode_map(data):
    fields = decode(data)
    if not isinstance(fields, dict) or fields.pop(0, None) != 1:
        raise Refused("a map of another version")
    return fields


def named(fields, names):
    """Bytes become hexadecimal where the name says so."""
    return {name: fields[key].hex() if name.endswith("_hex") else fields[key]
            for key, name in names.items() if key in fields}


def read_identity(entry):
    fields = decode_map(entry)
    record = decode_map(fields[2])
    credential = named(decode_map(record[1]), CREDENTIAL)
    row = {**named(decode_map(fields[1]), LABEL), **credential, **named(record, RECORD), **named(fields, GROUP)}
    row["kind"], row["origin"] = KINDS[row["kind"]], ORIGINS[row["origin"]]
    if "algorithm" in row:
        row["algorithm"] = ALGORITHMS[row["algorithm"]]
    if "otp_pin" in row:
        row["otp_pin"] = row["otp_pin"].decode()
    return row


def numbered(row, names):
    fields = {0: 1}
    for key, name in names.items():
        if name in row:
            fields[key] = bytes.fromhex(row[name]) if name.endswith("_hex") else row[name]
    return fields


def write_identity(row):
    back = lambda table, word: next(number for number, name in table.items() if name == word)
    row = {**row, "kind": back(KINDS, row["kind"]), "origin": back(ORIGINS, row["origin"])}
    if "algorithm" in row:
        row["algorithm"] = back(ALGORITHMS, row["algorithm"])
    if "otp_pin" in row:
        row["otp_pin"] = row["otp_pin"].encode()
    credential = encode(numbered(row, CREDENTIAL))
    record = numbered(row, RECORD)
    record = encode({0: 1, 1: credential, **{key: value for key, value in record.items() if key}})
    group = {key: value for key, value in numbered(row, GROUP).items() if key}
    return encode({0: 1, 1: encode(numbered(row, LABEL)), 2: record, **group})


# --- the file --------------------------------------------------------------------------------
def stretch(password, header):
    memory, passes, lanes = struct.unpack(">III", header[10:22])
    if memory > 256 * 1024 or passes > 16 or lanes > 16:
        raise Refused("the key derivation costs more than a reader spends")
    normal = unicodedata.normalize("NFC", password).encode()
    return hash_secret_raw(normal, header[22:38], passes, memory, lanes, 32, Type.ID, version=19)


def sealing(password, header, salt):
    row = hashlib.sha256(header).digest()[:16]
    okm = HKDF(SHA256(), 48, salt, b"backup" + row).derive(stretch(password, header))
    ad = (b"STv2" + header[22:38] + bytes([2, 128]) + row + VERSION.to_bytes(8, "big")
          + (1).to_bytes(4, "big"))
    return okm[:32], okm[32:], ad


def open_backup(data, password):
    if len(data) > MAX_BYTES or data[:8] != MAGIC:
        raise Refused("no backup file")
    if data[8:10] != VERSION.to_bytes(2, "big"):
        raise Refused("a backup of another version")
    checked, digest = data[:-32], data[-32:]
    if len(checked) <= HEADER or hashlib.sha256(checked).digest() != digest:
        raise Refused("damaged or incomplete")
    header, salt, commitment, sealed = checked[:38], checked[38:70], checked[70:86], checked[86:]
    key, expected, ad = sealing(password, header, salt)
    if not hmac.compare_digest(commitment, expected):
        raise Refused("wrong password")
    try:
        frame = AESGCM(key).decrypt(bytes(12), sealed, ad)
    except InvalidTag:
        raise Refused("changed") from None
    length = int.from_bytes(frame[:4], "big")
    if len(frame) % BLOCK or length > len(frame) - 4 or any(frame[4 + length:]):
        raise Refused("a frame that no writer makes")
    entries = decode(frame[4:4 + length])
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise Refused("no list of identities")
    return [read_identity(entry) for entry in entries]


def make_backup(rows, password, profile, salt, seal_salt):
    header = MAGIC + VERSION.to_bytes(2, "big") + struct.pack(">III", *profile) + salt
    content = encode([write_identity(row) for row in rows])
    frame = len(content).to_bytes(4, "big") + content
    frame += bytes(-len(frame) % BLOCK)
    key, commitment, ad = sealing(password, header, seal_salt)
    file = header + seal_salt + commitment + AESGCM(key).encrypt(bytes(12), frame, ad)
    return file + hashlib.sha256(file).digest()


# --- verbs -----------------------------------------------------------------------------------
def frozen():
    vectors = json.loads(VECTORS.read_text())
    made = make_backup(vectors["identities"], vectors["password"], (vectors["memory_kib"], vectors["passes"], vectors["lanes"]),
                       bytes.fromhex(vectors["salt_hex"]), bytes.fromhex(vectors["seal_salt_hex"]))
    return vectors, VECTORS.with_name(vectors["file"]), made


def refuses(data, password):
    try:
        open_backup(data, password)
    except Refused:
        return True
    return False


def check():
    vectors, path, made = frozen()
    data, password = path.read_bytes(), vectors["password"]
    found = open_backup(data, password)
    for row, expected in zip(found, vectors["identities"], strict=True):
        assert row == expected, f"{expected['name']}: {row}"
    print(f"backup: {path.name} {len(found)} identities read")
    assert made == data, "written anew it is another file"
    flipped = bytearray(data)
    flipped[-40] ^= 1
    on_purpose = bytes(flipped[:-32]) + hashlib.sha256(flipped[:-32]).digest()
    for wrong in (bytes(flipped), on_purpose, data[:-1]):
        assert refuses(wrong, password)
    assert refuses(data, password + "!")


def main(arguments):
    if not arguments:
        return check()
    if arguments == ["--make"]:
        _, path, made = frozen()
        return path.write_bytes(made)
    secrets = "--secrets" in arguments
    arguments = [argument for argument in arguments if argument != "--secrets"]
    if len(arguments) != 3 or arguments[1] != "--password-file":
        sys.exit(__doc__)
    password = pathlib.Path(arguments[2]).read_text().rstrip("\r\n")
    try:
        rows = open_backup(pathlib.Path(arguments[0]).read_bytes(), password)
    except Refused as why:
        sys.exit(f"refused: {why}")
    shown = [{name: value for name, value in row.items() if secrets or name not in SECRETS} for row in rows]
    print(json.dumps(shown, indent=1, ensure_ascii=False))


main(sys.argv[1:])
