"""What the portal depends on outside of its database, asked as the portal itself asks it."""

import smtplib
import socket
import ssl
from collections.abc import Iterator

from config import Config, MailServer, MediaBucket
from portal.doctor.settings import Finding
from portal.mail.smtp import open_server
from portal.media.bucket import Bucket, BucketUnavailable

SECONDS = 5.0


def outside_findings(config: Config) -> Iterator[Finding]:
    """Findings about the mail server and the bucket, where there are any."""
    if config.mail is not None:
        yield from _mail(config.mail)
    if config.media_bucket is not None:
        yield from _bucket(config.media_bucket)


def _mail(server: MailServer) -> Iterator[Finding]:
    problem = mail_problem(server)
    if problem:
        yield Finding("fault", f"SMTP_URL: {problem}", "No mail is sent until that is put right.")


def mail_problem(server: MailServer, seconds: float = SECONDS) -> str | None:
    """What keeps mail from being handed over, in a sentence; nothing is sent."""
    try:
        with open_server(server, seconds):
            return None
    except socket.gaierror:
        return f"the host {server.host} does not exist."
    except ConnectionRefusedError:
        return f"{server.host} refuses connections to port {server.port}."
    except TimeoutError:
        return f"{server.host} does not answer on port {server.port}."
    except ssl.SSLError:
        return f"{server.host} shows no certificate that can be trusted, or speaks no TLS on port {server.port}."
    except smtplib.SMTPAuthenticationError:
        return f"{server.host} does not accept user and password."
    except smtplib.SMTPNotSupportedError:
        return f"{server.host} does not offer what SMTP_URL asks for (STARTTLS, or signing in)."
    except (smtplib.SMTPException, OSError) as error:
        return f"{server.host} answers, but not as a mail server ({type(error).__name__})."


def _bucket(settings: MediaBucket) -> Iterator[Finding]:
    try:
        Bucket(settings).check()
    except BucketUnavailable as fault:
        what = {
            "404": f"there is no bucket {settings.name}",
            "NoSuchBucket": f"there is no bucket {settings.name}",
            "403": "the bucket does not accept the key",
            "EndpointConnectionError": f"nothing answers at {settings.endpoint}",
        }.get(str(fault), f"the bucket cannot be used ({fault})")
        yield Finding("fault", f"MEDIA_BUCKET_URL: {what}.", "No file can be stored until that is put right.")
