#!/bin/sh
# Sets up .venv from requirements.lock and, on Debian or Ubuntu, the libraries Qt needs.
# Does nothing where everything is there already, so `make` calls it every time.
set -eu
cd "$(dirname "$0")/.."

QT_LIBRARIES="libgl1 libegl1 libxkbcommon0 libx11-6 libglib2.0-0 libfreetype6 libfontconfig1 \
libdbus-1-3 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 \
libxcb-render-util0 libxcb-shape0 libxcb-xfixes0 libxcb-xkb1 libxkbcommon-x11-0 libx11-xcb1 \
libwayland-cursor0"

say() { echo "closeknit: $*" >&2; }

find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' \
                2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

install_packages() { # as root, through sudo, or not at all
    if [ "$(id -u)" = 0 ]; then as_root=""; elif command -v sudo >/dev/null 2>&1 &&
        sudo -n true 2>/dev/null; then as_root="sudo -n"; else
        say "please run this once, then repeat your command:"
        say "  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
        return 1
    fi
    say "installing $*"
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@" \
        >/dev/null
}

python=$(find_python)
if [ -z "$python" ]; then
    say "Python 3.11, 3.12, 3.13 or 3.14 is needed and was not found."
    say "Install it (Debian and Ubuntu: sudo apt-get install python3 python3-venv) and repeat."
    exit 1
fi

if command -v apt-get >/dev/null 2>&1; then
    missing=""
    for package in $QT_LIBRARIES; do
        # Ubuntu 24.04 renamed some of these with t64; dpkg knows them by what they provide.
        dpkg-query -W -f '${Status}\n' "$package" "${package}t64" 2>/dev/null |
            grep -q "install ok installed" || missing="$missing $package"
    done
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        missing="$missing $("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
    # shellcheck disable=SC2086  the list is words
    if [ -n "$missing" ]; then install_packages $missing || exit 1; fi
fi

# The tests read mail from a real server. As a service it would listen on this computer: so it is
# installed by itself only where no services are started, as in a container.
if [ "${1:-}" = tests ] && command -v apt-get >/dev/null 2>&1 && [ ! -x /usr/sbin/dovecot ]; then
    if [ -n "${CI:-}" ] || [ ! -d /run/systemd/system ]; then
        install_packages dovecot-imapd || say "without it the tests of mail accounts are skipped"
    else
        say "for the tests of mail accounts: sudo apt-get install --no-install-recommends dovecot-imapd"
    fi
fi

stamp=.venv/closeknit-lock
if [ ! -x .venv/bin/python ] || ! cmp -s requirements.lock "$stamp"; then
    say "setting up .venv with $("$python" --version)"
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes -r requirements.lock
    cp requirements.lock "$stamp"
fi
