"""A vault that the real command makes in the same run: random PIN, names and keys, then read by the reader."""
import base64, json, os, pathlib, random, subprocess, tempfile

from _contents import Refused
from _ways_back import as_shown, unlock_code

ROOT = pathlib.Path(__file__).resolve().parents[2]
LETTERS = "abcdefghijkmnopqrstuvwxyzäößéñçαβγжя漢字かな0123456789"
NOBODY = "127.0.0.1:1"
SERIAL, ACTIVATION_CODE = "48244-13456", "1745-7712-6942-8698"


def build():
    """The command, as built for the tests."""
    made = subprocess.run([os.environ.get("CARGO", "cargo"), "build", "-q", "-p", "softtoken-cli",
                           "--message-format=json"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    messages = map(json.loads, made.stdout.splitlines())
    return next(message["executable"] for message in messages if message.get("executable"))


class Place:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.vault, self.keys = self.folder / "vault", self.folder / "keys"

    def secret(self, name, text):
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)

    def run(self, *arguments, code=0):
        ended = subprocess.run([self.program, "--vault", self.vault, "--keys", self.keys, "--json", *arguments],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert ended.returncode == code, f"{arguments[0]}: {ended.returncode}: {ended.stderr}"
        return json.loads(ended.stdout)


def random_pin():
    while True:
        # Of no length that a date has.
        pin = "".join(random.choices("0123456789", k=random.choice((7, 9, 10, 11))))
        # Weak ones are refused: too few digits of their own, runs, dates.
        if len(set(pin)) > 4 and not any(run in pin for run in ("19", "20", "012", "123", "234", "345", "456", "567",
                                                                "678", "789", "987", "876", "765", "654", "543")):
            return pin


def random_name(taken):
    name = f"{''.join(random.choices(LETTERS, k=random.randint(3, 14)))} {len(taken)}-{random.randrange(10**6)}"
    taken.append(name)
    return name


def fill(place, pin):
    """Identities of every way in; what the reader must find, in order."""
    with_pin, taken, rows = ("--pin-file", pin), [], []
    recovery_code = None
    for _ in range(random.randint(4, 9)):
        key, name = random.randbytes(random.randint(10, 40)), random_name(taken)
        row = {"name": name, "issuer": f"I {random.randrange(1000)}", "account": f"a{random.randrange(1000)}@ä",
               "secret_hex": key.hex(), "digits": random.choice((6, 8)), "state": "active",
               "algorithm": random.choice(("SHA1", "SHA256", "SHA512"))}
        more = ["--issuer", row["issuer"], "--account", row["account"], "--digits", str(row["digits"]),
                "--algorithm", row["algorithm"]]
        if random.random() < 0.4:
            row["kind"], row["counter"] = "hotp", random.randrange(1000)
            more += ["--hotp", str(row["counter"])]
        else:
            row["kind"], row["period"] = "totp", random.choice((30, 60))
            more += ["--period", str(row["period"])]
        text = base64.b32encode(key).decode().rstrip("=")
        added = place.run("add", "--key", text, "--name", name, "--yes", *more, *with_pin)
        recovery_code = recovery_code or added.get("recovery_code")
        if row["kind"] == "hotp":
            place.run("next", name, *with_pin)
            row["counter"] += 1
        rows.append(row)
    for address, complete in ((f"id{random.randrange(1000)}.example.org", True), ("later.example.net", False)):
        name = random_name(taken)
        place.run("add", "--manual", "--address", address, "--serial-number", SERIAL, "--activation-code",
                  ACTIVATION_CODE, "--offline", "--yes", "--name", name, *with_pin)
        if complete:
            place.run("complete", name, *with_pin)
            rows.append({"name": name, "address": address, "serial": SERIAL.replace("-", ""), "kind": "totp"})
    renamed = random.choice(rows)
    new = random_name(taken)
    place.run("rename", renamed["name"], new, *with_pin)
    renamed["name"] = new
    moved, position = random.randrange(len(rows)), random.randrange(len(rows))
    place.run("move", rows[moved]["name"], str(position + 1), *with_pin)
    rows.insert(position, rows.pop(moved))
    removed = random.choice([row for row in rows if "secret_hex" in row])
    place.run("remove", removed["name"], "--yes", *with_pin)
    rows.remove(removed)
    # Nobody answers there, so that its issuer is still to be told.
    gone = random_name(taken)
    place.run("add", "--manual", "--address", NOBODY, "--serial-number", SERIAL, "--activation-code", ACTIVATION_CODE,
              "--offline", "--yes", "--name", gone, *with_pin)
    place.run("complete", gone, *with_pin)
    assert place.run("remove", gone, "--yes", *with_pin)["untold"] == 1
    return rows, name, gone, recovery_code


def journey(read_vault, read_keys):
    program = build()
    with tempfile.TemporaryDirectory() as folder:
        place, digits = Place(program, folder), random_pin()
        pin = place.secret("pin", digits)
        place.run("init", "--pin-file", pin)
        rows, pending, gone, recovery_code = fill(place, pin)
        place.run("list", "--pin-file", place.secret("wrong", digits[::-1] + "1"), code=6)
        read = lambda **way: read_vault(place.vault, read_keys(place.keys), **way)
        found = read(pin=digits, recovery_code=recovery_code)
        for row, wanted in zip(found["identities"], rows, strict=True):
            assert {name: row.get(name) for name in wanted} == wanted, f"{row} is not {wanted}"
        assert found["pending"] == [{"name": pending, "state": "pending"}], found["pending"]
        told = {"name": gone, "state": "queued_deletion", "address": NOBODY, "serial": SERIAL.replace("-", "")}
        assert found["queued_deletions"] == [told], found["queued_deletions"]
        assert (found["schema"], found["fails"], found["checked"]) == (3, 1, ["device_mac", "root_mac"]), found
        assert found["wraps_opened"] == 3, f"{found['wraps_opened']} wraps: issuer, pending and recovery code"
        kinds = [event["kind"] for event in found["events"]]
        assert kinds[0] == "created" and kinds[-1] == "wrong-pin" and kinds.count("added") == len(rows) + 2, kinds
        try:
            read(pin=digits[::-1] + "1")
            raise AssertionError("a wrong PIN opens it")
        except Refused as why:
            assert str(why) == "wrong PIN", why
        both_ways(place, read, found, rows, recovery_code, pin)
        return f"{len(rows)} identities, {len(kinds)} events"


def both_ways(place, read, found, rows, recovery_code, pin):
    """Blocked: the reader opens what the command sealed for codes, and the command takes the reader's code."""
    place.run("forgot-pin", "--yes", "--pin-file", pin)
    blocked = read()
    assert blocked["standing"] == "blocked" and len(blocked["ask"]) == 2, blocked
    own = next(row for row in found["identities"] if "recovery_key_hex" in row)
    asked = next(ask for ask in blocked["ask"] if ask["address"] == own["address"])
    code = as_shown(unlock_code(bytes.fromhex(own["recovery_key_hex"]), asked["reset_code"], own["address"],
                                own["serial"]))
    names = lambda found: [row["name"] for row in found["identities"] if row["state"] == "active"]
    assert names(read(code=code)) == [own["name"]]
    assert names(read(code=recovery_code)) == [row["name"] for row in rows if row["name"] != own["name"]]
    new = random_pin()
    place.run("unlock", code, "--new-pin-file", place.secret("new", new))
    after = read(pin=new)
    assert names(after) == [own["name"]] and after["standing"] == "locked", after
