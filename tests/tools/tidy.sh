#!/bin/bash
# make tidy: headers stand alone, layers hold, generated documents are fresh, the format is clean.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
say() { echo "tidy: $*"; bad=1; }

flags="-std=c11 -D_GNU_SOURCE -I. -Ibuild/gen -Wall -Wextra -Werror -fsyntax-only -x c"
headers=$(git ls-files '*.h')
for h in $headers; do
	printf '#include "%s"\n' "$h" | gcc $flags - || say "$h does not compile alone"
done

# no library's type shows in a header
grep -nE '#include <(curl|librdkafka|jansson|hiredis|sqlite3|libxml|yaml|microhttpd|utf8proc|openssl|zlib)' \
	$headers && say "a header includes a library"

# common knows no program; programs do not know each other
layer() { # FOLDER FORBIDDEN...
	local dir=$1
	shift
	for other in "$@"; do
		git ls-files "$dir/*.c" "$dir/*.h" | xargs -r grep -nE "#include \"$other/" &&
			say "$dir includes $other"
	done
}
layer common ingest analyze route tests
layer ingest analyze route tests
layer analyze ingest route tests
layer route ingest analyze tests

# each library behind its wrapper
wrapper() { # HEADER ALLOWED-REGEX
	git ls-files 'common/*.c' 'ingest/*.c' 'analyze/*.c' 'route/*.c' | grep -vE "$2" |
		xargs grep -nE "#include <$1" && say "<$1> belongs in one wrapper ($2)"
}
wrapper 'librdkafka/' '^common/bus_kafka'
wrapper 'sqlite3' '^common/bus_sqlite'
wrapper 'hiredis/' '^common/redis\.c$'
wrapper 'curl/' '^ingest/(fetch|guard|url)[a-z_]*\.c$'
wrapper 'microhttpd' '^common/stats'
wrapper 'yaml\.h' '^common/conf_yaml\.c$'
wrapper 'jansson' '^(analyze/corrections|ingest/formats/jsonfeed|route/(top_facts|receipt))\.c$'

# functions with a better replacement here
git ls-files 'common/*.c' 'ingest/*.c' 'analyze/*.c' 'route/*.c' | xargs grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof)\(' &&
	say "use buf.h, arena.h and num.h instead of the functions above"

unformatted=$(git ls-files '*.c' '*.h' | xargs clang-format --dry-run 2>&1 | grep -c 'warning:')
[ "$unformatted" -eq 0 ] || say "$unformatted places are not formatted; run make format"

rm -rf build/docs
make -s docs DOCS=build/docs || say "the documents could not be made"
for f in build/docs/*.md build/docs/*.yaml build/docs/man/*; do
	[ -e "$f" ] || continue
	case $f in
	*.yaml) real=deploy/$(basename "$f") ;;
	*) real=docs/${f#build/docs/} ;;
	esac
	cmp -s "$f" "$real" || say "$real is stale; run make docs"
done

if git grep -qIE '/work/(main|shared)|\.library' -- ':!tests/tools/tidy.sh'; then say "a path of a workplace is in the tree"; fi
[ $bad -eq 0 ] && echo "tidy: clean"
exit $bad
