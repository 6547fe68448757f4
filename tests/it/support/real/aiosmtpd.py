"""A mail server from PyPI for the tests: takes messages with TLS and a password, and keeps each in a file."""

import json
import pathlib
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

folder, implicit, password = pathlib.Path(sys.argv[1]), sys.argv[2] == "implicit", sys.argv[3]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "cert.pem", folder / "key.pem")


class Keep:
    count = 0

    async def handle_DATA(self, server, session, envelope):
        kept = {"to": envelope.rcpt_tos, "text": envelope.original_content.decode("utf-8", "replace")}
        path = folder / f"message-{self.count:03}"
        self.count += 1
        path.with_suffix(".part").write_text(json.dumps(kept))
        path.with_suffix(".part").rename(path.with_suffix(".json"))
        return "250 kept"


def known(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"quell", password.encode())
    return AuthResult(success=right, handled=False)


class Private(Controller):
    def factory(self):
        rest = {"authenticator": known, "auth_required": True, "hostname": "real.example.com"}
        if implicit:
            # The connection is private already; the server cannot see that.
            return SMTP(self.handler, auth_require_tls=False, **rest)
        return SMTP(self.handler, tls_context=context, require_starttls=True, **rest)


private = Private(Keep(), hostname="127.0.0.1", port=0, ssl_context=context if implicit else None)
# Its own check of whether it runs knows no free port: start the loop without it.
thread = threading.Thread(target=private._run, args=(threading.Event(),), daemon=True)
thread.start()
while not getattr(private, "server", None) or not private.server.sockets:
    thread.join(0.01)
(folder / "port.part").write_text(str(private.server.sockets[0].getsockname()[1]))
(folder / "port.part").rename(folder / "port")
thread.join()
