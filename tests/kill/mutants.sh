#!/bin/bash
# Three deliberate mistakes, one build each: the kill test has to find posts lost by every one of them.
#
#   tests/kill/mutants.sh      called by `make crash-mutants`
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
make -s BUILD="$build" "$build/kill/posthorn-kill"
log=$(mktemp "${TMPDIR:-/tmp}/posthorn-mutants.XXXXXX")
trap 'rm -f "$log"' EXIT
failed=0

# mutant NAME DEFINE ARGUMENTS-OF-THE-KILL-TEST...
mutant() {
	name=$1 define=$2
	shift 2
	make -s BUILD="$build/mutant-$name" DEFINES="-DPOSTHORN_CRASH_POINTS -D$define" \
		kill-programs >"$log" 2>&1 || {
		tail -n 20 "$log"
		echo "mutant $name: does not build"
		exit 2
	}
	rc=0
	"$build/kill/posthorn-kill" --bin "$build/mutant-$name" --bus sqlite "$@" >"$log" 2>&1 || rc=$?
	found=$(sed -n 's/^findings:.* lost=\([0-9]*\).*/\1/p' "$log")
	short=$(sed -n 's/^findings:.* short=\([0-9]*\).*/\1/p' "$log")
	kept=$(sed -n 's/^the folder is kept.*: //p' "$log")
	if [ "$rc" -eq 1 ] && [ "${found:-0}" -gt 0 ] && [ "${short:-0}" -eq 0 ]; then
		echo "mutant $name: found, $found posts lost"
		[ -n "$kept" ] && rm -rf "$kept"
	else
		cat "$log"
		echo "mutant $name: NOT found (exit $rc, lost ${found:-?}, short ${short:-?})"
		failed=1
	fi
}

# inputs are committed when they are handed out: a kill loses what was in hand
mutant commit-first POSTHORN_MUTANT_COMMIT_FIRST --seed 11 --only analyze --kills 12 \
	--robots 0
# the stored offset is not compared: after a rollback of Redis the lost tail never comes again
mutant no-cas POSTHORN_MUTANT_NO_CAS --seed 12 --only rollback --rollbacks 2 --robots 0
# the page's record is written before its posts are delivered: a kill in between loses the page
mutant validators-first POSTHORN_MUTANT_VALIDATORS_FIRST --seed 13 \
	--only between_validators_and_publish --points 6 --robots 0
exit $failed
