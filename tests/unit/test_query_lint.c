/* What the linter says of a query, and where; and of which it says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/mem.h"
#include "common/query/lint.h"

/* Its findings as "Q2 1-9 Q8 1-9", columns from 1. */
static void findings(const char *query, const char *targets, struct buf *out)
{
	struct lint_finding at[LINT_MOST];
	struct arena *arena = arena_create(MiB);
	struct query_set *set = query_set_create();
	struct error err;
	if (query_set_add(set, "q", str_of(query), NULL, &err) ||
	    (targets && query_set_target(set, 0, str_of(targets), &err)))
		fail_msg("%s", err.text);
	query_set_compile(set);
	size_t n = query_lint(set, 0, at, arena);
	buf_reset(out);
	for (size_t i = 0; i < n; i++)
		(void)buf_printf(out, "%sQ%d %zu-%zu", i ? " " : "", at[i].number, at[i].from + 1,
				 at[i].to);
	query_set_free(set);
	arena_free(arena);
}

static void test_findings(void **state)
{
	static const struct {
		const char *query, *found;
	} queries[] = {
	    {"paket NEAR/5 (weg OR verloren) NOT brief", ""},
	    {"paket AND verloren OR verschwunden", "Q1 1-18"},
	    {"part:paket verloren OR verschwunden", "Q2 1-19"},
	    {"paket oder brief", "Q3 7-10"},
	    {"paket onear/3 brief", "Q3 7-13"},
	    {"paket NEAR5 brief", "Q3 7-11"},
	    {"paket SENTENCE/2 brief", "Q3 7-16"},
	    {"atleast/2 paket", "Q3 1-9"},
	    {"paket nicht", "Q3 7-11"},
	    {"\"oder\" paket", ""},
	    {"(nicht OR kein) paket", ""},
	    {"paket db*", "Q4 7-9"},
	    {"paket db**", "Q4 7-10"},
	    {"paket NOT paket", "Q5 1-15"},
	    {"paket NOT (brief OR paket)", "Q5 1-26"},
	    {"paket NOT paket*", "Q5 1-16"},
	    {"paket NOT part:paket", "Q5 1-20"},
	    {"\"deutsche post\" NOT post", "Q5 1-24"},
	    {"post NOT \"deutsche post\"", ""},
	    {"paket* NOT paket", ""},
	    {"paket NEAR/3 weg NOT weg", "Q5 1-24"},
	    {"brief OR (paket NOT paket)", "Q5 11-25"},
	    {"brief lang:de lang:en", "Q5 1-21"},
	    {"brief lang:de lang:de-AT", ""},
	    {"brief lang:(de OR fr) lang:en", "Q5 1-29"},
	    {"brief lang:d* lang:en", ""},
	    {"brief owned:yes owned:no", "Q5 1-24"},
	    {"brief followers:>5 followers:<=5", "Q5 1-32"},
	    {"brief followers:>=5 followers:<=5", ""},
	    {"brief followers:(1 OR 9) followers:5..9", ""},
	    {"brief followers:(1 OR 2) followers:5..9", "Q5 1-39"},
	    {"brief tonality:negative tonality:positive", "Q5 1-41"},
	    {"brief tonality:negative tonality:<0", ""},
	    {"brief site:dhl.de site:www.dhl.de", ""},
	    {"brief site:dhl.de site:ups.com", "Q5 1-30"},
	    {"brief has:link has:image", ""},
	    {"brief intent:complaint intent:question", ""},
	    {"brief created:2026-11-21 created:2026-11-22", "Q5 1-43"},
	    {"brief created:>2026-11-21 created:>-24h", ""},
	    {"title:(brief NOT brief)", "Q5 1-23"},
	    {"brief (paket OR NOT paket)", "Q6 8-25"},
	    {"brief NOT (paket NOT paket)", "Q6 7-27"},
	    {"paket OR paket", "Q7 10-14"},
	    {"part:paket OR part:paket", "Q7 15-24"},
	    {"(paket OR brief) OR paket", "Q7 21-25"},
	    {"paket OR paket*", "Q7 1-5"},
	    {"paket* OR paket", "Q7 11-15"},
	    {"E-Post OR epost", "Q7 11-15"},
	    {"paket OR \"paket weg\"", "Q7 10-20"},
	    {"#paket OR paket", "Q7 1-6"},
	    {"paket OR part:paket", "Q7 1-5"},
	    {"brief (brief OR paket)", "Q7 8-21"},
	    {"brief (paket NEAR/3 weg) paket", "Q7 26-30"},
	    {"paket OR {Paket}", ""},
	    {"paket OR stem:paket", ""},
	    {"paket OR p?ket OR briefe", "Q7 1-5"},
	    {"title:paket OR paket", ""},
	    {"der OR die", "Q8 1-10"},
	    {"dhl OR ups OR gls", ""},
	    {"lang:de", "Q8 1-7"},
	    {"brief target:negative", "Q9 7-21"},
	    {"+paket", "Q10 1-6"},
	    {"!paket", "Q10 1-6"},
	    {"paket~2", "Q10 1-7"},
	    {"\"mein paket\"~500", "Q10 13-16"},
	    {"##paket", "Q10 1-7"},
	    {"{C++} paket", ""},
	    {"\"+paket\"", ""},
	    {"AT&T paket", ""},
	    {"brief role:kunde", "Q11 7-16"},
	    {"brief role:(press OR kunde)", "Q11 7-27"},
	    {"brief intent:comp*", ""},
	    {"brief channel:Forum", ""},
	    {"brief source:anything", ""},
	};
	struct buf out;
	size_t wrong = 0;
	(void)state;
	buf_init(&out, MiB);
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		findings(queries[i].query, NULL, &out);
		if (!str_is(buf_view(&out), queries[i].found)) {
			print_message("%s: \"%.*s\", expected \"%s\"\n", queries[i].query,
				      STR_ARG(buf_view(&out)), queries[i].found);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	findings("brief target:negative", "brief", &out);
	assert_int_equal(out.n, 0);
	buf_done(&out);
}

/* However much there is to compare, it ends soon, and says what it saw until then. */
static void test_bounded(void **state)
{
	enum { DEEP = 90 };
	struct buf query, out;
	(void)state;
	buf_init(&query, MiB);
	buf_init(&out, MiB);
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i < DEEP; i++)
			(void)buf_printf(&query, side ? "(b%d OR " : "(a%d AND ", i);
		(void)buf_z(&query, side ? "y" : "x");
		for (int i = 0; i < DEEP; i++)
			(void)buf_char(&query, ')');
	}
	findings(query.p, NULL, &out);
	buf_done(&query);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest list[] = {cmocka_unit_test(test_findings),
					  cmocka_unit_test(test_bounded)};
	return cmocka_run_group_tests(list, NULL, NULL);
}
