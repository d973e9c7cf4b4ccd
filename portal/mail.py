"""Mail, handed to the configured SMTP server."""

import smtplib
import ssl
from email.message import EmailMessage

from flask import current_app

from config import MailServer

TIMEOUT_SECONDS = 20


def send(address: str, subject: str, text: str) -> None:
    """Hand one message to the configured server; no transaction is open meanwhile."""
    server: MailServer = current_app.config["PORTAL"].mail
    message = EmailMessage()
    # Older writers left blanks around addresses.
    message["From"], message["To"] = server.sender, address.strip()
    # A chain's name is part of it: whatever breaks a line there must not start a header.
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    with _connect(server) as smtp:
        if server.username:
            smtp.login(server.username, server.password or "")
        smtp.send_message(message)


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    if server.security == "starttls":
        smtp.starttls(context=context)
    return smtp
