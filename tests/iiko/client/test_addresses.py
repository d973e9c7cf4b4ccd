import pytest

from portal.iiko.client.addresses import api_root, is_plain_http, server_key

ONE_SERVER = [
    "https://A.iiko.it",
    "https://a.iiko.it:443",
    "https://a.iiko.it/",
    "https://a.iiko.it:443/resto/",
    "https://a.iiko.it//resto//api/",
    "https://a.iiko.it./resto/api?key=1#x",
]


@pytest.mark.parametrize("address", ONE_SERVER)
def test_every_spelling_of_one_server_has_one_key_and_one_api(address):
    assert server_key(address) == server_key("https://a.iiko.it")
    assert len(server_key(address)) == 32
    assert api_root(address).lower().replace(":443", "").replace("it./", "it/") == "https://a.iiko.it/resto/api"


@pytest.mark.parametrize(
    "other",
    ["https://b.iiko.it", "https://a.iiko.it:8443", "http://a.iiko.it:443", "https://a.iiko.it/second/resto"],
)
def test_another_scheme_host_port_or_path_is_another_server(other):
    assert server_key(other) != server_key("https://a.iiko.it")


@pytest.mark.parametrize("host", ["ПЕЛЬМЕНЬЯ.РФ", "пельменья.рф".encode("idna").decode()])
def test_a_russian_host_is_one_server_in_each_spelling(host):
    assert server_key(f"https://{host}") == server_key("https://пельменья.рф")


@pytest.mark.parametrize(
    ("address", "is_plain"),
    [
        ("http://a.iiko.it:8080", True),
        ("https://a.iiko.it", False),
        ("http://127.0.0.1:9000", False),
        ("http://localhost:1", False),
        ("http://127.example.org", True),
    ],
)
def test_an_address_without_tls_is_known_unless_it_is_this_machine(address, is_plain):
    assert is_plain_http(address) is is_plain
