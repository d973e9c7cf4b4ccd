"""Mail, handed to the configured SMTP server."""

import smtplib
import ssl
from email.message import EmailMessage

from flask import current_app
from flask_babel import lazy_gettext as _l

from config import MailServer
from portal.db.types import LabelledEnum
from portal.http.gate import pass_gate

TIMEOUT_SECONDS = 20
# Answers from here on are final (RFC 5321, 4.2.1): the same mail will be refused again.
FINAL = 500


class MailFault(LabelledEnum):
    """Why a mail was not handed over."""

    ADDRESS_REFUSED = "address_refused", _l("the mail server refused the address")
    CONTENT_REFUSED = "content_refused", _l("the mail server refused the message")
    PORTAL_REFUSED = "portal_refused", _l("the mail server does not take mail from this portal")
    UNREACHABLE = "unreachable", _l("the mail server cannot be reached")
    BUSY = "busy", _l("the mail server asked to come again later")


class MailNotSent(Exception):
    """A mail was not handed over. ``is_final``: another try would end alike."""

    def __init__(self, fault: MailFault, *, is_final: bool) -> None:
        super().__init__(fault.value)
        self.fault, self.is_final = fault, is_final


def send(address: str, subject: str, text: str) -> None:
    """Hand one message to the configured server; no transaction is open meanwhile.

    Raises ``DeploymentRests``, ``MailNotSent``.
    """
    server: MailServer = current_app.config["PORTAL"].mail
    message = EmailMessage()
    # Older writers left blanks around addresses.
    message["From"], message["To"] = server.sender, address.strip()
    # A chain's name is part of it: whatever breaks a line there must not start a header.
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    pass_gate()
    try:
        with open_server(server) as smtp:
            smtp.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _told(error) from None


def _told(error: Exception) -> MailNotSent:
    """The fault, without the server's own words, which may quote the address or the password."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _words in error.recipients.values()]
            return _answered(MailFault.ADDRESS_REFUSED, max(codes, default=FINAL))
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPSenderRefused():
            return _answered(MailFault.PORTAL_REFUSED, error.smtp_code)
        case smtplib.SMTPDataError():
            return _answered(MailFault.CONTENT_REFUSED, error.smtp_code)
        case smtplib.SMTPNotSupportedError():
            return MailNotSent(MailFault.PORTAL_REFUSED, is_final=True)
        case smtplib.SMTPResponseException():
            return _answered(MailFault.PORTAL_REFUSED, error.smtp_code)
        case ValueError():
            # An address that no header can hold.
            return MailNotSent(MailFault.ADDRESS_REFUSED, is_final=True)
    return MailNotSent(MailFault.UNREACHABLE, is_final=False)


def _answered(fault: MailFault, code: int) -> MailNotSent:
    return MailNotSent(fault, is_final=True) if code >= FINAL else MailNotSent(MailFault.BUSY, is_final=False)


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
