"""A vault file, read from core/FORMAT.md alone: rows, MACs, keys. It counts no try and changes nothing."""
import hashlib, hmac, os, shutil, sqlite3, tempfile

from _contents import (Mismatch, Refused, argon2id, decode_map, hkdf, read_label, read_record, unseal)

TABLES = {1: "header state pin_slot groups identities names listing drafts wraps".split()}
TABLES[2] = TABLES[1] + ["armings", "recovery"]
TABLES[3] = TABLES[2] + ["bio_slot", "events", "whole"]
WITH_ROWID = ("groups", "identities", "drafts", "wraps")
OPEN = "header groups identities names listing drafts recovery events".split()
CLOSED = "state pin_slot bio_slot armings wraps".split()
EVENTS = dict(enumerate(
    "created unlocked unlocked-by-biometrics wrong-pin locked blocked pin-given-up older-file pin-changed redeemed "
    "wrong-code recovery-acknowledged added renamed removed backup biometrics-on biometrics-off auto-lock "
    "another-seed deleted-by-issuer replaced-elsewhere".split(), 1))
ZEROS = bytes(16)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac256(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def u32(number):
    return number.to_bytes(4, "big")


def number16(number):
    return number.to_bytes(16, "big")


def column(value):
    if value is None:
        return b"\0" + bytes(8)
    kind, data = (1, value.to_bytes(8, "big", signed=True)) if isinstance(value, int) else (2, bytes(value))
    return bytes([kind]) + len(data).to_bytes(8, "big") + data


def bounded(memory, passes, lanes):
    """A price that a reader pays."""
    if not (8 <= memory <= 1 << 20 and 1 <= passes <= 16 and 1 <= lanes <= 16):
        raise Refused("the key derivation costs more than a reader spends")
    return memory, passes, lanes


class Vault:
    """The rows of one file with the device keys beside it (alias: 32 bytes); everything that needs no PIN."""

    def __init__(self, folder, device_keys):
        self.device_keys = device_keys
        self.read(folder)
        self.vault_id = bytes(self.one("header")["vault_id"])
        mk = hkdf(self.eval("meta", sha256(b"softtoken/2 meta", self.vault_id)), b"meta")
        self.meta = {name: hkdf(mk, name.encode())
                     for name in ("header", "labels", "groups", "armings", "events", "whole")}
        row = self.one("header")
        self.header = decode_map(self.open_meta(row["body"], 128, 1, "header", ZEROS, row["version"]),
                                 1, 2, 3, 4, 5, 6)
        bounded(*(self.header[key] for key in (1, 2, 3)))
        self.state, self.whole = self.one("state"), self.one("whole", needed=False)
        self.standing = self.stand()
        self.check_device_mac()
        self.check_names()
        self.labels = {row["id"]: read_label(self.open_meta(row["label"], 128, 5, "label", row["id"],
                                                            row["label_version"], "labels"))
                       for row in self.rows["identities"]}
        self.groups = {row["id"]: decode_map(self.open_meta(row["info"], 128, 3, "group-info", row["id"],
                                                            row["version"], "groups"), 1)
                       for row in self.rows["groups"]}
        self.events = [self.read_event(row) for row in self.rows["events"]]

    # --- the file ----------------------------------------------------------------------------
    def read(self, folder):
        """Of a copy, because SQLite rolls an unfinished transaction back."""
        with tempfile.TemporaryDirectory() as copy:
            for name in ("vault.db", "vault.db-journal"):
                if os.path.exists(os.path.join(folder, name)):
                    shutil.copyfile(os.path.join(folder, name), os.path.join(copy, name))
            database = sqlite3.connect(f"file:{copy}/vault.db?mode=rw", uri=True)
            try:
                self.read_tables(database)
            except (sqlite3.DatabaseError, UnicodeDecodeError):
                raise Refused("damaged: no database") from None
            finally:
                database.close()

    def read_tables(self, database):
        ask = lambda sql: database.execute(sql).fetchall()
        if ask("PRAGMA application_id") != [(0x53547632,)]:
            raise Refused("damaged: no vault")
        [(self.schema,)] = ask("PRAGMA user_version")
        if self.schema not in TABLES:
            raise Refused("damaged" if self.schema < 1 else "newer than this reader")
        if ask("PRAGMA integrity_check") != [("ok",)]:
            raise Refused("damaged: pages")
        if sorted(name for name, in ask("SELECT name FROM sqlite_schema WHERE type = 'table'")) != sorted(
                TABLES[self.schema]):
            raise Refused("damaged: tables")
        self.rows = {name: [] for name in TABLES[3]}
        for name in TABLES[self.schema]:
            # Their own ids where they have one, the tag of names, or rowid, which comes first then.
            extra = "rowid AS rowid_, " if name in WITH_ROWID else ""
            cursor = database.execute(f"SELECT {extra}* FROM {name} ORDER BY 1")
            names = [item[0] for item in cursor.description]
            self.rows[name] = [dict(zip(names, row)) for row in cursor]

    def one(self, table, needed=True):
        rows = self.rows[table]
        if len(rows) > 1 or needed and not rows:
            raise Refused(f"damaged: {len(rows)} rows in {table}")
        return rows[0] if rows else None

    # --- the device --------------------------------------------------------------------------
    def eval(self, name, data):
        key = self.device_keys.get(f"{self.vault_id.hex()}/{name}")
        if key is None:
            raise Refused(f"device key {name.split('.')[0]} is lost")
        return mac256(key, data)

    def has_key(self, name):
        return f"{self.vault_id.hex()}/{name}" in self.device_keys

    def open_meta(self, sealed, block, table, label, row, version, key=None):
        try:
            return unseal(sealed, block, self.meta[key or label], self.vault_id, table, label, row, version)
        except Mismatch:
            raise Refused(f"damaged: {label}, or keys of another device") from None

    def stand(self):
        """*Found at open*, as one word; a dead slot stays unread even if its row is there."""
        state, slot = self.state, self.one("pin_slot", needed=False)
        g, e = state["g"], state["e"]
        if state["mac"] is None:
            later = [alias for alias in self.device_keys if alias.startswith(f"{self.vault_id.hex()}/state.")
                     and int(alias.rpartition(".")[2]) > 1]
            fits = not later
        else:
            label = b"softtoken/3 state" if self.whole else b"softtoken/2 state"
            data = sha256(label, self.vault_id, u32(g), u32(state["fails"]), u32(e))
            fits = self.has_key(f"state.{g}") and hmac.compare_digest(
                mac256(self.eval(f"state.{g}", data), b"state"), state["mac"])
        if not fits:
            return "older or edited"
        if self.header[5] != e:
            raise Refused("damaged: header and state of different epochs")
        blocked = state["mac"] is not None and state["fails"] >= 5
        if blocked or slot is None or slot["e"] != e or not self.has_key(f"pin.{e}"):
            return "blocked"
        return "locked"

    # --- MACs --------------------------------------------------------------------------------
    def digest(self, tables, events=None):
        out = b""
        for name in tables:
            out += b"\x03" + name.encode()
            for row in self.rows[name]:
                if name != "events" or events is None or row["n"] <= events:
                    out += b"\x04" + b"".join(map(column, row.values()))
        return out

    def check_device_mac(self):
        if self.whole is None:
            return
        whole = self.whole
        digest = sha256(self.digest(OPEN), self.digest(CLOSED), column(whole["root_mac"]), column(whole["root"]),
                        column(whole["events"]))
        if not hmac.compare_digest(mac256(self.meta["whole"], b"device", self.vault_id, digest), whole["device_mac"]):
            raise Refused("damaged: device_mac")

    def check_root_mac(self, root):
        """True when there was one to compare."""
        u = self.state["u"]
        if self.whole and self.whole["root_mac"] is not None:
            events = self.whole["events"]
            expected = self.whole["root_mac"]
            made = mac256(root, b"whole", self.vault_id,
                          sha256(self.digest(OPEN, events), column(u), column(events)))
        elif self.state.get("u_mac") is not None:
            expected, made = self.state["u_mac"], mac256(root, b"u", self.vault_id, u32(u))
        elif self.state["mac"] is None:
            return False
        else:
            raise Refused("damaged: no root_mac")
        if not hmac.compare_digest(made, expected):
            raise Refused("damaged: root_mac")
        return True

    def check_names(self):
        """The tags need UTS 39's tables and are left alone. A draft without a group may be a queued deletion, whose
        name is not reserved."""
        owners = {row["owner"] for row in self.rows["names"]}
        named = {row["id"] for row in self.rows["identities"]}
        drafts = [row for row in self.rows["drafts"] if row["name"] is not None]
        named |= {row["id"] for row in drafts if row.get("group_id") is not None}
        if not named <= owners <= named | {row["id"] for row in drafts}:
            raise Refused("damaged: names")

    def read_event(self, row):
        event = decode_map(self.open_meta(row["body"], 48, 16, "event", number16(row["n"]), 1, "events"), 1)
        shown = {"n": row["n"], "kind": EVENTS.get(event[1], "unknown"), "at": event.get(2), "number": event.get(3)}
        if 4 in event:
            shown["name"] = self.labels.get(event[4], {}).get("name")
        return {key: value for key, value in shown.items() if value is not None}

    # --- what the PIN or a code opens --------------------------------------------------------
    def open_slot(self, pin):
        """VMK, from the PIN as digits."""
        if self.standing != "locked":
            raise Refused(f"{self.standing}: the PIN opens nothing")
        e, slot = self.state["e"], self.one("pin_slot")
        if self.state["mac"] is not None and self.state["g"] != self.state["u"] + self.state["fails"]:
            raise Refused("damaged: g is not u + fails")
        a = argon2id(pin.encode(), self.header[4], *(self.header[key] for key in (1, 2, 3)))
        parent, row = a + self.eval(f"pin.{e}", a), number16(e)
        try:
            return unseal(slot["wrap"], 1, parent, self.vault_id, 2, "pin", row, 1,
                          info=b"pin" + bytes([2]) + self.vault_id + row)
        except Mismatch:
            raise Refused("wrong PIN") from None

    def under_vmk(self, vmk, sealed, table, label, row, version, block=1):
        return unseal(sealed, block, vmk, self.vault_id, table, label, row, version)

    def drafts_key(self, vmk):
        return hkdf(vmk, b"drafts")

    def open_root(self, vmk):
        """root, and the number of digits of the PIN if it is written down."""
        if self.whole and self.whole["root"] is not None:
            content = self.under_vmk(vmk, self.whole["root"], 17, "root", ZEROS, 1)
            if len(content) != 33:
                raise Refused("damaged: root")
            return content[:32], content[32]
        return hkdf(vmk, b"root"), None

    def open_groups(self, vmk):
        return {row["id"]: self.under_vmk(vmk, row["key"], 4, "group-key", row["id"], row["version"])
                for row in self.rows["groups"] if row["key"]}

    def check_bio_slot(self, vmk):
        """True when there is one whose device key can be asked without a prompt, and it opens VMK."""
        slot = self.one("bio_slot", needed=False)
        if slot is None or not self.has_key(f"bio.{slot['b']}"):
            return False
        y = self.eval(f"bio.{slot['b']}", sha256(b"softtoken/2 bio", self.vault_id, u32(slot["b"])))
        if self.under_vmk(y, slot["wrap"], 15, "bio", number16(slot["b"]), 1) != vmk:
            raise Refused("damaged: the biometric slot has another key")
        return True

    def read_records(self, group_keys):
        """Identities in the user's order; what has no key waits for its code."""
        order = []
        if (listing := self.one("listing", needed=False)) is not None:
            ids = self.open_meta(listing["ids"], 512, 9, "listing", ZEROS, listing["version"], "labels")
            order = [ids[at:at + 16] for at in range(0, len(ids), 16)]
        place = lambda row: order.index(row["id"]) if row["id"] in order else len(order)
        found = []
        for row in sorted(self.rows["identities"], key=place):
            shown, key = dict(self.labels[row["id"]]), group_keys.get(row["group_id"])
            shown["state"] = "active" if key else "needs_unlock_code"
            if key:
                shown.update(read_record(unseal(row["record"], 512, key, self.vault_id, 6, "rec", row["id"],
                                                row["version"])))
            found.append((row, shown))
        return found
