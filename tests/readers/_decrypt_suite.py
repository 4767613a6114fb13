"""The suite of decrypt.py: frozen vaults, one made in the same run, and everything that must be refused."""
import json, pathlib, random, secrets, shutil, sqlite3, tempfile

from _contents import Refused
from _decrypt_journey import journey
from _vault import CLOSED, OPEN, Vault
from _ways_back import as_shown, unlock_code

VAULTS = pathlib.Path(__file__).resolve().parents[1] / "vaults"


class Forged(Vault):
    """What a thief makes who has file and device and lacks the PIN: a device_mac that fits whatever he changed."""

    def check_device_mac(self):
        pass


class Suite:
    def __init__(self, read_vault, read_keys):
        self.read_vault, self.read_keys, self.passed, self.failed = read_vault, read_keys, 0, 0

    def run(self, name, check, *arguments):
        try:
            note = check(*arguments)
            self.passed += 1
            print(f"{name}: {note or 'ok'}")
        except Exception as problem:
            self.failed += 1
            print(f"{name}: FAILED: {type(problem).__name__}: {problem}")

    def refused(self, why, *arguments, **more):
        try:
            self.read_vault(*arguments, **more)
        except Refused as refusal:
            assert why in str(refusal), f"refused as '{refusal}', not as '{why}'"
            return
        raise AssertionError(f"not refused as '{why}'")

    # --- a frozen vault ----------------------------------------------------------------------
    def content(self, folder, keys, expected):
        found = self.read_vault(folder, keys, expected["pin"])
        for name in ("schema", "standing", "fails", "pending", "recovery_code", "wraps_opened", "checked"):
            assert found.get(name) == expected[name], f"{name}: {found.get(name)}"
        assert [event["kind"] for event in found["events"]] == expected["events"], found["events"]
        assert [[row["issuer"], row["serial"]] for row in found["ask"]] == expected["ask"], found["ask"]
        for row, wanted in zip(found["identities"], expected["identities"], strict=True):
            assert {name: row.get(name) for name in wanted} == wanted, row
        return f"{len(found['identities'])} identities"

    def wrong_keys(self, folder, keys, expected):
        pin, vault = expected["pin"], next(iter(keys)).split("/")[0]
        self.refused("wrong PIN", folder, keys, "0000")
        self.refused("device key meta is lost", folder, {}, pin)
        other = {alias: secrets.token_bytes(32) for alias in keys}
        self.refused("damaged: header", folder, other, pin)
        unseen = 0
        for alias in keys:
            name = alias.split("/")[1]
            flipped = {**keys, alias: keys[alias][:-1] + bytes([keys[alias][-1] ^ 1])}
            without = {other: key for other, key in keys.items() if other != alias}
            wrong, lost = {
                "meta": ("damaged: header", "device key meta is lost"), "pin": ("wrong PIN", "blocked"),
                "state": ("older or edited",) * 2, "rec": ("damaged: a wrap", "device key rec is lost"),
                "bio": ("another key", None)}[name.split(".")[0]]
            # Schema 1 has no state key that means anything.
            if name.startswith("state") and expected["schema"] == 1:
                continue
            if lost:
                self.refused(lost, folder, without, pin)
            try:
                self.refused(wrong, folder, flipped, pin, recovery_code=expected["recovery_code"])
            except AssertionError:
                unseen += name.startswith("rec.") or 100
        assert unseen == len(expected["ask"]), "only the wraps of groups that wait for their code stay closed"
        later = {**keys, f"{vault}/state.9": bytes(32)}
        if expected["schema"] == 1:
            self.refused("older or edited", folder, later, pin)

    def codes(self, folder, keys, expected):
        """Blocked: without the device key of the slot."""
        opened, blocked = 0, {alias: key for alias, key in keys.items() if "/pin." not in alias}
        assert self.read_vault(folder, blocked)["standing"] == "blocked"
        for asked in self.read_vault(folder, blocked)["ask"]:
            key = bytes.fromhex(expected["recovery_keys"][asked["address"]])
            code = as_shown(unlock_code(key, asked["reset_code"], asked["address"], asked["serial"]))
            opened += self.opens(folder, blocked, code, expected["opened_by"][asked["address"]])
            if asked["issuer"] in [issuer for issuer, _ in expected["ask"]]:
                self.opens(folder, keys, code, expected["opened_by"][asked["address"]])
            else:
                self.refused("wrong code", folder, keys, code=code)
        if expected["recovery_code"]:
            opened += self.opens(folder, blocked, expected["recovery_code"], expected["opened_by"]["recovery_code"])
        self.refused("wrong code", folder, blocked, code="0000-0000-0000-0")
        self.refused("check character", folder, blocked, code="0000-0000-0000-1")
        return f"{opened} codes open their groups"

    def opens(self, folder, keys, code, names):
        found = self.read_vault(folder, keys, code=code)
        opened = [row["name"] for row in found["identities"] + found["pending"] if row["state"] != "needs_unlock_code"]
        assert opened == names, f"{opened} instead of {names}"
        return 1

    # --- one bit in every column -------------------------------------------------------------
    def flips(self, folder, keys, expected):
        device = root = 0
        with tempfile.TemporaryDirectory() as copy:
            target = pathlib.Path(copy) / "vault.db"
            for table, column, nth in self.columns(folder):
                shutil.copyfile(pathlib.Path(folder) / "vault.db", target)
                if not self.flip(target, table, column, nth):
                    continue
                self.refused("", copy, keys)
                device += 1
                if table in OPEN and not (table == "events" and nth >= expected["events_under_root"]):
                    self.refused("", copy, keys, expected["pin"], kind=Forged)
                    root += 1
        assert device > 100 and root > 80, (device, root)
        return f"{device} flipped columns are noticed by the device, {root} by the PIN as well"

    def columns(self, folder):
        database = sqlite3.connect(f"file:{folder}/vault.db?mode=ro&immutable=1", uri=True)
        for table in OPEN + CLOSED + ["whole"]:
            names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            [(count,)] = database.execute(f"SELECT count(*) FROM {table}")
            yield from ((table, name, nth) for nth in range(count) for name in names)
        database.close()

    def flip(self, path, table, column, nth):
        database = sqlite3.connect(path)
        database.execute("PRAGMA ignore_check_constraints = ON")
        order = {"names": "tag"}.get(table, "rowid")
        ask = f"SELECT {column} FROM {table} ORDER BY {order} LIMIT 1 OFFSET {nth}"
        [(value,)] = database.execute(ask)
        if value is None:
            changed = secrets.token_bytes(8) if column in ("mac", "u_mac", "group_id", "name", "recovery") else 1
        elif isinstance(value, int):
            changed = value ^ 1 << random.randrange(16)
        else:
            at = random.randrange(len(value) or 1)
            changed = value[:at] + bytes([value[at] ^ 1 << random.randrange(8)]) + value[at + 1:] if value else b"\1"
        row = database.execute(f"SELECT {order} FROM {table} ORDER BY {order} LIMIT 1 OFFSET {nth}").fetchone()[0]
        try:
            database.execute(f"UPDATE {table} SET {column} = ? WHERE {order} = ?", (changed, row))
            database.commit()
        except sqlite3.IntegrityError:
            return False
        finally:
            database.close()
        return True


def run(read_vault, read_keys, seed=None):
    seed = secrets.randbits(63) if seed is None else seed
    print(f"seed {seed}")
    random.seed(seed)
    suite = Suite(read_vault, read_keys)
    folders = sorted(path.parent for path in VAULTS.glob("*/expected.json"))
    assert [folder.name for folder in folders] == ["v1", "v2", "v3"], folders
    for folder in folders:
        keys, expected = read_keys(folder / "device_keys.json"), json.loads((folder / "expected.json").read_text())
        for check in (suite.content, suite.wrong_keys, suite.codes):
            suite.run(f"{folder.name} {check.__name__}", check, folder, keys, expected)
        if expected["schema"] >= 3:
            suite.run(f"{folder.name} flips", suite.flips, folder, keys, expected)
    suite.run("made in this run", journey, read_vault, read_keys)
    print(f"{suite.passed} passed, {suite.failed} failed")
    raise SystemExit(suite.failed > 0)
