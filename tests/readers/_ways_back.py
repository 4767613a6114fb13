"""Ways back into a vault: armings, wraps and codes (core/FORMAT.md, *Ways back*; core/PROTOCOL.md section 10)."""
import hashlib, hmac

from _contents import Mismatch, Refused, argon2id, decode_map, unseal
from _vault import ZEROS, bounded, number16

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


# --- codes -----------------------------------------------------------------------------------
def check_value(values):
    total = 0
    for place, value in enumerate(reversed(values)):
        doubled = value * (1 if place % 2 else 2)
        total += doubled // 32 + doubled % 32
    return -total % 32


def read_code(text):
    """The twelve characters of a typed code."""
    plain = "".join(text.split()).replace("-", "").upper().translate(str.maketrans("OIL", "011"))
    if len(plain) != 13 or any(c not in CROCKFORD for c in plain):
        raise Refused("no unlock code")
    values = [CROCKFORD.index(c) for c in plain]
    if check_value(values[:12]) != values[12]:
        raise Refused("the check character of the code is wrong")
    return plain[:12]


def unlock_code(recovery_key, reset_code, address, serial):
    """The twelve characters that the issuer answers a PIN reset code with."""
    digits = f"{int(reset_code):x}"
    question = bytes.fromhex(digits.ljust(256, "0"))
    session = hashlib.sha256(b"softtoken/2 unlock" + address.encode() + serial.encode()).digest()
    message = b"OCRA-1:HOTP-SHA256-0:QN09-S064\0" + question + bytes(32) + session
    bits = int.from_bytes(hmac.new(recovery_key, message, hashlib.sha256).digest()[:8], "big") >> 4
    return "".join(CROCKFORD[bits >> shift & 31] for shift in range(55, -1, -5))


def as_shown(code):
    full = code + CROCKFORD[check_value([CROCKFORD.index(c) for c in code])]
    return "-".join([full[:4], full[4:8], full[8:12], full[12:]])


# --- wraps -----------------------------------------------------------------------------------
def contact(data):
    fields = decode_map(data, 1, 2, 3)
    return fields[1], fields[2], fields[3]


class WaysBack:
    """The armings of a vault, by group, with their wraps."""

    def __init__(self, vault):
        self.vault, self.by_group = vault, {}
        armings = {}
        for row in vault.rows["armings"]:
            body = decode_map(vault.open_meta(row["body"], 128, 10, "arming", number16(row["a"]), 1, "armings"),
                              1, 2, 3, 4)
            bounded(body[1], body[2], body[3])
            if row["group_id"] not in vault.groups or row["group_id"] in self.by_group:
                raise Refused("damaged: an arming of no group")
            if not vault.has_key(f"rec.{row['a']}"):
                raise Refused("device key rec is lost")
            armings[row["a"]] = self.by_group[row["group_id"]] = {
                "a": row["a"], "tries": row["tries"], "body": body, "wraps": []}
        for row in vault.rows["wraps"]:
            info = vault.open_meta(row["info"], 128, 11, "wrap-info", row["id"], row["a"], "armings")
            if row["a"] not in armings:
                raise Refused("damaged: a wrap of no arming")
            wrap = {"id": row["id"], "contact": contact(info) if info else None, "wrap": row["wrap"]}
            armings[row["a"]]["wraps"].append(wrap)
        if any(not arming["wraps"] for arming in armings.values()):
            raise Refused("damaged: an arming without wraps")

    def ask(self):
        """Whom to ask for a code: issuer, serial number and reset code of every wrap with a contact."""
        waiting = [row["id"] for row in self.vault.rows["groups"] if not row["key"]]
        groups = self.by_group if self.vault.standing == "blocked" else waiting
        return [{"issuer": wrap["contact"][0], "address": wrap["contact"][1], "serial": wrap["contact"][2],
                 "reset_code": arming["body"][5]}
                for arming in map(self.by_group.get, groups) if arming for wrap in arming["wraps"] if wrap["contact"]]

    def open_wrap(self, arming, wrap, code):
        """Group key and root; `Mismatch` for another code."""
        body, contact = arming["body"], wrap["contact"]
        s = argon2id(code.encode(), body[4], body[1], body[2], body[3])
        context = f"{body[5]}{contact[2]}".encode() if contact else b"recovery"
        content = unseal(wrap["wrap"], 1, s + self.vault.eval(f"rec.{arming['a']}", s), self.vault.vault_id, 12,
                         "wrap", wrap["id"], arming["a"], context=context)
        if len(content) not in (64, 65) or content[64:] not in (b"", b"\x03"):
            raise Refused("damaged: a wrap with other content")
        # A root of schema 2 is compared with nothing.
        return content[:32], content[32:64] if content[64:] else None

    def open_by_code(self, code):
        """The keys of all groups that a typed code opens, with their root."""
        code, keys, root = read_code(code), {}, None
        waiting = {row["id"] for row in self.vault.rows["groups"] if not row["key"]}
        for group, arming in self.by_group.items():
            if self.vault.standing != "blocked" and group not in waiting:
                continue
            for wrap in arming["wraps"]:
                try:
                    keys[group], root = self.open_wrap(arming, wrap, code)
                except Mismatch:
                    pass
        if not keys:
            raise Refused("wrong code")
        return keys, root

    # --- of an open vault --------------------------------------------------------------------
    def check(self, group_keys, identities, root, recovery_code):
        """Recomputes every unlock code of the open groups and opens every wrap with it. Their number."""
        opened = 0
        contacts = self.contacts(group_keys, identities)
        for group, key in group_keys.items():
            arming, expected = self.by_group.get(group), contacts[group]
            members = any(row["group_id"] == group for row in self.vault.rows["identities"] + self.vault.rows["drafts"])
            if arming is None:
                if members:
                    raise Refused("damaged: a group without a way back")
                continue
            wrapped = {wrap["id"] for wrap in arming["wraps"]}
            # An old pair that has no wrap yet: the wrap of its identity is still the one of that pair.
            for id in self.old_pairs() & set(expected) - wrapped:
                pair = expected.pop(id)
                expected.update({other: pair for other, now in expected.items() if now[1:3] == pair[1:3]})
            if wrapped != (set(expected) or {group}):
                raise Refused("damaged: wraps of other identities")
            for wrap in arming["wraps"]:
                if wrap["contact"] is None:
                    code = recovery_code
                else:
                    issuer, address, serial, recovery_key = expected[wrap["id"]]
                    if wrap["contact"] != (issuer, address, serial):
                        raise Refused("damaged: a wrap with another contact")
                    code = unlock_code(recovery_key, arming["body"][5], address, serial)
                if code is None:
                    continue
                try:
                    found = self.open_wrap(arming, wrap, code)
                except Mismatch:
                    raise Refused("damaged: a wrap under another code") from None
                if found != (key, root) and found != (key, None):
                    raise Refused("damaged: a wrap of another group")
                opened += 1
        return opened

    def old_pairs(self):
        drafts = self.vault.rows["drafts"]
        return {row["id"] for row in drafts if row.get("group_id") is not None and row["name"] is None}

    def contacts(self, group_keys, identities):
        """Per open group: id -> issuer, address, serial number and K_rec of what an issuer can answer for."""
        found = {group: {} for group in group_keys}
        for row, shown in identities:
            if row["group_id"] in group_keys and shown.get("recovery_key_hex") and "address" in shown and "serial" in shown:
                found[row["group_id"]][row["id"]] = (shown["issuer"], shown["address"], shown["serial"],
                                                     bytes.fromhex(shown["recovery_key_hex"]))
        for row in self.vault.rows["drafts"]:
            group = row.get("group_id")
            if group in group_keys and row["recovery"] is not None:
                recovery = decode_map(unseal(row["recovery"], 128, group_keys[group], self.vault.vault_id, 14,
                                             "draft-recovery", row["id"], row["version"]), 1, 2)
                found[group][row["id"]] = (*contact(recovery[1]), recovery[2])
        return found


def shown_recovery_code(vault, vmk):
    """The recovery code as it is shown, until the user has acknowledged it."""
    row = vault.one("recovery", needed=False)
    return None if row is None else vault.under_vmk(vmk, row["code"], 13, "recovery", ZEROS, 1).decode()
