#!/bin/bash
# Goal: every recorded feed, served over HTTP, is crawled; every item two other readers agree on is
# there; a second crawl publishes nothing, with validators (304) and without them (ids alone); both
# buses carry the same posts.
# buses: sqlite kafka
. "$(dirname "$0")/lib.sh"
feeds=$shared/fixtures/realfeeds
[ -d "$feeds/data" ] || skip "no $feeds; set POSTHORN_SHARED"

start_redis
start_world --feeds "$feeds/data"

# a source per file; its key is the file's name, so that ids do not depend on the port
encode() {
	local s=$1 out= c i
	local LC_ALL=C
	for ((i = 0; i < ${#s}; i++)); do
		c=${s:i:1}
		case $c in [a-zA-Z0-9._~/-]) out+=$c ;; *) out+=$(printf '%%%02X' "'$c") ;; esac
	done
	echo "$out"
}
(cd "$feeds/data" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$dir/files"
sources() {
	echo "ingest: {host_gap: 0, allow_networks: [127.0.0.0/8]}"
	echo "sources:"
	local n=0 f
	while read -r f; do
		n=$((n + 1))
		printf '  - {name: f%03d, url: "%s/feeds/%s", key: f%03d, poll: 1h}\n' $n "$world" "$(encode "$f")" $n
	done <"$dir/files"
}
awk '{printf "f%03d\tdata/%s\n", NR, $0}' "$dir/files" >"$dir/sources.tsv"

crawl() { # NAME BUS: posts of topic posts into $dir/NAME.posts
	tenant=$1$$ bus=$2
	config "$dir/$1.yaml" < <(sources)
	timeout 120 "$build/posthorn-ingest" run --until-idle -c "$dir/$1.yaml" 2>>"$dir/ingest-$1.log" ||
		die "ingest failed on $1 ($?)"
	"$build/tools/buscat" "$bus" "$tenant" posts >"$dir/$1.posts" 2>"$dir/cat.log" || die "no topic on $1"
}
crawl one "$bus"
n=$(wc -l <"$dir/one.posts")
echo "# real feeds on $bus_kind: $(wc -l <"$dir/files") feeds, $n posts"
[ "$n" -gt 1000 ] || die "only $n posts"

"$build/tools/oracle_check" "$feeds/oracle.jsonl" "$dir/sources.tsv" <"$dir/one.posts" >"$dir/oracle.log" ||
	die "items are missing: $(tail -n 1 "$dir/oracle.log")"
grep '^#' "$dir/oracle.log"
sed -nE 's/^\{"v":1,"op":"[a-z]+","id":"([^"]*)".*/\1/p' "$dir/one.posts" | sort | uniq -d | head -3 >"$dir/twice"
[ -s "$dir/twice" ] && die "published twice: $(cat "$dir/twice")"

# again: all validators hold
crawl one "$bus"
[ "$(wc -l <"$dir/one.posts")" -eq "$n" ] || die "a second crawl published $(($(wc -l <"$dir/one.posts") - n)) more"
# and again without validators: the ids and hashes alone must do
for key in $(redis --scan --pattern "{$tenant}:src:*"); do redis hdel "$key" etag last_modified modified >/dev/null; done
crawl one "$bus"
[ "$(wc -l <"$dir/one.posts")" -eq "$n" ] || die "a crawl without validators published $(($(wc -l <"$dir/one.posts") - n)) more"

if [ "$bus_kind" = kafka ]; then
	crawl other "sqlite:$dir/bus"
	for x in one other; do
		sed -E 's/"fetched_at":"[^"]*"//; s/"edited_at":"[^"]*"//' "$dir/$x.posts" | LC_ALL=C sort >"$dir/$x.sorted"
	done
	# a post without a date of its own carries the moment of the fetch nowhere but in fetched_at
	cmp -s "$dir/one.sorted" "$dir/other.sorted" ||
		die "the buses differ: $(diff "$dir/one.sorted" "$dir/other.sorted" | head -c 600)"
	echo "# the same $n posts on both buses"
fi
exit 0
