#!/bin/bash
# A private Redis on a UNIX socket, without any port.
#
#   tests/tools/redis.sh start DIR    DIR/redis.sock, DIR/redis.pid, DIR/redis.log; data in DIR
#   tests/tools/redis.sh stop DIR     waits until it is gone; the data stays
#
# Debian's redis-tools carries the server as redis-check-rdb: under the name redis-server it is one.
# Every write is on disk before its answer (appendfsync always).  Exit 69: it does not come up.
# REDIS_ARGS: further settings, such as "--maxmemory 3mb".
set -u

fail() {
	echo "redis.sh: $1" >&2
	exit 69
}
[ $# = 2 ] || {
	echo "usage: redis.sh start|stop DIR" >&2
	exit 64
}
mkdir -p "$2" || fail "could not make \"$2\""
dir=$(cd "$2" && pwd -P)
sock=$dir/redis.sock
pid_file=$dir/redis.pid

# Is the process of the pid file our server?  A reused number is not: Redis works in its folder.
running() {
	pid=$(cat "$pid_file" 2>/dev/null) || return 1
	[ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$dir" ] || return 1
	case $(readlink "/proc/$pid/exe") in
	*/redis-check-rdb* | */redis-server*) return 0 ;;
	esac
	return 1
}

answers() { [ "$(timeout 2 redis-cli -s "$sock" ping 2>/dev/null)" = PONG ]; }

start() {
	[ ${#sock} -lt 104 ] || fail "\"$sock\" is too long for a socket; please use a shorter folder"
	if running; then
		answers && return 0
		stop
	fi
	local server
	server=$(command -v redis-server) || server=/usr/bin/redis-check-rdb
	[ -x "$server" ] || fail "no Redis here; please install redis-tools"
	rm -f "$sock" "$pid_file"
	# its own session: Ctrl-C in a terminal is for whoever started us; no descriptors of ours
	# shellcheck disable=SC2086,SC2016
	setsid bash -c 'echo $$ >"$0"; exec -a redis-server "$@"' "$pid_file" "$server" --port 0 \
		--unixsocket "$sock" --unixsocketperm 700 --dir "$dir" --save '' --appendonly yes \
		--appendfsync always --maxmemory-policy noeviction --daemonize no ${REDIS_ARGS:-} \
		>>"$dir/redis.log" 2>&1 </dev/null 9>&- &
	local i
	for ((i = 0; i < 200; i++)); do
		answers && return 0
		[ $i -gt 5 ] && ! running && break
		sleep 0.1
	done
	tail -n 3 "$dir/redis.log" >&2
	stop
	fail "Redis did not come up; $dir/redis.log says why"
}

stop() {
	running || {
		rm -f "$pid_file"
		return 0
	}
	kill -TERM "$pid" 2>/dev/null
	local i
	for ((i = 0; i < 100; i++)); do
		running || break
		sleep 0.1
	done
	running && kill -KILL "$pid" 2>/dev/null
	rm -f "$pid_file" "$sock"
}

case $1 in
start) start ;;
stop) stop ;;
*)
	echo "usage: redis.sh start|stop DIR" >&2
	exit 64
	;;
esac
