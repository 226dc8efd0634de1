#!/bin/bash
# The shipped weights again, bit for bit: models.sh [OUT [TRAIN]]
#   OUT    the model to write (analyze/models/posthorn.model)
#   TRAIN  the posthorn-train to use (build/posthorn-train)
# The labelled sets are read from $POSTHORN_SHARED/data, else ../shared/data.
# Only sets whose licence lets the result be shipped: analyze/models/README.md.
set -eu
data=${POSTHORN_SHARED:-../shared}/data
out=${1:-analyze/models/posthorn.model}
train=${2:-build/posthorn-train}
if [ ! -d "$data/potts" ]; then
	echo "models.sh: no labelled data under $data; nothing to do" >&2
	exit 69
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-models.XXXXXX")
trap 'rm -rf "$work"' EXIT

# five treebanks with other licences, and tweets without one, are left out by the ids of their rows;
# rows called Hindi are mostly English
"$train" fit --task language --bits 17 --out "$work/language" --refit \
	--train "$data/langid/train.tsv.gz,$data/xlmt/train.tsv.gz,$data/potts/train.tsv,$data/sb10k/train.tsv,$data/care/train.tsv,$data/care/background.tsv" \
	--dev "$data/langid/dev.tsv.gz,$data/xlmt/dev.tsv.gz,$data/care/dev.tsv" \
	--label lang --skip-ids lid-ud-cs,lid-ud-hu,lid-ud-it,lid-ud-tr,lid-ud-pl,lid-carter \
	--skip-labels hi --map ru=und,ar=und,hr=und,id=und --fragments 2 --price 0.2 --errors 0.01

# our own rows count twice: they speak of companies, the tweets of the world
"$train" fit --task tonality --bits 17 --out "$work/tonality" --refit \
	--train "$data/potts/train.tsv,$data/sb10k/train.tsv,$data/xlmt/train.tsv.gz,$data/care/train.tsv,$data/care/train.tsv,$data/care/background.tsv" \
	--dev "$data/potts/dev.tsv,$data/sb10k/dev.tsv,$data/xlmt/dev.tsv.gz,$data/care/dev.tsv" \
	--langs de,en --label tonality,label --skip-labels mixed --price 0.03 --errors 0.28

"$train" pack --out "$out" language="$work/language" tonality="$work/tonality"
