#!/bin/bash
# Goal: what agents correct with `queue correct` becomes a better model: events and posts to rows, rows to weights.
# buses: none
. "$(dirname "$0")/lib.sh"

# forty posts that the shipped model gets wrong: a word of its own for praise, one for blame
for i in $(seq 40); do
	word=$([ $((i % 2)) = 0 ] && echo bruttig || echo zackelig)
	printf '{"v":1,"op":"create","id":"a:b:%d","lang":"de","title":"","text":"Die Filiale %d ist\\t%s, Vorgang %d"}\n' "$i" "$i" "$word" $((i * 7919 % 1000))
done >"$dir/posts"
"$build/posthorn-analyze" score <"$dir/posts" >"$dir/scored" || die "score failed"
for i in $(seq 40); do
	to=$([ $((i % 2)) = 0 ] && echo negative || echo positive)
	printf '{"event":"corrected","ticket":%d,"post":"a:b:%d","name":"tonality","from":"neutral","to":"%s","by":"anna"}\n' "$i" "$i" neutral
	printf '{"event":"corrected","ticket":%d,"post":"a:b:%d","name":"tonality","from":"neutral","to":"%s","by":"anna"}\n' "$i" "$i" "$to"
	printf '{"event":"claimed","ticket":%d,"agent":"anna"}\n' "$i"
done >"$dir/events"
echo 'no event' >>"$dir/events"

"$build/posthorn-train" corrections --posts "$dir/scored" "$dir/events" >"$dir/rows.tsv" 2>"$dir/log" || die "corrections failed"
[ "$(wc -l <"$dir/rows.tsv")" -eq 41 ] || die "expected 40 rows and a header"
grep -q '40 posts corrected; 1 lines were no events or posts' "$dir/log" || die "the bad line was not counted"
awk -F'\t' 'NF != 7 { exit 1 }' "$dir/rows.tsv" || die "a row has not seven cells"
[ "$(cut -f3 "$dir/rows.tsv" | grep -c negative)" -eq 20 ] || die "the last word did not count"

"$build/posthorn-train" fit --base analyze/models/posthorn.model --task tonality --label tonality \
	--with "$dir/rows.tsv" --out "$dir/new.model" 2>"$dir/fit.log" || die "fit --base failed: $(cat "$dir/fit.log")"
grep -q '^held back: ' "$dir/fit.log" || die "no figures before and after"
before=$(grep -c '"tonality":{"label":"positive"' "$dir/scored")
after=$("$build/posthorn-analyze" score --model "$dir/new.model" <"$dir/posts" | grep -c '"tonality":{"label":"positive"')
echo "# called positive: $before of 20 before, $after after"
[ "$after" -ge 16 ] && [ "$after" -le 24 ] || die "the corrections were not learnt"
exit 0
