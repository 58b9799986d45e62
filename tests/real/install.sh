#!/bin/sh
# Installs the real task supervisor and the real study governor, each in a virtual environment of its own:
# their pins clash with ours and with each other. Does nothing where they are already there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}

install() { # name, folder, requirements...
    name=$1
    folder=$root/.real/$2
    shift 2
    # Its programs name the folder they were installed in, and break where that was moved.
    wanted="$folder: $*"
    [ -f "$folder/installed" ] && [ "$(cat "$folder/installed")" = "$wanted" ] && return
    echo "Installing $name for the tests into .real (half a minute)"
    "$python" -m venv --clear "$folder"
    # Newer pips do it this way unasked.
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --use-pep517 "$@"
    printf '%s' "$wanted" > "$folder/installed"
}

# setuptools below 81 still has pkg_resources, which both import.
install "the real task supervisor" taskmanager task-manager==6.6.0 gunicorn==27.0.1 'setuptools<81'
install "the real study governor" governor studygovernor==8.1.0 gunicorn==27.0.1 'setuptools<81'
