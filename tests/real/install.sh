#!/bin/sh
# Installs the real task supervisor and the real study governor, each in a virtual environment of its own:
# their pins clash with ours and with each other. Does nothing where they are already there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}

install() { # folder, requirements...
    folder=$root/.real/$1
    shift
    [ -f "$folder/installed" ] && [ "$(cat "$folder/installed")" = "$*" ] && return
    "$python" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    printf '%s' "$*" > "$folder/installed"
}

# setuptools below 81 still has pkg_resources, which both import.
install taskmanager task-manager==6.6.0 gunicorn==27.0.1 'setuptools<81'
install governor studygovernor==8.1.0 gunicorn==27.0.1 'setuptools<81'
