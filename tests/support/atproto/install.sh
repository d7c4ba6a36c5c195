#!/usr/bin/env bash
# Install the Bluesky network of the tests into the folder given, once: the versions of package-lock.json, nothing else.
# Needs node, npm, and a compiler for its database driver.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=$1
stamp=$target/.installed
if [ -e "$stamp" ] && cmp -s "$here/package-lock.json" "$target/package-lock.json"; then exit 0; fi
mkdir -p "$target"
exec 9> "$target/.lock"
flock 9
if [ -e "$stamp" ] && cmp -s "$here/package-lock.json" "$target/package-lock.json"; then exit 0; fi
rm -f "$stamp"
cp "$here/package.json" "$here/package-lock.json" "$target/"
# Headers that are installed serve where they can't be fetched.
if [ -e /usr/include/node/node.h ]; then export npm_config_nodedir=/usr; fi
# The database driver of a test needs no optimiser: it compiles in half the time without.
export CFLAGS=-O0 CXXFLAGS=-O0 MAKEFLAGS=-j2
cd "$target"
npm ci --no-audit --no-fund --loglevel=error
touch "$stamp"
