#!/usr/bin/env python3
"""An independent reader of later contacts (core/PROTOCOL.md section 9).

It plays both sides of whole contacts with the Noise, CBOR and sealed bodies of exchange.py, and shares no code with
the token. Needs argon2-cffi, cryptography and idna from PyPI.

    contact.py           recompute activation_v2_contact.json and compare
    contact.py --make    print that file, made of the fixed inputs below

Random values are inputs of a row. They are what the token's seeded test source gives for the row's two seeds, in the order
r_d, e_d for the device and e_0, e_1, e_2, r_i for the issuer, who tries three keys with an ephemeral key each: those of
`seeds_hex` (the older first), then the one of `dead_seed_hex`, under which it says `dead_outcome`.
"""
import json, sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange import NKpsk0, OFFLINE, drawn, hkdf, message, public, sealed, sha256, signed_for

VECTORS = OFFLINE.with_name("activation_v2_contact.json")
REFRESH, REKEY, DELETE = 3, 4, 5
SUPERSEDED, DECLINED, DELETED = 4, 7, 8


def contact_psk(seed, number):
    return hkdf(b"", seed, b"softtoken/2 contact" + sha256(b"contact", number)[:16])


def report(row, policy, alone, profile=None):
    return message(k1=0, k3=row["state"], k4=policy, k5=row["time"], k6=row["rekey_wanted"], k7=alone, k8=profile)


def talk(row, policy):
    """The sealed requests and answers of a device with the row's wish, as numbers and plaintexts."""
    alone = len(row["seeds_hex"]) == 1
    if row["wish"] == DELETE:
        return [(DELETE, message(k1=DELETED))]
    if row["wish"] == REFRESH:
        return [(REFRESH, report(row, policy, alone))]
    if row["state"] == 2 or row["seed_hex"] != row["seeds_hex"][-1]:
        return [(REKEY, message(k1=DECLINED))]
    done = {**row, "rekey_wanted": False}
    return [(REKEY, report(done, policy, False, bytes.fromhex(row["profile_hex"]))),
            (REFRESH, report(done, policy, False))]


def contact_row(row):
    data = lambda name: bytes.fromhex(row[name + "_hex"])
    private, signing = data("issuer_private"), Ed25519PrivateKey.from_private_bytes(data("issuer_signing"))
    number, address, key = int(row["serial"]).to_bytes(5, "big"), row["address"], signing.public_key().public_bytes_raw()
    header = (b"\2\4\3" + sha256(b"contact", number)[:16] + public(private) + number + b"\2\x08\0\x1e" + bytes(4)
              + address.encode())
    prologue, psk = b"softtoken/2" + header, contact_psk(data("seed"), number)
    device = NKpsk0(True, prologue, psk, public(private), data("e_d"))
    payload_1 = message(k1=data("r_d"), k4=row["device"], k5=0)
    message_1 = device.write(payload_1)

    # The issuer finds the seed.
    for place, seed in enumerate(row["seeds_hex"] + [row[name] for name in ("dead_seed_hex",) if name in row]):
        issuer = NKpsk0(False, prologue, contact_psk(bytes.fromhex(seed), number), private, data(f"e_{place}"))
        try:
            assert issuer.read(message_1) == payload_1
            break
        except InvalidTag:
            pass
    else:
        raise SystemExit("no key opens message 1")
    assert seed == row["seed_hex"]
    opened = {"header_hex": header.hex(), "psk_hex": psk.hex(), "payload_1_hex": payload_1.hex(),
              "open_body_hex": (bytes([len(header)]) + header + message_1).hex()}
    binding = signed_for(address, b"softtoken/2 issuer", public(private))
    predecessor = handover = None
    if "predecessor_signing_hex" in row:
        old = Ed25519PrivateKey.from_private_bytes(data("predecessor_signing"))
        predecessor = old.public_key().public_bytes_raw()
        handover = old.sign(signed_for(address, b"softtoken/2 successor", key))
    card = message(k1=public(private), k2=key, k3=signing.sign(binding), k4=predecessor, k5=handover)
    opened["card_hex"] = card.hex()

    if place == len(row["seeds_hex"]):
        payload_2 = message(k1=row["dead_outcome"])
        message_2 = issuer.write(payload_2)
        assert device.read(message_2) == payload_2
        return {**opened, "payload_2_hex": payload_2.hex(), "message_2_hex": message_2.hex(), "sealed": []}

    policy = message(k1=row["pin_min_digits"], k2=row["forbid_biometric"], k3=row["forbid_backup"], k4=row["verify_user"])
    payload_2 = message(k1=0, k3=row["serial"], k4=data("holder"), k5=policy, k6=data("r_i"), k7=row["time"], k8=0,
                        k9=key, k10=signing.sign(binding), k11=predecessor, k12=handover)
    message_2 = issuer.write(payload_2)
    assert device.read(message_2) == payload_2 and device.h == issuer.h
    keys = {x: hkdf(device.h, data("r_d") + data("r_i"), b"softtoken/2 " + x.encode() + number + sha256(policy))
            for x in ("seed", "rec", "c2s", "s2c")}
    session = device.h[:16]
    said = talk(row, policy)
    renewed = {"next_psk_hex": contact_psk(keys["seed"], number).hex()} if len(said) == 2 else {}
    return {
        **opened, "payload_2_hex": payload_2.hex(), "message_2_hex": message_2.hex(), "handshake_hash_hex": device.h.hex(),
        **{f"k_{x}_hex": value.hex() for x, value in keys.items()}, "session_hex": session.hex(), **renewed, "sealed": [
            {"request_hex": sealed(keys["c2s"], session, at, message(k1=ask)).hex(),
             "answer_hex": sealed(keys["s2c"], session, at, answer).hex()}
            for at, (ask, answer) in enumerate(said, 1)],
    }


# --- inputs ----------------------------------------------------------------------------------
def inputs():
    first, second, third = (sha256(name).hex() for name in (b"seed 1", b"seed 2", b"seed 3"))

    def row(label, at, wish, seeds, seed=None, serial="4824413456", address="idp.example.test", pin=4,
            flags=(False, False, False), state=1, wanted=False, **more):
        return {"label": label, "address": address, "serial": serial, "wish": wish, "seed_hex": seed or seeds[-1],
                "seeds_hex": seeds, "state": state, "rekey_wanted": wanted, "profile_hex": "0208001e",
                "device": "Phone of Ada \u2014 1", "device_seed": at, "issuer_seed": at + 100,
                **drawn(at, ("r_d", "e_d")), **drawn(at + 100, ("e_0", "e_1", "e_2", "r_i")),
                "issuer_private_hex": sha256(b"issuer").hex(), "issuer_signing_hex": sha256(b"signing").hex(),
                "holder_hex": sha256(b"holder").hex()[:32], "time": 1893456000, "pin_min_digits": pin,
                **dict(zip(("forbid_biometric", "forbid_backup", "verify_user"), flags)), **more}

    return [
        row("news", 1, REFRESH, [first]),
        row("news: another seed is wished, strict policy", 2, REFRESH, [first], address="[2001:db8::7]:8443",
            serial="0000000000", pin=12, flags=(True, True, True), wanted=True),
        row("news: disabled, a successor of the issuer's key", 3, REFRESH, [first], state=2,
            address="xn--bcher-kva.example:8443", predecessor_signing_hex=sha256(b"predecessor").hex()),
        row("news under the new seed while the old one lives", 4, REFRESH, [first, second]),
        row("news under the old seed, which is replaced", 5, REFRESH, [first, second], seed=first),
        row("another seed", 6, REKEY, [first], wanted=True, serial="1002003000"),
        row("another seed, with another profile, for the second time", 7, REKEY, [first, second], profile_hex="030a003c"),
        row("another seed while disabled", 8, REKEY, [first], state=2),
        row("another seed under the old seed, which is replaced", 9, REKEY, [first, second], seed=first),
        row("deletion", 10, DELETE, [first]),
        row("deletion under the old seed, which is replaced", 11, DELETE, [first, second], seed=first),
        row("under a dead seed", 12, REFRESH, [second, third], seed=first, dead_seed_hex=first, dead_outcome=SUPERSEDED),
        row("deletion, once more", 13, DELETE, [], seed=first, dead_seed_hex=first, dead_outcome=DELETED),
    ]


NAMES = ("label", "address", "serial", "wish", "seed_hex", "seeds_hex", "dead_seed_hex", "dead_outcome", "state", "rekey_wanted",
         "profile_hex", "device", "device_seed", "issuer_seed", "r_d_hex", "e_d_hex", "e_0_hex", "e_1_hex", "e_2_hex",
         "r_i_hex", "issuer_private_hex", "issuer_signing_hex", "predecessor_signing_hex", "holder_hex", "time",
         "pin_min_digits", "forbid_biometric", "forbid_backup", "verify_user")


def check():
    rows, failed = json.loads(VECTORS.read_text(encoding="utf-8"))["contacts"], 0
    for row in rows:
        given = {name: row[name] for name in NAMES if name in row}
        if {**given, **contact_row(given)} != row:
            failed += 1
            print(f"differs: {row['label']}")
    print(f"{len(rows) - failed} contacts recomputed, {failed} differ")
    return 1 if failed or not rows else 0


def make():
    file = {"source": __doc__.splitlines()[0], "contacts": [{**row, **contact_row(row)} for row in inputs()]}
    print(json.dumps(file, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(make() if sys.argv[1:] == ["--make"] else check())
