# Sourced by bin/dev, bin/test and the rest: finds Python and keeps .venv up to date.

say() { printf '%s\n' "$*"; }
give_up() { printf '%s\n' "$*" >&2; exit 1; }

suits() {
  # Runs the candidate, because a version manager's stand-in exists without the Python behind it.
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
  local candidate
  for candidate in python3.13 python3.12 python3.11 python3.14 python3 python; do
    if suits "$candidate"; then
      printf '%s' "$candidate"
      return
    fi
  done
  return 1
}

make_venv() {
  if .venv/bin/python -c 'import pip' >/dev/null 2>&1; then return; fi
  local python
  python=$(find_python) || give_up "Python 3.11 or newer is needed, with its venv module (Debian: apt install python3-venv)."
  say "Making .venv with $("$python" --version) ..."
  "$python" -m venv --clear .venv
}

# install_requirements FILE...: only when what is installed differs from what the files ask for.
install_requirements() {
  local stamp=".venv/installed-${*: -1}" files=() wanted output file
  for file in "$@"; do files+=(-r "$file"); done
  wanted=$(cat "$@" | .venv/bin/python -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
  if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  say "Installing $* ..."
  output=$(.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore \
    --require-hashes "${files[@]}" 2>&1) || give_up "$output"
  printf '%s\n' "$wanted" > "$stamp"
}
