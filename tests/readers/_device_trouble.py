"""What goes wrong in an activation, and what an issuer must not take (core/PROTOCOL.md, sections 3, 4, 6 and 7)."""

import time

from _device_app import (ACCEPTED, AWAITED, DECLINED, OPEN, SEALED, SUPERSEDED, USED, VOID, WRONG_PASSWORD, Claim,
                         handshake, read_outcome, seal, status as ask_status, typed_order)
from _device_cbor import MAP, head, write_map, write_value
from _device_keys import offline_keys, order_psk, sha256, step_at, totp
from _device_orders import (LINK, NAME, QR_CODE, TYPED_VALUES, link_session, network, text_claim, typed_claim,
                            typed_values)
from _device_play import Status, expect, outcome, refused, status
from _device_values import checked, read_text, typed_address, typed_digits


def wrong_opening(play):
    """A message 3 that does not open the commitment is declined"""
    claim, session = link_session(play)
    answer = session.ask(network(play, claim), {1: 1, 2: play.random.randbytes(32)})
    outcome(lambda: read_outcome(answer), DECLINED)
    assert play.state() != "ACTIVE"


def five_passwords(play):
    """The fifth wrong password voids the order"""
    mail = play.order(QR_CODE)
    claim = text_claim(play, mail["activationURL"])
    send, password = network(play, claim), mail["activationPassword"]
    wrong = str((int(password) + 1) % 10**8).zfill(8)
    for left in (4, 3, 2, 1):
        outcome(lambda: claim.open(send, wrong), WRONG_PASSWORD, left)
    outcome(lambda: claim.open(send, wrong), VOID)
    outcome(lambda: claim.open(send, password), VOID)


def superseded(play):
    """A newer order supersedes the older one, whose psk the issuer still knows"""
    old = text_claim(play, play.order(LINK)["activationOnlineHttpURL"])
    new = text_claim(play, play.order(LINK)["activationOnlineHttpURL"])
    outcome(lambda: old.open(network(play, old)), SUPERSEDED)
    session = new.open(network(play, new))
    assert new.finish(network(play, new), session) == ACCEPTED


def other_doors(play):
    """The first claim closes the other doors of the order"""
    mail = play.order()
    claim = text_claim(play, mail["activationOnlineHttpURL"])
    qr, typing = text_claim(play, mail["activationURL"]), typed_claim(play, mail)
    session = claim.open(network(play, claim))
    outcome(lambda: qr.open(network(play, qr), mail["activationPassword"]), USED)
    outcome(lambda: typing.open(network(play, typing)), USED)
    assert claim.finish(network(play, claim), session) == ACCEPTED


def wrong_activation_code(play):
    """A wrong activation code does not open, and claims nothing"""
    mail = play.order(TYPED_VALUES)
    wrong = typed_claim(play, mail, play.other_code(mail["activationCode"]))
    status(lambda: wrong.open(network(play, wrong)), 400)
    claim = typed_claim(play, mail)
    claim.open(network(play, claim))


def garbage(play):
    """Garbage is answered with 4xx, and the order lives on"""
    claim = text_claim(play, play.order(LINK)["activationOnlineHttpURL"])
    send, header = network(play, claim), claim.order.header()
    front = bytes([len(header)]) + header
    for body in (b"", b"\0", b"\xff", front, front + bytes(31), front + bytes(96), front + play.random.randbytes(200)):
        expect_4xx(lambda: send(OPEN, body))
    for length in (4097, 5000, 100_000):
        expect_4xx(lambda: send(OPEN, front + play.random.randbytes(length)))
    strange = header[:3] + play.random.randbytes(16) + header[19:]
    status(lambda: send(OPEN, bytes([len(strange)]) + strange + play.random.randbytes(96)), 404)
    for length in (0, 1, 19, 20, 36, 200, 5000):
        expect_4xx(lambda: send(SEALED, play.random.randbytes(length)))
    status(lambda: send(SEALED, play.random.randbytes(60)), 404)
    session = claim.open(send)
    good = seal(session.k_c2s, session.id, 1, write_map(claim.message_3()))
    for at in (20, 30, len(good) - 1):
        broken = good[:at] + bytes([good[at] ^ 1 << play.random.randrange(8)]) + good[at + 1 :]
        status(lambda: send(SEALED, broken), 400)
    for plain in (b"", b"\xa0", play.random.randbytes(40), write_map({1: 77})):
        expect_4xx(lambda: send(SEALED, seal(session.k_c2s, session.id, 1, plain)))
    assert claim.finish(send, session) == ACCEPTED
    play.active(session.seed, claim.order.profile)


def expect_4xx(call) -> None:
    found = expect(Status, call)
    assert 400 <= found.number < 500, found


def other_texts(play):
    """The device refuses texts and typed values that are not quite those of the order"""
    mail = play.order()
    text = mail["activationOnlineHttpURL"]
    start, payload = text.split("#2.")
    for other in (
        text + "=",
        text[:-1],
        text.replace("#2.", "#3."),
        text.replace("#2.", "?x#2."),
        start.replace("/a", "/A") + "#2." + payload,
        start.replace("://", "://user@") + "#2." + payload,
        f"{start}#2.B{payload[1:]}",
        text + "A" * 2000,
        "otpauth://totp/x?secret=AAAA",
    ):
        refused(lambda: read_text(other))
    assert read_text("SOFTTOKEN://A#2." + payload) == read_text(text)
    for value, length in ((mail["serialNumber"], 10), (mail["activationCode"], 16)):
        refused(lambda: typed_digits(play.other_code(value)[:-1] + value[-1], length, "value"))
    refused(lambda: offline_keys(read_text(text)[0], b"", "1" * 15, "1" * 9))
    for address in ("http://example.org", "example.org/x", "a@b.org", "1.2.3", "x..y", "[::1%1]", "example.org:0"):
        refused(lambda: typed_address(address))
    assert typed_address("HTTPS://Example.ORG:443/") == "example.org" and typed_address("http://[0::1]") == "[::1]:80"


def messages(play):
    """Maps with keys in another order and with unknown keys are taken, other maps are not"""
    claim = text_claim(play, play.order(LINK)["activationOnlineHttpURL"])
    send, psk = network(play, claim), order_psk(claim.secret, claim.order.activation_id)
    pairs = [(0, 1), (1, claim.r_d), (2, sha256(b"softtoken/2 commit" + claim.n_d)), (4, NAME), (5, 3)]

    def send_raw(payload: bytes) -> bytes:
        return handshake(send, claim.order, psk, payload, play.random.randbytes(32))[0]

    def changed(key: int, value) -> bytes:
        return raw_map([(k, value if k == key else v) for k, v in pairs])

    good = raw_map(pairs)
    assert good == claim.message_1(None)
    for payload in (
        good + b"\0",
        good[:-1],
        raw_map([*pairs, (5, 3)]),
        raw_map([*pairs, (3, "12345678")]),
        *(raw_map(pairs[:at] + pairs[at + 1 :]) for at in range(len(pairs))),
        changed(0, 2),
        changed(1, claim.r_d[:31]),
        changed(2, "text"),
        changed(4, "x" * 65),
        changed(4, "a\nb"),
        changed(5, True),
        b"\xbf" + good[1:] + b"\xff",
        write_value("no map"),
    ):
        status(lambda: send_raw(payload), 400)
    unknown = b"".join(head(0, key) + value for key, value in UNKNOWN)
    strange = head(MAP, len(pairs) + len(UNKNOWN)) + unknown + raw_map(pairs[::-1])[1:]
    assert read_outcome(send_raw(strange)) == ACCEPTED
    assert read_outcome(send_raw(changed(4, "x" * 64))) == ACCEPTED, "the same pair again"


def raw_map(pairs: list) -> bytes:
    return head(MAP, len(pairs)) + b"".join(head(0, key) + write_value(value) for key, value in pairs)


# Keys that no table has: a list, a negative number, a map with texts as keys, a tag, null, a float.
UNKNOWN = [(key, bytes.fromhex(value)) for key, value in (
    (24, "83010243ffffff"), (300, "3863"), (70000, "a26161f5613000"), (2**32, "c11a514b67b0"), (99, "f6"),
    (98, "f93c00"),
)]


def wrong_doors(play):
    """A password in mode 1, none in mode 2, another door's secret and a status before message 3 are refused"""
    mail = play.order()
    link, qr = text_claim(play, mail["activationOnlineHttpURL"]), text_claim(play, mail["activationURL"])
    send = network(play, link)
    for claim, password in ((link, "12345678"), (qr, None), (qr, "1234567"), (qr, "1234567x")):
        fields = {1: claim.r_d, 2: bytes(32), **({3: password} if password else {}), 4: NAME, 5: 0}
        psk = order_psk(claim.secret, claim.order.activation_id)
        status(lambda: handshake(send, claim.order, psk, write_map(fields), play.random.randbytes(32)), 400)
    status(lambda: Claim(qr.order, link.secret, NAME, play.random).open(send, "12345678"), 400)
    session = link.open(send)
    status(lambda: ask_status(send, session), 409)


def three_registration_codes(play):
    """The third registration code that does not match voids the order"""
    claim = text_claim(play, play.order(LINK, confirm=True)["activationOnlineHttpURL"])
    send = network(play, claim)
    session = claim.open(send)
    assert claim.finish(send, session) == AWAITED
    code = claim.registration_code(session)
    for _ in range(3):
        play.complete(play.other_code(code), wanted=400)
    outcome(lambda: ask_status(send, session), VOID)
    play.complete(code, wanted=410)


def five_first_codes(play):
    """Without network, the registration code claims the order, and the fifth wrong first code voids it"""
    mail = play.order()
    address, serial, code = typed_values(mail)
    order, r = typed_order(address, serial, bytes(32)), play.digits(9)
    seed, _ = offline_keys(order, b"", code[:15], r)
    play.complete(checked(r)[:-1] + str((int(checked(r)[-1]) + 1) % 10), wanted=400)
    play.complete(checked(r))
    assert play.state() == "ACTIVATING", play.state()
    link = text_claim(play, mail["activationOnlineHttpURL"])
    outcome(lambda: link.open(network(play, link)), USED)
    far = step_at(order.profile, time.time()) + 130
    for _ in range(5):
        play.complete(checked(r), totp(seed, order.profile, far), wanted=400)
    play.complete(checked(r), totp(seed, order.profile, far - 130), wanted=410)


def drift(play):
    """A first code up to 120 steps away is found, and the drift is remembered"""
    mail = play.order(TYPED_VALUES)
    address, serial, code = typed_values(mail)
    order, r = typed_order(address, serial, bytes(32)), play.digits(9)
    seed, _ = offline_keys(order, b"", code[:15], r)
    step = step_at(order.profile, time.time()) + play.random.choice((-1, 1)) * play.random.randrange(50, 119)
    play.complete(checked(r), totp(seed, order.profile, step))
    play.signs_in(seed, order.profile, step + 1)


CHECKS = [wrong_opening, five_passwords, superseded, other_doors, wrong_activation_code, garbage, messages, wrong_doors,
          three_registration_codes, five_first_codes, drift, other_texts]
