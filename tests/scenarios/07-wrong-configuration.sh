#!/bin/bash
# Goal: a wrong configuration starts nothing and says file, line and what was expected (exit 78); the
# shipped examples are right; Redis or the bus away at start is said and waited for.
# buses: none
. "$(dirname "$0")/lib.sh"

refused() { # PROGRAM TEXT-EXPECTED   configuration on standard input
	cat >"$dir/c.yaml"
	local what
	for what in check run; do
		timeout 10 "$build/posthorn-$1" $what -c "$dir/c.yaml" >"$dir/out" 2>"$dir/err"
		local rc=$?
		[ $rc = 78 ] || die "$1 $what: exit $rc, expected 78: $(cat "$dir/err")"
		grep -qF "$2" "$dir/err" || die "$1 $what said: $(cat "$dir/err"); expected: $2"
	done
	[ ! -e "$dir/bus" ] || die "$1 made a bus in spite of a wrong configuration"
}
refused ingest "c.yaml:2: " <<<$'tenant: x\nsorces: []\n'
refused ingest "c.yaml:2: " <<<$'sources:\n  - {name: a, driver: telepathy}\n'
refused ingest "c.yaml:3: " <<<$'sources:\n  - {name: a, url: "http://x.example/"}\n  - {name: a, url: "http://y.example/"}\n'
refused ingest "c.yaml:1: " <<<$'sources: [{name: a, url: "gopher://x.example/"}]\n'
refused ingest "c.yaml:1: expected analyze.queries" <<<$'sources: [{name: a, url: "http://x.example/", keep: matching}]\n'
printf -- '- {name: a, query: b AND}\n' >"$dir/q.yaml"
refused ingest "q.yaml:1: a: query:1:6: expected a term" <<<$'sources: [{name: a, url: "http://x.example/", keep: matching}]\nanalyze: {queries: q.yaml}\n'
refused analyze "c.yaml:2: " <<<$'analyze:\n  modell: x\n'
refused route "c.yaml:2: " <<<$'rules:\n  - {when: "tonalty:negative", team: care}\n'
refused route "c.yaml:3: " <<<$'rules:\n  - {when: "tonality:negative", team: care}\n  - {when: "followers:>10k", team: care}\n'
printf 'teams: [{name: care}]\nrules:\n  - {when: "target:negative", team: care}\n  - {when: "owned:yes", team: care}\n' >"$dir/odd.yaml"
"$build/posthorn-route" check -c "$dir/odd.yaml" >"$dir/out" 2>"$dir/err" || die "route refuses what is odd: $(cat "$dir/err")"
grep -q 'odd.yaml:3: in the rule, Q9 1:1: target: asks' "$dir/err" && [ "$(grep -c Q "$dir/err")" = 1 ] ||
	die "route does not say what is odd in a rule: $(cat "$dir/err")"
refused route "c.yaml:2: " <<<$'route:\n  max_age: soon\n'
refused route "expected the environment variable NO_SUCH_VARIABLE" <<<$'redis_password: ${NO_SUCH_VARIABLE}\n'

for f in deploy/*.yaml; do
	for p in ingest analyze route; do
		"$build/posthorn-$p" check -c "$f" 2>"$dir/err" || die "$p refuses $f: $(cat "$dir/err")"
	done
done

# no secret in any output
config "$dir/c.yaml" <<<'redis_password: hunter2-is-secret'
for p in ingest analyze route; do
	start "$p" timeout 5 "$build/posthorn-$p" run -c "$dir/c.yaml"
done
wait_for 5 grep -q 'redis is away' "$dir/route.log"
wait_for 5 grep -q 'redis is away' "$dir/ingest.log"
grep -q 'redis is away.*next=' "$dir/route.log" || die "the line does not say what happens next"
for p in ingest analyze route; do v=pid_$p; stop "${!v}"; done
cat "$dir"/*.log "$dir"/*.out | grep -q hunter2 && die "the password is in a log"
exit 0
