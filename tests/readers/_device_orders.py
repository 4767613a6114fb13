"""Activations of all kinds, and those that were interrupted (core/PROTOCOL.md, sections 3 to 7 and 10)."""

import time

from _device_app import (ACCEPTED, AWAITED, SEALED, USED, WRONG_PASSWORD, Claim, Session, seal,
                         status as ask_status, typed_order)
from _device_cbor import write_map
from _device_keys import offline_keys, step_at, totp, typed_secret, unlock_code
from _device_play import Play, outcome, status
from _device_values import checked, password_digits, read_text, read_unlock_code, typed_address, typed_digits

NAME = "Büro 📱"
# The doors of section 1 as the issuer's REST interface names them.
TYPED_VALUES, LINK, QR_CODE = "CLASSIC", "ONLINE", "OFFLINE"


# What a user does to begin


def text_claim(play: Play, text: str) -> Claim:
    order, s = read_text(text)
    return Claim(order, s, NAME, play.random)


def typed_claim(play: Play, mail: dict, activation_code: str | None = None) -> Claim:
    """Typed values with the issuer's card (section 7.7)."""
    address, serial, code = typed_values(mail)
    issuer = play.card(address)
    secret = typed_secret(address, serial, activation_code or code)
    return Claim(typed_order(address, serial, issuer.x25519), secret, NAME, play.random)


def typed_values(mail: dict) -> tuple[str, str, str]:
    """Address, serial number and activation code as a user types them (section 4)."""
    serial, code = mail["serialNumber"], mail["activationCode"]
    return (
        typed_address(f" HTTP://{mail['activationAddress']}/ "),
        typed_digits(f"{serial[:5]}-{serial[5:]}", 10, "serial number"),
        typed_digits(" ".join(code[at : at + 4] for at in range(0, 16, 4)), 16, "activation code"),
    )


def network(play: Play, claim: Claim):
    return play.send_to(claim.order.address)


def link_session(play: Play) -> tuple[Claim, Session]:
    """A link, up to message 2."""
    claim = text_claim(play, play.order(LINK)["activationOnlineHttpURL"])
    return claim, claim.open(network(play, claim))


# Ways to an active token


def link(play):
    """A link ends with an active token, and the issuer takes its codes"""
    claim, session = link_session(play)
    assert play.state() == "ACTIVATING", play.state()
    assert abs(session.message_2.clock - time.time()) < 5, "both clocks are of this computer"
    assert claim.finish(network(play, claim), session) == ACCEPTED
    play.active(session.seed, claim.order.profile)
    assert play.rest("GET", f"/api/web/v1/tokens/{play.token}")["device"] == NAME


def confirmed_link(play):
    """A link that is confirmed waits for its registration code"""
    mail = play.order(LINK, confirm=True)
    claim = text_claim(play, mail["activationOnlineURL"])
    assert read_text(mail["activationOnlineHttpURL"]) == (claim.order, claim.secret), "both forms say the same"
    confirm(play, claim)


def typed(play):
    """Typed values end with an active token once the registration code was typed in"""
    confirm(play, typed_claim(play, play.order(TYPED_VALUES)))


def confirm(play: Play, claim: Claim) -> None:
    """Message 3, a wrong and the right registration code."""
    send = network(play, claim)
    session = claim.open(send)
    assert claim.finish(send, session) == AWAITED
    code = claim.registration_code(session)
    play.complete(play.other_code(code), wanted=400)
    assert ask_status(send, session) == AWAITED and play.state() != "ACTIVE"
    play.complete(code)
    assert ask_status(send, session) == ACCEPTED
    play.active(session.seed, claim.order.profile)


def qr_code(play):
    """A QR code with a wrong password leaves four tries, and the right one ends with an active token"""
    mail = play.order(QR_CODE)
    claim = text_claim(play, mail["activationURL"])
    send, password = network(play, claim), password_digits(mail["activationPassword"])
    wrong = str((int(password) + 1) % 10**8).zfill(8)
    outcome(lambda: claim.open(send, wrong), WRONG_PASSWORD, 4)
    session = claim.open(send, password)
    assert claim.finish(send, session) == ACCEPTED
    play.active(session.seed, claim.order.profile)


def offline_typed(play):
    """Typed values without network end with registration code and first code"""
    address, serial, code = typed_values(play.order(TYPED_VALUES))
    order = typed_order(address, serial, bytes(32))  # the issuer's key is not part of the derivation
    offline(play, order, b"", code[:15])


def offline_qr_code(play):
    """A QR code without network ends with registration code and first code"""
    mail = play.order(QR_CODE)
    order, s = read_text(mail["activationURL"])
    offline(play, order, s, mail["activationPassword"])


def offline(play: Play, order, s: bytes, secret: str) -> None:
    r = play.digits(9)
    seed, k_rec = offline_keys(order, s, secret, r)
    step = step_at(order.profile, time.time())
    play.complete(checked(r), totp(seed, order.profile, step))
    assert play.state() == "ACTIVE", play.state()
    assert not play.sign_in(totp(seed, order.profile, step)), "the first code is used up"
    play.signs_in(seed, order.profile, step + 1)
    unlocks(play, k_rec, order)


def unlock(play):
    """The unlock codes of an activation over the network are those that the device computes"""
    claim, session = link_session(play)
    claim.finish(network(play, claim), session)
    unlocks(play, session.k_rec, claim.order)
    play.rest("PUT", f"/api/web/v1/tokens/{play.token}/unlock", {"unlockChallenge": "123456789"}, wanted=400)


def unlocks(play: Play, k_rec: bytes, order) -> None:
    """Of the few codes that an issuer gives in an hour, two: any one and an extreme one."""
    for eight in (play.digits(8), play.random.choice(("00000000", "99999999"))):
        answer = play.unlock(checked(eight))["unlockCode"]
        own = unlock_code(k_rec, order.address, order.serial, checked(eight))
        assert answer == own, f"{answer} is not {own}"
        assert read_unlock_code(answer.lower().replace("0", "O").replace("-", " ")) == read_unlock_code(own)


# One device after another, and answers that are lost


def second_device(play):
    """A second device is told that the order is already used, before and after message 3"""
    claim, session = link_session(play)
    other = Claim(claim.order, claim.secret, "another", play.random)
    outcome(lambda: other.open(network(play, other)), USED)
    assert claim.finish(network(play, claim), session) == ACCEPTED
    outcome(lambda: other.open(network(play, other)), USED)
    outcome(lambda: claim.open(network(play, claim)), USED)


def interrupted(play):
    """A claim whose message 2 was lost goes on with the same r_d and n_d, six times in all"""
    claim, first = link_session(play)
    sessions = [claim.open(network(play, claim)) for _ in range(5)]
    assert len({session.seed for session in [first, *sessions]}) == 6, "each handshake has keys of its own"
    outcome(lambda: claim.open(network(play, claim)), USED)
    assert claim.finish(network(play, claim), sessions[2]) == ACCEPTED
    play.active(sessions[2].seed, claim.order.profile)
    status(lambda: claim.finish(network(play, claim), first), 404)


def lost_answer(play):
    """The issuer answers a repeated request with the same bytes, and no other request with its number"""
    claim, session = link_session(play)
    send = network(play, claim)
    early = seal(session.k_c2s, session.id, 2, write_map({1: 2}))
    status(lambda: send(SEALED, early), 409)
    claim.finish(send, session)
    body, answer = play.sent[-1][1], play.received[-1]
    assert send(SEALED, body) == answer and send(SEALED, body) == answer
    other = seal(session.k_c2s, session.id, 1, write_map({1: 2}))
    status(lambda: send(SEALED, other), 409)
    assert ask_status(send, session) == ACCEPTED
    play.active(session.seed, claim.order.profile)


CHECKS = [link, confirmed_link, typed, qr_code, offline_typed, offline_qr_code, unlock, second_device, interrupted,
          lost_answer]
