"""Mail, handed to the configured SMTP server."""

import smtplib
import ssl
from email.message import EmailMessage

from flask import current_app

from config import MailServer
from portal.http.gate import pass_gate

TIMEOUT_SECONDS = 20


def send(address: str, subject: str, text: str) -> None:
    """Hand one message to the configured server; no transaction is open meanwhile.

    Raises ``DeploymentRests``, ``smtplib``'s errors and ``OSError``.
    """
    server: MailServer = current_app.config["PORTAL"].mail
    message = EmailMessage()
    message["From"], message["To"] = server.sender, address
    # A chain's name is part of it: whatever breaks a line there must not start a header.
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    pass_gate()
    with open_server(server) as smtp:
        smtp.send_message(message)


def open_server(server: MailServer, seconds: float = TIMEOUT_SECONDS) -> smtplib.SMTP:
    """A session with the server, signed in where it has a user. Raises ``smtplib``'s and ``OSError``s."""
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.username:
            smtp.login(server.username, server.password or "")
    except BaseException:
        smtp.close()
        raise
    return smtp
