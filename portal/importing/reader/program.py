"""Run as a program of its own: a line of options and a file in, JSON out.

What strangers send is read here and nowhere else, in a process that has little memory, little time, no
environment and no right to write. Of the portal it loads this folder alone, so that it starts at once.
"""

import csv
import json
import resource
import sys
import types
from pathlib import Path
from typing import Any

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20


def limit_this_process() -> None:
    """From here on: little memory, little time, no files to write, no programs to start."""
    for name, limit in {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }.items():
        resource.setrlimit(name, (limit, limit))


def know_this_folder_alone() -> None:
    """Let the modules beside this one be imported by their names, without all that the portal's own package loads."""
    folder = Path(__file__).resolve().parent.parent
    for name, path in (("portal", folder.parent), ("portal.importing", folder)):
        package = types.ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package


def main() -> None:
    """One file from standard input, one answer to standard output."""
    limit_this_process()
    know_this_folder_alone()
    from portal.importing.reader.files import read
    from portal.importing.reader.limits import MAX_CELL_LENGTH, UnreadableError

    csv.field_size_limit(MAX_CELL_LENGTH * 4)
    answer: dict[str, Any]
    try:
        options = json.loads(sys.stdin.buffer.readline())
        answer = read(sys.stdin.buffer.read(), **options)
    except UnreadableError as error:
        answer = {"error": error.code, "row": error.row}
    # Not as UTF-8: whatever a cell holds, JSON's own escapes hold it as well.
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
