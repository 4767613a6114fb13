"""The device over the network: claims, sealed requests, contacts (core/PROTOCOL.md, sections 7 and 9).

The network is a function `send(path, body) -> answer`, or `Lost` when nothing came that counts.
"""

from dataclasses import dataclass, field
from random import Random

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from _device_cbor import read_map, write_map
from _device_keys import contact_psk, order_psk, registration_code, session_key, sha256
from _device_noise import Handshake
from _device_values import (CONFIRM, CONTACT, OFFLINE_ALLOWED, QR_CODE, TYPED, TYPED_PROFILE, Order, Refused, require,
                            serial_bytes, small_order)

FINISH, STATUS, REFRESH, REKEY, DELETE = 1, 2, 3, 4, 5
OPEN, SEALED, CARD = "/softtoken/2/open", "/softtoken/2/sealed", "/.well-known/softtoken"
ACCEPTED, WRONG_PASSWORD, USED, EXPIRED, SUPERSEDED, VOID, DECLINED, DELETED, AWAITED = 0, 1, 2, 3, 4, 5, 7, 8, 100


class Outcome(Exception):
    """An outcome of section 7.5 that ends a claim, a contact or a try."""

    def __init__(self, number: int, tries_left: int | None = None):
        super().__init__(f"outcome {number}")
        self.number, self.tries_left = number, tries_left


# Sections 7.5 and 7.7: who the issuer is


@dataclass(frozen=True)
class Issuer:
    """The keys of a card or of a message 2, signatures checked."""

    x25519: bytes
    ed25519: bytes
    before: bytes | None


def signed(key: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused("issuer: wrong signature") from None


def prove_issuer(address: str, x25519: bytes, fields: dict, first: int, known: bytes | None) -> Issuer:
    """Keys `first` to `first + 3` of a map: Ed25519 key, signature, and both or neither of its predecessor's."""
    place = bytes([len(address)]) + address.encode()
    ed25519, signature = fields[first], fields[first + 1]
    before, succession = fields.get(first + 2), fields.get(first + 3)
    require(len(ed25519) == 32 and len(signature) == 64, "issuer: length")
    require((before is None) == (succession is None), "issuer: half a predecessor")
    signed(ed25519, signature, b"softtoken/2 issuer" + place + x25519)
    if before is not None:
        require(len(before) == 32 and len(succession) == 64, "issuer: length")
    if known not in (None, ed25519):
        require(known == before, "issuer: another key")
        signed(before, succession, b"softtoken/2 successor" + place + ed25519)
    return Issuer(x25519, ed25519, before)


def read_card(address: str, card: bytes, known: bytes | None = None) -> Issuer:
    """The issuer's card (section 7.7)."""
    fields = read_map(card, {1: bytes, 2: bytes, 3: bytes}, {4: bytes, 5: bytes})
    require(len(fields[1]) == 32 and not small_order(fields[1]), "card: X25519 key")
    return prove_issuer(address, fields[1], fields, 2, known)


# Section 7.2: headers that stand in no payload


def typed_order(address: str, serial: str, issuer_key: bytes) -> Order:
    activation_id = sha256(b"typed" + serial_bytes(serial))[:16]
    return Order(TYPED, OFFLINE_ALLOWED | CONFIRM, activation_id, issuer_key, serial, TYPED_PROFILE, 0, address)


def contact_order(address: str, serial: str, issuer_key: bytes) -> Order:
    activation_id = sha256(b"contact" + serial_bytes(serial))[:16]
    return Order(CONTACT, OFFLINE_ALLOWED | CONFIRM, activation_id, issuer_key, serial, TYPED_PROFILE, 0, address)


# Section 7.5: message 2


@dataclass(frozen=True)
class Message2:
    holder: bytes
    policy: bytes
    r_i: bytes
    clock: int
    issuer: Issuer
    verifications: int = 0


def read_outcome(payload: bytes) -> int:
    """The outcome of a message 2 or an answer; all but 0 and 100 end the matter."""
    fields = read_map(payload, {1: int})
    if fields[1] == WRONG_PASSWORD:
        tries = read_map(payload, {1: int, 2: int})[2]
        require(1 <= tries <= 4, "message 2: tries left")
        raise Outcome(WRONG_PASSWORD, tries)
    if fields[1] not in (ACCEPTED, AWAITED):
        raise Outcome(fields[1])
    return fields[1]


def read_message_2(payload: bytes, order: Order, known: bytes | None, can: int = 0) -> Message2:
    require(read_outcome(payload) == ACCEPTED, "message 2: registration code awaited already")
    table = {1: int, 3: str, 4: bytes, 5: bytes, 6: bytes, 7: int, 8: int, 9: bytes, 10: bytes}
    fields = read_map(payload, table, {11: bytes, 12: bytes})
    require(fields[3] == order.serial, "message 2: another serial number")
    require(len(fields[4]) == 16 and len(fields[6]) == 32, "message 2: length")
    require(fields[8] & ~can == 0, "message 2: verification that this device cannot do")
    read_policy(fields[5])
    issuer = prove_issuer(order.address, order.issuer_key, fields, 9, known)
    return Message2(fields[4], fields[5], fields[6], fields[7], issuer, fields[8])


def read_policy(policy: bytes) -> dict:
    fields = read_map(policy, {1: int, 2: bool, 3: bool, 4: bool})
    require(4 <= fields[1] <= 12, "policy: PIN digits")
    return fields


# Section 7.6: sealed requests


def seal(key: bytes, session: bytes, number: int, plaintext: bytes) -> bytes:
    front = session + number.to_bytes(4, "big")
    return front + ChaCha20Poly1305(key).encrypt(bytes(8) + front[16:], plaintext, front)


def unseal(key: bytes, session: bytes, number: int, body: bytes) -> bytes:
    front = session + number.to_bytes(4, "big")
    require(body[:20] == front and len(body) <= 20 + 4096, "answer: of another request")
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(8) + front[16:], body[20:], front)
    except InvalidTag:
        raise Refused("answer: does not open") from None


@dataclass
class Session:
    """What the device keeps of an accepted handshake."""

    order: Order
    message_2: Message2
    id: bytes
    seed: bytes
    k_rec: bytes
    k_sas: bytes
    k_c2s: bytes
    k_s2c: bytes
    number: int = 0
    pending: bytes | None = None

    def ask(self, send, fields: dict) -> bytes:
        """The plaintext of the answer to the next request; an unanswered request must be repeated first."""
        require(self.pending is None, "a request waits for its answer")
        self.number += 1
        self.pending = seal(self.k_c2s, self.id, self.number, write_map(fields))
        return self.repeat(send)

    def repeat(self, send) -> bytes:
        """Sends the stored request, the same bytes each time."""
        answer = unseal(self.k_s2c, self.id, self.number, send(SEALED, self.pending))
        self.pending = None
        return answer


def begin_session(order: Order, message_2: Message2, h: bytes, r_d: bytes) -> Session:
    names = ("seed", "rec", "sas", "c2s", "s2c")
    keys = (session_key(name, h, r_d, message_2.r_i, order.serial, message_2.policy) for name in names)
    return Session(order, message_2, h[:16], *keys)


# Sections 7.3 and 7.4: handshakes


def handshake(send, order: Order, psk: bytes, payload: bytes, ephemeral: bytes) -> tuple[bytes, bytes]:
    """The payload of message 2 and the handshake hash."""
    header = order.header()
    noise = Handshake(b"softtoken/2" + header, order.issuer_key, psk, ephemeral)
    answer = send(OPEN, bytes([len(header)]) + header + noise.write_message_1(payload))
    return noise.read_message_2(answer), noise.hash


@dataclass
class Claim:
    """A claim on an order: what the device stores before message 1 leaves."""

    order: Order
    secret: bytes
    name: str
    random: Random
    can: int = 3
    r_d: bytes = field(init=False)
    n_d: bytes = field(init=False)

    def __post_init__(self):
        require(len(self.name.encode()) <= 64 and self.name.isprintable(), "the device's name")
        self.r_d, self.n_d = self.random.randbytes(32), self.random.randbytes(32)

    def message_1(self, password: str | None) -> bytes:
        require((password is not None) == (self.order.mode == QR_CODE), "password: in mode 2 and no other")
        fields = {1: self.r_d, 2: sha256(b"softtoken/2 commit" + self.n_d)}
        if password is not None:
            fields[3] = password
        return write_map({**fields, 4: self.name, 5: self.can})

    def open(self, send, password: str | None = None, known: bytes | None = None) -> Session:
        """Messages 1 and 2, over a fresh handshake each time."""
        psk = order_psk(self.secret, self.order.activation_id)
        payload, h = handshake(send, self.order, psk, self.message_1(password), self.random.randbytes(32))
        return begin_session(self.order, read_message_2(payload, self.order, known, self.can), h, self.r_d)

    def message_3(self) -> dict:
        return {1: FINISH, 2: self.n_d}

    def registration_code(self, session: Session) -> str:
        return registration_code(session.k_sas, self.n_d)

    def finish(self, send, session: Session) -> int:
        """Message 3: 0 when the token is active, 100 when its registration code is awaited."""
        outcome = read_outcome(session.ask(send, self.message_3()))
        require(outcome == AWAITED or not self.order.confirmed, "message 3: active without confirmation")
        return outcome


def status(send, session: Session) -> int:
    return read_outcome(session.ask(send, {1: STATUS}))


# Section 9: contacts


def contact(send, issuer: Issuer, address: str, serial: str, seed: bytes, name: str, random: Random) -> Session:
    """A fresh handshake of a device that has the token."""
    order = contact_order(address, serial, issuer.x25519)
    r_d = random.randbytes(32)
    psk = contact_psk(seed, order.activation_id)
    payload, h = handshake(send, order, psk, write_map({1: r_d, 4: name, 5: 0}), random.randbytes(32))
    return begin_session(order, read_message_2(payload, order, issuer.ed25519), h, r_d)


def report(send, session: Session, request: int) -> dict:
    """The report that answers a refresh or a rekey."""
    answer = session.ask(send, {1: request})
    require(read_outcome(answer) == ACCEPTED, "report: registration code awaited")
    table = {1: int, 3: int, 4: bytes, 5: int, 6: bool, 7: bool}
    fields = read_map(answer, {**table, 8: bytes} if request == REKEY else table)
    read_policy(fields[4])
    require(fields[3] in (1, 2) and (request != REKEY or len(fields[8]) == 4), "report: range")
    return fields
