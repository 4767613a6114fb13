#!/usr/bin/env python3
"""An independent reader of activations over the network (core/PROTOCOL.md sections 7 and 8).

It plays both sides of whole exchanges with an own Noise_NKpsk0_25519_ChaChaPoly_SHA256, and shares no code
with the token. Needs argon2-cffi, cryptography and idna from PyPI.

    exchange.py           check Noise against noise_nkpsk0.json; recompute activation_v2_online.json and compare
    exchange.py --make    print that file, made of the fixed inputs below

Random values are inputs of a row. They are what the token's seeded test source gives for the row's two seeds, in
the order r_d, n_d, e_d for the device and e_i, r_i for the issuer, so that the token can play the same row.
"""
import hashlib, hmac, json, struct, sys

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from activation_v2 import VECTORS as OFFLINE, canonical_address, link_row, read_code, read_link, with_check_digit

VECTORS = OFFLINE.with_name("activation_v2_online.json")
NOISE = OFFLINE.with_name("noise_nkpsk0.json")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(salt, ikm, info, length=32):
    prk, out, block = hmac.digest(salt or bytes(32), ikm, "sha256"), b"", b""
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:length]


# --- Noise, revision 34 ----------------------------------------------------------------------
class NKpsk0:
    """`s` is the issuer's private key on its side and its public key on the device's."""

    def __init__(self, initiator, prologue, psk, s, ephemeral):
        name = b"Noise_NKpsk0_25519_ChaChaPoly_SHA256"
        self.h = name.ljust(32, b"\0") if len(name) <= 32 else sha256(name)
        self.ck, self.k, self.n = self.h, None, 0
        self.initiator, self.psk, self.s = initiator, psk, s
        self.e, self.re = X25519PrivateKey.from_private_bytes(ephemeral), None
        self.mix_hash(prologue)
        self.mix_hash(s if initiator else public(s))

    def mix_hash(self, data):
        self.h = sha256(self.h, data)

    def mix_key(self, data):
        okm = hkdf(self.ck, data, b"", 64)
        self.ck, self.k, self.n = okm[:32], okm[32:], 0

    def mix_psk(self):
        okm = hkdf(self.ck, self.psk, b"", 96)
        self.ck, self.k, self.n = okm[:32], okm[64:], 0
        self.mix_hash(okm[32:64])

    def dh(self, private, peer):
        self.mix_key(private.exchange(X25519PublicKey.from_public_bytes(peer)))

    def static_dh(self):
        if self.initiator:
            self.dh(self.e, self.s)
        else:
            self.dh(X25519PrivateKey.from_private_bytes(self.s), self.re)

    def write(self, payload):
        if self.initiator:
            self.mix_psk()
        e = self.e.public_key().public_bytes_raw()
        self.mix_hash(e)
        self.mix_key(e)
        self.static_dh() if self.initiator else self.dh(self.e, self.re)
        sealed = ChaCha20Poly1305(self.k).encrypt(struct.pack("<4xQ", self.n), payload, self.h)
        self.mix_hash(sealed)
        return e + sealed

    def read(self, message):
        if not self.initiator:
            self.mix_psk()
        self.re, sealed = message[:32], message[32:]
        self.mix_hash(self.re)
        self.mix_key(self.re)
        self.dh(self.e, self.re) if self.initiator else self.static_dh()
        payload = ChaCha20Poly1305(self.k).decrypt(struct.pack("<4xQ", self.n), sealed, self.h)
        self.mix_hash(sealed)
        return payload


def public(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def check_noise():
    for row in json.loads(NOISE.read_text())["vectors"]:
        data = lambda name: bytes.fromhex(row[name])
        psk = bytes.fromhex(row["init_psks"][0])
        device = NKpsk0(True, data("init_prologue"), psk, data("init_remote_static"), data("init_ephemeral"))
        issuer = NKpsk0(False, data("resp_prologue"), psk, data("resp_static"), data("resp_ephemeral"))
        for message, (one, other) in zip(row["messages"], ((device, issuer), (issuer, device))):
            payload, ciphertext = bytes.fromhex(message["payload"]), bytes.fromhex(message["ciphertext"])
            assert one.write(payload) == ciphertext and other.read(ciphertext) == payload
        assert device.h == issuer.h == data("handshake_hash")


# --- CBOR: maps with small numbers as keys ---------------------------------------------------
def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = next(size for size in (1, 2, 4, 8) if n < 256**size)
    return bytes([major << 5 | 23 + size.bit_length()]) + n.to_bytes(size, "big")


def cbor(value):
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(part) for item in value.items() for part in item)
    data = value.encode() if isinstance(value, str) else value
    return head(3 if isinstance(value, str) else 2, len(data)) + data


def message(**entries):
    return cbor({0: 1, **{int(key[1:]): value for key, value in entries.items() if value is not None}})


# --- Section 7 -------------------------------------------------------------------------------
def order(row, issuer_key):
    """Header and pre-shared key of the row's door."""
    if "link" in row:
        link = read_link(row["link"])
        secret, activation_id = bytes.fromhex(link["secret_hex"]), bytes.fromhex(link["activation_id_hex"])
        assert bytes.fromhex(link["issuer_key_hex"]) == issuer_key
    else:
        serial = read_code(row["serial"], 10, "SerialNumber")
        link = {"mode": 3, "flags": 3, "serial": serial, "algorithm": 2, "digits": 8, "period": 30, "expiry": 0,
                "address": canonical_address(row["address"])}
        number, address = int(serial).to_bytes(5, "big"), link["address"].encode()
        activation_id = sha256(b"typed", number)[:16]
        code = read_code(row["activation_code"], 16, "ActivationCode")[:15]
        salt = sha256(b"softtoken/2 typed", bytes([len(address)]), address, number)
        secret = hash_secret_raw(code.encode(), salt, 3, 65536, 1, 32, Type.ID, version=0x13)
    header = (bytes([2, link["mode"], link["flags"]]) + activation_id + issuer_key
              + int(link["serial"]).to_bytes(5, "big")
              + struct.pack(">BBHI", link["algorithm"], link["digits"], link["period"], link["expiry"])
              + link["address"].encode())
    return link, header, hkdf(b"", secret, b"softtoken/2 psk" + activation_id)


def sealed(key, session, number, plain):
    first = session + struct.pack(">I", number)
    body = first + ChaCha20Poly1305(key).encrypt(struct.pack(">8xI", number), plain, first)
    assert ChaCha20Poly1305(key).decrypt(bytes(8) + body[16:20], body[20:], body[:20]) == plain
    return body


def signed_for(address, label, key):
    return label + bytes([len(address)]) + address.encode() + key


def verifications(address, kinds):
    """Section 8: every kind is open, then a person looks at it, says no, and it passes the second time."""
    def check(kind, state):
        if state == "open":
            return message(k1=0, k2=f"https://{address}/verify/{kind}", k3=f"{kind}7", k4=2)
        return {"reviewed": message(k1=1, k4=30), "refused": message(k1=3, k5=2), "passed": message(k1=2)}[state]

    def answer(states):
        checks = {9 + kind: check(kind, state) for kind, state in states.items()}
        return cbor({0: 1, 1: 101, **checks})

    states, talk = dict.fromkeys(kinds, "open"), []
    for kind in kinds:
        for state, again in (("open", 0), ("reviewed", 0), ("refused", 0), ("open", kind)):
            states[kind] = state
            talk.append((message(k1=6, k3=again), answer(states)))
        states[kind] = "passed"
    return talk + [(message(k1=6, k3=0), message(k1=0))] if kinds else []


def exchange_row(row):
    data = lambda name: bytes.fromhex(row[name + "_hex"]) if name + "_hex" in row else None
    private, signing = data("issuer_private"), Ed25519PrivateKey.from_private_bytes(data("issuer_signing"))
    link, header, psk = order(row, public(private))
    prologue, number = b"softtoken/2" + header, int(link["serial"]).to_bytes(5, "big")
    device = NKpsk0(True, prologue, psk, public(private), data("e_d"))
    issuer = NKpsk0(False, prologue, psk, private, data("e_i"))

    payload_1 = message(k1=data("r_d"), k2=sha256(b"softtoken/2 commit", data("n_d")), k3=row.get("password"),
                        k4=row["device"], k5=3)
    message_1 = device.write(payload_1)
    assert issuer.read(message_1) == payload_1

    policy = message(k1=row["pin_min_digits"], k2=row["forbid_biometric"], k3=row["forbid_backup"],
                     k4=row["verify_user"])
    key = signing.public_key().public_bytes_raw()
    binding = signed_for(link["address"], b"softtoken/2 issuer", public(private))
    predecessor = handover = None
    if "predecessor_signing_hex" in row:
        old = Ed25519PrivateKey.from_private_bytes(data("predecessor_signing"))
        predecessor = old.public_key().public_bytes_raw()
        handover = old.sign(signed_for(link["address"], b"softtoken/2 successor", key))
    payload_2 = message(k1=0, k3=link["serial"], k4=data("holder"), k5=policy, k6=data("r_i"), k7=row["time"],
                        k8=sum(row.get("verifications", [])), k9=key, k10=signing.sign(binding), k11=predecessor, k12=handover)
    message_2 = issuer.write(payload_2)
    assert device.read(message_2) == payload_2 and device.h == issuer.h
    Ed25519PublicKey.from_public_bytes(key).verify(signing.sign(binding), binding)
    try:
        NKpsk0(True, prologue, psk, public(private), data("e_d")).read(message_2)
        raise SystemExit("message 2 opens without message 1")
    except InvalidTag:
        pass

    keys = {x: hkdf(device.h, data("r_d") + data("r_i"),
                    b"softtoken/2 " + x.encode() + number + sha256(policy)) for x in ("seed", "rec", "sas", "c2s", "s2c")}
    session = device.h[:16]
    mac = hmac.digest(keys["sas"], data("n_d"), "sha256")
    code = with_check_digit(f"{int.from_bytes(mac[:8], 'big') % 10**9:09}")
    confirm = bool(link["flags"] & 2)
    talk = verifications(link["address"], row.get("verifications", []))
    talk += [(message(k1=1, k2=data("n_d")), message(k1=100 if confirm else 0))]
    talk += [(message(k1=2), message(k1=0))] if confirm else []
    card = message(k1=public(private), k2=key, k3=signing.sign(binding), k4=predecessor, k5=handover)
    return {
        "card_hex": card.hex(), "header_hex": header.hex(), "psk_hex": psk.hex(), "payload_1_hex": payload_1.hex(),
        "open_body_hex": (bytes([len(header)]) + header + message_1).hex(), "payload_2_hex": payload_2.hex(),
        "message_2_hex": message_2.hex(), "handshake_hash_hex": device.h.hex(),
        **{f"k_{x}_hex": value.hex() for x, value in keys.items()}, "session_hex": session.hex(),
        "registration_code": code, "sealed": [
            {"request_hex": sealed(keys["c2s"], session, at, ask).hex(),
             "answer_hex": sealed(keys["s2c"], session, at, answer).hex()}
            for at, (ask, answer) in enumerate(talk, 1)],
    }


# --- inputs ----------------------------------------------------------------------------------
def drawn(seed, names):
    return {name + "_hex": sha256(struct.pack(">QQ", seed, at)).hex() for at, name in enumerate(names)}


def inputs():
    def row(label, seed, door, pin=4, flags=(False, False, False), **more):
        return {"label": label, **door, "device": "Phone of Ada \u2014 1", "device_seed": seed,
                "issuer_seed": seed + 100, **drawn(seed, ("r_d", "n_d", "e_d")), **drawn(seed + 100, ("e_i", "r_i")),
                "issuer_private_hex": PRIVATE.hex(), "issuer_signing_hex": sha256(b"signing").hex(),
                "holder_hex": sha256(b"holder").hex()[:32], "time": 1893456000, "pin_min_digits": pin,
                **dict(zip(("forbid_biometric", "forbid_backup", "verify_user"), flags)), **more}

    def link(mode, flags, serial, profile, address):
        made = {"label": "", "mode": mode, "flags": flags, "activation_id_hex": bytes(range(16)).hex(),
                "secret_hex": sha256(b"S", bytes([mode, flags])).hex()[:32], "issuer_key_hex": public(PRIVATE).hex(),
                "serial": serial, "algorithm": profile[0], "digits": profile[1], "period": profile[2],
                "expiry": 1893456300, "address": address, "link_host": address}
        return {"link": link_row(made)["https"]}

    return [
        row("link", 1, link(1, 0, "4824413456", (2, 8, 30), "idp.example.test")),
        row("link, confirmed in the portal, strict policy", 2,
            link(1, 2, "0000000000", (3, 10, 60), "[2001:db8::7]:8443"), 12, (True, True, True)),
        row("QR code and password", 3, {**link(2, 1, "4824413456", (1, 6, 30), "idp.example.test"),
                                        "password": "00998317"}, 6),
        row("QR code and password, confirmed in the portal, a successor of the issuer's key", 4,
            {**link(2, 3, "1002003000", (2, 8, 30), "xn--bcher-kva.example:8443"), "password": "54998317"},
            predecessor_signing_hex=sha256(b"predecessor").hex()),
        row("typed values", 5, {"address": " HTTPS://IDP.Example.test/ ", "serial": "48244-13456",
                                "activation_code": "1745-7712-6942-8698"}),
        row("link, both verifications, confirmed in the portal", 6,
            link(1, 2, "4824413456", (2, 8, 30), "idp.example.test"), verifications=[1, 2]),
        row("QR code and password, a face", 7, {**link(2, 0, "4824413456", (2, 8, 30), "idp.example.test"),
                                                "password": "54998317"}, verifications=[2]),
    ]


PRIVATE = sha256(b"issuer")
NAMES = ("label", "link", "password", "address", "serial", "activation_code", "device", "device_seed", "issuer_seed",
         "r_d_hex", "n_d_hex", "e_d_hex", "e_i_hex", "r_i_hex", "issuer_private_hex", "issuer_signing_hex",
         "predecessor_signing_hex", "holder_hex", "time", "pin_min_digits", "forbid_biometric", "forbid_backup",
         "verify_user", "verifications")


def check():
    check_noise()
    rows, failed = json.loads(VECTORS.read_text(encoding="utf-8"))["exchanges"], 0
    for row in rows:
        given = {name: row[name] for name in NAMES if name in row}
        if {**given, **exchange_row(given)} != row:
            failed += 1
            print(f"differs: {row['label']}")
    print(f"{len(rows) - failed} exchanges recomputed, {failed} differ")
    return 1 if failed or not rows else 0


def make():
    file = {"source": __doc__.splitlines()[0], "exchanges": [{**row, **exchange_row(row)} for row in inputs()]}
    print(json.dumps(file, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(make() if sys.argv[1:] == ["--make"] else check())
