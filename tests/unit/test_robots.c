/* robots.txt: which rule decides, and that hostile files are only long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/mem.h"

#include "ingest/robots.h"

static const char *shared(const char *path, char *out, size_t room)
{
	const char *base = getenv("POSTHORN_SHARED");
	(void)snprintf(out, room, "%s/%s", base ? base : "../shared", path);
	return out;
}

static void test_rules(void **state)
{
	static const struct {
		const char *file, *url;
		int line; /* of the rule that decides; negative: it forbids */
	} cases[] = {
	    {"", "/", 0},
	    {"User-agent: *\nDisallow:\n", "/", 0},
	    {"User-agent: *\nDisallow: /\n", "/x", -2},
	    {"User-agent: *\nDisallow: /\n", "/robots.txt", 0},
	    {"User-agent: *\nDisallow: /\n", "https://example.org", -2},
	    {"User-agent: *\nDisallow: /\n", "https://example.org?x=/robots.txt", -2},
	    {"Disallow: /\n", "/x", 0},
	    /* ours, else the star */
	    {"User-agent: *\nDisallow: /\nUser-agent: posthorn\nAllow: /\n", "/x", 4},
	    {"User-agent: *\nDisallow: /\nUser-agent: posthorn\n", "/x", 0},
	    {"User-agent: other\nDisallow: /\n", "/x", 0},
	    {"User-agent: posthorner\nDisallow: /\n", "/x", 0},
	    {"User-agent: posthorn2\nDisallow: /\n", "/x", -2},
	    {"USER-AGENT: PostHorn/2.0 (x)\nDISALLOW: /\n", "/x", -2},
	    /* several agents, several groups, foreign lines between */
	    {"User-agent: a\nUser-agent: posthorn\nDisallow: /\n", "/x", -3},
	    {"User-agent: posthorn\nSitemap: /s\nCrawl-delay: 1\nUser-agent: b\nDisallow: /\n",
	     "/x", -5},
	    {"User-agent: posthorn\nAllow: /a\n\nUser-agent: b\nDisallow: /\n\nUser-agent: "
	     "posthorn\nDisallow: /b\n",
	     "/b", -8},
	    /* the longest wins, allow wins a tie */
	    {"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b/c", 3},
	    {"User-agent: *\nAllow: /a/b\nDisallow: /a\n", "/a/c", -3},
	    {"User-agent: *\nDisallow: /a\nAllow: /a\n", "/a", 3},
	    {"User-agent: *\nAllow: /p\nDisallow: /*.html\n", "/page.html", -3},
	    /* star and end */
	    {"User-agent: *\nDisallow: /*.php$\n", "/a/index.php", -2},
	    {"User-agent: *\nDisallow: /*.php$\n", "/a/index.php?x", 0},
	    {"User-agent: *\nDisallow: /*.php$\n", "/a.php/b.php", -2},
	    {"User-agent: *\nDisallow: /a$\n", "/a", -2},
	    {"User-agent: *\nDisallow: /a$\n", "/ab", 0},
	    {"User-agent: *\nDisallow: /a*b*c\n", "/a-c-b", 0},
	    {"User-agent: *\nDisallow: /a*b*c\n", "/a-b-c-d", -2},
	    {"User-agent: *\nDisallow: /a**b\n", "/ab", -2},
	    {"User-agent: *\nDisallow: /*ab$\n", "/aab", -2},
	    {"User-agent: *\nDisallow: /ab*ab$\n", "/ab", 0},
	    {"User-agent: *\nDisallow: *\n", "/x", -2},
	    {"User-agent: *\nDisallow: $\n", "/", 0},
	    {"User-agent: *\nDisallow: /a%2Ab\n", "/a*b", -2},
	    {"User-agent: *\nDisallow: /a%2Ab\n", "/axb", 0},
	    /* spelling of octets */
	    {"User-agent: *\nDisallow: /%7Eme\n", "/~me", -2},
	    {"User-agent: *\nDisallow: /a%2fb\n", "/a%2Fb", -2},
	    {"User-agent: *\nDisallow: /a%2fb\n", "/a/b", 0},
	    {"User-agent: *\nDisallow: /\xc3\xbc\n", "/%C3%BC", -2},
	    /* lines */
	    {"\xef\xbb\xbfUser-agent: *\r\nDisallow: /a # why\r\rDisallow: /b", "/b", -4},
	    {"User-agent: *\nDisallow: /a # why\n", "/a", -2},
	    {"User-agent *\nDisallow /\n", "/x", 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct robots *robots = robots_parse(str_of(cases[i].file), STR("posthorn"));
		struct robots_decision d = robots_decide(robots, str_of(cases[i].url));
		int line = d.allowed ? d.line : -d.line;
		if (line != cases[i].line)
			print_error("case %zu, %s: ", i, cases[i].url);
		assert_int_equal(line, cases[i].line);
		robots_free(robots);
	}
}

static void test_delay_and_token(void **state)
{
	struct robots *robots =
	    robots_parse(STR("User-agent: *\nCrawl-delay: 7\nDisallow: /x\n"
			     "User-agent: posthorn\nCrawl-delay: 2.5\nCrawl-delay: 9\n"),
			 STR("posthorn"));
	(void)state;
	assert_int_equal(robots_delay_ms(robots), 2500);
	robots_free(robots);
	assert_true(str_is(robots_token(STR("posthorn/0.1 (+https://x)")), "posthorn"));
	assert_true(str_is(robots_token(STR("(nobody)")), ""));
}

/* 500 KiB that try to make matching slow: many rules of many stars against a long path. */
static void test_hostile(void **state)
{
	struct buf file, url;
	(void)state;
	buf_init(&file, MiB);
	buf_init(&url, MiB);
	(void)buf_z(&file, "User-agent: *\n");
	while (file.n < ROBOTS_MAX_BYTES + 1000)
		(void)buf_z(&file, "Disallow: /*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\n");
	(void)buf_z(&file, "Disallow: /\n"); /* beyond what is read */
	(void)buf_char(&url, '/');
	while (url.n < 8000)
		(void)buf_char(&url, 'a');
	int64_t start_ms = clock_mono_ms();
	struct robots *robots = robots_parse(buf_view(&file), STR("posthorn"));
	assert_true(robots_decide(robots, buf_view(&url)).allowed);
	assert_true(clock_mono_ms() - start_ms < 5000);
	robots_free(robots);
	buf_done(&file);
	buf_done(&url);
}

/* Where the peers that wrote the cases go other ways than RFC 9309, which wins: octets are compared
 * after decoding, $ is always the end, a product token is matched whole and leads the name. */
static bool differs_from_rfc(const char *test, const char *agent, const char *url)
{
	return (strcmp(test, "ID_Encoding") == 0 && !strchr(url, '%') && !strchr(url, '?')) ||
	       (strstr(test, "special_symbols_dual_behaviour") && strstr(url, "/x/abc")) ||
	       (strncmp(agent, "Mozilla/5.0 (", 13) == 0 && strstr(test, "unicode")) ||
	       (strcmp(test, "test_user_agent_precedence") == 0 &&
		(strcmp(agent, "hedwig-new") == 0 || strcmp(agent, "hedwig-images") == 0));
}

static void test_suite(void **state)
{
	char path[400], *line = NULL;
	size_t room = 0, n = 0, wrong = 0, other = 0;
	FILE *f = fopen(shared("fixtures/robots/cases.jsonl", path, sizeof path), "r");
	(void)state;
	if (!f) {
		print_message("skipped: no %s; set POSTHORN_SHARED\n", path);
		skip();
	}
	while (getline(&line, &room, f) > 0) {
		json_t *row = json_loads(line, 0, NULL);
		assert_non_null(row);
		if (!json_object_get(row, "note")) { /* those go beyond RFC 9309 */
			const char *agent = json_string_value(json_object_get(row, "user_agent"));
			const char *url = json_string_value(json_object_get(row, "url"));
			const char *text = json_string_value(json_object_get(row, "robots_txt"));
			bool allowed = json_is_true(json_object_get(row, "allowed"));
			struct robots *robots = robots_parse(str_of(text), str_of(agent));
			const char *test = json_string_value(json_object_get(row, "test"));
			if (differs_from_rfc(test, agent, url)) {
				other++;
			} else if (robots_decide(robots, str_of(url)).allowed != allowed) {
				print_message("%s: %s %s should be %s\n", test, agent, url,
					      allowed ? "allowed" : "forbidden");
				wrong++;
			}
			robots_free(robots);
			n++;
		}
		json_decref(row);
	}
	free(line);
	(void)fclose(f); /* only read */
	print_message("%zu cases, %zu of them go other ways than RFC 9309\n", n, other);
	assert_true(n >= 300 && other <= 15);
	assert_int_equal(wrong, 0);
}

/* Recorded files: they must be read whatever is in them. */
static void test_real_files(void **state)
{
	char dir[400], path[800];
	size_t n = 0, rules = 0;
	DIR *d = opendir(shared("fixtures/robots/files/real", dir, sizeof dir));
	(void)state;
	if (!d) {
		print_message("skipped: no %s; set POSTHORN_SHARED\n", dir);
		skip();
	}
	for (struct dirent *e; (e = readdir(d));) {
		static char bytes[600 * 1024];
		(void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;
		struct str text = {bytes, fread(bytes, 1, sizeof bytes, f)};
		(void)fclose(f); /* only read */
		struct robots *robots = robots_parse(text, STR("posthorn"));
		struct robots_decision x = robots_decide(robots, STR("/search?q=a&b=%C3%BC"));
		assert_true(x.allowed || x.line > 0);
		rules += x.line > 0;
		robots_free(robots);
		n++;
	}
	(void)closedir(d); /* only read */
	print_message("%zu files, in %zu a rule speaks of /search\n", n, rules);
	assert_true(n >= 100 && rules >= 10);
}

static void test_suite_delays(void **state)
{
	char path[400], line[4096];
	FILE *f = fopen(shared("fixtures/robots/crawl_delay.jsonl", path, sizeof path), "r");
	(void)state;
	if (!f) {
		print_message("skipped: no %s; set POSTHORN_SHARED\n", path);
		skip();
	}
	while (fgets(line, sizeof line, f)) {
		json_t *row = json_loads(line, 0, NULL);
		assert_non_null(row);
		const json_t *delay = json_object_get(row, "crawl_delay");
		struct robots *robots =
		    robots_parse(str_of(json_string_value(json_object_get(row, "robots_txt"))),
				 str_of(json_string_value(json_object_get(row, "user_agent"))));
		int64_t want =
		    json_is_null(delay) ? -1 : (int64_t)(json_number_value(delay) * 1000);
		assert_int_equal(robots_delay_ms(robots), want);
		robots_free(robots);
		json_decref(row);
	}
	(void)fclose(f); /* only read */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rules),        cmocka_unit_test(test_delay_and_token),
	    cmocka_unit_test(test_hostile),      cmocka_unit_test(test_suite),
	    cmocka_unit_test(test_suite_delays), cmocka_unit_test(test_real_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
