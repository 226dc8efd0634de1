#!/bin/bash
# The kill test on one bus, after `make kill-tests`.
#
#   tests/kill/kill.sh sqlite|kafka [option of posthorn-kill...]
#
# On Kafka the broker named by POSTHORN_KAFKA is used, else one is started for the time of the test.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
bus=${1:-sqlite}
shift
# every line of the result is wanted in the log of `make test`
"$build/kill/posthorn-kill" --bin "$build/crash" --bus "$bus" "$@" | sed 's/^/# /'
exit "${PIPESTATUS[0]}"
