#!/usr/bin/env python3
"""An independent reader of the vault file, schemas 1 to 3 (core/FORMAT.md).

It shares no code with the token, writes nothing and counts no try. Needs argon2-cffi and cryptography
from PyPI.

    decrypt.py                                   read every vault of tests/vaults, and one that the command
                                                 `softtoken` makes in the same run; compare every field
    decrypt.py VAULT KEYS --pin-file F           list the identities of the vault in the folder VAULT
    decrypt.py VAULT KEYS --code CODE            the same for what an unlock or recovery code opens
    decrypt.py VAULT KEYS                        only what the device reveals

KEYS is a folder of device keys (`<vault id>/<name>.key`, 32 bytes each) or a JSON file of aliases and
hexadecimal keys. --secrets shows secrets too. A try that was right or wrong is not counted, and
FORMAT.md's order of steps is not followed: this is for a copy of a vault, not for a token.
"""
import json, pathlib, sys

sys.dont_write_bytecode = True

from _contents import SECRETS, Refused, decode_map, read_record, unseal
from _vault import Vault
from _ways_back import WaysBack, read_code, shown_recovery_code


def read_keys(path):
    path = pathlib.Path(path)
    if path.is_dir():
        return {f"{key.parent.name}/{key.stem}": key.read_bytes() for key in path.glob("*/*.key")}
    return {alias: bytes.fromhex(key) for alias, key in json.loads(path.read_text()).items()}


def read_vault(folder, device_keys, pin=None, code=None, recovery_code=None, kind=Vault):
    """Everything that the device, and a PIN or a code with it, reveals; all that can be checked is checked."""
    vault = kind(folder, device_keys)
    ways = WaysBack(vault)
    found = {"schema": vault.schema, "standing": vault.standing, "fails": vault.state["fails"],
             "ask": ways.ask(), "events": vault.events, "checked": ["device_mac"] if vault.whole else []}
    keys, vmk = {}, None
    if pin is not None:
        vmk = vault.open_slot(pin)
        root, digits = vault.open_root(vmk)
        if digits not in (None, len(pin)):
            raise Refused("damaged: the number of digits of the PIN")
        keys = vault.open_groups(vmk)
        found["recovery_code"] = shown_recovery_code(vault, vmk)
        found["checked"] += ["bio_slot"] if vault.check_bio_slot(vmk) else []
    elif code is not None:
        keys, root = ways.open_by_code(code)
    if keys and root and vault.check_root_mac(root):
        found["checked"].append("root_mac")
    rows = vault.read_records(keys)
    found["identities"] = [shown for _, shown in rows]
    drafts = [read_draft(vault, keys, vmk, row) for row in vault.rows["drafts"]]
    for kind in ("old_pair", "queued_deletion"):
        found[f"{kind}s"] = [draft for draft in drafts if draft["state"] == kind]
    found["pending"] = [draft for draft in drafts if draft["state"] not in ("old_pair", "queued_deletion")]
    if pin is not None and vault.schema > 1:
        recovery_code = recovery_code or found["recovery_code"]
        plain = recovery_code and read_code(recovery_code)
        found["wraps_opened"] = ways.check(keys, rows, root, plain)
    return found


def read_draft(vault, keys, vmk, row):
    """A draft: its kind, its name, and whether its body opens; the body of an activation is no part of the format."""
    name = row["name"] and vault.open_meta(row["name"], 128, 7, "draft-name", row["id"], row["version"], "labels")
    group = row.get("group_id")
    key = keys.get(group) if group else vmk and vault.drafts_key(vmk)
    shown = {"name": name.decode() if name else None, "state": "pending" if key else "needs_unlock_code"}
    reserved = any(other["owner"] == row["id"] for other in vault.rows["names"])
    body = key and unseal(row["body"], 512, key, vault.vault_id, 8, "draft", row["id"], row["version"])
    if group and not name:
        shown["state"] = "old_pair"
        if body:
            read_record(decode_map(body, 16)[16])
    elif name and not group and not reserved:
        shown["state"] = "queued_deletion"
        if body:
            caller = decode_map(decode_map(body, 17, 18)[18], 1, 2, 3)
            shown.update(address=caller[1], serial=caller[2])
    return shown


def main(arguments):
    if not arguments:
        import _decrypt_suite
        return _decrypt_suite.run(read_vault, read_keys)
    secrets = "--secrets" in arguments
    arguments = [argument for argument in arguments if argument != "--secrets"]
    if len(arguments) not in (2, 4) or arguments[2:3] not in ([], ["--pin-file"], ["--code"]):
        sys.exit(__doc__)
    pin = code = None
    if arguments[2:3] == ["--pin-file"]:
        pin = pathlib.Path(arguments[3]).read_text().strip()
    elif arguments[2:3]:
        code = arguments[3]
    try:
        found = read_vault(arguments[0], read_keys(arguments[1]), pin, code)
    except Refused as why:
        sys.exit(f"refused: {why}")
    if not secrets:
        found.pop("recovery_code", None)
        for row in found["identities"]:
            for name in SECRETS:
                row.pop(name, None)
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
