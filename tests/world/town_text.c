#include <stdbool.h>
#include <time.h>

#include "common/mem.h"
#include "tests/world/town.h"
#include "tests/world/town_text.h"

int town_text_escape(struct buf *out, struct str s)
{
	int rc = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		switch (c) {
		case '&': rc |= buf_z(out, "&amp;"); break;
		case '<': rc |= buf_z(out, "&lt;"); break;
		case '>': rc |= buf_z(out, "&gt;"); break;
		case '"': rc |= buf_z(out, "&quot;"); break;
		default:
			if (c >= 0x20 || c == '\t' || c == '\n')
				rc |= buf_char(out, (char)c);
		}
	}
	return rc ? -1 : 0;
}

static int put_line(struct buf *out, struct str line)
{
	int rc = 0;
	while (line.n > 0) {
		size_t at = str_find_str(line, STR("https://"));
		size_t other = str_find_str(line, STR("http://"));
		if (other < at)
			at = other;
		rc |= town_text_escape(out, str_sub(line, 0, at));
		line = str_sub(line, at, line.n);
		size_t n = 0;
		while (n < line.n && (unsigned char)line.p[n] > ' ' && !strchr("<>\"()", line.p[n]))
			n++;
		while (n > 0 && strchr(".,;:!?'", line.p[n - 1]))
			n--;
		if (n == 0)
			continue;
		rc |= buf_z(out, "<a href=\"");
		rc |= town_text_escape(out, str_sub(line, 0, n));
		rc |= buf_z(out, "\">");
		rc |= town_text_escape(out, str_sub(line, 0, n));
		rc |= buf_z(out, "</a>");
		line = str_sub(line, n, line.n);
	}
	return rc;
}

int town_text_html(struct buf *out, struct str text)
{
	bool in_quote = false, in_paragraph = false;
	struct str rest = text, line;
	int rc = 0;
	while (str_split(&rest, '\n', &line)) {
		bool quote = str_starts(line, ">");
		struct str words = str_trim(quote ? str_sub(line, 1, line.n) : line);
		bool blank = words.n == 0;
		if (in_paragraph && (blank || quote != in_quote)) {
			rc |= buf_z(out, "</p>");
			in_paragraph = false;
		}
		if (in_quote && !quote && !blank) {
			rc |= buf_z(out, "</blockquote>");
			in_quote = false;
		}
		if (blank)
			continue;
		if (quote && !in_quote)
			rc |= buf_z(out, "<blockquote>");
		in_quote = quote;
		rc |= buf_z(out, in_paragraph ? "<br/>" : "<p>");
		in_paragraph = true;
		rc |= put_line(out, words);
	}
	if (in_paragraph)
		rc |= buf_z(out, "</p>");
	if (in_quote)
		rc |= buf_z(out, "</blockquote>");
	return rc ? -1 : 0;
}

int town_text_html_escaped(struct buf *out, struct str text)
{
	struct buf html;
	buf_init(&html, out->limit_bytes);
	int rc = town_text_html(&html, text) | town_text_escape(out, buf_view(&html));
	buf_done(&html);
	return rc ? -1 : 0;
}

int town_text_html_cdata(struct buf *out, struct str text)
{
	struct buf html;
	buf_init(&html, out->limit_bytes);
	/* ">" is escaped in HTML, so "]]>" cannot stand in it */
	int rc = town_text_html(&html, text);
	rc |= buf_z(out, "<![CDATA[") | buf_str(out, buf_view(&html)) | buf_z(out, "]]>");
	buf_done(&html);
	return rc ? -1 : 0;
}

static struct tm berlin(int64_t ms)
{
	time_t seconds = (time_t)((ms + TOWN_ZONE_MS) / 1000);
	struct tm tm;
	must(gmtime_r(&seconds, &tm));
	return tm;
}

int town_text_rfc3339(struct buf *out, int64_t ms)
{
	struct tm tm = berlin(ms);
	char text[64];
	must(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+01:00", &tm) > 0);
	return buf_z(out, text);
}

int town_text_rfc822(struct buf *out, int64_t ms)
{
	struct tm tm = berlin(ms);
	char text[64];
	/* no setlocale in this program: names of days and months are English */
	must(strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0100", &tm) > 0);
	return buf_z(out, text);
}
