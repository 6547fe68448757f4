#!/usr/bin/env bash
# Plays the demo for ten minutes (or as many as are said), keeps every frame at three sizes, and looks through them for rows
# that moved while they were held and for words that were cut off.
#   tests/demo-run.sh [MINUTES] [FOLDER]
# QUELL_DEMO_SESSION=FOLDER/session.quell goes through a session that was kept before instead, after a change to the views.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(realpath -m "${2:-target/demo-run}")
mkdir -p "$folder"
QUELL_DEMO_MINUTES=${1:-10} QUELL_DEMO_FRAMES=$folder cargo test --test it -- demo::run --nocapture
