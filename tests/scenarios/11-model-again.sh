#!/bin/bash
# Goal: a shipped head is trained again bit for bit, with the processor's FMA and AVX and without them.
# buses: none
. "$(dirname "$0")/lib.sh"
shared=${POSTHORN_SHARED:-../shared}
[ -d "$shared/data/potts" ] || { echo "skipped: no labelled data; set POSTHORN_SHARED"; exit 77; }
export POSTHORN_SHARED=$shared

mkdir -p "$dir/a" "$dir/b"
HEADS=spam WORK=$dir/a bash tests/tools/models.sh "$dir/a/model" "$build/posthorn-train" 2>"$dir/log" ||
	die "training failed: $(tail -n 3 "$dir/log")"
# glibc picks its own routines by these; test_words.c compares our own ones
GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-AVX_Fast_Unaligned_Load,-AVX2,-FMA,-AVX512F \
	HEADS=spam WORK=$dir/b bash tests/tools/models.sh "$dir/b/model" "$build/posthorn-train" 2>"$dir/log" ||
	die "training with masked instructions failed: $(tail -n 3 "$dir/log")"
cmp "$dir/a/spam" "$dir/b/spam" || die "other bytes where FMA is masked"
cmp "$dir/a/polarity.lexicon" analyze/models/polarity.lexicon || die "the lexicon is not the shipped one"

# the head inside the shipped model: scored alike
head -n 200 "$shared/data/care/dev.tsv" >"$dir/rows.tsv"
"$build/posthorn-train" predict --model "$dir/a/spam" "$dir/rows.tsv" >"$dir/p1" || die "predict failed"
"$build/posthorn-train" predict --model analyze/models/posthorn.model --task spam "$dir/rows.tsv" >"$dir/p2" || die "predict failed"
cmp "$dir/p1" "$dir/p2" || die "the shipped head answers otherwise: run make models"
exit 0
