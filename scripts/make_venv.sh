#!/bin/sh
# Make a virtual environment and install what requirements/dev.txt pins, hash by hash: make_venv.sh PYTHON VENV
set -eu
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Tamis needs Python 3.11 or newer; $python is $("$python" --version)." >&2
    exit 1
}
if [ ! -x "$venv/bin/pip" ]; then
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" 2>/dev/null; then
        rm -rf "$venv"
        # Debian and Ubuntu ship Python without venv's own parts.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
        else
            echo "python3-venv is missing: sudo apt-get install python3-venv, then make again." >&2
            exit 1
        fi
        "$python" -m venv "$venv"
    fi
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
