#!/bin/bash
# Goal: a Redis that is full, stopped or gone holds the flow up and loses nothing: intake stops, a
# clear line says so, and everything is there after its return.
# buses: sqlite kafka
. "$(dirname "$0")/lib.sh"

start_redis
posts 6000 >"$dir/posts.jsonl"
config "$dir/c.yaml" <<Y
sources: [{name: replay, driver: replay, file: "$dir/posts.jsonl", rate: 2000}]
route: {max_age: 3650d, audit: yes}
teams: [{name: care}]
rules: [{team: care, promise: 8h}]
Y
redis config set maxmemory 6mb >/dev/null
pipeline "$dir/c.yaml"
wait_for 30 grep -qE 'level=(err|warn).*(OOM|memory|full)' "$dir/route.log" "$dir/ingest.log"
sleep 1
for p in ingest analyze route; do
	v=pid_$p
	kill -0 "${!v}" 2>/dev/null || die "$p ended while Redis was full"
done
heard 6000 && die "Redis was never full: the test tests nothing"
echo "# Redis full after $(count heard) of 6000 posts"
redis config set maxmemory 0 >/dev/null
sleep 2

bash tests/tools/redis.sh stop "$dir/redis" >/dev/null || die "could not stop Redis"
sleep 2
bash tests/tools/redis.sh start "$dir/redis" >/dev/null || die "could not start Redis again"
wait_for 60 heard 6000
[ "$(redis --scan --pattern "{$tenant}:p:*" | wc -l)" = 6000 ] || die "not every post has its ticket"
n=$(redis eval 'local n = 0 for _, k in ipairs(redis.call("keys", ARGV[1])) do n = n + redis.call("zcard", k) end return n' 0 "{$tenant}:posts:*")
[ "$n" = 6000 ] || die "tickets hold $n posts, expected 6000"
stop "$pid_ingest" || die "ingest did not end cleanly ($?)"
stop "$pid_analyze" || die "analyze did not end cleanly ($?)"
stop "$pid_route" || die "route did not end cleanly ($?)"
exit 0
