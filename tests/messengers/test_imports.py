"""The adapters' protocol and the caller of platforms do not know each other, in functions and for type checkers too."""

from tests.rules.source import import_graph


def test_the_protocol_does_not_know_the_caller_nor_the_caller_the_protocol():
    graph = import_graph()
    protocol, caller, call = (f"portal.messengers.{name}" for name in ("protocol", "calls", "call"))
    assert caller not in graph[protocol]
    assert protocol not in graph[caller] | graph[call]
    assert call in graph[protocol] & graph[caller]
