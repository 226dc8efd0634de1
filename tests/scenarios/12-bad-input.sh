#!/bin/bash
# Goal: whatever a stranger writes becomes a scored post or an error with its number, in bounded time; a model
# file that is cut, foreign or of another version is refused at start with its reason.
# buses: none
. "$(dirname "$0")/lib.sh"

post() { printf '{"v":1,"op":"create","id":"a:b:%s","text":"%s"}\n' "$1" "$2"; }
times() { # TEXT N
	awk -v t="$1" -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", t }'
}
{
	post nul 'a\u0000b kein Paket'
	post bidi '\u202eabc\u202c \u2066x\u2069 danke'
	post letter "$(times a 250000)"
	post letters "$(times 'a ' 125000)"
	post emoji "$(times '😡' 60000)"
	post zalgo "Z$(times '\u0301' 40000) kaputt"
	post dots "$(times 'a.b.c.' 40000)"
	post at "$(times '@' 200000)"
	post links "$(times 'http://' 30000)"
	post digits ". $(times '1 ' 100000)"
	post long "$(times 'donaudampfschiff' 15000)"
	post empty ''
	printf '{"id":"a:b:none"}\n'
	printf '{"id":"a:b:twice","x":1,"x":2}\n'
} >"$dir/good"
good=$(wc -l <"$dir/good")
{
	printf '{"v":1,"op":"explode","id":"a:b:1"}\n'
	printf '{"v":1,"op":"create"}\n'
	printf '{"id":"a:b:1","id":"a:b:2"}\n'
	printf '{"id":"a:b:1","text":"\xff\xfe"}\n'
	printf '{"id":"a:b:1","x":%s1%s}\n' "$(times '[' 40)" "$(times ']' 40)"
	printf '{"id":"a:b:1","text":"%s"}\n' "$(times a 1100000)"
	printf 'null\n[]\n{"id":"a:b:1"\n'
} >"$dir/bad"
bad=$(wc -l <"$dir/bad")

timeout 60 "$build/posthorn-analyze" score <"$dir/good" >"$dir/scored" 2>"$dir/log" || die "score failed: $(head -c 300 "$dir/log")"
[ "$(wc -l <"$dir/scored")" -eq "$good" ] || die "$good posts, $(wc -l <"$dir/scored") scored: $(head -c 300 "$dir/log")"
timeout 60 "$build/posthorn-analyze" score <"$dir/bad" >"$dir/none" 2>"$dir/log" || die "score failed on bad lines"
[ ! -s "$dir/none" ] || die "a bad line was scored"
# targets: as a list or one by one; full of them or not, in bounded time
timeout 60 "$build/posthorn-analyze" score --target a,Paket --target 'c,danke' <"$dir/good" >"$dir/one" || die "targets failed"
timeout 60 "$build/posthorn-analyze" score --target 'a,Paket,c,danke' <"$dir/good" >"$dir/list" || die "targets failed"
cmp "$dir/one" "$dir/list" || die "a repeated --target is not a list"
[ "$(grep -c '"targets":\[{"query":"' "$dir/list")" -ge 3 ] || die "no targets found"
[ "$(grep -c '"line":' "$dir/log")" -eq "$bad" ] || die "$bad bad lines, $(grep -c '"line":' "$dir/log") errors"
timeout 60 "$build/posthorn-analyze" explain <"$dir/good" >"$dir/shown" 2>/dev/null || die "explain failed"
# nothing that steers a terminal gets through
! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$dir/shown" || die "a control character was shown"

refused() { # FILE REASON
	"$build/posthorn-analyze" score --model "$1" </dev/null >/dev/null 2>"$dir/log"
	[ $? -eq 78 ] || die "$1 was not refused"
	grep -q "$2" "$dir/log" || die "$1: no reason: $(cat "$dir/log")"
}
model=analyze/models/posthorn.model
head -c 100000 "$model" >"$dir/cut" && refused "$dir/cut" 'it is cut'
{ printf 'FOREIGN!' && tail -c +9 "$model"; } >"$dir/foreign" && refused "$dir/foreign" 'no model file'
{ head -c 8 "$model" && printf '\011\000\000\000' && tail -c +13 "$model"; } >"$dir/version" && refused "$dir/version" 'another version'
{ head -c 12 "$model" && printf '\001\002\003\004' && tail -c +17 "$model"; } >"$dir/order" && refused "$dir/order" 'other byte order'
{ head -c 3000000 "$model" && printf x && tail -c +3000002 "$model"; } >"$dir/changed" && refused "$dir/changed" 'checksum is wrong'
: >"$dir/empty" && refused "$dir/empty" 'empty'
exit 0
