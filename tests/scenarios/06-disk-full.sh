#!/bin/bash
# Goal: a full disk under the embedded bus stops the intake, says so, loses nothing and heals.
# buses: sqlite
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "only root can mount a small file system"
mkdir "$dir/small"
mount -t tmpfs -o size=6m tmpfs "$dir/small" 2>/dev/null || skip "mounting is not allowed here"
trap 'umount -l "$dir/small"; cleanup' EXIT
bus=sqlite:$dir/small/bus

start_redis
posts 20000 >"$dir/posts.jsonl"
config "$dir/c.yaml" <<Y
sources: [{name: replay, driver: replay, file: "$dir/posts.jsonl"}]
Y
start ingest "$build/posthorn-ingest" run --until-idle -c "$dir/c.yaml"
wait_for 30 grep -qiE 'level=(err|warn).*full' "$dir/ingest.log"
sleep 2
kill -0 "$pid_ingest" 2>/dev/null || die "ingest ended on a full disk"
n=$(grep -ciE 'level=(err|warn).*full' "$dir/ingest.log")
[ "$n" -le 5 ] || die "$n lines about the full disk in two seconds"
mount -o remount,size=200m "$dir/small" || die "could not enlarge the disk"
for _ in $(seq 600); do kill -0 "$pid_ingest" 2>/dev/null || break; sleep 0.1; done
wait "$pid_ingest" || die "ingest did not finish ($?)"
"$build/tools/buscat" "$bus" "$tenant" posts >"$dir/out" || die "could not read the bus"
sed -nE 's/.*"id":"(t:s:[0-9]+)","rev".*/\1/p' "$dir/out" | sort | uniq -c | awk '$1 > 1 {d++} END {print NR, d + 0}' >"$dir/sum"
[ "$(cut -d' ' -f1 "$dir/sum")" = 20000 ] || die "lost posts: $(cat "$dir/sum") of 20000"
echo "# full disk: 20000 of 20000 posts in the end"
exit 0
