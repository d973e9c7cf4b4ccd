"""Measurements for Prometheus: a machine's processes keep theirs in one folder; whichever is asked adds them up."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from portal.telemetry.metrics import Metrics

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
WAIT_SECONDS = (0.001, 0.01, 0.1, 0.5, 1.0, 3.0, 10.0)


class PrometheusMetrics(Metrics):
    """The measurements of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Histogram(
            "getinn_request_seconds", "Requests by rule and class of status", ["route", "status"],
            buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._deliveries = Counter(
            "getinn_webhook_deliveries",
            "Deliveries by platform and outcome",
            ["platform", "outcome"],
            registry=registry,
        )
        self._sendings = Counter(
            "getinn_sendings", "Calls that send, by platform and outcome", ["platform", "outcome"], registry=registry
        )
        self._attacks = Counter("getinn_attacks", "What was refused, by kind", ["kind"], registry=registry)
        self._waits = Histogram(
            "getinn_pool_wait_seconds", "Waits for a connection", buckets=WAIT_SECONDS, registry=registry
        )
        self._in_use = Gauge("getinn_pool_in_use", "Connections in use", multiprocess_mode="livesum", registry=registry)

    def observe_request(self, route: str, status: int, seconds: float) -> None:
        self._requests.labels(route, f"{status // 100}xx").observe(seconds)

    def count_delivery(self, platform: str, outcome: str) -> None:
        self._deliveries.labels(platform, outcome).inc()

    def count_sending(self, platform: str, outcome: str) -> None:
        self._sendings.labels(platform, outcome).inc()

    def count_attack(self, kind: str) -> None:
        self._attacks.labels(kind).inc()

    def observe_pool_wait(self, seconds: float) -> None:
        self._waits.observe(seconds)

    def show_pool(self, in_use: int) -> None:
        self._in_use.set(in_use)
