#!/usr/bin/env bash
# Draws the screens of the README anew: the one that stands there as text, and assets/screens/*.svg. A test fails when they
# are not what the program draws.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p assets/screens
QUELL_README=write cargo test --test it -- docs::screens
git --no-pager diff --stat -- README.md assets/screens || true
