#!/bin/bash
# make bench: figures for docs/BENCHMARKS.md on standard output, progress on standard error.
#
#   tests/bench/bench.sh [PART...]   parts: score peers pipeline (default: all)
#
# Speed is never asserted; medians of five runs (RUNS).  POSTS, VADER_POSTS and RATES make it smaller.
# What cannot be had is skipped and says why.
set -u
cd "$(dirname "$0")/../.." || exit 1
parts=${*:-score peers pipeline}
for part in $parts; do
	case $part in
	score | peers | pipeline) ;;
	*)
		echo "bench: unknown part \"$part\"; expected score, peers or pipeline" >&2
		exit 64
		;;
	esac
done
. tests/scenarios/lib.sh sqlite
export POSTHORN_SHARED=$shared
posts=${POSTS:-100000} runs=${RUNS:-5}
say() { echo "bench: $*" >&2; }
has() { case " $parts " in *" $1 "*) return 0 ;; esac; return 1; }

if [ ! -d "$shared/data/unlabelled" ]; then
	echo "bench skipped: no $shared/data/unlabelled to write the corpus from; set POSTHORN_SHARED"
	exit 0
fi
echo "Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(free -g | awk '/^Mem/{print $2}') GiB, $(. /etc/os-release; echo "$PRETTY_NAME"), gcc $(gcc -dumpfullversion)"
say "writing the corpus"
"$build/bench/corpus" "$posts" 1 >"$dir/corpus.jsonl" || die "no corpus"
echo "Corpus: $posts posts, $(($(stat -c %s "$dir/corpus.jsonl") / posts)) bytes each on average, seed 1; $(date -u +%F)"

score() {
	"$build/posthorn-analyze" score <"$dir/corpus.jsonl" >"$dir/scored.jsonl" 2>/dev/null || die "score failed"
	echo
	echo "| stage | posts/s per core | us per post | min..max | peak MiB |"
	echo "| --- | --- | --- | --- | --- |"
	say "stages"
	"$build/bench/measure" "$runs" "\`analyze score\`" "$posts" "$dir/corpus.jsonl" "$build/posthorn-analyze" score
	if head -n 20000 "$dir/corpus.jsonl" | "$build/bench/queries" 1 --print 10000 >"$dir/queries.yaml" 2>/dev/null; then
		config "$dir/queries.conf" <<-X
			analyze: {queries: "$dir/queries.yaml"}
		X
		"$build/bench/measure" "$runs" "\`analyze score\` with 10,000 queries" "$posts" "$dir/corpus.jsonl" \
			"$build/posthorn-analyze" score -c "$dir/queries.conf"
	fi
	"$build/bench/measure" "$runs" "\`route plan\`" "$posts" "$dir/scored.jsonl" "$build/posthorn-route" plan --now 2026-11-22T10:00:00Z
	mkdir -p "$dir/feeds"
	awk 'BEGIN{print "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>b</title>"} NR<=1000{match($0,/"text":"([^"\\]|\\.)*"/);t=substr($0,RSTART+8,RLENGTH-9);gsub(/&/,"\\&amp;",t);gsub(/</,"\\&lt;",t);print "<item><guid>" NR "</guid><title>t</title><link>http://b.example/" NR "</link><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate><description>" t "</description></item>"} END{print "</channel></rss>"}' "$dir/corpus.jsonl" >"$dir/feeds/f.xml"
	local many=() i
	for i in $(seq 50); do many+=("$dir/feeds/f.xml"); done
	"$build/bench/measure" "$runs" "\`ingest parse\` (RSS, 1,000 items a feed)" 50000 - "$build/posthorn-ingest" parse "${many[@]}"
	echo
	if ! command -v valgrind >/dev/null; then
		echo "Instructions per post: skipped, valgrind is not installed"
		return
	fi
	say "counting instructions"
	head -n 2000 "$dir/corpus.jsonl" >"$dir/c1"
	head -n 4000 "$dir/corpus.jsonl" >"$dir/c2"
	for i in 1 2; do
		valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/posthorn-analyze" score <"$dir/c$i" 2>&1 >/dev/null |
			sed -n 's/.*Collected : \([0-9]*\).*/\1/p' | head -1 >"$dir/i$i"
	done
	echo "Instructions per post in \`analyze score\` (callgrind, difference of 4,000 and 2,000 posts): $((($(cat "$dir/i2") - $(cat "$dir/i1")) / 2000))"
}

# against NAME GOAL POSTS INPUT COMMAND...: ours on the whole corpus and a peer take turns
against() {
	say "against $1"
	"$build/bench/measure" "$runs" ours "$posts" "$dir/corpus.jsonl" "$build/posthorn-analyze" score -- \
		"$2" "$1" "${@:3}" || echo "| $1 | failed | | | | $2 |"
}
vader() {
	# it would take half a minute or more for all: a sample from the head
	local n=${VADER_POSTS:-10000} venv=$build/bench-venv
	[ "$n" -lt "$posts" ] || n=$posts
	if ! "$venv/bin/python" -c 'import vaderSentiment' 2>/dev/null; then
		rm -rf "$venv"
		# it needs nothing else for scoring
		if ! { /usr/bin/python3 -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check \
			--no-deps vaderSentiment==3.3.2; } >"$dir/venv.log" 2>&1; then
			rm -rf "$venv"
			echo "| VADER | skipped: $(tail -n 1 "$dir/venv.log" | tr '|' ' ') | | | | 25 |"
			return
		fi
	fi
	head -n "$n" "$dir/texts" >"$dir/texts.vader"
	against "VADER 3.3.2 in Python, polarity (the first $n posts)" 25 "$n" "$dir/texts.vader" \
		"$venv/bin/python" tests/bench/vader.py
}
fasttext() {
	local name="fastText 0.9.2, tonality (dim 16, n-grams 2-5, 2^18 rows)" from
	from=("$shared"/data/potts/train.tsv "$shared"/data/sb10k/train.tsv)
	if ! [ -x /usr/bin/fasttext ]; then
		echo "| fastText | skipped: the package fasttext is not installed | | | | 12 |"
		return
	fi
	if ! awk -F '\t' 'FNR > 1 { print "__label__" $3, $4 }' "${from[@]}" >"$dir/labelled" 2>"$dir/labelled.err"; then
		echo "| fastText | skipped: $(head -n 1 "$dir/labelled.err") | | | | 12 |"
		return
	fi
	say "training fastText"
	if ! /usr/bin/fasttext supervised -input "$dir/labelled" -output "$dir/fasttext" -dim 16 -minn 2 -maxn 5 \
		-bucket 262144 -thread 1 -verbose 0 >"$dir/fasttext.log" 2>&1; then
		echo "| fastText | skipped: training failed: $(tail -n 1 "$dir/fasttext.log") | | | | 12 |"
		return
	fi
	against "$name" 12 "$posts" "$dir/texts" /usr/bin/fasttext predict "$dir/fasttext.bin" -
}
cld2() {
	if ! [ -x "$build/bench/cld2" ]; then
		echo "| cld2 | skipped: the package libcld2-dev is not installed | | | | 3.5 |"
		return
	fi
	against "cld2, language" 3.5 "$posts" "$dir/texts" "$build/bench/cld2"
}
peers() {
	local program heading
	"$build/bench/texts" <"$dir/corpus.jsonl" >"$dir/texts" || die "no texts"
	[ "$(wc -l <"$dir/texts")" = "$posts" ] || die "not a text for each post"
	echo
	echo "\`analyze score\` (JSON in, all heads, JSON out) and others on the text of the same posts, by turns"
	echo
	echo "| peer | posts/s per core | \`analyze score\` | times as fast | min..max | goal |"
	echo "| --- | --- | --- | --- | --- | --- |"
	vader
	fasttext
	cld2
	# programs that hold one part of ours against a library, and print their own lines
	while IFS=: read -r program heading; do
		[ -x "$build/bench/$program" ] || continue
		say "$heading"
		echo
		echo "$heading"
		echo
		"$build/bench/$program" 5 <"$dir/corpus.jsonl" || echo "failed"
	done <<-X
		json:Reading and splicing JSON against jansson (goal: 20 times as fast)
		tokens:Folding against utf8proc (goal: 40 times as fast)
		queries:Queries against vectorscan on their bare literals (goal: as fast; 100,000 at half the speed)
	X
}

to_ticket() { # BUS-KIND BUS
	bus_kind=$1 bus=$2 tenant=bench$1$$
	config "$dir/$1.yaml" <<-Y
		route: {audit: no}
		teams: [{name: care}]
		rules:
		  - {when: "owned:yes", team: care, promise: 30m}
		  - {when: "owned:no", drop: bench}
	Y
	start "analyze-$1" "$build/posthorn-analyze" run -c "$dir/$1.yaml"
	start "route-$1" "$build/posthorn-route" run -c "$dir/$1.yaml"
	sleep 2
	for rate in ${RATES:-100 1000 10000}; do
		say "bus to ticket on $1 at $rate posts/s"
		"$build/bench/latency" "$bus" "$tenant" "unix:$sock" "$rate" 12 <"$dir/corpus.jsonl" || echo "| $1 | $rate | failed |"
	done
	for p in analyze route; do
		local v=pid_${p}_$1
		echo "peak memory of $p on $1: $(($(awk '/VmHWM/{print $2}' "/proc/${!v}/status") / 1024)) MiB" >>"$dir/memory"
		stop "${!v}"
	done
}
pipeline() {
	echo
	echo "From the bus to the ticket, milliseconds (analyze, route, Redis with appendfsync always and the log on the same two cores; every 20th post becomes a ticket)"
	echo
	echo "| bus | posts/s | p50 | p99 | max | tickets seen | times full |"
	echo "| --- | --- | --- | --- | --- | --- | --- |"
	start_redis
	to_ticket sqlite "sqlite:$dir/bus"
	trap 'bash tests/kafka/broker.sh stop "$dir/kafka" >/dev/null 2>&1; cleanup' EXIT
	if bash tests/kafka/broker.sh start "$dir/kafka" >"$dir/kafka.log" 2>&1; then
		to_ticket kafka "kafka:$(cat "$dir/kafka/bootstrap")"
	else
		echo "| Kafka | skipped: did not start: $(tail -n 1 "$dir/kafka.log" | tr '|' ' ') | | | | | |"
	fi
	echo
	sed 's/^/- /' "$dir/memory"
}

for part in $parts; do "$part"; done
