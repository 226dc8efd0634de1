/*
 * corpus [N] [SEED] [SHARED]: N posts as JSON lines, 758 bytes each on average, half German, half
 * English; the same bytes for the same arguments.
 *
 * Words are read at run time from SHARED/data/unlabelled (default ../shared): runs of 4 to 12 words of
 * one line are strung together, so that word frequencies and letter sequences are those of real text.
 * Mentions, tags, links, emoji and capitals are mixed in.  Members that are null are left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "common/buf.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/post.h"

enum { MAX_LINES = 100000, MEAN_TEXT = 424 };

struct lines {
	struct str *at;
	size_t n;
};

static uint64_t state;

static uint64_t next_random(void) /* xorshift64* (Vigna 2016) */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717ULL;
}

static size_t below(size_t n)
{
	return (size_t)(next_random() >> 16) % n;
}

static int read_lines(const char *shared, const char *lang, struct lines *ret)
{
	char path[1000], row[20000];
	snprintf(path, sizeof path, "%s/data/unlabelled/%s.tsv.gz", shared, lang);
	gzFile f = gzopen(path, "rb");
	if (!f)
		return -1;
	ret->at = xcalloc(MAX_LINES, sizeof *ret->at);
	while (ret->n < MAX_LINES && gzgets(f, row, sizeof row)) {
		struct str rest = str_of(row), cell = STR_NULL;
		for (int i = 0; i < 4 && str_split(&rest, '\t', &cell); i++)
			;
		cell = str_trim(cell);
		if (cell.n > 20 && utf8_valid(cell))
			ret->at[ret->n++] = (struct str){xstrndup(cell.p, cell.n), cell.n};
	}
	gzclose(f);
	return ret->n > 100 ? 0 : -1;
}

static void add_run(struct buf *text, const struct lines *lines)
{
	struct str rest = lines->at[below(lines->n)], word;
	size_t skip = below(6), take = 4 + below(9);
	while (take && str_split(&rest, ' ', &word)) {
		if (skip) {
			skip--;
			continue;
		}
		(void)buf_str(text, word);
		(void)buf_char(text, ' ');
		take--;
	}
}

static void add_spice(struct buf *text)
{
	static const char *const spice[] = {
	    "@brieftal_hilft ", "#paket ", "😡 ", "http://t.example/x7 ", "!!! ", "KEIN ",
	    "👍🏽 ",        "ä ö ü ß "};
	(void)buf_z(text, spice[below(ARRAY_LEN(spice))]);
}

/* Lengths with a long tail: the mean of an exponential by the binary digits of a random number
 * (no libm): scale * (leading zeros + fraction). */
static size_t length(void)
{
	uint64_t r = next_random() | 1;
	size_t zeros = (size_t)__builtin_clzll(r);
	return 40 + (size_t)((MEAN_TEXT - 40) * (zeros + (double)below(1000) / 1000) / 1.5);
}

static void member(struct buf *out, const char *name, struct str value)
{
	(void)buf_printf(out, ",\"%s\":", name);
	(void)buf_json_str(out, value);
}

int main(int argc, char **argv)
{
	int64_t n = 100000, seed = 1;
	const char *shared = argc > 3 ? argv[3] : getenv("POSTHORN_SHARED");
	struct lines lines[2] = {{NULL, 0}, {NULL, 0}};
	struct buf out, text;
	if ((argc > 1 && num_int(str_of(argv[1]), 1, 100000000, &n)) ||
	    (argc > 2 && num_int(str_of(argv[2]), 1, INT64_MAX, &seed)))
		return 64;
	if (read_lines(shared ? shared : "../shared", "de", &lines[0]) ||
	    read_lines(shared ? shared : "../shared", "en", &lines[1])) {
		fputs("corpus: could not read data/unlabelled; set POSTHORN_SHARED\n", stderr);
		return 69;
	}
	state = (uint64_t)seed * 0x9E3779B97F4A7C15ULL;
	buf_init(&out, 1 * MiB);
	buf_init(&text, 256 * KiB);
	for (int64_t i = 0; i < n; i++) {
		static const char *const channels[] = {"forum", "social", "blog", "review"};
		const struct lines *lang = &lines[next_random() >> 63];
		size_t want = length();
		char time[NUM_TIME_LEN + 1], name[80];
		buf_reset(&out);
		buf_reset(&text);
		while (text.n < want) {
			add_run(&text, lang);
			if (below(4) == 0)
				add_spice(&text);
		}
		num_time_text(1795334400000 + i * 7, time);
		snprintf(name, sizeof name, "bench:corpus:%lld", (long long)i);
		(void)buf_printf(&out, "{\"v\":1,\"op\":\"create\"");
		member(&out, "id", str_of(name));
		snprintf(name, sizeof name, "bench:corpus:%lld",
			 (long long)(i - (int64_t)below((size_t)i + 1) % 5));
		member(&out, "conversation", str_of(name));
		member(&out, "source", STR("bench"));
		member(&out, "channel", str_of(channels[below(4)]));
		member(&out, "url", str_of(name));
		snprintf(name, sizeof name, "user%zu", below(50000));
		(void)buf_z(&out, ",\"author\":{\"handle\":");
		(void)buf_json_str(&out, str_of(name));
		(void)buf_printf(&out, ",\"followers\":%zu}", below(3000));
		member(&out, "text", str_trim(buf_view(&text)));
		member(&out, "created_at", str_of(time));
		member(&out, "fetched_at", str_of(time));
		member(&out, "date_quality", STR("exact"));
		(void)buf_z(&out, "}\n");
		must(!out.full && fwrite(out.p, 1, out.n, stdout) == out.n);
	}
	buf_done(&out);
	buf_done(&text);
	return fflush(stdout) ? 74 : 0;
}
