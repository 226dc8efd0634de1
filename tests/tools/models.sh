#!/bin/bash
# The shipped weights again, bit for bit: models.sh [OUT [TRAIN]]
#   OUT    the model to write (analyze/models/posthorn.model); the lexicon goes beside it
#   TRAIN  the posthorn-train to use (build/posthorn-train)
# The labelled sets are read from $POSTHORN_SHARED/data, else ../shared/data; HEADS="spam ..." fits only
# these and packs nothing.
# Only sets whose licence lets the result be shipped: analyze/models/README.md.
set -eu
data=${POSTHORN_SHARED:-../shared}/data
out=${1:-analyze/models/posthorn.model}
train=${2:-build/posthorn-train}
rows=analyze/models/rows
if [ ! -d "$data/potts" ]; then
	echo "models.sh: no labelled data under $data; nothing to do" >&2
	exit 69
fi
work=${WORK:-}
if [ -z "$work" ]; then
	work=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-models.XXXXXX")
	trap 'rm -rf "$work"' EXIT
fi
lexicon=$(dirname "$out")/polarity.lexicon
columns='
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }'

# words that are praise or blame by themselves: German Polarity Clues, AFINN, VADER
"$train" lexicon --out "$lexicon" "$data/lexica/gpc_de.tsv:class:1" "$data/lexica/afinn_en.tsv:score:2" \
	"$data/lexica/vader_en.tsv:mean:1.5"

# tweets annotated by our codebook: labels are ours and lie in rows/, their texts in the public sets
if [ -s "$rows/tweets.tsv" ]; then
	for set in potts/train.tsv potts/dev.tsv sb10k/train.tsv sb10k/dev.tsv xlmt/train.tsv.gz xlmt/dev.tsv.gz; do
		zcat -f "$data/$set" | cut -f1,2,4
	done | awk -F'\t' -v OFS='\t' 'NR == FNR { if (FNR > 1) label[$1] = $0; next }
		FNR == 1 { print "id", "lang", "intent", "answer", "urgency", "reasons", "tonality", "sarcasm", "tone", "text" }
		$1 in label { split(label[$1], l, "\t"); print $1, $2, l[2], l[3], l[4], l[5], l[6], l[7], l[8], $3 }' \
		"$rows/tweets.tsv" - >"$work/tweets.tsv"
else
	head -n 1 "$data/care/background.tsv" >"$work/tweets.tsv"
fi
care="$data/care/train.tsv,$data/care/dev.tsv,$data/care/background.tsv,$work/tweets.tsv"
for f in "$rows"/care_*.tsv; do care="$care,$f"; done

# urgency comes from the need: every second row again, politely or rudely, with the same labels
for f in $(echo "$care" | tr , ' '); do
	awk -F'\t' -v OFS='\t' '
		FNR == NR { if (FNR > 1) { key = $1 $2 $3; phrase[key, n[key]++] = $4 } next }
		FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		("de" == $at["lang"] || "en" == $at["lang"]) && $at["urgency"] > 0 {
			for (m = 0; m < 2; m++) {
				manner = m ? "rude" : "polite"
				front = $at["lang"] manner "front"; behind = $at["lang"] manner "behind"
				t = phrase[front, FNR / 2 % n[front]] " " $at["text"] " " phrase[behind, int(FNR / 3) % n[behind]]
				print $at["id"] "-" manner, $at["lang"], $at["urgency"], $at["reasons"], t
			}
		}' "$rows/manners.tsv" "$f"
done >"$work/manners.body"
{ printf 'id\tlang\turgency\treasons\ttext\n'; cat "$work/manners.body"; } >"$work/manners.tsv"

# danger and spam: our rows; EDOS (threats, incitement), GermEval 2018 (insults); the care rows say of
# themselves what they are
{
	printf 'id\tlang\tlabel\ttext\n'
	tail -q -n +2 "$rows/danger.tsv" 2>/dev/null || true
	zcat "$data/edos/train.tsv.gz" "$data/edos/dev.tsv.gz" | awk -F'\t' -v OFS='\t' "$columns"'
		$at["vector"] ~ /^1\.1/ { print $at["id"], "en", "threat", $at["text"]; next }
		$at["vector"] ~ /^1\.2/ { print $at["id"], "en", "violence", $at["text"]; next }
		$at["vector"] ~ /^2/ { print $at["id"], "en", "insult", $at["text"]; next }
		NR % 4 == 0 && $at["label"] == "other" { print $at["id"], "en", "", $at["text"] }'
	cat "$data/germeval2018/train.tsv" "$data/germeval2018/dev.tsv" | awk -F'\t' -v OFS='\t' "$columns"'
		$at["label"] == "label" { next }
		{ print $at["id"], "de", $at["fine"] ~ /ABUSE|INSULT/ ? "insult" : "", $at["text"] }'
	for f in $(echo "$care" | tr , ' '); do
		awk -F'\t' -v OFS='\t' "$columns"'
			{
				l = ""
				if ($at["intent"] ~ /advert/) l = l ",spam"
				if ($at["tone"] == "insulting") l = l ",insult"
				if ($at["reasons"] ~ /threat/) l = l ",threat"
				if ($at["reasons"] ~ /selfharm/) l = l ",selfharm"
				print $at["id"], $at["lang"], substr(l, 2), $at["text"]
			}' "$f"
	done
} >"$work/danger.tsv"

wanted() { [ -z "${HEADS:-}" ] || case " $HEADS " in *" $1 "*) ;; *) false ;; esac; }
fit() { # HEAD options...
	local head=$1
	shift
	wanted "$head" || return 0
	"$train" fit --task "$head" --bits 16 --lexicon "$lexicon" --out "$work/$head" "$@"
}

# five treebanks with other licences, and tweets without one, are left out by the ids of their rows;
# rows called Hindi are mostly English
fit language --label lang --price 0.2 --errors 0.01 --fragments 2 \
	--train "$data/langid/train.tsv.gz,$data/xlmt/train.tsv.gz,$data/potts/train.tsv,$data/sb10k/train.tsv,$care" \
	--dev "$data/langid/dev.tsv.gz,$data/xlmt/dev.tsv.gz" --on-dev \
	--skip-ids lid-ud-cs,lid-ud-hu,lid-ud-it,lid-ud-tr,lid-ud-pl,lid-carter \
	--skip-labels hi --map ru=und,ar=und,hr=und,id=und

# real posts to companies choose thresholds and probabilities; no weight is learnt from them
real="--dev $data/care/dev_real.tsv --on-dev --no-dev"
# tweets in equal shares of the three classes: what rows about companies lack; others made it worse
fit tonality --label tonality,label --langs de,en --for macro-f1 --price 0.1 --errors 0.36 $real \
	--train "$care,$care,$data/xlmt/train.tsv.gz,$data/xlmt/dev.tsv.gz"
fit intent --label intent --multi --train "$care" $real
fit answer --label answer --multi --map no= --train "$care" $real
fit urgency1 --label urgency --multi --map 0=,1=yes,2=yes,3=yes --train "$care,$work/manners.tsv" $real
fit urgency2 --label urgency --multi --map 0=,1=,2=yes,3=yes --train "$care,$work/manners.tsv" $real
# too few real posts are critical to choose by: its border is that of our own rows
fit urgency3 --label urgency --multi --map 0=,1=,2=,3=yes --train "$care,$work/manners.tsv"
fit reasons --label reasons --multi --train "$care" $real
fit sarcasm --label sarcasm --multi --map no= --train "$care" $real
for flag in threat violence insult selfharm spam; do
	awk -F'\t' -v OFS='\t' -v flag="$flag" 'NR == 1 { print; next }
		{ $3 = index("," $3 ",", "," flag ",") ? "yes" : ""; print }' "$work/danger.tsv" >"$work/$flag.tsv"
	fit "$flag" --label label --multi --train "$work/$flag.tsv"
done
[ -n "${HEADS:-}" ] && exit 0

heads=
for head in language tonality intent answer urgency1 urgency2 urgency3 reasons sarcasm threat violence insult \
	selfharm spam; do
	heads="$heads $head=$work/$head"
done
"$train" pack --out "$out" $heads
