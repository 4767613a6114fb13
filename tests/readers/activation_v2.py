#!/usr/bin/env python3
"""An independent reader of the open activation profile, version 2 (core/PROTOCOL.md).

It shares no code with the token. Needs argon2-cffi and idna from PyPI.

    activation_v2.py           recompute every row of tests/vectors/activation_v2.json and compare
    activation_v2.py --make    print that file, made of the fixed inputs in _activation_v2_inputs.py

A row holds inputs (names in INPUTS) and what follows from them; both verbs run the same functions,
so a row of the file cannot be right for one and wrong for the other.
"""
import base64, hashlib, hmac, ipaddress, json, pathlib, re, struct, sys

import idna
from argon2.low_level import Type, hash_secret_raw

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "activation_v2.json"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
P = 2**255 - 19
SMALL_ORDER = {0, 1, P - 1, P, P + 1,
               325606250916557431795983626356110631294008115727848805560023387167927233504,
               39382357235489614581723060781553021112529911719440698176882885853963445705823}
HASHES = {1: "sha1", 2: "sha256", 3: "sha512"}
TYPED_PROFILE = (2, 8, 30)


class Refused(Exception):
    """The `expect:` line: kind, part, problem, position."""


def not_understood(part, problem, position=None):
    return Refused(" ".join(["NotUnderstood", part, problem] + ([] if position is None else [str(position)])))


# --- 1. decimal codes ------------------------------------------------------------------------
def luhn_fits(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def with_check_digit(digits):
    return next(digits + str(d) for d in range(10) if luhn_fits(digits + str(d)))


def read_code(text, length, part):
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) != length or not digits.isdigit():
        raise not_understood(part, "TooShort" if len(digits) < length else "TooLong")
    if not luhn_fits(digits):
        pairs = range(length - 1)
        swapped = lambda i: digits[:i] + digits[i + 1] + digits[i] + digits[i + 2:]
        raise not_understood(part, "CheckDigit", next((i for i in pairs if luhn_fits(swapped(i))), None))
    return digits


# --- 2. addresses ----------------------------------------------------------------------------
def canonical_address(typed):
    text = typed.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "https", text
    if scheme.lower() not in ("https", "http"):
        raise not_understood("Address", "Unknown")
    if not rest:
        raise not_understood("Address", "Empty")
    offset = len(typed.rstrip()) - len(rest)
    rest = rest[:-1] if rest.endswith("/") else rest
    end = rest.find("]") + 1 if rest.startswith("[") else (rest + ":").index(":")
    host, port = rest[:end], rest[end:]
    if port and port[0] != ":":
        raise not_understood("Address", "BadCharacter", offset + end)
    for at, c in enumerate(port[1:]):
        if c not in "0123456789":
            raise not_understood("Address", "BadCharacter", offset + end + 1 + at)
    if port == ":":
        raise not_understood("Address", "Truncated")
    if port and (port[1] == "0" or int(port[1:]) > 65535):
        raise not_understood("Address", "OutOfRange")
    host = canonical_host(host, offset)
    number = int(port[1:]) if port else {"https": 443, "http": 80}[scheme.lower()]
    loopback = (host in ("localhost", "[::1]") or host.endswith(".localhost")
                or re.fullmatch(r"127(\.\d+){3}", host) is not None)
    if scheme.lower() == "http" and not loopback:
        raise not_understood("Address", "Mismatch")
    address = host if number == 443 else f"{host}:{number}"
    if len(address) > 64:
        raise not_understood("Address", "TooLong")
    return address


def canonical_host(host, offset):
    if not host:
        raise not_understood("Address", "Empty")
    if host.startswith("["):
        try:
            ip = ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise not_understood("Address", "BadEncoding")
        return f"[{ip.compressed}]"
    for at, c in enumerate(host):
        if ord(c) < 128 and not re.fullmatch("[a-zA-Z0-9.-]", c):
            raise not_understood("Address", "BadCharacter", offset + at)
    name = host.lower()
    if not name.isascii() or "xn--" in name:
        try:
            name = idna.encode(host, uts46=True, std3_rules=True, transitional=False).decode()
        except idna.IDNAError:
            raise not_understood("Address", "BadEncoding")
    if not all(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) for label in name.split(".")):
        raise not_understood("Address", "BadEncoding")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", name.split(".")[-1]):
        try:
            ipaddress.IPv4Address(name)
        except ValueError:
            raise not_understood("Address", "BadEncoding")
    return name


def shown_address(address):
    host, colon, port = address.rpartition(":") if re.search(r":\d+$", address) else (address, "", "")
    return (host if host.startswith("[") else idna.decode(host)) + colon + port


# --- 3. the link -----------------------------------------------------------------------------
def read_link(text):
    if len(text.encode()) > 2048:
        raise not_understood("Text", "TooLong")
    shape = re.fullmatch(r"([A-Za-z]+)://([^?#]*)(\?[^#]*)?#([0-9]{1,3})\.(.*)", text, re.DOTALL)
    scheme, page, query, version, payload = shape.groups() if shape else ("", "", None, "", "")
    https = scheme.lower() == "https" and re.fullmatch(r"[^/@\\%\s\x00-\x1f\x7f]+/a", page)
    if not https and (scheme.lower(), page.lower()) != ("softtoken", "a"):
        raise Refused("NotForThisApp")
    if query is not None:
        raise not_understood("Parameters", "Unknown")
    if version != "2":
        raise Refused("Unsupported ActivationType")
    for at, c in enumerate(payload):
        if c not in ALPHABET:
            raise not_understood("Payload", "BadCharacter", at)
    if len(payload) % 4 == 1:
        raise not_understood("Payload", "BadEncoding")
    data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != payload:
        raise not_understood("Payload", "BadEncoding")
    return read_payload(data)


def read_payload(data):
    if not data:
        raise not_understood("Payload", "Empty")
    if data[0] != 2:
        raise not_understood("Version", "Unknown")
    if len(data) < 80:
        raise not_understood("Payload", "Truncated")
    _, mode, flags, activation_id, secret, key = struct.unpack(">BBB16s16s32s", data[:67])
    serial = int.from_bytes(data[67:72], "big")
    algorithm, digits, period, expiry = struct.unpack(">BBHI", data[72:80])
    if mode not in (1, 2):
        raise not_understood("Mode", "Unknown")
    if flags > 3:
        raise not_understood("Flags", "Unknown")
    if int.from_bytes(key, "little") & (2**255 - 1) in SMALL_ORDER:
        raise not_understood("IssuerKey", "OutOfRange")
    if serial > 9999999999:
        raise not_understood("SerialNumber", "OutOfRange")
    serial = read_code(f"{serial:010}", 10, "SerialNumber")
    if algorithm not in HASHES:
        raise not_understood("Algorithm", "Unknown")
    if not 6 <= digits <= 10:
        raise not_understood("Digits", "OutOfRange")
    if period == 0:
        raise not_understood("Period", "OutOfRange")
    if expiry == 0:
        raise not_understood("Expiry", "OutOfRange")
    address = data[80:].decode("latin-1")
    if len(address) > 64:
        raise not_understood("Address", "TooLong")
    for at, c in enumerate(address):
        if not "!" <= c <= "~" or c.isupper():
            raise not_understood("Address", "BadCharacter", at)
    if canonical_address(address) != address:
        raise not_understood("Address", "BadEncoding")
    return {"mode": mode, "flags": flags, "activation_id_hex": activation_id.hex(), "secret_hex": secret.hex(),
            "issuer_key_hex": key.hex(), "serial": serial, "algorithm": algorithm, "digits": digits,
            "period": period, "expiry": expiry, "address": address}


def link_row(row):
    data = (struct.pack(">BBB", 2, row["mode"], row["flags"]) + bytes.fromhex(row["activation_id_hex"])
            + bytes.fromhex(row["secret_hex"]) + bytes.fromhex(row["issuer_key_hex"])
            + int(row["serial"]).to_bytes(5, "big")
            + struct.pack(">BBHI", row["algorithm"], row["digits"], row["period"], row["expiry"])
            + row["address"].encode("ascii"))
    payload = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    texts = {"https": f"https://{row['link_host']}/a#2.{payload}", "app": f"softtoken://a#2.{payload}"}
    for text in list(texts.values()) + [f"HTTPS://ANY.example/a#2.{payload}", f"SoftToken://A#2.{payload}"]:
        if any(row[name] != value for name, value in read_link(text).items()):
            raise SystemExit(f"{row['label']}: does not read back")
    return {"payload_hex": data.hex(), **texts, "offline": row["mode"] == 2 and row["flags"] & 1 == 1}


def expectation(function, value):
    try:
        function(value)
    except Refused as refused:
        return {"expect": str(refused)}
    raise SystemExit(f"accepted: {value}")


# --- 5. offline ------------------------------------------------------------------------------
def hkdf(root, label):
    prk = hmac.digest(bytes(32), root, "sha256")
    return hmac.digest(prk, label + b"\x01", "sha256")


def totp(seed, time, algorithm, digits, period):
    mac = hmac.digest(seed, struct.pack(">Q", time // period), HASHES[algorithm])
    at = mac[-1] & 15
    return str((int.from_bytes(mac[at:at + 4], "big") & 0x7FFFFFFF) % 10**digits).zfill(digits)


def offline_row(row):
    if "link" in row:
        link = read_link(row["link"])
        address, serial, qr_secret = link["address"], link["serial"], bytes.fromhex(link["secret_hex"])
        profile, secret = (link["algorithm"], link["digits"], link["period"]), row["password"]
    else:
        address = canonical_address(row["address"])
        serial = read_code(row["serial"], 10, "SerialNumber")
        secret = read_code(row["activation_code"], 16, "ActivationCode")[:15]
        qr_secret, profile = b"", TYPED_PROFILE
    code = read_code(row["registration_code"], 10, "RegistrationCode")
    salt_input = (b"softtoken/2 offline" + bytes([len(address)]) + address.encode() + int(serial).to_bytes(5, "big")
                  + bytes([len(qr_secret)]) + qr_secret + struct.pack(">BBH", *profile))
    salt, password = hashlib.sha256(salt_input).digest(), secret + code[:9]
    root = hash_secret_raw(password.encode(), salt, 3, 65536, 1, 32, Type.ID, version=0x13)
    seed = hkdf(root, b"seed")
    return {"argon2_password": password, "salt_input_hex": salt_input.hex(), "salt_hex": salt.hex(),
            "root_hex": root.hex(), "seed_hex": seed.hex(), "recovery_key_hex": hkdf(root, b"rec").hex(),
            "algorithm": profile[0], "digits": profile[1], "period": profile[2],
            "code": totp(seed, row["time"], *profile)}


# --- 10. unlock codes ------------------------------------------------------------------------
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SUITE = "OCRA-1:HOTP-SHA256-0:QN09-S064"


def check_value(values):
    total = 0
    for place, value in enumerate(reversed(values)):
        doubled = value * (1 if place % 2 else 2)
        total += doubled // 32 + doubled % 32
    return -total % 32


def unlock_row(row):
    serial = read_code(row["serial"], 10, "SerialNumber")
    reset_code = read_code(row["reset_code"], 9, "ResetCode")
    session = hashlib.sha256(b"softtoken/2 unlock" + canonical_address(row["address"]).encode()
                             + serial.encode()).digest()
    question = f"{int(reset_code):x}"
    message = (SUITE.encode() + b"\0" + bytes.fromhex(question.ljust(256, "0")) + session.rjust(64, b"\0"))
    mac = hmac.digest(bytes.fromhex(row["recovery_key_hex"]), message, "sha256")
    bits = int.from_bytes(mac, "big") >> 196
    values = [bits >> shift & 31 for shift in range(55, -1, -5)]
    text = "".join(CROCKFORD[value] for value in values + [check_value(values)])
    return {"message_hex": message.hex(), "mac_hex": mac.hex(),
            "unlock_code": "-".join(text[at:at + 4] for at in range(0, 13, 4))}


def read_unlock_code(text):
    if not text.replace("-", "").replace(" ", ""):
        raise not_understood("UnlockCode", "Empty")
    values = []
    for at, c in enumerate(text):
        if c in "- ":
            continue
        c = {"O": "0", "I": "1", "L": "1"}.get(c.upper(), c.upper())
        if c not in CROCKFORD:
            raise not_understood("UnlockCode", "BadCharacter", at)
        values.append(CROCKFORD.index(c))
    if len(values) != 13:
        raise not_understood("UnlockCode", "TooShort" if len(values) < 13 else "TooLong")
    if check_value(values[:12]) != values[12]:
        raise not_understood("UnlockCode", "CheckDigit")
    return values


def address_row(row):
    address = canonical_address(row["typed"])
    return {"canonical": address, "unicode": shown_address(address)}


INPUTS = {
    "addresses": ("label", "typed"),
    "addresses_refused": ("label", "typed"),
    "links": ("label", "mode", "flags", "activation_id_hex", "secret_hex", "issuer_key_hex", "serial", "algorithm",
              "digits", "period", "expiry", "address", "link_host"),
    "links_refused": ("label", "text"),
    "offline_typed": ("label", "address", "serial", "activation_code", "registration_code", "time"),
    "offline_qr": ("label", "link", "password", "registration_code", "time"),
    "unlock_codes": ("label", "recovery_key_hex", "reset_code", "address", "serial"),
    "unlock_codes_refused": ("label", "text"),
}
FUNCTIONS = {
    "addresses": address_row,
    "addresses_refused": lambda row: expectation(canonical_address, row["typed"]),
    "links": link_row,
    "links_refused": lambda row: expectation(read_link, row["text"]),
    "offline_typed": offline_row,
    "offline_qr": offline_row,
    "unlock_codes": unlock_row,
    "unlock_codes_refused": lambda row: expectation(read_unlock_code, row["text"]),
}


def check():
    file, passed, failed = json.loads(VECTORS.read_text(encoding="utf-8")), 0, 0
    for section, names in INPUTS.items():
        for row in file[section]:
            inputs = {name: row[name] for name in names}
            if {**inputs, **FUNCTIONS[section](inputs)} == row:
                passed += 1
            else:
                failed += 1
                print(f"differs: {section}: {row['label']}")
    print(f"vectors: activation_v2.json {passed + failed} rows")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def make():
    sys.dont_write_bytecode = True
    from _activation_v2_inputs import fixed_inputs
    made = {section: [{**row, **FUNCTIONS[section](row)} for row in rows]
            for section, rows in fixed_inputs(link_row, with_check_digit).items()}
    json.dump({"source": __doc__.splitlines()[0], **made}, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    sys.exit(make() if sys.argv[1:] == ["--make"] else check() if not sys.argv[1:] else __doc__)
