#!/usr/bin/env python3
"""Mails of the reference issuer through a real SMTP server (aiosmtpd from PyPI), with STARTTLS and AUTH.

The server refuses letters without TLS and without the right password, and refuses the first try of each with
"later". Each letter is parsed by Python's own mail parser.
"""
import datetime, email, email.policy, html.parser, json, pathlib, socket, ssl, sys, tempfile, warnings

sys.dont_write_bytecode = True

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from _issuer import Issuer, wait_for

USER, PASSWORD = b"issuer", b"correct horse"


class Box:
    """Takes letters at the second try."""

    def __init__(self):
        self.letters, self.tries, self.open = [], 0, 0

    async def handle_DATA(self, server, session, envelope):
        self.tries += 1
        if session.ssl is None or not session.authenticated:
            self.open += 1
            return "530 not like this"
        if self.tries == 1:
            return "451 later"
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


class Html(html.parser.HTMLParser):
    """Text, links and pictures of a page."""

    def __init__(self, text):
        super().__init__()
        self.text, self.links, self.pictures, self.tags = "", [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.add(tag)
        self.links += [attributes["href"]] if tag == "a" else []
        self.pictures += [attributes] if tag == "img" else []

    def handle_data(self, data):
        self.text += data


def certificate(folder):
    """A key and a certificate for localhost, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256()))
    chain, private = folder / "smtp.pem", folder / "smtp.key"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    return chain, context


def sign_in(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (USER, PASSWORD))


def finding(issuer):
    """What the check-up says of the mail server."""
    report = json.loads(issuer.run("doctor", "--json", "--no-time-server", check=False))
    return next(found for found in report["findings"] if found["check"] == "mail")


def check(folder):
    box, (chain, context) = Box(), certificate(folder)
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="localhost", port=port, tls_context=context, require_starttls=True,
                            authenticator=sign_in, auth_required=True, auth_require_tls=True)
    controller.start()
    try:
        url = f"smtp://issuer:correct%20horse@localhost:{port}?tls=required"
        mail = f'smtp = "{url}"\nsmtp_ca = "{chain}"\nfrom = "Help desk <token@example.org>"'
        with Issuer(folder, mail) as issuer:
            assert finding(issuer)["level"] == "ok", finding(issuer)
            _, token = issuer.user_with_token("anna")
            path = f"/api/web/v1/tokens/{token}/activation"
            status, order = issuer.ask("POST", path, {"deliverActivationEmail": True})
            assert status == 200, order
            (letter,) = wait_for(lambda: box.letters)
            check_letter(letter, order)
            status, confirmed = issuer.ask("POST", path, {"deliverActivationEmail": True, "confirmInPortal": True})
            assert status == 200, confirmed
            second = wait_for(lambda: box.letters[1:])[0]
            assert confirmed["activationOnlineURL"] in Html(second.get_body("html").get_content()).links
            assert box.tries == 3 and box.open == 0, "the first letter came at its second try, all of them sealed"
            issuer.settings.write_text(issuer.settings.read_text().replace("correct%20horse", "wrong"))
            assert finding(issuer)["level"] == "error", "the check-up sees the wrong password"
            issuer.settings.write_text(issuer.settings.read_text().replace("smtp_ca", "# smtp_ca"))
            assert finding(issuer)["level"] == "error", "the check-up sees the unknown authority"
    finally:
        controller.stop()


def check_letter(letter, order):
    """Every value of the order in both forms, and nothing that is loaded from elsewhere."""
    assert (letter["To"], letter["From"]) == ("anna@example.com", "Help desk <token@example.org>")
    assert letter["Subject"] == "Activate your soft token" and letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] and letter["Date"] and letter.get_content_type() == "multipart/alternative"
    plain, page = letter.get_body("plain").get_content(), Html(letter.get_body("html").get_content())
    link, values = order["activationOnlineHttpURL"], ["activationAddress", "serialNumber", "activationCode", "activationPassword"]
    for value in values:
        assert order[value] in plain and order[value] in page.text, value
    assert link in plain.split() and page.links.count(link) == 2 and link in page.text, "both links"
    assert all(target.startswith("https://") for target in page.links)
    (picture,) = page.pictures
    (png,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert picture["src"] == "cid:" + png["Content-ID"].strip("<>") and picture["alt"]
    assert png.get_content_disposition() == "inline" and png.get_content().startswith(b"\x89PNG")
    assert "replaces every earlier one" in plain and "activation ends" in page.text
    assert not page.tags & {"script", "link", "iframe", "form", "style", "object"}, page.tags


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        check(pathlib.Path(folder))
    print("1 passed, 0 failed")
