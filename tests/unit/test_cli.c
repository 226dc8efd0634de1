/* The command line: what reaches a command, what is refused and how, the texts made of the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/cli.h"
#include "common/mem.h"
#include "common/settings.h"
#include "common/stats.h"

/* ---- a program whose commands print what they were given ---- */

static int show(const struct cli *cli)
{
	printf("%s", cli->command->words);
	for (size_t i = 0; i < cli->n_given; i++)
		printf(" %s=%s", cli->given[i].name,
		       cli->given[i].value ? cli->given[i].value : "on");
	for (size_t i = 0; i < cli->n_operands; i++)
		printf(" [%s]", cli->operands[i]);
	printf("\n");
	return 0;
}

static int numbers(const struct cli *cli)
{
	int64_t n = 7;
	double x = 0.5;
	int code = cli_int(cli, "n", 1, 99, &n);
	if (code == 0)
		code = cli_double(cli, "x", 0, 1, &x);
	if (code == 0)
		printf("%d %g\n", (int)n, x);
	return code;
}

static int list(const struct cli *cli)
{
	const char *teams[2];
	size_t n = cli_all(cli, "team", teams, 2);
	printf("%zu last=%s json=%d", n, cli_get(cli, "team") ? cli_get(cli, "team") : "none",
	       cli_has(cli, "json"));
	for (size_t i = 0; i < n; i++)
		printf(" %s", teams[i]);
	printf("\n");
	return 3;
}

struct thing {
	int64_t wait_ms;
	const char *name;
};

static const struct conf_row thing_rows[] = {
    CONF_DURATION(struct thing, "wait", wait_ms, "5m", "1s", "1h", "how long"),
    CONF_STR(struct thing, name, CONF_NEEDED, "its name"), CONF_END};
static const struct conf_row no_rows[] = {CONF_END};
static const struct conf_section thing = {"thing", CONF_MAP, sizeof(struct thing), thing_rows,
					  "A thing."};
static const struct conf_section empty = {"none", CONF_MAPS, 0, no_rows, "Nothing."};

static void counters(void)
{
	static const struct stats_row rows[] = {{"t_x_total", STATS_COUNTER, "why", "x"}};
	(void)stats_register(rows, 1);
}

static int settings(const struct cli *cli)
{
	static const struct conf_section *const sections[] = {&thing, &empty, NULL};
	return settings_print(cli, sections, counters);
}

static const struct cli_option none[] = {{NULL, NULL, NULL}};
static const struct cli_option some[] = {{"config", "FILE", "configuration (-c)"},
					 {"token", "N", "the `token` of the claim"},
					 {"json", NULL, "one object"},
					 {NULL, NULL, NULL}};
static const struct cli_option number_options[] = {
    {"n", "N", "a number"}, {"x", "X", "another"}, {NULL, NULL, NULL}};
static const struct cli_option list_options[] = {
    {"team", "TEAM", "may be repeated"}, {"json", NULL, "one object"}, {NULL, NULL, NULL}};
static const struct cli_command commands[] = {
    {"run", "", "config", "runs\n.It ends - or 'not' - with C:\\.", some, show},
    {"queue list", "", NULL, "what waits", list_options, list},
    {"queue show", "TICKET", "config", "one ticket", some, show},
    {"queue give", "TICKET AGENT", "config token", "to another", some, show},
    {"parse", "FILE...", NULL, "posts of files", some, show},
    {"help-me", "[FILE...]", NULL, "any number", none, show},
    {"maybe", "FILE [OUT]", NULL, "one or two", none, show},
    {"count", "", NULL, "numbers", number_options, numbers},
    {"settings", "", NULL, SETTINGS_HELP, settings_options, settings},
    {NULL, NULL, NULL, NULL, NULL, NULL}};
static const struct cli_note notes[] = {{"0", "done"}, CLI_EXIT_USAGE, CLI_NOTE_END};
static const struct cli_program program = {.name = "posthorn-test",
					   .help = "is for tests",
					   .more = "First.\n\nSecond.",
					   .commands = commands,
					   .exits = notes,
					   .see = "posthorn-other(1)"};

/* Runs a line of words (blanks separate) in a child; its exit code, standard output and error. */
static struct {
	int code;
	char out[20000], err[2000];
} got;

static void slurp(int fd, char *to, size_t room)
{
	size_t n = 0;
	ssize_t k;
	while ((k = read(fd, to + n, room - 1 - n)) > 0)
		n += (size_t)k;
	to[n] = '\0';
	close(fd);
}

static void call(const char *line)
{
	char text[500], *argv[40] = {(char *)"posthorn-test"};
	int argc = 1, out[2], err[2], status;
	(void)snprintf(text, sizeof text, "%s", line);
	for (char *p = text; *p && argc < 39;) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		while (*p == ' ')
			*p++ = '\0';
	}
	must(pipe(out) == 0 && pipe(err) == 0);
	(void)fflush(stdout);
	pid_t pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(err[1], STDERR_FILENO);
		close(out[0]), close(out[1]), close(err[0]), close(err[1]);
		int code = cli_main(&program, argc, argv);
		(void)fflush(stdout);
		_exit(code);
	}
	close(out[1]);
	close(err[1]);
	slurp(out[0], got.out, sizeof got.out);
	slurp(err[0], got.err, sizeof got.err);
	must(waitpid(pid, &status, 0) == pid);
	got.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- cases ---- */

static void test_given(void **state)
{
	static const struct {
		const char *line, *out;
		int code;
	} rows[] = {
	    {"run -c f", "run config=f\n", 0},
	    {"run --config f --json", "run config=f json=on\n", 0},
	    {"run --config=f=g", "run config=f=g\n", 0},
	    {"run --config= ", "run config=\n", 0},
	    {"run -c -c", "run config=-c\n", 0},
	    {"run -c f -c g", "run config=f config=g\n", 0},
	    {"queue show 7 -c f", "queue show config=f [7]\n", 0},
	    {"queue show -c f 7", "queue show config=f [7]\n", 0},
	    {"queue give --token 3 7 --config=f anna", "queue give token=3 config=f [7] [anna]\n",
	     0},
	    {"parse a - b", "parse [a] [-] [b]\n", 0},
	    {"parse a --json b -- --json -x", "parse json=on [a] [b] [--json] [-x]\n", 0},
	    {"parse -- --help", "parse [--help]\n", 0},
	    {"help-me", "help-me\n", 0},
	    {"help-me a b c d e f g h i j k",
	     "help-me [a] [b] [c] [d] [e] [f] [g] [h] [i] [j] [k]\n", 0},
	    {"maybe a", "maybe [a]\n", 0},
	    {"maybe a b", "maybe [a] [b]\n", 0},
	    {"count", "7 0.5\n", 0},
	    {"count --n 99 --x 1e-1", "99 0.1\n", 0},
	    {"queue list", "0 last=none json=0\n", 3},
	    {"queue list --team a --team=b --team c --json", "2 last=c json=1 a b\n", 3},
	    {"--version", "posthorn-test " POSTHORN_VERSION "\n", 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		call(rows[i].line);
		if (got.code != rows[i].code || strcmp(got.out, rows[i].out) != 0 || *got.err)
			fail_msg("%s: %d \"%s\" \"%s\"", rows[i].line, got.code, got.out, got.err);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *line, *said;
	} rows[] = {
	    {"", "posthorn-test: expected one of the commands run queue parse help-me maybe count "
		 "settings; "
		 "--help tells more\n"},
	    {"rum", "posthorn-test: expected one of the commands run queue parse help-me maybe "
		    "count settings, found \"rum\"; --help tells more\n"},
	    {"rum --help", "posthorn-test: expected one of the commands run queue parse help-me "
			   "maybe count settings, found \"rum\"; --help tells more\n"},
	    {"queue", "posthorn-test queue: expected one of the commands list show give; "
		      "--help tells more\n"},
	    {"queue shows", "posthorn-test queue: expected one of the commands list show give, "
			    "found \"shows\"; --help tells more\n"},
	    {"run", "posthorn-test run: expected --config FILE (-c)\n"},
	    {"run -c", "posthorn-test run: expected FILE after --config\n"},
	    {"run -c f g", "posthorn-test run: expected no further argument, found \"g\"\n"},
	    {"run -c f --jso",
	     "posthorn-test run: expected one of the options --config --token --json, found "
	     "\"--jso\"\n"},
	    {"run -c f --json=yes",
	     "posthorn-test run: expected no value after --json, found \"yes\"\n"},
	    {"run -c f -j",
	     "posthorn-test run: expected one of the options --config --token --json, "
	     "found \"-j\"\n"},
	    {"run -c f --=x", "posthorn-test run: expected one of the options --config --token "
			      "--json, found \"--=x\"\n"},
	    {"help-me -c f", "posthorn-test help-me: expected no options, found \"-c\"\n"},
	    {"queue show -c f", "posthorn-test queue show: expected TICKET\n"},
	    {"queue show -c f 1 2",
	     "posthorn-test queue show: expected no more than TICKET, found \"2\"\n"},
	    {"queue give -c f 1 a", "posthorn-test queue give: expected --token N\n"},
	    {"parse", "posthorn-test parse: expected FILE...\n"},
	    {"maybe", "posthorn-test maybe: expected FILE [OUT]\n"},
	    {"maybe a b c", "posthorn-test maybe: expected no more than FILE [OUT], found \"c\"\n"},
	    {"count --n 0", "posthorn-test count: expected 1 to 99 after --n, found \"0\"\n"},
	    {"count --n 1x", "posthorn-test count: expected 1 to 99 after --n, found \"1x\"\n"},
	    {"count --x 2", "posthorn-test count: expected a number from 0 to 1 after --x, found "
			    "\"2\"\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		call(rows[i].line);
		if (got.code != 64 || strcmp(got.err, rows[i].said) != 0 || *got.out)
			fail_msg("%s: %d \"%s\" \"%s\"", rows[i].line, got.code, got.out, got.err);
	}
}

static void test_help(void **state)
{
	static const char *const same[][4] = {
	    {"--help", "-h", "help", "help --help"},
	    {"queue --help", "queue -h", "help queue", "help queue"},
	    {"queue give --help", "queue give -h 7", "help queue give",
	     "queue give --token --help"}};
	char first[sizeof got.out];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		for (size_t k = 0; k < 4; k++) {
			call(same[i][k]);
			if (k == 0)
				memcpy(first, got.out, sizeof first);
			if (got.code != 0 || *got.err || strcmp(got.out, first) != 0)
				fail_msg("%s: %d \"%s\" \"%s\"", same[i][k], got.code, got.out,
					 got.err);
		}
	}
	assert_string_equal(first, "usage: posthorn-test queue give --config FILE --token N "
				   "[options] TICKET AGENT\n\n"
				   "To another.\n\n"
				   "  --config FILE  configuration (-c)\n"
				   "  --token N      the `token` of the claim\n"
				   "  --json         one object\n");
	call("queue --help");
	assert_non_null(strstr(got.out, "usage: posthorn-test queue COMMAND [options]\n"
					"  queue list  what waits\n"
					"  queue show  one ticket\n"
					"  queue give  to another\n\n"));
	call("--help");
	assert_int_equal(strncmp(got.out, "posthorn-test: is for tests\n\nusage: ", 36), 0);
	assert_non_null(strstr(got.out, "\n  run         runs\n")); /* the first line only */
	call("run --help");
	assert_non_null(strstr(got.out, "\nRuns.\n.It ends - or 'not' - with C:\\.\n\n"));
}

/* Text must not become a request of troff, whatever it begins with. */
static void test_manual(void **state)
{
	static const char *const parts[] = {
	    ".TH posthorn-test 1 \"\" \"Posthorn " POSTHORN_VERSION "\" \"Posthorn\"\n",
	    ".SH NAME\nposthorn\\-test \\- is for tests\n",
	    "\\fBposthorn\\-test queue give\\fP \\fB\\-\\-config\\fP \\fIFILE\\fP "
	    "\\fB\\-\\-token\\fP "
	    "\\fIN\\fP [options] \\fITICKET AGENT\\fP\n",
	    ".SH DESCRIPTION\nFirst.\n.PP\nSecond.\n",
	    ".SS help-me\n",
	    "Runs.\n\\&.It ends - or \\(aqnot\\(aq - with C:\\e.\n",
	    ".TP\n\\fB\\-\\-token\\fP \\fIN\\fP\nthe \\fBtoken\\fP of the claim\n",
	    ".SH EXIT STATUS\n.TP\n\\fB0\\fP\ndone\n",
	    ".SH SEE ALSO\nposthorn-other(1)\n"};
	(void)state;
	call("--man");
	assert_int_equal(got.code, 0);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!strstr(got.out, parts[i]))
			fail_msg("not in the manual: \"%s\"\n%s", parts[i], got.out);
	assert_null(strstr(got.out, ".SH FILES")); /* it has none */
}

static void test_settings(void **state)
{
	(void)state;
	call("settings");
	assert_int_equal(got.code, 0);
	assert_string_equal(got.out, "thing: A thing.\n"
				     "  wait             how long (duration, 1s..1h; 5m)\n"
				     "  name             its name (text; needed)\n"
				     "\nnone (a list): Nothing.\n");
	call("settings --markdown");
	assert_string_equal(got.out, "## thing\n\nA thing.\n\n"
				     "| setting | kind | default | meaning |\n"
				     "| --- | --- | --- | --- |\n"
				     "| `wait` | duration, 1s..1h | 5m | how long |\n"
				     "| `name` | text | needed | its name |\n\n"
				     "## none (a list)\n\nNothing.\n\n");
	call("settings --counters");
	assert_non_null(strstr(got.out, "| --- | --- | --- | --- |\n"
					"| `posthorn_t_x_total` | counter | `why` | x |\n"
					"| `posthorn_bus_sent_total` | counter | `topic` | "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_given), cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_help), cmocka_unit_test(test_manual),
	    cmocka_unit_test(test_settings)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
