#!/bin/bash
# Goal: a post has one analysis: ten thousand posts, each time in another order, through one, two and
# four processes of analyze give the same bytes for each post, and those are the bytes of `score`.
# buses: sqlite
. "$(dirname "$0")/lib.sh"

n=10000 seed=${SEED:-1}
export LC_ALL=C POSTHORN_SHARED=$shared
[ -d "$shared/data/unlabelled" ] || skip "no texts to write the posts from; set POSTHORN_SHARED"
"$build/bench/corpus" $n "$seed" >"$dir/corpus.jsonl" 2>"$dir/corpus.log" || die "no corpus"
start_redis

# shuffled SEED: the corpus in the order that SEED gives
shuffled() {
	awk -v seed="$1" 'BEGIN { srand(seed) } { printf "%.9f\t%s\n", rand(), $0 }' "$dir/corpus.jsonl" |
		sort | cut -f 2-
}
# lines TOPIC: what is on it, sorted; a post that was scored twice (rebalancing) counts once where
# both times gave the same bytes
lines() { "$build/tools/buscat" "$bus" "$tenant" "$1" 2>"$dir/buscat.log" | sort -u; }
all_scored() { lines scored >"$dir/scored-$1" && [ "$(wc -l <"$dir/scored-$1")" -ge $n ]; }
port() { sed -n 's/.*"started".*metrics=127.0.0.1:\([0-9]*\).*/\1/p' "$dir/$1.log"; }
# metrics PORT: what the program counts; bash alone, no client need be there
metrics() {
	exec 3<>"/dev/tcp/127.0.0.1/$1" || return
	printf 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
	cat <&3
	exec 3>&-
}
# same WANTED GOT WHAT
same() {
	cmp -s "$1" "$2" && return
	comm -3 "$1" "$2" | cut -c 1-2000 | head -n 4 >"$dir/different.log"
	die "$3 (seed $seed): $(comm -13 "$1" "$2" | wc -l) lines of $(wc -l <"$2") are others than expected"
}

for processes in 1 2 4; do
	tenant=t$$x$processes bus=sqlite:$dir/bus$processes
	shuffled "$((seed + processes))" >"$dir/posts-$processes.jsonl"
	config "$dir/c$processes.yaml" <<-Y
		sources: [{name: replay, driver: replay, file: "$dir/posts-$processes.jsonl", rate: 4000}]
		analyze: {metrics: "127.0.0.1:0"}
	Y
	team=()
	for i in $(seq $processes); do
		name=analyze_${processes}_$i pid=pid_analyze_${processes}_$i
		start "$name" "$build/posthorn-analyze" run --instance "$i" -c "$dir/c$processes.yaml"
		wait_for 10 grep -q started "$dir/$name.log"
		team+=("$name")
	done
	timeout 30 "$build/posthorn-ingest" run --until-idle -c "$dir/c$processes.yaml" 2>"$dir/ingest.log" ||
		die "ingest ended with $?"
	wait_for 15 all_scored $processes
	shares=
	for name in "${team[@]}"; do
		share=$(metrics "$(port "$name")" | sed -n 's/^[a-z_]*analyze_posts_total \([0-9]*\).*/\1/p')
		[ "${share:-0}" -gt 0 ] || die "$name of $processes has scored nothing"
		shares="$shares $share"
		pid=pid_$name
		stop "${!pid}" || die "$name did not end cleanly ($?)"
	done
	echo "# same bytes: posts scored by each of $processes:$shares"
	all_scored $processes
	if [ $processes = 1 ]; then
		lines posts >"$dir/posts"
		[ "$(wc -l <"$dir/posts")" = $n ] || die "not every post is on the bus"
		"$build/posthorn-analyze" score -c "$dir/c1.yaml" <"$dir/posts" 2>"$dir/score.log" | sort >"$dir/wanted"
		[ "$(grep -o '"id":"bench:corpus:[0-9]*"' "$dir/wanted" | sort -u | wc -l)" = $n ] || die "not a score for each id"
	fi
	same "$dir/wanted" "$dir/scored-$processes" "$processes processes"
done
exit 0
