#!/usr/bin/env bash
# Browser tests need Debian's Chromium. Install it where we may; otherwise say what is missing.
set -eu
if command -v chromium >/dev/null; then exit 0; fi
run=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then run=(sudo); else
    echo "Browser tests need Chromium. Install it, then run this again: sudo apt-get install chromium" >&2
    exit 1
  fi
fi
echo "Installing Chromium for the browser tests ..."
"${run[@]}" apt-get update -qq
"${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
