#!/bin/bash
# The documents that are made of the tables in the code: docs.sh OUTDIR BUILD
#   OUTDIR/CONFIGURATION.md, OUTDIR/COUNTERS.md, OUTDIR/man/posthorn-*.1
# The programs print them (`settings --markdown`, `settings --counters`, --man); what stands here is
# the prose around.  Same code, same bytes: no date, no path of a machine.
set -eu
cd "$(dirname "$0")/../.."
out=${1:?usage: docs.sh OUTDIR BUILD}
build=${2:?usage: docs.sh OUTDIR BUILD}
export LC_ALL=C
unset POSTHORN_CLOCK
mkdir -p "$out/man"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-docs-XXXXXX")
trap 'rm -rf "$tmp"' EXIT

for p in ingest analyze train route; do
	"$build/posthorn-$p" --man >"$tmp/posthorn-$p.1"
done
for p in ingest analyze route; do
	"$build/posthorn-$p" settings --markdown >"$tmp/$p.md"
	"$build/posthorn-$p" settings --counters >"$tmp/$p.counters"
done

# section 1 of every program is the top level, which they all read: it must be the same text
top() { awk '/^## /{n++} n == 1' "$tmp/$1.md"; }
own() { awk '/^## /{n++} n > 1' "$tmp/$1.md"; }
for p in analyze route; do
	[ "$(top ingest)" = "$(top $p)" ] || { echo "docs.sh: $p reads another top level" >&2; exit 1; }
done

# ---- CONFIGURATION.md ----
{
	cat <<'X'
# Configuration

<!-- made by `make docs` from the tables in the code; do not edit -->

One YAML file serves all programs; each reads its sections. Start from `deploy/posthorn.example.yaml`, which is valid as it
stands, and ask each program what it thinks of yours:

    posthorn-ingest check -c posthorn.yaml      # and the same of posthorn-analyze and posthorn-route

A wrong file starts nothing: unknown names and values out of range are refused with file, line and what was expected
(exit code 78). `posthorn-X settings` prints the sections a program reads. SIGHUP makes a running program read the file again:
sources, rules, teams and the log level are taken over, a wrong file is said and the old one kept, and for what needs
a restart (`tenant`, `bus`, `redis`, `data`, `partitions`, `metrics`) it says so.

## How values are written

- **duration**: `500ms`, `90s`, `30m`, `8h`, `7d`, `2w`, also joined, `1h30m`; `0` where it is in the range.
- **size**: `64`, `900kB` (1,000 each), `16MiB`, `4GiB` (1,024 each).
- **yes or no**: `yes` `true` `on`, `no` `false` `off`.
- **list**: `[a, b]`, or one value alone.
- **path**: relative to the folder of the file. So are the paths in `bus` and `redis`.
- **secret**: the value, or `file:PATH` to read it from a file; it is never printed or logged.
- **settings**: names and values, handed on as they are.
- `${NAME}` anywhere in a value is replaced by the environment variable; where it is not set the start is refused. `$${` stands
  for `${`.
- YAML anchors and aliases are refused; the file may have 4 MiB and a depth of 16.

A default of *needed* means that the setting must be given; an empty one that there is none.

X
	top ingest
	own ingest
	own analyze
	own route
	cat <<'X'
### Conditions

`when:` takes the whole monitoring language (docs/QUERY-LANGUAGE.md) but definitions and lists: words of the post, and conditions on its
fields, joined by `AND`, `OR`, `NOT` and parentheses. An unknown value satisfies no condition (and so every one with `NOT`).

    tonality:negative AND owned:yes
    channel:(forum OR blog) NOT author:"Deutsche Post" followers:>1000
    part:paket NEAR/6 (weg OR verloren) OR urgency:>=2

`tonality:unsure` holds where the model leaves it to a person.

`posthorn-route check` points at the place where a condition goes wrong. More forms stand in the rows of
`tests/unit/test_condition.c`.
X
} >"$tmp/CONFIGURATION.md"

# the fields of queries stand in prose: none may be missing in the manual
for field in $(sed -n 's/{"\([a-z]*\)", F_[A-Z]*}/\n@\1\n/gp' common/query/field_parse.c | sed -n 's/^@//p'); do
	grep -qE "\`$field[:\`]" docs/QUERY-LANGUAGE.md || { echo "docs: the field $field is missing in docs/QUERY-LANGUAGE.md" >&2; exit 1; }
done

# ---- COUNTERS.md ----
counters() { # PATTERN OPTION FILE...: the head of the table and its rows
	sed -n 1,2p "$tmp/ingest.counters"
	grep -h "$@" || { echo "docs.sh: no counters $*" >&2; exit 1; }
}
{
	cat <<'X'
# Counters

<!-- made by `make docs` from the tables in the code; do not edit -->

Each running program serves these as Prometheus text at `http://ADDRESS/metrics`; the address is its setting `metrics`, and
the port is said in the log when it starts. They begin at 0 with the process; what is counted over all processes and
restarts is in Redis (`docs/INTERFACES.md`, "Counters `{t}:count`"). A counter with a label has a value per value
of the label, at most 200; further ones are counted under `other`.

X
	for p in ingest analyze route; do
		printf '## posthorn-%s\n\n' $p
		counters "^| \`posthorn_${p}_" "$tmp/$p.counters"
		echo
	done
	printf '## The bus, in every program\n\n'
	sed -n 1,2p "$tmp/ingest.counters"
	for p in ingest analyze route; do
		sed 1,2d "$tmp/$p.counters" | grep -v "^| \`posthorn_${p}_" >"$tmp/$p.rest"
		cmp -s "$tmp/$p.rest" "$tmp/ingest.rest" || { echo "docs.sh: $p counts the bus in another way" >&2; exit 1; }
	done
	cat "$tmp/ingest.rest"
} >"$tmp/COUNTERS.md"

mv "$tmp/CONFIGURATION.md" "$tmp/COUNTERS.md" "$out/"
mv "$tmp"/posthorn-*.1 "$out/man/"
