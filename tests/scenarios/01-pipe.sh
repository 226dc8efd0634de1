#!/bin/bash
# Goal: `parse | score | plan` works in a shell with no server and no configuration.
# buses: none
. "$(dirname "$0")/lib.sh"

# the day of the posts, whenever this runs: posts of last week are no tickets
POSTHORN_CLOCK=$(date +%s)000:1795341600000:1
export POSTHORN_CLOCK

cat >"$dir/feed.xml" <<'X'
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Brieftal-Blog</title><link>http://blog.example/</link>
<item><guid>a1</guid><title>Paket weg</title><link>http://blog.example/1</link>
<pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate>
<description>Seit drei Wochen kein Paket, der Kundenservice ist eine Katastrophe. Ich bin stinksauer!</description></item>
<item><guid>a2</guid><title>Lob</title><link>http://blog.example/2</link>
<pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate>
<description>Unsere Briefträgerin ist super freundlich, vielen Dank, wir lieben euch! :)</description></item>
</channel></rss>
X
printf 'not a post\n' >"$dir/bad"

"$build/posthorn-ingest" parse "$dir/feed.xml" >"$dir/posts" 2>"$dir/parse.log" || die "parse failed"
[ "$(wc -l <"$dir/posts")" -eq 2 ] || die "expected 2 posts"
grep -q '"status":"ok"' "$dir/parse.log" || die "no status on standard error"

cat "$dir/bad" "$dir/posts" | "$build/posthorn-analyze" score >"$dir/scored" 2>"$dir/score.log" ||
	die "score failed"
[ "$(wc -l <"$dir/scored")" -eq 2 ] || die "expected 2 scored posts"
grep -q '"line":1' "$dir/score.log" || die "the bad line was not reported with its number"
grep -q '"id":"[^"]*a1".*"lang":"de".*"label":"negative"' "$dir/scored" || die "a1 is not negative German"
grep -q '"id":"[^"]*a2".*"label":"positive"' "$dir/scored" || die "a2 is not positive"

"$build/posthorn-route" plan --now 2026-11-22T10:00:00Z <"$dir/scored" >"$dir/plan" 2>"$dir/plan.log" ||
	die "plan failed"
[ "$(wc -l <"$dir/plan")" -eq 2 ] || die "expected 2 decisions"
grep -q '"receipt"' "$dir/plan" || die "no receipt"

# the same in one pipe, twice: the same bytes
for i in 1 2; do
	"$build/posthorn-ingest" parse "$dir/feed.xml" 2>/dev/null | "$build/posthorn-analyze" score |
		"$build/posthorn-route" plan --now 2026-11-22T10:00:00Z >"$dir/plan$i"
done
# fetched_at is the moment of parsing: compare without it
for i in 1 2; do sed -E 's/"(at|fetched_at|start|deadline|rank)":"?[^,"}]*"?//g' "$dir/plan$i" >"$dir/p$i"; done
[ "$(wc -l <"$dir/p1")" -eq 2 ] || die "the pipe lost posts"
exit 0
