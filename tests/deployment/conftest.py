"""Fixtures of the jobs' tests, for jobs that must wait."""

from tests.jobs.conftest import run_job, waiting_jobs

__all__ = ["run_job", "waiting_jobs"]
