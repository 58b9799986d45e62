#!/bin/sh
# Installs napari, with which paging is compared, in a virtual environment of its own: its pins clash with ours.
# Does nothing where it is already there; where it cannot be installed, the benchmark says "peer: null".
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
folder=$root/.real/napari
wanted="$folder: napari==0.9.2"
[ -f "$folder/installed" ] && [ "$(cat "$folder/installed")" = "$wanted" ] && exit
echo "Installing napari for the benchmarks into .real (a minute)"
"$python" -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check 'napari==0.9.2' 'PySide6-Essentials<6.12'
printf '%s' "$wanted" > "$folder/installed"
