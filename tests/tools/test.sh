#!/bin/bash
# make test: everything that must hold, counted, ending in "N passed, N failed, N skipped".
#
#   tests/tools/test.sh [PART...]   parts: unit contract scenarios kafka kill sanitize (default: all)
#
# A C test speaks cmocka's output and is counted case by case; a shell scenario counts as one:
# exit 0 passed, 77 skipped (its last line says why), anything else failed.  Where CI=true or
# POSTHORN_SHARED is set, a skip for missing shared data is a failure.
set -u
cd "$(dirname "$0")/../.." || exit 1
export POSTHORN_SHARED=${POSTHORN_SHARED:-$(realpath ../shared 2>/dev/null || true)}
[ -d "${POSTHORN_SHARED:-/nonexistent}" ] || unset POSTHORN_SHARED
jobs=$(nproc)
parts=${*:-unit contract scenarios kafka kill sanitize}
passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-test-XXXXXX")
kafka=
log=$work/log
started=$SECONDS

finish() {
	[ -n "$kafka" ] && tests/kafka/broker.sh stop "$kafka" >/dev/null 2>&1
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

note() { printf '== %4d s  %s\n' $((SECONDS - started)) "$*"; }

# run_c NAME COMMAND...: a cmocka program.
run_c() {
	local name=$1 p f s rc
	shift
	timeout "${LIMIT:-600}" "$@" >"$log" 2>&1
	rc=$?
	p=$(grep -c '^\[       OK \]' "$log")
	f=$(grep -c '^\[  FAILED  \] test' "$log")
	s=$(grep -c '^\[  SKIPPED \] test' "$log")
	# the summary repeats the names of failed and skipped tests: each counts once
	f=$(grep '^\[  FAILED  \] ' "$log" | sed 's/^\[  FAILED  \] //' | grep -v 'test(s)' | sort -u | grep -c .)
	s=$(grep '^\[  SKIPPED \] ' "$log" | sed 's/^\[  SKIPPED \] //' | grep -v 'test(s)' | sort -u | grep -c .)
	[ $rc -ne 0 ] && [ "$f" -eq 0 ] && f=1
	[ $rc -eq 0 ] && [ $((p + s)) -eq 0 ] && { f=1; echo "$name ran no test" >>"$log"; }
	if [ "$s" -gt 0 ] && { [ "${CI:-}" = true ] || [ -n "${POSTHORN_SHARED:-}" ]; }; then
		f=$((f + s)) s=0
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ "$f" -gt 0 ]; then
		echo "FAILED $name (exit $rc):"
		tail -n 60 "$log"
	else
		grep '^#' "$log" # figures a test wants to be seen
		echo "ok $name: $p passed${s:+$([ "$s" -gt 0 ] && echo ", $s skipped")}"
		[ "$s" -gt 0 ] && grep -i 'skip' "$log" | head -3
	fi
}

# run_sh NAME COMMAND...: a scenario.
run_sh() {
	local name=$1 rc from=$SECONDS
	shift
	timeout "${LIMIT:-600}" "$@" >"$log" 2>&1
	rc=$?
	# only for want of the shared data a skip is a failure
	if [ $rc -eq 77 ] && ! { tail -n 1 "$log" | grep -q POSTHORN_SHARED &&
		{ [ "${CI:-}" = true ] || [ -n "${POSTHORN_SHARED:-}" ]; }; }; then
		skipped=$((skipped + 1))
		echo "skip $name: $(tail -n 1 "$log")"
	elif [ $rc -eq 0 ]; then
		passed=$((passed + 1))
		grep '^#' "$log"
		echo "ok $name ($((SECONDS - from)) s)"
	else
		failed=$((failed + 1))
		echo "FAILED $name (exit $rc):"
		tail -n 80 "$log"
	fi
}

build() {
	note "building: $*"
	make -s -j"$jobs" "$@" >"$log" 2>&1 && return
	cat "$log"
	echo "could not build; nothing was tested"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

has() { case " $parts " in *" $1 "*) return 0 ;; esac; return 1; }

broker() {
	[ -n "$kafka" ] && return
	note "starting Apache Kafka"
	if tests/kafka/broker.sh start "$work/kafka" >"$log" 2>&1; then
		kafka=$work/kafka
		POSTHORN_KAFKA=$(cat "$kafka/bootstrap")
		export POSTHORN_KAFKA
	else
		failed=$((failed + 1))
		echo "FAILED starting Kafka:"
		tail -n 30 "$log"
	fi
}

build build test-tools
if has unit; then
	build unit-tests
	note "unit tests"
	for t in build/unit/test_*; do [ -x "$t" ] && [ "${t%.d}" = "$t" ] && run_c "$(basename "$t")" "$t"; done
	# random queries on random posts; a million with: build/oracle/agree 1 1000000
	run_sh "queries by two evaluators" build/oracle/agree "${SEED:-1}" 100000
fi
if has contract; then
	build contract-tests
	note "contracts on SQLite and Redis"
	for t in build/contract/test_*; do [ -x "$t" ] && run_c "$(basename "$t") sqlite" "$t" sqlite; done
fi
if has scenarios; then
	note "scenarios"
	for s in tests/scenarios/[0-9]*.sh; do run_sh "$(basename "$s" .sh)" bash "$s" sqlite; done
fi
if has kafka; then
	broker
	if [ -n "$kafka" ]; then
		build contract-tests
		note "the same on Kafka"
		for t in build/contract/test_bus*; do run_c "$(basename "$t") kafka" "$t" kafka; done
		for s in $(grep -l '^# buses: .*kafka' tests/scenarios/[0-9]*.sh); do
			run_sh "$(basename "$s" .sh) kafka" bash "$s" kafka
		done
	fi
fi
if has kill; then
	build kill-tests
	note "kill test on SQLite"
	LIMIT=900 run_sh "kill sqlite" bash tests/kill/kill.sh sqlite
	broker
	if [ -n "$kafka" ]; then
		note "kill test on Kafka"
		LIMIT=900 run_sh "kill kafka" bash tests/kill/kill.sh kafka
	fi
fi
if has sanitize; then
	build SANITIZE=address,undefined CFLAGS="-O1 -g" build unit-tests contract-tests fuzz-seeds
	note "under address and undefined sanitizers"
	export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
	for t in build/san/unit/test_*; do run_c "san $(basename "$t")" "$t"; done
	for t in build/san/contract/test_bus*; do [ -x "$t" ] && run_c "san $(basename "$t") sqlite" "$t" sqlite; done
	run_sh "san 01-pipe" env BUILD=build/san bash tests/scenarios/01-pipe.sh sqlite
	for t in build/san/fuzz/fuzz_*; do
		n=$(basename "$t")
		run_sh "san $n seeds" "$t" tests/fuzz/seeds/"${n#fuzz_}"/*
	done
	run_sh "san queries varied" env FUZZ_SECONDS=30 build/san/fuzz/fuzz_query tests/fuzz/seeds/query/*
fi
note "done"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
