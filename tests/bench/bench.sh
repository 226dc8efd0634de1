#!/bin/bash
# make bench: figures for docs/BENCHMARKS.md on standard output, progress on standard error.
# Speed is never asserted; medians of five runs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/scenarios/lib.sh sqlite
export POSTHORN_SHARED=${POSTHORN_SHARED:-../shared}
posts=${POSTS:-100000} runs=${RUNS:-5}
say() { echo "bench: $*" >&2; }

echo "Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(free -g | awk '/^Mem/{print $2}') GiB, $(. /etc/os-release; echo "$PRETTY_NAME"), gcc $(gcc -dumpfullversion)"
say "writing the corpus"
build/bench/corpus "$posts" 1 >"$dir/corpus.jsonl" || die "no corpus"
echo "Corpus: $posts posts, $(($(stat -c %s "$dir/corpus.jsonl") / posts)) bytes each on average, seed 1"
build/posthorn-analyze score <"$dir/corpus.jsonl" >"$dir/scored.jsonl" 2>/dev/null || die "score failed"
echo
echo "| stage | posts/s per core | us per post | min..max | peak MiB |"
echo "| --- | --- | --- | --- | --- |"
say "stages"
MEASURE_STDIN=$dir/corpus.jsonl build/bench/measure "$runs" "\`analyze score\`" "$posts" build/posthorn-analyze score
MEASURE_STDIN=$dir/scored.jsonl build/bench/measure "$runs" "\`route plan\`" "$posts" build/posthorn-route plan --now 2026-11-22T10:00:00Z
mkdir -p "$dir/feeds"
awk 'BEGIN{print "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>b</title>"} NR<=1000{match($0,/"text":"([^"\\]|\\.)*"/);t=substr($0,RSTART+8,RLENGTH-9);gsub(/&/,"\\&amp;",t);gsub(/</,"\\&lt;",t);print "<item><guid>" NR "</guid><title>t</title><link>http://b.example/" NR "</link><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate><description>" t "</description></item>"} END{print "</channel></rss>"}' "$dir/corpus.jsonl" >"$dir/feeds/f.xml"
many=()
for _ in $(seq 50); do many+=("$dir/feeds/f.xml"); done
build/bench/measure "$runs" "\`ingest parse\` (RSS, 1,000 items a feed)" 50000 build/posthorn-ingest parse "${many[@]}"
if command -v valgrind >/dev/null; then
	say "counting instructions"
	head -n 2000 "$dir/corpus.jsonl" >"$dir/c1"
	head -n 4000 "$dir/corpus.jsonl" >"$dir/c2"
	for i in 1 2; do
		valgrind --tool=callgrind --callgrind-out-file=/dev/null build/posthorn-analyze score <"$dir/c$i" 2>&1 >/dev/null |
			sed -n 's/.*Collected : \([0-9]*\).*/\1/p' | head -1 >"$dir/i$i"
	done
	echo
	echo "Instructions per post in \`analyze score\` (callgrind, difference of 4,000 and 2,000 posts): $((($(cat "$dir/i2") - $(cat "$dir/i1")) / 2000))"
fi

pipeline() { # BUS-KIND BUS
	bus_kind=$1 bus=$2 tenant=bench$1$$
	config "$dir/$1.yaml" <<-Y
		route: {audit: no}
		teams: [{name: care}]
		rules:
		  - {when: "owned:yes", team: care, promise: 30m}
		  - {when: "owned:no", drop: bench}
	Y
	start "analyze-$1" build/posthorn-analyze run -c "$dir/$1.yaml"
	start "route-$1" build/posthorn-route run -c "$dir/$1.yaml"
	sleep 2
	for rate in ${RATES:-100 1000 10000}; do
		say "bus to ticket on $1 at $rate posts/s"
		build/bench/latency "$bus" "$tenant" "unix:$sock" "$rate" 12 <"$dir/corpus.jsonl" || echo "| $1 | $rate | failed |"
	done
	for p in analyze route; do
		local v=pid_${p}_$1
		echo "peak memory of $p on $1: $(($(awk '/VmHWM/{print $2}' "/proc/${!v}/status") / 1024)) MiB" >>"$dir/memory"
		stop "${!v}"
	done
}
echo
echo "From the bus to the ticket, milliseconds (analyze, route, Redis with appendfsync always and the log on the same two cores; every 20th post becomes a ticket)"
echo
echo "| bus | posts/s | p50 | p99 | max | tickets seen | times full |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
start_redis
pipeline sqlite "sqlite:$dir/bus"
if bash tests/kafka/broker.sh start "$dir/kafka" >"$dir/kafka.log" 2>&1; then
	pipeline kafka "kafka:$(cat "$dir/kafka/bootstrap")"
	bash tests/kafka/broker.sh stop "$dir/kafka" >/dev/null 2>&1
else
	say "Kafka did not start: $(tail -n 1 "$dir/kafka.log")"
fi
echo
sed 's/^/- /' "$dir/memory"
