# lib.sh: what the scenarios share.  Sourced with BUS (sqlite or kafka) as $1.
#
# A scenario gets a folder of its own ($dir), a private Redis, and stops everything by process id at
# its end.  `die TEXT` fails it, `skip TEXT` skips it, `wait_for SECONDS COMMAND` waits for something.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
build=${BUILD:-build}
bus_kind=${1:-sqlite}
shared=${POSTHORN_SHARED:-../shared}
dir=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-scenario-XXXXXX")
pids=()
tenant=t$$

die() {
	echo "failed: $*"
	for log in "$dir"/*.log; do
		[ -s "$log" ] && { echo "--- $(basename "$log"), last lines"; tail -n 15 "$log"; }
	done
	exit 1
}
skip() {
	echo "skipped: $*"
	exit 77
}
cleanup() {
	local pid
	for pid in "${pids[@]}"; do kill -CONT "$pid" 2>/dev/null; kill "$pid" 2>/dev/null; done
	for pid in "${pids[@]}"; do
		for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
		kill -9 "$pid" 2>/dev/null
	done
	[ -n "${redis_on:-}" ] && bash tests/tools/redis.sh stop "$dir/redis" >/dev/null 2>&1
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

case $bus_kind in
sqlite) bus=sqlite:$dir/bus ;;
kafka)
	[ -n "${POSTHORN_KAFKA:-}" ] || skip "POSTHORN_KAFKA is not set"
	bus=kafka:$POSTHORN_KAFKA
	;;
*) die "unknown bus $bus_kind" ;;
esac

# start NAME COMMAND...: in the background, log in $dir/NAME.log, process id in $pid_NAME
start() {
	local name=$1
	shift
	"$@" >>"$dir/$name.out" 2>>"$dir/$name.log" &
	pids+=($!)
	printf -v "pid_${name//-/_}" %s $!
}
# stop PID: asks it to end and waits; 0 if it ended with exit code 0
stop() {
	kill "$1" 2>/dev/null
	for _ in $(seq 150); do kill -0 "$1" 2>/dev/null || break; sleep 0.1; done
	wait "$1" 2>/dev/null
}
wait_for() {
	local until=$((SECONDS + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -ge $until ] && die "waited in vain for: $*"
		sleep 0.1
	done
}
start_redis() {
	bash tests/tools/redis.sh start "$dir/redis" >"$dir/redis.start.log" 2>&1 || die "redis did not start"
	redis_on=1
	sock=$(echo "$dir"/redis/*.sock)
}
redis() { redis-cli -s "$sock" "$@"; }
count() { redis hget "{$tenant}:count" "$1" | sed 's/^$/0/'; }

# start_world OPTIONS...: sets $world (http://127.0.0.1:PORT)
start_world() {
	rm -f "$dir/port"
	start world "$build/posthorn-world" --port 0 --port-file "$dir/port" "$@"
	wait_for 10 test -s "$dir/port"
	world=http://127.0.0.1:$(cat "$dir/port")
}
# config FILE: the common head of a configuration; the rest comes on standard input
config() {
	{
		echo "tenant: $tenant"
		echo "bus: $bus"
		[ -n "${sock:-}" ] && echo "redis: unix:$sock"
		echo "data: $dir/state"
		cat
	} >"$1"
}

# posts N [FIRST]: N posts as JSON lines, five to a conversation
posts() {
	awk -v n="$1" -v from="${2:-1}" 'BEGIN { for (i = from; i < from + n; i++) {
		c = int((i + 4) / 5) * 5 - 4
		printf "{\"v\":1,\"op\":\"create\",\"id\":\"t:s:%d\",\"conversation\":\"t:s:%d\",\"channel\":\"forum\",", i, c
		printf "\"author\":{\"id\":\"a%d\",\"handle\":\"a%d\"},\"text\":\"Beitrag %d: das Paket kommt nicht, es ist zum Heulen\",", i % 7, i % 7, i
		printf "\"created_at\":\"2026-11-22T09:%02d:%02d.000Z\",\"date_quality\":\"exact\"}\n", int(i / 60) % 60, i % 60
	} }'
}
# pipeline CONFIG: the three programs
pipeline() {
	local p
	for p in ingest analyze route; do start "$p" "$build/posthorn-$p" run -c "$1"; done
}
heard() { [ "$(count heard)" = "$1" ]; }
