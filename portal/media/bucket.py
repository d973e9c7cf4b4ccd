"""A bucket that speaks S3's protocol, for the bytes of stored files."""

import threading
from collections.abc import Iterator
from typing import Any

from flask import current_app

from config import Config, ConfigurationError, MediaBucket
from portal.http.gate import rests

PIECE = 256 * 1024
CONNECT_SECONDS, READ_SECONDS = 5, 20


class BucketUnavailable(Exception):
    """The bucket did not answer, refused, or does not hold what the database says it does."""


class Bucket:
    """Objects under keys. Every fault of network or bucket is a ``BucketUnavailable`` without any secret in it."""

    def __init__(self, settings: MediaBucket) -> None:
        self.name = settings.name
        self._client = _client(settings)

    def check(self) -> None:
        """Whether the bucket is there and takes the key."""
        self._ask("head_bucket")

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store an object; one under the same key is replaced. A deployment that rests changes none."""
        _pass_gate()
        self._ask("put_object", Key=key, Body=data, ContentType=content_type)

    def pieces(self, key: str) -> Iterator[bytes]:
        """An object, a piece at a time."""
        body = self._ask("get_object", Key=key)["Body"]
        try:
            yield from body.iter_chunks(PIECE)
        except Exception as fault:
            raise BucketUnavailable(type(fault).__name__) from None
        finally:
            body.close()

    def delete(self, key: str) -> None:
        """Remove an object; one that is gone already is no fault."""
        _pass_gate()
        self._ask("delete_object", Key=key)

    def _ask(self, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, operation)(Bucket=self.name, **arguments)
        except ClientError as fault:
            raise BucketUnavailable(str(fault.response.get("Error", {}).get("Code", "refused"))) from None
        except BotoCoreError as fault:
            raise BucketUnavailable(type(fault).__name__) from None


def _pass_gate() -> None:
    """A copy of a deployment may name the very bucket of the original."""
    if rests():
        raise BucketUnavailable("the deployment rests")


def _client(settings: MediaBucket) -> Any:
    """A client that may be shared by threads. Imported here: without a bucket nothing of it is there."""
    try:
        from botocore.config import Config as ClientConfig
        from botocore.session import Session
    except ModuleNotFoundError as error:
        raise ConfigurationError("A bucket needs what requirements-bucket.txt installs.") from error
    return Session().create_client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=settings.key,
        aws_secret_access_key=settings.secret,
        config=ClientConfig(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 3, "mode": "standard"},
            # Buckets of other makers than S3's own do not all know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


_making = threading.Lock()


def current_bucket() -> Bucket | None:
    """The configured bucket; ``None`` where files stay in the database."""
    config: Config = current_app.config["PORTAL"]
    if config.media_bucket is None:
        return None
    with _making:
        made: Bucket = current_app.extensions.get("media_bucket") or Bucket(config.media_bucket)
        current_app.extensions["media_bucket"] = made
    return made


def require_bucket() -> Bucket:
    """The configured bucket, for a file that is kept in one."""
    bucket = current_bucket()
    if bucket is None:
        raise BucketUnavailable("no bucket is configured any more")
    return bucket
