#!/bin/sh
# Installs the Debian packages that are missing; quiet when none is.
#
#   setup.sh [run] [test] [bench] [kafka]      what the packages are for; `run` if nothing is said
#
# Only the package manager runs under sudo.  Without root and without sudo it prints the line to
# run and exits 69.  SETUP_SUDO names another sudo (tests).
set -u

base="build-essential pkg-config libcurl4-openssl-dev librdkafka-dev libjansson-dev
libutf8proc-dev libhiredis-dev libsqlite3-dev libxml2-dev libyaml-dev libmicrohttpd-dev
libpsl-dev libssl-dev zlib1g-dev libstemmer-dev redis-tools"
kafka="openjdk-17-jre-headless maven"
wanted=$base
for purpose in "$@"; do
	case $purpose in
	run) ;;
	test) wanted="$wanted libcmocka-dev clang clang-format $kafka" ;;
	bench) wanted="$wanted valgrind python3-venv fasttext libcld2-dev libvectorscan-dev" ;;
	kafka) wanted="$wanted $kafka" ;;
	*)
		echo "setup.sh: unknown purpose \"$purpose\"; expected run, test, bench or kafka" >&2
		exit 64
		;;
	esac
done

newline='
'
# prints those of "$@" that are not installed; one call of dpkg-query for all
missing_of() {
	# it fails where a package is unknown; what it prints counts
	# shellcheck disable=SC2016
	have=$(dpkg-query -W -f '${Package} ${Status}\n' "$@" 2>/dev/null |
		sed -n 's/ install ok installed$//p')
	for package in "$@"; do
		case "$newline$have$newline" in
		*"$newline$package$newline"*) ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

if ! command -v dpkg-query >/dev/null; then
	echo "setup: this is no Debian; please make sure that these are there: $wanted" >&2
	exit 0
fi
# shellcheck disable=SC2086
missing=$(missing_of $wanted)
missing=${missing% }
[ -z "$missing" ] && exit 0

line="apt-get install -y --no-install-recommends $missing"
sudo=
if [ "$(id -u)" != 0 ]; then
	sudo=${SETUP_SUDO:-sudo}
	# without a terminal nobody can type a password
	[ -t 0 ] && [ -t 2 ] || sudo="$sudo -n"
	if ! command -v "${sudo%% *}" >/dev/null || { [ "$sudo" != "${sudo% -n}" ] && ! $sudo true 2>/dev/null; }; then
		echo "setup: packages are missing, and installing them needs root. Please run as root:" >&2
		echo "  apt-get update && $line" >&2
		echo "and start again." >&2
		exit 69
	fi
fi

echo "setup: installing $missing" >&2
apt() {
	# waits for another package manager up to two minutes; asks nothing
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 \
		-o Acquire::Retries=3 "$@"
}
log=$(mktemp "${TMPDIR:-/tmp}/posthorn-setup.XXXXXX") || exit 69
trap 'rm -f "$log"' EXIT
try=0
while [ $((try += 1)) -le 3 ]; do
	# shellcheck disable=SC2086
	if apt update >"$log" 2>&1 &&
		apt install -y --no-install-recommends $missing >>"$log" 2>&1; then
		# shellcheck disable=SC2086
		left=$(missing_of $missing)
		if [ -z "$left" ]; then
			echo "setup: done" >&2
			exit 0
		fi
		echo "setup: still missing: $left" >&2
	fi
	tail -n 5 "$log" | sed 's/^/  /' >&2
	if [ "$try" -lt 3 ]; then
		echo "setup: that did not work (try $try of 3), trying again in 5 s" >&2
		sleep 5
	fi
done
echo "setup: could not install them. Please run as root, and start again:" >&2
echo "  apt-get update && $line" >&2
exit 69
