#!/bin/bash
# Goal: queries in a shell and on the bus: `query check` points at mistakes, `query match` gives matching lines
# unchanged, analyze names matching queries with their places and the set's version, and a set that is
# replaced under load is used whole: no post has names of one and the version of the other.
# buses: sqlite
. "$(dirname "$0")/lib.sh"

q() { "$build/posthorn-analyze" query "$@"; }

# ---- check ----
q check 'paket NEAR/3 weg' >"$dir/out" || die "a good query is refused"
q check 'paket NEAR/x weg' >"$dir/out" 2>"$dir/err"
[ $? = 65 ] || die "a bad query does not end with 65"
printf 'query:1:12: expected a number of words after "NEAR/", found "x"\npaket NEAR/x weg\n           ^\n' |
	cmp -s - "$dir/err" || die "the error is another one: $(cat "$dir/err")"
refused() { # WHERE, and the arguments of check
	local where=$1
	shift
	q check "$@" >"$dir/out" 2>"$dir/err"
	[ $? = 65 ] && [ "$(wc -l <"$dir/err")" = 3 ] && grep -q "^query:$where: " "$dir/err" || die "refused $*: $(cat "$dir/err")"
}
refused 1:1 -paket
refused 1:6 - < <(printf 'paket\0 OR OR')
refused 3:1 - < <(printf 'paket\nOR\n\377')
refused 1:1048577 - < <(head -c 2000000 /dev/zero | tr '\0' a)
q check 'paket or brief' | grep -q '^Q3 1:7' || die "lower-case or is not found"
q check 'paket weg' | grep -q '^cost: looked at for about one post in ' || die "no cost is guessed"
q check 'der OR die' | grep -q '^cost: .*[0-9] us each as measured here$' || die "no cost is measured"
q check 'a b OR c' | grep -q '^Q2' || die "words beside OR are not found"
q check 'a AND b OR c' | grep -q '^Q1' || die "AND beside OR is not found"
q check 'dhl NOT (dhl OR ups)' | grep -q '^Q5' || die "a query that never matches is not found"
q check --show 'a NOT b NEAR/3 c OR d' | grep -qxF '((a AND NOT (b NEAR/3 c)) OR d)' || die "other brackets"

# ---- match ----
cat >"$dir/posts" <<-X
	{"v":1,"op":"create","id":"t:q:1","text":"Mein Paket ist weg :("}
	  {"id":"t:q:2", "text":"Das Paket ist da", "op":"create","v":1}
	no post at all
	{"v":1,"op":"create","id":"t:q:3","text":"the parcel is lost","lang":"en"}
X
q match 'paket NEAR/3 weg OR lang:en' <"$dir/posts" >"$dir/out" 2>"$dir/err" || die "match fails"
sed -n '1p;4p' "$dir/posts" | cmp -s - "$dir/out" || die "other lines match, or they were changed"
grep -q '"line":3,"error"' "$dir/err" || die "a line that is no post is not told"
# one word of a whole post: quickly
head -c 200000 /dev/zero | tr '\0' a | sed 's/.*/{"v":1,"op":"create","id":"t:q:4","text":"&"}/' >"$dir/long"
q match 'a*b OR #a_*b OR part:a' <"$dir/long" >"$dir/out" || die "a long word"
printf '\357\273\277{"v":1,"op":"create","id":"t:q:6","text":"Paket"}\n' | tee "$dir/mark" | q match paket 2>/dev/null | grep -q t:q:6 || die "a byte order mark"
"$build/posthorn-analyze" score <"$dir/mark" 2>/dev/null | grep -q t:q:6 || die "a byte order mark before score"
printf '\357\273\277title:paket\r\nOR brief\r\n' | q check --show - | grep -qx '(title:(paket) OR brief)' || die "a byte order mark before a query"
echo '{"v":1,"op":"create","id":"t:q:5","text":"@dhl@social.example hilft"}' | q match '@dhl@social.example' 2>/dev/null | grep -q t:q:5 || die "a name with its host"
q match @no/such.file </dev/null 2>/dev/null
[ $? = 66 ] || die "a file that is not there"
q match xyzzy <"$dir/posts" >"$dir/out" 2>/dev/null || die "no match is no error"
[ -s "$dir/out" ] && die "xyzzy matches"
echo 'paket NEAR/3 weg' | q check - >/dev/null || die "an expression from standard input"
printf 'part:paket\n' >"$dir/expression.txt"
q match "@$dir/expression.txt" --kwic <"$dir/posts" 2>/dev/null | grep -q 'Mein \[Paket\] ist weg' || die "no keyword in context"

# ---- why, cost, diff, import ----
q why 'paket NEAR/3 (weg OR fort) NOT post' <"$dir/posts" 2>/dev/null >"$dir/out" || die "why fails"
grep -qx '    + paket  at text 2' "$dir/out" && grep -qx '  + NEAR/3  at text 2-4' "$dir/out" || die "why: $(cat "$dir/out")"
q why 'paket AND lang:fr followers:>5' <"$dir/posts" 2>/dev/null | head -n 5 | grep -qx '  - followers:>5  is unknown' || die "why does not say what a field is"
q cost 'paket OR parcel' <"$dir/posts" 2>/dev/null | grep -q '^3 posts: .* us each' || die "cost does not measure"
q cost paket </dev/null 2>/dev/null && die "cost without posts"
q diff 'paket' 'parcel OR weg' <"$dir/posts" 2>/dev/null >"$dir/out" || die "diff fails"
grep -q '^+ t:q:3 .*\[parcel\]' "$dir/out" && grep -q '^- t:q:2 ' "$dir/out" && tail -n 1 "$dir/out" |
	grep -qx '1 gained, 1 lost, 1 match both' || die "diff: $(cat "$dir/out")"
printf -- '- {name: a, query: paket}\n- {name: b, query: weg}\n' >"$dir/old.yaml"
printf -- '- {name: a, query: paket NOT weg}\n- {name: c, query: parcel}\n' >"$dir/new.yaml"
q diff --sets "$dir/old.yaml" "$dir/new.yaml" <"$dir/posts" 2>/dev/null | cut -d '[' -f 1 >"$dir/out" || die "diff of sets fails"
printf -- '- t:q:1  a  Mein \n- t:q:1  b  Mein Paket ist \n+ t:q:3  c  the \n1 gained, 2 lost, 1 match both\n' |
	cmp -s - "$dir/out" || die "diff of sets: $(cat "$dir/out")"
q import '(paket NEAR/3f weg) AND country:de AND NOT hashtags:gewinn "a b"~5 -tarif' >"$dir/out" 2>"$dir/err" || die "import fails"
echo '(paket ONEAR/4 weg) AND NOT #gewinn (a NEAR/6 b) NOT tarif' | cmp -s - "$dir/out" || die "import: $(cat "$dir/out")"
echo 'left out: country:de (there is no such field here; the query finds more posts)' | cmp -s - "$dir/err" ||
	die "what is left out is not named: $(cat "$dir/err")"
q import --from talkwalker 'paket NEAR/3 weg AND sentiment:negative AND title:++DHL' |
	grep -qx 'paket NEAR/3 weg AND tonality:negative AND title:{DHL}' || die "talkwalker"
q import 'country:de AND paket ODER brief' >"$dir/out" 2>"$dir/err"
[ $? = 65 ] && [ ! -s "$dir/out" ] || die "what is no query here is printed as one"
sed -n 2p "$dir/err" | grep -q '^query:1:22: ' || die "the error does not point into what was typed: $(cat "$dir/err")"
printf 'paket\0 OR brief' >"$dir/nul.txt"
for from in - "@$dir/nul.txt"; do
	q import "$from" <"$dir/nul.txt" >"$dir/out" 2>"$dir/err"
	[ $? = 65 ] && [ ! -s "$dir/out" ] && grep -q '^query:1:6: expected no control character' "$dir/err" || die "cut at a NUL byte: $(cat "$dir/out" "$dir/err")"
done

# ---- ingest keeps what a query could match, and answers ----
cat >"$dir/heard" <<-X
	{"v":1,"op":"create","id":"t:h:1","text":"Mein Paket","lang":"de"}
	{"v":1,"op":"create","id":"t:h:2","text":"Guten Morgen","lang":"de"}
	{"v":1,"op":"create","id":"t:h:3","text":"Meins auch","parent":"t:h:1","lang":"de"}
	{"v":1,"op":"create","id":"t:h:4","text":"Moin","parent":"t:h:2","lang":"de"}
	{"v":1,"op":"create","id":"t:h:5","text":"Das Paket!","lang":"en"}
X
printf -- '- {name: angry, query: paket tonality:negative lang:de}\n' >"$dir/kept.yaml"
config "$dir/kept.conf" <<-Y
	analyze: {queries: kept.yaml}
	sources: [{name: heard, driver: replay, file: heard, keep: matching}]
Y
"$build/posthorn-ingest" once --stdout -c "$dir/kept.conf" 2>"$dir/err" | grep -o 't:h:[0-9]*' | sort -u >"$dir/out" || die "ingest fails: $(cat "$dir/err")"
printf 't:h:1\nt:h:3\nt:h:5\n' | cmp -s - "$dir/out" || die "ingest keeps: $(cat "$dir/out" "$dir/err")"

# ---- tonality towards the queries' own targets ----
cat >"$dir/targets.yaml" <<-Y
	- define: {dhl: (dhl OR @dhl*), hermes: (hermes OR @hermes*)}
	- {name: dhl, query: \$dhl, targets: \$dhl}
	- {name: dhl bad, query: \$dhl AND target:negative, targets: \$dhl}
	- {name: hermes bad, query: \$hermes AND target:negative, targets: \$hermes}
	- {name: without, query: target:negative OR dhl}
Y
config "$dir/targets.conf" <<-Y
	analyze: {queries: "$dir/targets.yaml"}
Y
cat >"$dir/two" <<-X
	{"v":1,"op":"create","id":"t:q:1","text":"DHL ist super, aber Hermes hat mein Paket verloren!","fetched_at":"2026-11-01T00:00:00.000Z"}
	{"v":1,"op":"create","id":"t:q:2","text":"Hermes ist super, aber DHL hat mein Paket verloren!","fetched_at":"2026-11-01T00:00:00.000Z"}
X
"$build/posthorn-analyze" score -c "$dir/targets.conf" <"$dir/two" |
	grep -o '"name":"[^"]*"\|"query":"[^"]*","label":"[^"]*"' >"$dir/out"
diff - "$dir/out" <<-X || die "the targets are judged otherwise"
	"name":"dhl"
	"name":"hermes bad"
	"name":"without"
	"query":"dhl","label":"positive"
	"query":"hermes bad","label":"negative"
	"name":"dhl"
	"name":"dhl bad"
	"name":"without"
	"query":"dhl","label":"negative"
	"query":"dhl bad","label":"negative"
X

grep -v ': dhl, ' "$dir/targets.yaml" | grep -v without >"$dir/rivals.yaml"
q match --set "$dir/rivals.yaml" --kwic <"$dir/two" 2>/dev/null >"$dir/out"
[ "$(grep -c 'hermes bad' "$dir/out")" = 1 ] && [ "$(grep -c 'dhl bad' "$dir/out")" = 1 ] || die "match of targets: $(cat "$dir/out")"

# ---- a post full of the queries' words ----
for i in $(seq 2 200); do printf -- '- {name: q%d, query: ATLEAST/%d (paket OR da NEAR/%d weg)}\n' "$i" "$i" "$i"; done >"$dir/many.yaml"
config "$dir/many.conf" <<-Y
	analyze: {queries: "$dir/many.yaml"}
Y
{
	printf '{"v":1,"op":"create","id":"t:q:1","text":"'
	yes 'paket da weg' | head -n 19000 | tr '\n' ' '
	printf '"}\n'
} >"$dir/full"
"$build/posthorn-analyze" score -c "$dir/many.conf" <"$dir/full" >"$dir/out" || die "a post full of the queries' words ends the filter"
[ "$(grep -o '"name":"q' "$dir/out" | wc -l)" = 199 ] || die "not all of the queries match"

# ---- on the bus, replaced under load ----
n=4000
set_of() { # FILE NAME
	cat >"$1.tmp" <<-Y
		- define: {what: part:paket}
		- name: $2 parcels
		  query: \$what NEAR/10 kommt
		- name: $2 all
		  query: channel:forum
		$(for i in $(seq 300); do printf -- '- {name: %s %d, query: "beitrag AND (%d OR x%d*)"}\n' "$2" "$i" "$i" "$i"; done)
	Y
	mv "$1.tmp" "$1"
}
set_of "$dir/queries.yaml" red
posts $n >"$dir/posts.jsonl"
start_redis
config "$dir/c.yaml" <<-Y
	sources: [{name: replay, driver: replay, file: "$dir/posts.jsonl", rate: 1000}]
	analyze: {metrics: "127.0.0.1:0", queries: "$dir/queries.yaml"}
Y
"$build/posthorn-analyze" check -c "$dir/c.yaml" >/dev/null || die "check does not like the set"
start analyze "$build/posthorn-analyze" run -c "$dir/c.yaml"
wait_for 10 grep -q started "$dir/analyze.log"
grep -q 'a great many posts.* n=1 query="red all"' "$dir/analyze.log" || die "a costly query is not said"
start ingest "$build/posthorn-ingest" run --until-idle -c "$dir/c.yaml"
for colour in blue red blue red blue; do
	sleep 0.5
	set_of "$dir/queries.yaml" $colour
	kill -HUP "$pid_analyze"
done
sleep 0.3
echo '- {name: broken, query: "(a"}' >"$dir/queries.yaml"
kill -HUP "$pid_analyze"
wait_for 10 grep -q 'queries are wrong' "$dir/analyze.log"
scored() { "$build/tools/buscat" "$bus" "$tenant" scored >"$dir/scored" 2>/dev/null && [ "$(wc -l <"$dir/scored")" -ge $n ]; }
wait_for 30 scored
stop "$pid_analyze" || die "analyze did not end cleanly"
mixed=$(awk '{
	match($0, /"queries":"[0-9a-f]*"/); version = substr($0, RSTART + 11, RLENGTH - 12)
	red = $0 ~ /"name":"red all"/; blue = $0 ~ /"name":"blue all"/
	if (red == blue || $0 !~ /"name":"(red|blue) parcels","spans":\[\{"field":"text"/) { bad++; next }
	colour = red ? "red" : "blue"
	if ((version in of) && of[version] != colour) bad++
	of[version] = colour; seen[colour]++
} END { print bad + 0, length(of), seen["red"] + 0, seen["blue"] + 0 }' "$dir/scored")
read -r bad versions red blue <<<"$mixed"
[ "$bad" = 0 ] || die "$bad posts have no set, or a mixed one"
[ "$versions" = 2 ] || die "$versions versions instead of 2"
for v in $(grep -o '"queries":"[0-9a-f]*"' "$dir/scored" | sort -u | cut -d'"' -f4); do
	kept=$(find "$dir" -name "queries-$v")
	[ -n "$kept" ] && [ "$(sha256sum <"$kept" | cut -c1-12)" = "$v" ] || die "the set of version $v was not kept"
done
[ "$red" -gt 0 ] && [ "$blue" -gt 0 ] || die "only one set was in use ($red, $blue)"
echo "# queries replaced under load: $red posts with one set, $blue with the other, none with both"
exit 0
