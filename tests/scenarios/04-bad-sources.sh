#!/bin/bash
# Goal: a source that is broken, endless, slow, hostile or elsewhere harms itself only; the good one
# beside it is read in time; robots.txt and the address guard hold; state says who is unhealthy.
# buses: sqlite
. "$(dirname "$0")/lib.sh"

mkdir -p "$dir/feeds"
cat >"$dir/feeds/good.xml" <<'X'
<rss version="2.0"><channel><title>Gut</title><item><guid>g1</guid><title>Eins</title><link>http://x.example/1</link>
<description>Hallo Welt</description></item></channel></rss>
X
cp "$dir/feeds/good.xml" "$dir/feeds/secret.xml"
printf 'User-agent: *\nDisallow: /feeds/secret.xml\n' >"$dir/robots.txt"
start_redis
start_world --feeds "$dir/feeds" --robots "$dir/robots.txt"
# another host: there is one connection per host, and the slow one holds its own
good=${world/127.0.0.1/localhost}
config "$dir/c.yaml" <<Y
ingest: {host_gap: 0, allow_networks: [127.0.0.0/8, "::1/128"]}
sources:
  - {name: endless, url: "$world/endless"}
  - {name: broken, url: "$world/broken"}
  - {name: bomb, url: "$world/gzipbomb"}
  - {name: inside, url: "$world/redirect?to=http://169.254.169.254/latest/"}
  - {name: nowhere, url: "http://127.0.0.1:9/feed"}
  - {name: robots, url: "$good/feeds/secret.xml"}
  - {name: good, url: "$good/feeds/good.xml", poll: 1s}
  - {name: slow, url: "$world/slow?ms=120000"}
  - {name: limited, url: "$world/429?after=120"}
Y
start ingest "$build/posthorn-ingest" run -c "$dir/c.yaml"
published() { [ "$("$build/tools/buscat" "$bus" "$tenant" posts 2>/dev/null | grep -c '"source":"good"')" = 1 ]; }
wait_for 10 published
wait_for 15 grep -q nowhere "$dir/ingest.log"
sleep 1
kill -0 "$pid_ingest" 2>/dev/null || die "ingest ended"
"$build/posthorn-ingest" status -c "$dir/c.yaml" >"$dir/status" 2>&1 || die "status failed"
grep -E '^(\S+ )?good\b|good' "$dir/status" | grep -qiE 'ok|good' || die "good is not shown as healthy: $(cat "$dir/status")"
for s in endless broken bomb inside nowhere; do
	grep -q "source=\"$s\"" "$dir/ingest.log" || die "no word about $s"
	n=$(grep -c "level=warn.*source=\"$s\"" "$dir/ingest.log")
	[ "$n" -le 2 ] || die "$n warnings about $s, expected one when it starts failing"
done
grep -q 'source="inside".*link-local' "$dir/ingest.log" || die "the refusal does not name the address"
[ "$("$build/tools/buscat" "$bus" "$tenant" posts 2>/dev/null | grep -c '"source":"robots"')" = 0 ] ||
	die "robots.txt was not obeyed"
mem=$(awk '/VmHWM/{print $2}' "/proc/$pid_ingest/status")
[ "$mem" -lt 204800 ] || die "ingest grew to $mem kB"
echo "# bad sources: peak memory of ingest $((mem / 1024)) MiB"
stop "$pid_ingest" || die "ingest did not end cleanly ($?)"
exit 0
