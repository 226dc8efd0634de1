#!/bin/sh
# Lua files to a C header: each FILE.lua becomes `static const char lua_FILE[]`.
set -eu
echo '/* made from route/lua at build; do not edit */'
for f in "$@"; do
	printf 'static const char lua_%s[] =\n' "$(basename "$f" .lua)"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/\t"/' -e 's/$/\\n"/' "$f"
	echo '	;'
done
