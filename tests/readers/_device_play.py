"""One user of the issuer with a token and a device: orders through REST, the device's requests over HTTP."""

import http.client
import time
import urllib.parse

from _device_app import CARD, Outcome, read_card
from _device_keys import step_at, totp
from _device_values import Refused, base_url, checked


class Status(Exception):
    """An answer with another status than 200: it says nothing about the order (section 7.1)."""

    def __init__(self, number: int, body: bytes):
        super().__init__(f"status {number}: {body[:200]!r}")
        self.number, self.body = number, body


def fetch(method: str, address: str, path: str, body: bytes | None = None) -> bytes:
    url = urllib.parse.urlsplit(base_url(address))
    kind = http.client.HTTPConnection if url.scheme == "http" else http.client.HTTPSConnection
    connection = kind(url.netloc, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/octet-stream"} if body is not None else {})
        answer = connection.getresponse()
        text = answer.read(8192)
    finally:
        connection.close()
    if answer.status != 200:
        raise Status(answer.status, text)
    return text


def expect(error: type, call, **wanted):
    """`call` ends with this error and these attributes."""
    try:
        call()
    except error as found:
        for name, value in wanted.items():
            assert getattr(found, name) == value, f"{name} is {getattr(found, name)!r}, not {value!r}"
        return found
    raise AssertionError(f"no {error.__name__}")


def outcome(call, number: int, tries_left: int | None = None):
    return expect(Outcome, call, number=number, tries_left=tries_left)


def status(call, number: int):
    return expect(Status, call, number=number)


def refused(call):
    return expect(Refused, call)


class Play:
    """What a check has at hand."""

    def __init__(self, issuer, rng, name: str):
        self.issuer, self.random, self.name = issuer, rng, name
        self.user, self.token = issuer.user_with_token(name)
        self.sent, self.received = [], []

    # The network

    def send_to(self, address: str):
        """The network of a device that talks to `address`; it remembers every body."""

        def send(path: str, body: bytes) -> bytes:
            self.sent.append((path, body))
            answer = fetch("POST", address, path, body)
            self.received.append(answer)
            return answer

        return send

    def card(self, address: str, known: bytes | None = None):
        return read_card(address, fetch("GET", address, CARD), known)

    # REST

    def rest(self, method: str, path: str, body: dict | None = None, wanted: int = 200):
        number, answer = self.issuer.ask(method, path, body)
        assert number == wanted, f"{method} {path}: {number} {answer}"
        return answer

    def order(self, kind: str | None = None, confirm: bool = False) -> dict:
        parameters = {"deliverActivationEmail": False, "confirmInPortal": confirm}
        if kind:
            parameters["type"] = kind
        return self.rest("POST", f"/api/web/v1/tokens/{self.token}/activation", parameters)

    def complete(self, registration_code: str, response: str | None = None, wanted: int = 200):
        body = {"registrationCode": registration_code, **({"response": response} if response else {})}
        return self.rest("PUT", f"/api/web/v1/tokens/{self.token}/activation", body, wanted)

    def state(self) -> str:
        return self.rest("GET", f"/api/web/v1/tokens/{self.token}")["state"]

    def unlock(self, reset_code: str) -> dict:
        return self.rest("PUT", f"/api/web/v1/tokens/{self.token}/unlock", {"unlockChallenge": reset_code})

    def sign_in(self, code: str) -> bool:
        body = {"userId": self.name, "response": code}
        number, answer = self.issuer.ask("POST", "/api/v1/authentication/users/authenticate/TOKEN/complete", body)
        assert number == 200 or 400 <= number < 500, answer
        return number == 200 and answer["tokenId"] == self.token

    def active(self, seed: bytes, profile: bytes) -> None:
        """The token is active and takes each code of this seed once."""
        assert self.state() == "ACTIVE", self.state()
        self.signs_in(seed, profile, step_at(profile, time.time()))

    def signs_in(self, seed: bytes, profile: bytes, step: int) -> None:
        code = totp(seed, profile, step)
        assert self.sign_in(code), "a code of this seed"
        assert not self.sign_in(code), "the same code again"

    # Chance

    def digits(self, count: int) -> str:
        return "".join(str(self.random.randrange(10)) for _ in range(count))

    def other_code(self, code: str) -> str:
        """Another value with a check digit that fits."""
        return checked(str((int(code[:-1]) + 1) % 10 ** (len(code) - 1)).zfill(len(code) - 1))

