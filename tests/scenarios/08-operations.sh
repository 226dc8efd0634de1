#!/bin/bash
# Goal: what an operator does: SIGHUP with a wrong and a right file, SIGTERM in the middle, a twin
# started by mistake, a record that cannot be read, several instances.
# buses: sqlite kafka
. "$(dirname "$0")/lib.sh"

start_redis
posts 3000 >"$dir/posts.jsonl"
echo 'this is no post' >>"$dir/posts.jsonl"
rules() { # WHEN...
	config "$dir/c.yaml" <<Y
sources: [{name: replay, driver: replay, file: "$dir/posts.jsonl", rate: 1000}]
route: {max_age: 3650d}
teams: [{name: care}, {name: other}]
rules:
  - {when: "$1", team: $2, promise: 8h}
Y
}
rules "channel:forum" care
pipeline "$dir/c.yaml"
start analyze2 "$build/posthorn-analyze" run --instance 2 -c "$dir/c.yaml"
some() { [ "$(count heard)" -ge "$1" ]; }
wait_for 30 some 200

# a wrong file changes nothing
rules "chanel:forum" care
kill -HUP "$pid_route"
wait_for 5 grep -qE 'level=(err|warn).*c.yaml:' "$dir/route.log"
# a right one does
rules "channel:forum" other
kill -HUP "$pid_route"
moved() { [ "$(count team:other)" -gt 0 ]; }
wait_for 20 moved

# SIGTERM in the middle: exit 0, nothing lost
stop "$pid_analyze" || die "analyze did not end cleanly ($?)"
stop "$pid_route" || die "route did not end cleanly ($?)"
start route "$build/posthorn-route" run -c "$dir/c.yaml"
wait_for 60 heard 3000
[ "$(redis --scan --pattern "{$tenant}:p:*" | wc -l)" = 3000 ] || die "not every post has its ticket"

# a twin with the same name ends with 69 and says why, one of the two goes on
timeout 20 "$build/posthorn-route" run -c "$dir/c.yaml" >"$dir/twin.out" 2>"$dir/twin.log"
twin=$?
if [ $twin = 69 ]; then
	kill -0 "$pid_route" || die "both twins ended"
	grep -q 'level=err' "$dir/twin.log" || die "the twin did not say why it ended"
else
	wait "$pid_route"
	[ $? = 69 ] || die "two twins ran side by side (twin: $twin)"
fi
exit 0
