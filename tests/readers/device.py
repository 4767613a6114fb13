#!/usr/bin/env python3
"""A device that was written from core/PROTOCOL.md alone plays against the running reference issuer over HTTP.

It shares no code with the token. Random values are fresh in every run; `device.py SEED` repeats a run.
Needs argon2-cffi and cryptography from PyPI.
"""
import random, secrets, socket, sys, tempfile, time, traceback

sys.dont_write_bytecode = True

import _device_contacts as contacts
import _device_orders as orders
import _device_trouble as trouble
import _device_verifications as verifications
from _device_play import Play
from _issuer import Issuer


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def draw_policy(issuer, rng):
    """A code profile of links and QR codes that is another one in every run."""
    algorithm, digits, period = rng.choice(("SHA1", "SHA256", "SHA512")), rng.randrange(6, 11), rng.randrange(20, 91)
    print(f"codes by {algorithm}, {digits} digits, {period} seconds")
    policy = f'[policy]\notpAlgorithm = "{algorithm}"\notpLength = {digits}\notpPeriod = {period}\n'
    issuer.settings.write_text(issuer.settings.read_text().replace("[policy]\n", policy))


def passes(check, play):
    started = time.monotonic()
    try:
        check(play)
    except Exception:
        print(f"FAILED {check.__doc__}\n{traceback.format_exc()}")
        return False
    print(f"ok     {check.__doc__} ({time.monotonic() - started:.1f} s)")
    return True


def main(arguments):
    seed = arguments[0] if arguments else secrets.token_hex(8)
    print(f"seed {seed}")
    checks = [*orders.CHECKS, *trouble.CHECKS, *contacts.CHECKS]
    with tempfile.TemporaryDirectory() as folder:
        issuer = Issuer(folder, port=free_port())
        draw_policy(issuer, random.Random(seed))

        def play(name):
            return Play(issuer, random.Random(f"{seed} {name}"), name)

        with issuer:
            if contacts.answered(play("answered")):
                checks += contacts.IF_ANSWERED
            else:
                print("skipped: device-contacts: the issuer answers no contacts yet")
            results = [passes(check, play(check.__name__)) for check in checks]
    with tempfile.TemporaryDirectory() as folder:
        issuer = Issuer(folder, port=free_port())
        policy = '[policy]\nverifications = ["face"]\n'
        issuer.settings.write_text(issuer.settings.read_text().replace("[policy]\n", policy))
        with issuer:
            results += [passes(check, play(check.__name__)) for check in verifications.CHECKS]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
