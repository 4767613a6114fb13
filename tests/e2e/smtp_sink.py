"""A mail server on loopback: every mail that arrives is one line of JSON on standard output.

The first line is {"port": N}. A picture inside a mail comes as base64.
"""

import base64
import email
import email.policy
import json
import logging
import socket
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

# Its notes on its own future are nothing to whoever watches a demo.
logging.disable(logging.WARNING)

USER, PASSWORD = b"issuer", b"mail-password"


class Sink:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {"to": envelope.rcpt_tos, "from": envelope.mail_from, "subject": str(mail["subject"]),
                 "signed_in": session.authenticated, "text": None, "html": None, "pictures": [],
                 "raw": envelope.content.decode("ascii", "replace")}
        for part in mail.walk():
            kind = part.get_content_type()
            if kind == "text/plain":
                parts["text"] = part.get_content()
            elif kind == "text/html":
                parts["html"] = part.get_content()
            elif kind.startswith("image/"):
                parts["pictures"].append({"cid": part["content-id"], "data": base64.b64encode(part.get_content()).decode()})
        print(json.dumps(parts), flush=True)
        return "250 OK"


def sign_in(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=right)


with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
controller = Controller(Sink(), hostname="127.0.0.1", port=port, authenticator=sign_in, auth_require_tls=False)
controller.start()
print(json.dumps({"port": port}), flush=True)
# Until whoever started us goes away.
sys.stdin.read()
controller.stop()
