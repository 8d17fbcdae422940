"""Support: a real SMTP server (Debian's python3-aiosmtpd) on loopback, with TLS, login, and mail parsed as it came."""

import asyncio
import contextlib
import email
import email.policy
import importlib.util
import logging
import ssl
import subprocess
import sys
import threading
import unittest
import warnings
from pathlib import Path

DEBIAN_PACKAGES = "/usr/lib/python3/dist-packages"  # for a Python that is not Debian's
USER, PASSWORD = "recycler@example.org", "correct horse"
HOST = "localhost"


def require_smtp_server():
    """Skips the tests where there is no aiosmtpd."""
    if importlib.util.find_spec("aiosmtpd") is None and DEBIAN_PACKAGES not in sys.path:
        sys.path.append(DEBIAN_PACKAGES)
    if importlib.util.find_spec("aiosmtpd") is None:
        raise unittest.SkipTest("no aiosmtpd (apt-get install python3-aiosmtpd)")


class Certificate:
    """Made for this test by openssl; vouches for itself, so it is its own CA file."""

    def __init__(self, folder, names="DNS:localhost,IP:127.0.0.1", label="right"):
        self.path, self.key = Path(folder) / f"{label}.pem", Path(folder) / f"{label}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=mail", "-addext", f"subjectAltName={names}",
                        "-keyout", str(self.key), "-out", str(self.path)], check=True, capture_output=True, timeout=30)

    def context(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.path, self.key)
        return context


class Mail:
    def __init__(self, envelope):
        self.sender, self.recipients, self.raw = envelope.mail_from, list(envelope.rcpt_tos), envelope.content
        self.message = email.message_from_bytes(envelope.content, policy=email.policy.default)

    def __getitem__(self, header):
        return self.message[header]

    def body(self, kind):
        return self.message.get_body((kind,)).get_content()

    def attachments(self):
        return {part.get_filename(): part.get_content() for part in self.message.iter_attachments()}


class MailServer:
    """Keeps what it gets in `mails`. `refused`: addresses it knows nothing of. `fail_first`: so many 451 answers before
    it takes a mail."""

    def __init__(self, certificate, implicit_tls=False, port=0, refused=(), fail_first=0, offer_tls=True):
        self.certificate, self.implicit_tls, self.offer_tls = certificate, implicit_tls, offer_tls
        self.mails, self.refused, self.fail_first = [], set(refused), fail_first
        self.logins = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self.call(self.listen(port))
        self.port = self.server.sockets[0].getsockname()[1]

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    async def listen(self, port):
        from aiosmtpd.smtp import SMTP
        options = {"hostname": HOST, "authenticator": self.authenticate, "auth_required": True, "loop": self.loop,
                   "auth_require_tls": not self.implicit_tls}  # aiosmtpd knows of STARTTLS alone
        tls = None
        if self.implicit_tls:
            tls = self.certificate.context()
        elif self.offer_tls:
            options |= {"tls_context": self.certificate.context(), "require_starttls": True}
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # refused certificates are what some tests want

        def session():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it warns of a login without STARTTLS, not seeing the TLS around it
                return SMTP(self, **options)

        return await self.loop.create_server(session, "127.0.0.1", port, ssl=tls)

    def authenticate(self, server, session, envelope, mechanism, data):
        from aiosmtpd.smtp import AuthResult
        self.logins.append(mechanism)
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.fail_first > 0:
            self.fail_first -= 1
            return "451 4.3.0 come back later"
        self.mails.append(Mail(envelope))
        return "250 OK"

    def close(self):
        async def stop():
            self.server.close()
            others = [task for task in asyncio.all_tasks(self.loop) if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        with contextlib.suppress(Exception):
            self.call(stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)
        self.loop.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
