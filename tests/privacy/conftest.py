"""What tests of privacy share: running a job, and a bucket to keep files in."""

from tests.media.conftest import bucket as bucket
from tests.media.conftest import run_job as run_job
