#!/bin/bash
# make run: the whole pipeline on this machine, with an invented town as its web.
#
#   make run                 live queue; data stays in run/, the next start goes on
#   make run FRESH=1         forgets what is there first
#   make run ONCE=1          works through the town's day and prints what came of it
#   make run CONFIG=my.yaml  your own sources, in real time
#   make run BUS=kafka       the same on a real Kafka
#
# Everything started here is written down in DIR/pids and stopped by number, in order; what a killed
# start has left behind is found there and stopped by the next one.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
build=$(realpath -m "${BUILD:-build}")
once=${ONCE:-}
config=${CONFIG:-}
bus=${BUS:-sqlite}
yes() { case ${1:-} in '' | 0 | no) return 1 ;; *) return 0 ;; esac }
say() { echo "posthorn: $*" >&2; }
fail() {
	say "$1"
	exit "${2:-69}"
}

day_start=1795417200000 # Monday 2026-11-23 08:00 in Berlin
day_end=1795453200000   # 18:00
live_speed=60           # one minute per second
once_speed=1200         # ten hours in thirty seconds

case $bus in sqlite | kafka) ;; *) fail "BUS=$bus: expected sqlite or kafka" 64 ;; esac
if [ -n "$config" ]; then
	[ -r "$config" ] || fail "could not read CONFIG=$config" 78
	config=$(realpath "$config")
	yes "$once" && fail "ONCE=1 works through the demo's day; with CONFIG leave it out" 64
fi
[ -n "$config" ] || export TZ=Europe/Berlin # the town's clocks
for program in ingest analyze route world; do
	[ -x "$build/posthorn-$program" ] || fail "$build/posthorn-$program is missing; run \`make build\`"
done

dir=${POSTHORN_RUN:-$root/run}
[ -n "$config" ] && dir=$dir/own
[ "$bus" = kafka ] && [ -z "$config" ] && dir=$dir/kafka
yes "$once" && dir=$dir/once
mkdir -p "$dir" || exit 69
exec 9>"$dir/lock"
# a killed start may leave a child that has its last half second
flock -w 3 9 || fail "another \`make run\` is using $dir; stop it first"

# ---- processes ------------------------------------------------------------------------
# A line of DIR/pids: NAME PID START.  START (field 22 of /proc/PID/stat) tells a process from a
# later one with the same number.

start_time() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	stat=${stat##*) } # the name may hold blanks
	# shellcheck disable=SC2086
	set -- $stat
	[ "$1" != Z ] && echo "${20}"
}

alive() { [ -n "$2" ] && [ "$(start_time "$1")" = "$2" ]; }

# stop_one NAME: TERM, up to 10 s, KILL.
stop_one() {
	local name pid start i
	while read -r name pid start; do
		[ "$name" = "$1" ] && alive "$pid" "$start" || continue
		kill -TERM "$pid" 2>/dev/null
		for ((i = 0; i < 100; i++)); do
			alive "$pid" "$start" || break
			sleep 0.1
		done
		if alive "$pid" "$start"; then
			say "$name did not stop in 10 s, ending it"
			kill -KILL "$pid" 2>/dev/null
		fi
	done < <(cat "$dir/pids" 2>/dev/null)
	sed -i "/^$1 /d" "$dir/pids" 2>/dev/null
}

stop_all() {
	local name
	for name in top ingest analyze route world; do
		stop_one "$name"
	done
	# only a Redis that was started here; the folder is written down before it starts
	[ -s "$dir/redis_dir" ] && tests/tools/redis.sh stop "$(cat "$dir/redis_dir")"
	[ -e "$dir/broker/pid" ] && tests/kafka/broker.sh stop "$dir/broker" >/dev/null 2>&1
	rm -f "$dir/pids" "$dir/redis_dir"
}

start_redis() { # FOLDER
	echo "$1" >"$dir/redis_dir"
	tests/tools/redis.sh start "$1" 9>&- || exit 69
}

# start_one NAME COMMAND...: in its own session, so that Ctrl-C reaches only this script.
start_one() {
	local name=$1
	shift
	# the writing down comes first: a kill between the two lines must not orphan it
	setsid bash -c 'stat=$(cat /proc/$$/stat); set -- "$@"; f=${stat##*) }; set -f
		t=($f); echo "$0 $$ ${t[19]}" >>"$PIDS"; exec "$@"' "$name" "$@" \
		>>"$dir/log/$name.log" 2>&1 </dev/null 9>&- &
	eval "${name}_pid=$!"
}

save_clock() {
	[ -n "$config" ] && return
	echo "$(wall_now)" >"$dir/clock.tmp" && mv "$dir/clock.tmp" "$dir/clock"
}

wall_now() { echo $((wall_base + ($(date +%s%3N) - real_base) * speed)); }

set_clock() { # WALL_MS SPEED
	wall_base=$1 speed=$2 real_base=$(date +%s%3N)
	export POSTHORN_CLOCK=$real_base:$wall_base:$speed
}

finish() {
	local rc=$?
	trap '' INT TERM HUP
	trap - EXIT
	[ -n "${clock_runs:-}" ] && save_clock
	[ -n "${tty_state:-}" ] && stop_one top && stty "$tty_state" 2>/dev/null
	[ -t 2 ] && printf '\r\033[K' >&2
	stop_all
	exit "$rc"
}

# ---- what to run ----------------------------------------------------------------------

export PIDS=$dir/pids
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
[ -e "$dir/pids" ] && say "an earlier run ended in the middle; cleaning up after it"
stop_all
if yes "$once" || yes "${FRESH:-}"; then
	# only what this script makes there
	rm -rf "$dir/bus" "$dir/state" "$dir/log" "$dir/appendonlydir" "$dir/broker"
	rm -f "$dir"/{clock,port,redis.log,demo.yaml,bus.yaml}
fi
mkdir -p "$dir/log"
for log in "$dir"/log/*.log; do
	[ -e "$log" ] && mv "$log" "${log%.log}.before"
done

bus_spec=sqlite:bus
[ "$bus" = kafka ] && bus_spec=kafka:127.0.0.1:9092 # for the check; the broker says its own

if [ -z "$config" ]; then
	from=$day_start
	[ -s "$dir/clock" ] && from=$(cat "$dir/clock")
	[ "$from" -ge "$day_end" ] &&
		say "the town's day is over; \`make run FRESH=1\` begins it again"
	port=$(cat "$dir/port" 2>/dev/null || echo 0)
	sources() { "$build/posthorn-world" --town tests/world/town --poll 5m "$@"; }
	sources --port 1 --print-sources >/dev/null || exit 69
fi

compose() { # PORT
	{
		echo "# made by make run from deploy/demo.yaml and the town's places; do not edit"
		echo "bus: $bus_spec"
		echo "redis: unix:redis.sock"
		echo "data: state"
		echo "analyze: {queries: \"$PWD/deploy/queries/post.yaml\"}"
		cat deploy/demo.yaml
		echo
		sources --port "$1" --print-sources
	} >"$dir/demo.yaml.tmp" && mv "$dir/demo.yaml.tmp" "$dir/demo.yaml"
	config_used=$dir/demo.yaml
}

# nothing is started on a wrong configuration
config_used=$config
if [ -z "$config" ]; then
	speed_wanted=$live_speed
	yes "$once" && speed_wanted=$once_speed
	compose 1
else
	unset POSTHORN_CLOCK
fi
for program in ingest analyze route; do
	"$build/posthorn-$program" check -c "$config_used" >"$dir/log/check.log" 2>&1 || {
		rc=$?
		cat "$dir/log/check.log" >&2
		exit $rc
	}
done

# redis: of CONFIG decides whether one is started: a socket where nobody listens becomes ours
setting() { sed -n "s/^$1:[[:space:]]*//p" "$config" | sed 's/[[:space:]]*\(#.*\)\{0,1\}$//; s/^"\(.*\)"$/\1/' | head -1; }

if [ -z "$config" ]; then
	start_redis "$dir"
else
	redis=$(setting redis)
	redis=${redis:-unix:redis.sock}
	case $redis in
	unix:*)
		sock=${redis#unix:}
		case $sock in /*) ;; *) sock=$(dirname "$config")/$sock ;; esac
		if [ "$(timeout 2 redis-cli -s "$sock" ping 2>/dev/null)" != PONG ]; then
			[ "$(basename "$sock")" = redis.sock ] ||
				fail "no Redis listens on $sock; start it, or name a socket redis.sock and make run starts one there"
			say "starting a Redis of your own in $(dirname "$sock")"
			start_redis "$(dirname "$sock")"
		fi
		;;
	esac
fi

if [ "$bus" = kafka ] && [ -z "$config" ]; then
	say "starting Kafka"
	# a start that was killed may have gone on by itself and finished meanwhile
	tests/kafka/broker.sh stop "$dir/broker" >/dev/null 2>&1
	tests/kafka/broker.sh start "$dir/broker" >/dev/null 9>&- || exit 69
	bus_spec=kafka:$(cat "$dir/broker/bootstrap")
fi

start_world() { # PORT
	local i
	rm -f "$dir/port.new"
	start_one world "$build/posthorn-world" --town tests/world/town --port "$1" \
		--port-file "$dir/port.new"
	for ((i = 0; i < 100; i++)); do
		[ -s "$dir/port.new" ] && mv "$dir/port.new" "$dir/port" && return 0
		kill -0 "$world_pid" 2>/dev/null || break
		sleep 0.05
	done
	stop_one world
	return 1
}

[ -z "$config" ] && set_clock "$from" "$speed_wanted" && clock_runs=1
if [ -z "$config" ]; then
	start_world "$port" || start_world 0 || {
		tail -n 5 "$dir/log/world.log" >&2
		fail "the town could not be served"
	}
	compose "$(cat "$dir/port")"
fi
start_one route "$build/posthorn-route" run -c "$config_used"
start_one analyze "$build/posthorn-analyze" run -c "$config_used"
start_one ingest "$build/posthorn-ingest" run -c "$config_used"

# Ends the script where a program has ended.
check_alive() {
	local name pid
	for name in ingest analyze route world; do
		eval "pid=\${${name}_pid:-}"
		[ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null || continue
		{ wait "$pid"; } 2>/dev/null
		local rc=$?
		[ -n "${tty_state:-}" ] && stop_one top && stty "$tty_state" 2>/dev/null && tty_state=
		say "posthorn-$name ended (exit $rc); its last words:"
		tail -n 8 "$dir/log/$name.log" | sed 's/^/  /' >&2
		say "stopping the rest; all logs are in $dir/log"
		exit 69
	done
}

# ---- once -----------------------------------------------------------------------------

# drain NAME: the daemon ends, then the same program works until nothing is left.
drain() {
	local name=$1
	eval "${name}_pid="
	stop_one "$name"
	timeout -k 5 60 "$build/posthorn-$name" run -c "$config_used" --until-idle \
		>>"$dir/log/$name.log" 2>&1 </dev/null 9>&- &
	local pid=$!
	wait "$pid"
	local rc=$?
	[ $rc = 0 ] && return
	say "posthorn-$name could not finish (exit $rc); its last words:"
	tail -n 8 "$dir/log/$name.log" | sed 's/^/  /' >&2
	exit 69
}

# Each source once more, after the last post of the day.
if yes "$once"; then
	until [ "$(wall_now)" -ge $((day_end + 15 * 60000)) ]; do
		check_alive
		if [ -t 2 ]; then
			printf '\r%s in the town' "$(TZ=UTC date -d "@$(($(wall_now) / 1000 + 3600))" +%H:%M)" >&2
		fi
		sleep 0.25
	done
	check_alive
	[ -t 2 ] && printf '\r\033[K' >&2
	set_clock "$(wall_now)" 1
	ingest_pid=
	stop_one ingest
	drain analyze
	drain route
	if "$build/posthorn-route" --help 2>&1 | grep -q "^  report "; then
		"$build/posthorn-route" report -c "$config_used"
	else
		"$build/posthorn-route" queue top --once -c "$config_used"
	fi || fail "the report could not be made"
	exit 0
fi

# ---- live -----------------------------------------------------------------------------

if [ -t 0 ] && [ -t 1 ]; then
	tty_state=$(stty -g)
	"$build/posthorn-route" queue top -c "$config_used" <&0 2>"$dir/log/top.log" 9>&- &
	top_pid=$!
	echo "top $top_pid $(start_time $top_pid)" >>"$dir/pids"
	while kill -0 "$top_pid" 2>/dev/null; do
		check_alive
		save_clock
		sleep 0.5 9>&- &
		{ wait -n "$top_pid" $!; } 2>/dev/null
	done
	wait "$top_pid"
	rc=$?
	[ $rc = 0 ] || [ $rc -gt 128 ] || { tail -n 5 "$dir/log/top.log" >&2; exit $rc; }
	exit 0
fi
say "no terminal: a view every 5 s; TERM or Ctrl-C ends it"
while :; do
	for ((i = 0; i < 10; i++)); do
		check_alive
		save_clock
		sleep 0.5 9>&- &
		wait $!
	done
	"$build/posthorn-route" queue top --once -c "$config_used" || say "no view this time"
done
