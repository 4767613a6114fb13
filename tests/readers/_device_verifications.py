"""Verifications inside an activation (core/PROTOCOL.md, section 8): the questions, the page of a face, message 3 after it."""

import http.client
import urllib.parse

from _device_app import ACCEPTED, Outcome
from _device_cbor import read_map
from _device_orders import LINK, network, text_claim
from _device_play import Play, outcome, status
from _device_values import require

VERIFICATIONS, AWAITED, REFUSED = 6, 101, 9
CERTIFICATE, FACE = 1, 2
KEY = {CERTIFICATE: 10, FACE: 11}
OPEN, REVIEWED, PASSED, AGAIN = 0, 1, 2, 3
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def ask(play, claim, session, again=0):
    """Section 8.2: None when all have passed, or the map of each wanted kind."""
    answer = session.ask(network(play, claim), {1: VERIFICATIONS, 3: again})
    number = read_map(answer, {1: int})[1]
    if number == ACCEPTED:
        return None
    if number != AWAITED:
        raise Outcome(number)
    wanted = [kind for kind in KEY if session.message_2.verifications & kind]
    fields = read_map(answer, {1: int, **{KEY[kind]: bytes for kind in wanted}})
    checks = {kind: check(fields[KEY[kind]]) for kind in wanted}
    require(any(one[1] != PASSED for one in checks.values()), "verifications: nothing is missing")
    return checks


def check(data):
    state = read_map(data, {1: int})[1]
    table = {OPEN: {2: str, 3: str, 4: int}, REVIEWED: {4: int}, PASSED: {}, AGAIN: {5: int}}
    require(state in table, "verification: state")
    fields = read_map(data, {1: int, **table[state]})
    if state == OPEN:
        url = urllib.parse.urlsplit(fields[2])
        local = url.hostname in ("127.0.0.1", "::1") or url.hostname.split(".")[-1] == "localhost"
        require(url.scheme == "https" or url.scheme == "http" and local, "verification: scheme")
        require(url.path.startswith("/") and url.username is None and len(fields[2]) <= 1024, "verification: page")
        require(len(fields[3]) == 2 and fields[3].isdecimal() and fields[3].isascii(), "verification: digits")
    require(1 <= fields.get(4, 1) <= 3600, "verification: seconds")
    return fields


def face_of(play, claim, session, again=0):
    return ask(play, claim, session, again)[FACE]


def browse(method, url, body=None, headers=None):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request(method, parts.path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def send_face(url, decision="send"):
    """What a browser sends from the page of a face."""
    origin, ticket = url.split("/verify/")
    parts = {"ticket": ticket.encode(), "decision": decision.encode(), "picture": PNG}
    body = b"".join(b"--b\r\nContent-Disposition: form-data; name=\"" + name.encode() + b"\""
                    + (b"; filename=\"f\"" if name == "picture" else b"") + b"\r\n\r\n" + value + b"\r\n"
                    for name, value in parts.items()) + b"--b--\r\n"
    return browse("POST", f"{origin}/verify/face", body,
                  {"Content-Type": "multipart/form-data; boundary=b", "Origin": origin})


def review(play: Play, decision: str):
    waiting = play.issuer.run("review", "list").split()
    play.issuer.run("review", decision, waiting[0], "--by", "Ada")


def claimed(play):
    claim = text_claim(play, play.order(LINK)["activationOnlineHttpURL"])
    session = claim.open(network(play, claim))
    assert session.message_2.verifications == FACE
    return claim, session


def face(play):
    """A face that a person refuses once and then approves ends with an active token"""
    claim, session = claimed(play)
    send = network(play, claim)
    first = face_of(play, claim, session)
    assert first[1] == OPEN and face_of(play, claim, session)[2] == first[2], "the same page as long as it lives"
    code, page = browse("GET", first[2])
    assert code == 200 and f">{first[3]}<" in page
    early = session.number
    status(lambda: session.ask(send, claim.message_3()), 409)
    session.number, session.pending = early, None
    assert send_face(first[2])[0] == 200 and send_face(first[2])[0] == 404, "a ticket is good once"
    assert face_of(play, claim, session)[1] == REVIEWED
    review(play, "refuse")
    refused = face_of(play, claim, session)
    assert (refused[1], refused[5]) == (AGAIN, 2)
    second = face_of(play, claim, session, FACE)
    assert second[1] == OPEN and second[2] != first[2]
    send_face(second[2])
    review(play, "approve")
    assert ask(play, claim, session) is None
    assert claim.finish(send, session) == ACCEPTED
    play.active(session.seed, claim.order.profile)


def users_no(play):
    """The user's no on the page ends the activation for good"""
    claim, session = claimed(play)
    send_face(face_of(play, claim, session)[2], "no")
    outcome(lambda: ask(play, claim, session), REFUSED)
    outcome(lambda: claim.open(network(play, claim)), REFUSED)
    assert play.state() != "ACTIVE"


def cannot(play):
    """A device that cannot do it is told so, and claims nothing"""
    claim = text_claim(play, play.order(LINK)["activationOnlineHttpURL"])
    claim.can = CERTIFICATE
    outcome(lambda: claim.open(network(play, claim)), 6)
    claim.can = FACE
    claim.open(network(play, claim))


CHECKS = [face, users_no, cannot]
