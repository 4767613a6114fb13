"""Contacts of a device that has the token (core/PROTOCOL.md, section 9)."""

import json, pathlib, time

from _device_app import (ACCEPTED, DECLINED, DELETE, DELETED, OPEN, REFRESH, REKEY, SEALED, SUPERSEDED, Issuer, contact,
                         read_card, read_outcome, report)
from _device_keys import step_at, totp
from _device_orders import NAME, link_session, network, unlocks
from _device_play import Play, Status, outcome, status

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors/activation_v2_contact.json"


# Recorded contacts: the device sends what the vectors say, and understands what they answer


class Drawn:
    """The random values of a row, in the order in which a contact draws them."""

    def __init__(self, *values: str):
        self.values = [bytes.fromhex(value) for value in values]

    def randbytes(self, length: int) -> bytes:
        value = self.values.pop(0)
        assert len(value) == length
        return value


def recorded(play):
    """Every recorded contact has the bytes that this device sends, and ends as it expects"""
    for row in json.loads(VECTORS.read_text())["contacts"]:
        expected = [(OPEN, row["open_body_hex"], row["message_2_hex"])]
        expected += [(SEALED, sealed["request_hex"], sealed["answer_hex"]) for sealed in row["sealed"]]

        def send(path: str, body: bytes) -> bytes:
            wanted_path, request, answer = expected.pop(0)
            assert (path, body.hex()) == (wanted_path, request), row["label"]
            return bytes.fromhex(answer)

        one_recorded(row, send)
        assert not expected, row["label"]


def one_recorded(row: dict, send) -> None:
    issuer = read_card(row["address"], bytes.fromhex(row["card_hex"]))
    seed = bytes.fromhex(row.get("dead_seed_hex", row["seed_hex"]))
    drawn = Drawn(row["r_d_hex"], row["e_d_hex"])

    def open_it():
        return contact(send, issuer, row["address"], row["serial"], seed, row["device"], drawn)

    if "dead_outcome" in row:
        return outcome(open_it, row["dead_outcome"])
    session = open_it()
    assert (session.seed.hex(), session.k_rec.hex()) == (row["k_seed_hex"], row["k_rec_hex"]), row["label"]
    old = row["seeds_hex"][0] == row["seed_hex"] and len(row["seeds_hex"]) == 2
    if row["wish"] == DELETE:
        return outcome(lambda: read_outcome(session.ask(send, {1: DELETE})), DELETED)
    if row["wish"] == REKEY and (old or row["state"] == 2):
        return outcome(lambda: report(send, session, REKEY), DECLINED)
    found = report(send, session, row["wish"])
    if row["wish"] == REKEY:
        assert found[8].hex() == row["profile_hex"], row["label"]
        found = report(send, session, REFRESH)
    else:
        assert found[6] == row["rekey_wanted"], row["label"]
    assert found[3] == row["state"], row["label"]


# Contacts with the running issuer


def active(play: Play):
    """An activated device: its session, card and network."""
    claim, session = link_session(play)
    send = network(play, claim)
    assert claim.finish(send, session) == ACCEPTED
    return session, send


def meet(play: Play, send, session, seed: bytes | None = None):
    """Card, then a fresh handshake."""
    order = session.order
    issuer = play.card(order.address, session.message_2.issuer.ed25519)
    found = contact(send, issuer, order.address, order.serial, seed or session.seed, NAME, play.random)
    assert found.message_2.holder == session.message_2.holder
    return found


def answered(play: Play) -> bool:
    """Whether the issuer answers contacts at all; what else is wrong is for the checks to say."""
    try:
        session, send = active(play)
        meet(play, send, session)
    except Status as found:
        return found.number != 404
    except Exception:
        return True
    return True


def strangers(play):
    """A contact of a stranger is answered 404, whatever it names"""
    session, send = active(play)
    order = session.order
    known = play.card(order.address)
    bodies, other_serial, other_key = set(), play.other_code(order.serial), known.x25519[::-1]
    for serial, key in ((order.serial, known.x25519), (other_serial, known.x25519), (order.serial, other_key)):
        there = Issuer(key, known.ed25519, None)
        seed = play.random.randbytes(32)
        bodies.add(status(lambda: contact(send, there, order.address, serial, seed, NAME, play.random), 404).body)
    assert len(bodies) == 1, "and the same body"


def refreshed(play):
    """A refresh is answered with a report, and its repetition with the same bytes"""
    session, send = active(play)
    met = meet(play, send, session)
    found = report(send, met, REFRESH)
    assert (found[3], found[7]) == (1, True) and abs(found[5] - time.time()) < 5, found
    assert send(SEALED, play.sent[-1][1]) == play.received[-1]
    other = meet(play, send, session)
    report(send, other, REFRESH)
    status(lambda: report(send, met, REFRESH), 404)


def rekeyed(play):
    """After a rekey the issuer takes codes of both seeds, until one of the new seed was accepted"""
    session, send = active(play)
    met = meet(play, send, session)
    profile = report(send, met, REKEY)[8]
    step = step_at(profile, time.time())
    assert play.sign_in(totp(session.seed, session.order.profile, step_at(session.order.profile, time.time())))
    unlocks(play, session.k_rec, session.order)
    assert report(send, met, REFRESH)[7] is False
    unlocks(play, met.k_rec, session.order)
    play.signs_in(met.seed, profile, step)
    assert report(send, met, REFRESH)[7] is True
    outcome(lambda: meet(play, send, session), SUPERSEDED)
    assert report(send, meet(play, send, session, met.seed), REFRESH)[7] is True


def deleted(play):
    """A deletion is acknowledged, and every later contact says so"""
    session, send = active(play)
    met = meet(play, send, session)
    outcome(lambda: read_outcome(met.ask(send, {1: DELETE})), DELETED)
    outcome(lambda: meet(play, send, session), DELETED)


CHECKS = [recorded, strangers]
IF_ANSWERED = [refreshed, rekeyed, deleted]
