#!/bin/sh
# Runs one target on its seeds: fuzz/run.sh TARGET [libFuzzer options]
set -eu
cd "$(dirname "$0")"
target=$1
shift
mkdir -p "corpus/$target"
[ -f "dict/$target.dict" ] && set -- "-dict=dict/$target.dict" "$@"
exec cargo +nightly fuzz run --fuzz-dir . "$target" "corpus/$target" "seeds/$target" -- "$@"
