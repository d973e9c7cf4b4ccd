"""The compose file: read by compose itself, and each of its commands started with the environment that it gives."""

import fnmatch
import re
import subprocess

import pytest
import yaml

from tests.machine.packaged import packaged_server, programs
from tests.machine.programs import PLACES, PROCFILE, ROOT, free_port, portal_environment, program, started

PASSWORDS = {"POSTGRES_PASSWORD": "of-the-superuser", "PORTAL_PASSWORD": "of-the-portal"}
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
# As the image has it: the programs that requirements.txt brings, and the system's.
INSIDE = {"PATH": f"{ROOT / '.venv/bin'}:{PLACES}"}


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """The services with everything resolved."""
    file = tmp_path_factory.mktemp("compose") / "portal.env"
    settings = portal_environment()
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items() if name != "PATH"))
    # Podman's and Docker's plugin read the same file; Debian has this one as a program of its own.
    done = subprocess.run(
        [program("docker-compose"), "-f", str(ROOT / "deploy/compose.yaml"), "config"],
        env={"PATH": PLACES, "PORTAL_HOST": "portal.example.com", "PORTAL_ENV": str(file), **PASSWORDS},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["services"]


@pytest.fixture(scope="module")
def server():
    with packaged_server() as running:
        yield running


@pytest.fixture(scope="module")
def prepared(server):
    """A server on which PostgreSQL's image would have run its script."""
    script = ROOT / "deploy/compose-database.sh"
    environment = {"PATH": f"{programs()}:{PLACES}", **server.environment, **PASSWORDS}
    done = run(["sh", str(script)], environment)
    assert done.returncode == 0, done.stderr
    return server


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """What the image's folder holds: that of this one which the ignore file lets in."""
    folder = tmp_path_factory.mktemp("image")
    lines = (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()
    allowed = [line.removeprefix("!") for line in lines if line.startswith("!")]
    for path in ROOT.iterdir():
        if any(fnmatch.fnmatch(path.name, pattern) for pattern in allowed):
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def environment_of(services, prepared):
    """``environment_of(service)``: that of the file, with this machine in the place of the host names."""

    def environment(name, **changes):
        given = dict(services[name]["environment"])
        given["DATABASE_URL"] = given["DATABASE_URL"].replace("@database:5432", f"@127.0.0.1:{prepared.port}")
        return {**INSIDE, **given, **changes}

    return environment


@pytest.fixture(scope="module")
def migrated(services, environment_of, image):
    done = run(services["release"]["command"], environment_of("release"), image)
    assert done.returncode == 0, done.stderr


def run(command, environment, folder=ROOT):
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


def test_web_serves_and_is_found_healthy_and_ends_when_it_is_told(services, environment_of, image, migrated):
    port = free_port()
    check = [part.replace(":5000", f":{port}") for part in services["web"]["healthcheck"]["test"][1:]]
    with started(services["web"]["command"], environment_of("web", PORT=str(port)), image) as web:
        web.wait_until_ready(port)
        assert run(check, INSIDE).returncode == 0
        assert web.end() == 0, web.said
    assert run(check, INSIDE).returncode != 0


def test_the_worker_works_until_it_is_told_to_end(services, environment_of, image, migrated):
    with started(services["worker"]["command"], environment_of("worker"), image) as worker:
        worker.wait_for_words("worker is running")
        assert worker.end() == 0, worker.said


def test_the_database_counts_as_healthy_once_it_takes_connections(services, prepared):
    check = services["database"]["healthcheck"]["test"][1:]
    assert run([programs() / check[0], *check[1:], f"--port={prepared.port}"], INSIDE).returncode == 0


def test_the_commands_are_those_of_the_procfile(services):
    commands = {name: " ".join(services[name]["command"]) for name in ("release", "web", "worker")}
    assert commands == PROCFILE
    assert re.findall(r'^CMD \["(.+)"\]$', DOCKERFILE, re.MULTILINE)[0].replace('", "', " ") == PROCFILE["web"]


def test_nothing_runs_as_root_with_rights_or_where_it_can_write(services):
    assert DOCKERFILE.index("USER getinn") < DOCKERFILE.index("CMD")
    for name in ("release", "web", "worker"):
        service = services[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_database_is_reached_from_inside_alone(services):
    assert set(services["database"]["networks"]) == {"inside"}
    assert "ports" not in services["database"]
    assert [name for name in services if "ports" in services[name]] == ["proxy"]
    assert set(services["proxy"]["networks"]) == {"outside"}


def test_what_the_proxy_is_told_is_what_its_file_asks_for(services):
    asked = set(re.findall(r"\{\$(\w+)", (ROOT / "deploy/Caddyfile").read_text()))
    assert set(services["proxy"]["environment"]) <= asked


def test_images_have_plain_names(services):
    images = [service["image"] for service in services.values()]
    images += re.findall(r"^FROM (\S+)$", DOCKERFILE, re.MULTILINE)
    assert [name for name in images if not re.fullmatch(r"[a-z-]+(:[0-9.]+(-slim)?)?", name)] == []
