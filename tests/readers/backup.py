#!/usr/bin/env python3
"""An independent reader of encrypted backups, version 1 (core/FORMAT.md, "The backup file").

It shares no code with the token. Needs argon2-cffi and cryptography from PyPI.

    backup.py                          open the frozen file of tests/vectors/backup.json and compare every
                                       field; write it anew and compare every byte
    backup.py --make                   write that file
    backup.py FILE --password-file F   list the identities of a backup; --secrets shows their secrets too
"""
import hashlib, json, pathlib, struct, sys, unicodedata

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from _contents import (ALGORITHMS, CREDENTIAL, KINDS, LABEL, ORIGINS, RECORD, SECRETS, Mismatch, Refused, argon2id,
                       decode, decode_map, named, read_label, read_record, seal_keys, unseal)

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "backup.json"
MAGIC, VERSION, HEADER, BLOCK = b"\x89STB\r\n\x1a\n", 1, 38, 4096
MAX_BYTES, MAX_ENTRIES = 64 << 20, 100_000
GROUP = {3: "group_address", 4: "group_claimed_key_hex"}


# --- CBOR, for writing -----------------------------------------------------------------------
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


# --- one identity ----------------------------------------------------------------------------
def read_identity(entry):
    fields = decode_map(entry, 1, 2)
    return {**read_label(fields[1]), **read_record(fields[2]), **named(fields, GROUP)}


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
    return argon2id(unicodedata.normalize("NFC", password).encode(), header[22:38], memory, passes, lanes)


def place(password, header):
    row = hashlib.sha256(header).digest()[:16]
    return stretch(password, header), header[22:38], 128, "backup", row, VERSION


def open_backup(data, password):
    if len(data) > MAX_BYTES or data[:8] != MAGIC:
        raise Refused("no backup file")
    if data[8:10] != VERSION.to_bytes(2, "big"):
        raise Refused("a backup of another version")
    checked, digest = data[:-32], data[-32:]
    if len(checked) <= HEADER or hashlib.sha256(checked).digest() != digest:
        raise Refused("damaged or incomplete")
    try:
        content = unseal(checked[38:], BLOCK, *place(password, checked[:38]))
    except Mismatch:
        raise Refused("wrong password") from None
    entries = decode(content)
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise Refused("no list of identities")
    return [read_identity(entry) for entry in entries]


def make_backup(rows, password, profile, salt, seal_salt):
    header = MAGIC + VERSION.to_bytes(2, "big") + struct.pack(">III", *profile) + salt
    content = encode([write_identity(row) for row in rows])
    frame = len(content).to_bytes(4, "big") + content
    frame += bytes(-len(frame) % BLOCK)
    key, commitment, ad = seal_keys(*place(password, header), salt=seal_salt)
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
