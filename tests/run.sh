#!/usr/bin/env bash
# Installs what the tests stand on, then runs every check. Ends with `ok`, or with a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# program (or file) and the Debian package that has it
needs=(
  "prometheus-alertmanager prometheus-alertmanager"
  "prometheus prometheus"
  "dbus-daemon dbus-daemon"
  "dunst dunst"
  "Xvfb xvfb"
  "notify-send libnotify-bin"
  "gdbus libglib2.0-bin"
  "gnome-keyring-daemon gnome-keyring"
  "secret-tool libsecret-tools"
  "tmux tmux"
  "screen screen"
  "setsid util-linux"
  "/usr/lib/python3/dist-packages/dbusmock python3-dbusmock"
  "gzip gzip"
  "openssl openssl"
  "python3 python3"
  "cc gcc"
  "strace strace"
  "unshare util-linux"
  "prlimit util-linux"
  "ssh-agent openssh-client"
  "systemd-analyze systemd"
)

missing=()
for need in "${needs[@]}"; do
  read -r what package <<<"$need"
  case $what in
    /*) [[ -e $what ]] || missing+=("$package") ;;
    *) command -v "$what" >/dev/null || missing+=("$package") ;;
  esac
done

as_root() {
  if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

# Debian starts a server as it is installed; the tests start their own, and nothing else may listen.
install_packages() {
  local guard=/usr/sbin/policy-rc.d made=
  if [[ ! -e $guard ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null
    as_root chmod +x "$guard"
    made=1
  fi
  local failed=0
  # One dead mirror need not matter; a package that cannot be had does.
  as_root apt-get update -q || echo "apt-get update failed; trying with the lists at hand" >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" || failed=1
  [[ -z $made ]] || as_root rm -f "$guard"
  return "$failed"
}

if ((${#missing[@]})); then
  echo "installing: ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    echo "these are missing, and there is no apt-get to install them: ${missing[*]}" >&2
    exit 1
  fi
  install_packages "${missing[@]}"
fi

# The mail server of the tests comes from PyPI, into a folder of its own.
venv=${CARGO_TARGET_DIR:-target}/aiosmtpd
if ! "$venv/bin/python" -c 'import aiosmtpd' 2>/dev/null; then
  # Debian keeps what makes such a folder in a package beside Python.
  /usr/bin/python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  /usr/bin/python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check aiosmtpd==1.4.6
fi
QUELL_AIOSMTPD=$(cd "$venv/bin" && pwd)/python
export QUELL_AIOSMTPD

cargo fmt --check
cargo clippy --all-targets -- -D warnings

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Many a test waits for a server more than for a processor.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-4}
# Drawn anew by each `cargo test`; here the same in each run, so that a red one is about the change.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-2026}
QUELL_REQUIRE_REAL=1 INSTA_UPDATE=no cargo test 2>&1 | tee "$log"

# A test that did not run has shown nothing.
if grep -E '^SKIP: |; [1-9][0-9]* ignored; ' "$log"; then
  echo "some tests were skipped" >&2
  exit 1
fi
if grep -E '[1-9][0-9]* filtered out' "$log"; then
  echo "some tests were filtered out" >&2
  exit 1
fi

echo ok
