#!/bin/bash
# Goal: `make run ONCE=1` takes the invented town's whole day through fetch, judgement and decision, in
# less than a minute and without a terminal; every post is accounted for; a deleted post leaves no text.
# buses: sqlite kafka
. "$(dirname "$0")/lib.sh"
town=tests/world/town

from=$SECONDS
POSTHORN_RUN=$dir/run ONCE=1 BUS=$bus_kind LC_ALL=C.UTF-8 bash tests/tools/run.sh >"$dir/report" 2>"$dir/run.log" </dev/null ||
	die "exit $?: $(tail -n 5 "$dir/run.log")"
took=$((SECONDS - from))
cat "$dir/report" >"$dir/report.log"
[ $took -lt 60 ] || die "took $took s, promised are less than 60"
echo "# town on $bus_kind in $took s: $(grep -m1 ' heard > ' "$dir/report")"

# the figures add up: posts, edits and deletes of the town are all heard
posts=$(wc -l <$town/posts.jsonl)
edits=$(grep -c '"edit":' $town/posts.jsonl)
deletes=0 # only Atom can tell of a deletion
while read -r place; do
	deletes=$((deletes + $(grep "\"place\": \"$place\"" $town/posts.jsonl | grep -c '"deleted_at":')))
done < <(awk -F'\t' 'NR > 1 && $3 == "atom" {print $1}' $town/places.tsv)
heard=$(sed -nE 's/^([0-9]+) heard > .*/\1/p' "$dir/report" | head -1)
[ "${heard:-0}" = $((posts + edits + deletes)) ] ||
	die "heard ${heard:-nothing}, expected $posts posts, $edits edits and $deletes deletions"
for words in 'Tonality by language' 'Tickets by team' 'Promises' 'answer these first'; do
	grep -q "$words" "$dir/report" || die "the report does not say \"$words\""
done
[ "$(grep -cE '^[1-5] ' "$dir/report")" = 5 ] || die "expected the five posts it would answer first"

# what was deleted in its source has no text in Redis any more
once=$(dirname "$(find "$dir/run" -name demo.yaml | head -1)")
bash tests/tools/redis.sh start "$once" >/dev/null || die "Redis does not come up again"
sock=$once/redis.sock
gone=0
while IFS=$'\t' read -r words; do
	for key in $(redis --scan --pattern '*:post:*'); do
		redis get "$key" | grep -qF "$words" && die "the text of a deleted post is still in $key"
	done
	gone=$((gone + 1))
done < <(grep '"deleted_at":' $town/posts.jsonl | grep -vE '"place": "(reviews|news|mentions|hashtag)' |
	sed -nE 's/.*"text": "([^"\\]{20,60}).*/\1/p')
bash tests/tools/redis.sh stop "$once" >/dev/null
echo "# $gone deleted posts looked for, none found"
left=$(pgrep -f "$dir/run" | grep -v "^$$\$" | head -3)
[ -z "$left" ] || die "processes are left: $(ps -o args= -p "$left" 2>/dev/null)"
exit 0
