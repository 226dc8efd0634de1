#!/bin/bash
# The table of docs/QUALITY.md: every labelled set, fitted on its train part alone with the standard recipe and
# judged on its dev part, beside published results (of the TEST parts, which are not here).
#   quality.sh [SET...]     TRAIN names another posthorn-train
# The sets are read from $POSTHORN_SHARED/data, else ../shared/data.  All of it takes about 15 minutes.
set -u
cd "$(dirname "$0")/../.." || exit 1
data=${POSTHORN_SHARED:-../shared}/data
train=${TRAIN:-build/posthorn-train}
[ -d "$data/potts" ] || { echo "quality.sh: no labelled data under $data; set POSTHORN_SHARED" >&2; exit 69; }
work=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-quality.XXXXXX")
trap 'rm -rf "$work"' EXIT

# what a figure is made of: the table that `eval` prints
figure() { # METRIC FILE
	awk -v metric="$1" '
		/^n [0-9]/ && !seen { seen = 1; split($0, w, " "); acc = w[4]; for (i = 1; i <= NF; i++) if ($i == "macro-F1") macro = $(i + 1) }
		/^class / { body = 1; next }
		body { p[$1] = $2; r[$1] = $3; f[$1] = $4; n++; P += $2; R += $3 }
		END {
			if (metric == "acc") print acc
			else if (metric == "macro") print macro
			else if (metric == "posneg") printf "%.4f\n", (f["positive"] + f["negative"]) / 2
			else if (metric == "recall") printf "%.4f\n", R / n
			else if (metric == "official") { P /= n; R /= n; printf "%.4f\n", 2 * P * R / (P + R) }
			else { sub(/^F:/, "", metric); print f[metric] }
		}' "$2"
}

rows() { cat <<'T'
germeval2017 relevance|germeval2017/train.tsv|germeval2017/dev.tsv|--label relevance|acc|micro-F1|.878|.903 (7x the data)|.94-.96|.90
germeval2017 polarity|germeval2017/train.tsv|germeval2017/dev.tsv|--label sentiment|acc|micro-F1|.733|.748 (7x the data)|.76-.86|.76
potts|potts/train.tsv|potts/dev.tsv|--label label --skip-labels mixed|posneg|macro-F pos/neg|.645|.677|.69 (LSTM)|.68
sb10k|sb10k/train.tsv|sb10k/dev.tsv|--label label|posneg|macro-F pos/neg|.522|.564|.55 (LSTM)|.58
xlmt de|xlmt/train.tsv.gz|xlmt/dev.tsv.gz|--label label --langs de|macro|macro-F1|.661|.596|.736-.773|.68
xlmt en|xlmt/train.tsv.gz|xlmt/dev.tsv.gz|--label label --langs en|macro|macro-F1| |.509|.668-.706|
omp_sentiment|omp_sentiment/train.tsv|omp_sentiment/dev.tsv|--label label|acc|accuracy|.620|||
hotel_de|hotel_de/train.tsv|hotel_de/dev.tsv|--label label|acc|accuracy|.766|||
mobasa|mobasa/train.tsv|mobasa/dev.tsv|--label label|acc|accuracy|.869|||
reviews_de|reviews_de/train.tsv.gz|reviews_de/dev.tsv.gz|--label label|acc|accuracy||||
emotions_de|emotions_de/train.tsv|emotions_de/dev.tsv|--label label|acc|accuracy||||
tweeteval sentiment|tweeteval_sentiment/train.tsv.gz|tweeteval_sentiment/dev.tsv.gz|--label label|recall|macro recall|.631|.629|.713-.737|.66
airline|airline/train.tsv|airline/dev.tsv|--label label|macro|macro-F1|.770|||
flausch praise|germeval2025_flausch/train.tsv.gz|germeval2025_flausch/dev.tsv.gz|--label label|F:praise|F1 of praise|.838||.891|.87
complaints_en|complaints_en/train.tsv|complaints_en/dev.tsv|--label label|macro|macro-F1|.801||.79 (other protocol)|
germeval2018 coarse|germeval2018/train.tsv|germeval2018/dev.tsv|--label label|official|official F|.710|.768||.75
germeval2018 fine|germeval2018/train.tsv|germeval2018/dev.tsv|--label fine|official|official F|.429|.527|.41-.59|
germeval2019_t2|germeval2019_t2/train.tsv|germeval2019_t2/dev.tsv|--label label|official|official F||||
germeval2021 toxic|germeval2021/train.tsv|germeval2021/dev.tsv|--label label|macro|macro-F1|.599|.668|.718|
germeval2021 engaging|germeval2021/train.tsv|germeval2021/dev.tsv|--label engaging|macro|macro-F1|.631|.699|.699|
germeval2021 fact claiming|germeval2021/train.tsv|germeval2021/dev.tsv|--label factclaiming|macro|macro-F1|.695|.725|.768|
germeval2024 sexism|germeval2024_germs/train.tsv|germeval2024_germs/dev.tsv|--label label|macro|macro-F1|.634|||
germeval2025 violence|germeval2025_vio/train.tsv|germeval2025_vio/dev.tsv|--label label|macro|macro-F1|.660|.69|.82|
germeval2025 call to action|germeval2025_c2a/train.tsv|germeval2025_c2a/dev.tsv|--label label|macro|macro-F1|.715|.59|.82|
germeval2025 order|germeval2025_dbo/train.tsv|germeval2025_dbo/dev.tsv|--label label|macro|macro-F1|.564|.47|.63|
hasoc2019_de|hasoc2019_de/train.tsv|hasoc2019_de/dev.tsv|--label label|macro|macro-F1|.543|||
tweeteval offensive|tweeteval_offensive/train.tsv|tweeteval_offensive/dev.tsv|--label label|macro|macro-F1|.724|.734|.795-.822|
tweeteval hate|tweeteval_hate/train.tsv|tweeteval_hate/dev.tsv|--label label|macro|macro-F1|.401|.506|.466-.564|
tweeteval irony|tweeteval_irony/train.tsv|tweeteval_irony/dev.tsv|--label label|F:irony|F1 of irony|.580|.631|.597-.821|
tweeteval emotion|tweeteval_emotion/train.tsv|tweeteval_emotion/dev.tsv|--label label|macro|macro-F1|.657|.652|.761-.802|
davidson|davidson/train.tsv.gz|davidson/dev.tsv.gz|--label label|macro|macro-F1|.748|||
edos|edos/train.tsv.gz|edos/dev.tsv.gz|--label label|macro|macro-F1|.780||.875|
banking77|banking77/train.tsv|banking77/dev.tsv|--label label|acc|accuracy|.913|||
clinc150|clinc150/train.tsv|clinc150/dev.tsv|--label label|acc|accuracy|.935 (in scope)|.910|.969|
massive_de|massive_de/train.tsv|massive_de/dev.tsv|--label label|acc|accuracy|.854||.47-.89|
langid|langid/train.tsv.gz|langid/dev.tsv.gz|--label lang --fragments 2|acc|accuracy|.994 (LIGA)|||.995
T
}

echo "| set | figure | ours, dev | probe, test | light, test | transformers, test | first goal, test | fit, s |"
echo "| --- | --- | ---: | --- | --- | --- | --- | ---: |"
rows | while IFS='|' read -r name tr dv options metric said probe light transformer goal; do
	if [ $# -gt 0 ]; then case " $* " in *" ${name%% *} "*) ;; *) continue ;; esac; fi
	# shellcheck disable=SC2086
	begun=$SECONDS
	if ! "$train" fit --task x --train "$data/$tr" $options --out "$work/m" 2>"$work/log" ||
		! "$train" eval --model "$work/m" ${options%--fragments*} "$data/$dv" >"$work/figures" 2>>"$work/log"; then
		echo "| $name | $said | failed: $(tail -n 1 "$work/log") | | | | | |"
		continue
	fi
	echo "| $name | $said | $(figure "$metric" "$work/figures") | $probe | $light | $transformer | $goal | $((SECONDS - begun)) |"
done
