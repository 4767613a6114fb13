"""The initiator of Noise_NKpsk0_25519_ChaChaPoly_SHA256 (Noise revision 34; core/PROTOCOL.md, section 7.3)."""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from _device_values import Refused, require

NAME = b"Noise_NKpsk0_25519_ChaChaPoly_SHA256"
MAX_MESSAGE = 4096


def hkdf(salt: bytes | None, ikm: bytes, info: bytes, length: int = 32) -> bytes:
    """RFC 5869 with SHA-256; without salt it uses 32 zero bytes."""
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(ikm)


class Handshake:
    """Pattern NKpsk0: `<- s`, then `-> psk, e, es` and `<- e, ee`. A key encrypts one payload: its nonce is 0."""

    def __init__(self, prologue: bytes, issuer_key: bytes, psk: bytes, ephemeral: bytes):
        self.hash = self.chain = hashlib.sha256(NAME).digest()
        self.key = None
        self.issuer_key, self.psk = issuer_key, psk
        self.ephemeral = X25519PrivateKey.from_private_bytes(ephemeral)
        self.mix_hash(prologue)
        self.mix_hash(issuer_key)

    def mix_hash(self, data: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + data).digest()

    def mix_key(self, data: bytes) -> None:
        derived = hkdf(self.chain, data, b"", 64)
        self.chain, self.key = derived[:32], derived[32:]

    def mix_key_and_hash(self, data: bytes) -> None:
        derived = hkdf(self.chain, data, b"", 96)
        self.chain, self.key = derived[:32], derived[64:]
        self.mix_hash(derived[32:64])

    def mix_ephemeral(self, public: bytes) -> None:
        """Token e; with a psk in the pattern it goes into the key too."""
        self.mix_hash(public)
        self.mix_key(public)

    def mix_exchange(self, public: bytes) -> None:
        """Tokens es and ee; a result of 32 zero bytes is an error of `exchange`."""
        try:
            self.mix_key(self.ephemeral.exchange(X25519PublicKey.from_public_bytes(public)))
        except ValueError:
            raise Refused("handshake: the key is of small order") from None

    def write_message_1(self, payload: bytes) -> bytes:
        self.mix_key_and_hash(self.psk)
        public = self.ephemeral.public_key().public_bytes_raw()
        self.mix_ephemeral(public)
        self.mix_exchange(self.issuer_key)
        sealed = ChaCha20Poly1305(self.key).encrypt(bytes(12), payload, self.hash)
        self.mix_hash(sealed)
        return public + sealed

    def read_message_2(self, message: bytes) -> bytes:
        require(48 <= len(message) <= MAX_MESSAGE, "message 2: length")
        self.mix_ephemeral(message[:32])
        self.mix_exchange(message[:32])
        try:
            payload = ChaCha20Poly1305(self.key).decrypt(bytes(12), message[32:], self.hash)
        except InvalidTag:
            raise Refused("message 2: does not open") from None
        self.mix_hash(message[32:])
        return payload
