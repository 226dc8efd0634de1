/*
 * main.c: posthorn-ingest hears: it polls sources and puts their posts on the bus.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"

#include "ingest/config.h"
#include "ingest/guard.h"
#include "ingest/parse.h"
#include "ingest/robots.h"
#include "ingest/run.h"

static int cmd_run(int argc, char **argv);
static int cmd_check(int argc, char **argv);
static int cmd_once(int argc, char **argv);
static int cmd_guard(int argc, char **argv);
static int cmd_robots(int argc, char **argv);
static int cmd_status(int argc, char **argv);
static int cmd_help(int argc, char **argv);

static const struct command {
	const char *name, *usage, *help;
	int (*fn)(int argc, char **argv);
} commands[] = {
    {"run", "-c FILE [--instance N] [--until-idle]",
     "Polls the sources of FILE and publishes their posts until it is told to stop.\n"
     "SIGTERM: finishes what is in hand, exit 0.  SIGHUP: reads FILE again.\n"
     "--instance N    our name on the bus when several run (1..99)\n"
     "--until-idle    each source once, replays to their end; exit 0 when all is delivered",
     cmd_run},
    {"once", "-c FILE [--stdout]",
     "Each source once, replays to their end.\n"
     "--stdout        posts as JSON lines on standard output; needs neither bus nor Redis,\n"
     "                remembers nothing",
     cmd_once},
    {"check", "-c FILE", "Reads the configuration and says what is wrong with it: exit 78.",
     cmd_check},
    {"status", "-c FILE",
     "One line per source: state, last successful read, next poll (- : overdue since), failures\n"
     "in a row, posts published, why it fails.",
     cmd_status},
    {"parse", "[--as KIND] [--url BASE] [--header 'Name: value'] FILE...",
     "Posts of saved pages as JSON lines on standard output; a status object per file on standard "
     "error.",
     parse_main},
    {"guard", "[--allow NETWORK]... URL...",
     "May the fetcher talk to it?  Prints decision, URL and reason; names are resolved.\n"
     "Exit 1 where one is refused.",
     cmd_guard},
    {"robots", "[--agent NAME] URL FILE",
     "What the robots.txt in FILE says about URL, and the rule that decided.  Exit 1: forbidden.",
     cmd_robots},
    {"help", "[COMMAND]", "What a command does, or all settings of the configuration.", cmd_help},
};

static int usage(const struct command *command, const char *fault)
{
	if (fault)
		fprintf(stderr, "posthorn-ingest: %s\n", fault);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!command || command == &commands[i])
			fprintf(stderr, "%s posthorn-ingest %s %s\n",
				command || i == 0 ? "usage:" : "      ", commands[i].name,
				commands[i].usage);
	return EX_USAGE;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* ---- commands that read a configuration ---- */

struct args {
	const char *config;
	int64_t instance;
	bool until_idle, to_stdout;
};

static int args_read(int argc, char **argv, const char *allowed, struct args *ret)
{
	*ret = (struct args){.instance = 1};
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;
		if (strcmp(argv[i], "-c") == 0 && has_value)
			ret->config = argv[++i];
		else if (strcmp(argv[i], "--instance") == 0 && has_value && strchr(allowed, 'i') &&
			 num_int(str_of(argv[i + 1]), 1, 99, &ret->instance) == 0)
			i++;
		else if (strcmp(argv[i], "--until-idle") == 0 && strchr(allowed, 'u'))
			ret->until_idle = true;
		else if (strcmp(argv[i], "--stdout") == 0 && strchr(allowed, 's'))
			ret->to_stdout = true;
		else
			return usage(find(argv[0]), "cannot make sense of the arguments");
	}
	return ret->config ? 0 : usage(find(argv[0]), "which configuration? (-c FILE)");
}

static int cmd_run(int argc, char **argv)
{
	struct args args;
	int code = args_read(argc, argv, "iu", &args);
	struct run_options options = {args.config, (int)args.instance, args.until_idle, false};
	return code ? code : ingest_run_main(&options);
}

static int cmd_once(int argc, char **argv)
{
	struct args args;
	int code = args_read(argc, argv, "is", &args);
	struct run_options options = {args.config, (int)args.instance, true, args.to_stdout};
	return code ? code : ingest_run_main(&options);
}

static int cmd_check(int argc, char **argv)
{
	struct args args;
	struct error err;
	int code = args_read(argc, argv, "", &args);
	if (code)
		return code;
	struct config *config = ingest_config_load(args.config, &err);
	if (!config) {
		fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	printf("%s: fine for posthorn-ingest, %zu sources\n", args.config, config->n_sources);
	ingest_config_free(config);
	return 0;
}

static int cmd_status(int argc, char **argv)
{
	struct args args;
	int code = args_read(argc, argv, "", &args);
	return code ? code : status_main(args.config);
}

/* ---- guard, robots ---- */

/* Every address the name has now; all must pass.  Returns false where one is refused. */
static bool print_addresses(const struct guard *guard, const struct guard_target *target)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	char port[16], address[64];
	bool fine = true;
	(void)snprintf(port, sizeof port, "%d", target->port); /* fits */
	int rc = getaddrinfo(target->host, port, &hints, &list);
	if (rc) {
		printf("resolve  %s  could not resolve \"%s\": %s\n", target->url, target->host,
		       gai_strerror(rc));
		return true;
	}
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		const char *why;
		bool allowed = guard_address(guard, ai->ai_addr, &why);
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, address, sizeof address, NULL, 0,
				NI_NUMERICHOST))
			(void)snprintf(address, sizeof address, "?"); /* fits */
		printf("%-8s %s  %s: %s\n", allowed ? "allow" : "refuse", target->url, address,
		       why);
		fine = fine && allowed;
	}
	freeaddrinfo(list);
	return fine;
}

static int cmd_guard(int argc, char **argv)
{
	struct guard *guard = guard_create();
	struct error err;
	bool any = false, refused = false, wrong = false;
	for (int i = 1; i < argc && !wrong; i++) {
		struct guard_target target;
		if (strcmp(argv[i], "--allow") == 0 && i + 1 < argc) {
			if (guard_allow(guard, str_of(argv[++i]), &err)) {
				fprintf(stderr, "posthorn-ingest: %s\n", err.text);
				wrong = true;
			}
			continue;
		}
		any = true;
		enum guard_verdict verdict = guard_url(guard, str_of(argv[i]), &target);
		if (verdict == GUARD_RESOLVE)
			refused |= !print_addresses(guard, &target);
		else
			printf("%-8s %s  %s\n", guard_verdict_name(verdict),
			       verdict == GUARD_REFUSE ? argv[i] : target.url, target.why);
		refused |= verdict == GUARD_REFUSE;
	}
	guard_free(guard);
	if (wrong || !any)
		return usage(find("guard"), wrong ? NULL : "which URL?");
	return refused ? 1 : 0;
}

static int read_file(const char *path, struct buf *out)
{
	char block[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	if (!f)
		return -1;
	while ((n = fread(block, 1, sizeof block, f)) > 0 && buf_add(out, block, n) == 0)
		;
	int rc = ferror(f) ? -1 : 0;
	(void)fclose(f); /* only read */
	return rc;
}

static int cmd_robots(int argc, char **argv)
{
	const char *agent = "posthorn", *words[2] = {NULL, NULL};
	int n = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--agent") == 0 && i + 1 < argc)
			agent = argv[++i];
		else if (n < 2)
			words[n++] = argv[i];
		else
			return usage(find("robots"), "cannot make sense of the arguments");
	}
	if (n < 2)
		return usage(find("robots"), "which URL and which file?");
	struct buf bytes;
	buf_init(&bytes, MiB);
	if (read_file(words[1], &bytes)) {
		fprintf(stderr, "could not read \"%s\": %m\n", words[1]);
		buf_done(&bytes);
		return EX_NOINPUT;
	}
	struct robots *robots = robots_parse(buf_view(&bytes), robots_token(str_of(agent)));
	struct robots_decision d = robots_decide(robots, str_of(words[0]));
	printf("%s %s  ", d.allowed ? "allow" : "forbid", words[0]);
	if (d.line)
		printf("line %d \"%.*s\": ", d.line, STR_ARG(d.rule));
	printf("%s\n", d.why);
	if (robots_delay_ms(robots) >= 0)
		printf("crawl-delay %.1f s\n", (double)robots_delay_ms(robots) / 1000);
	robots_free(robots);
	buf_done(&bytes);
	return d.allowed ? 0 : 1;
}

/* ---- help ---- */

static void print_settings(void)
{
	struct buf out;
	buf_init(&out, MiB);
	conf_help(&conf_common_section, &out);
	conf_help(&ingest_section, &out);
	conf_help(&sources_section, &out);
	for (size_t i = 0; source_drivers[i]; i++) {
		const struct source_driver *driver = source_drivers[i];
		struct conf_section own = {driver->name, CONF_MAPS, driver->options_size,
					   driver->options, driver->help};
		(void)buf_printf(&out, "driver %s: %s\n", driver->name, driver->help);
		if (driver->options)
			conf_help(&own, &out);
	}
	conf_help(&authors_section, &out);
	printf("\nThe configuration:\n%.*s", STR_ARG(buf_view(&out)));
	buf_done(&out);
}

static int cmd_help(int argc, char **argv)
{
	const struct command *one = argc > 1 ? find(argv[1]) : NULL;
	if (argc > 1 && !one)
		return usage(NULL, "no such command");
	if (!one)
		printf("posthorn-ingest polls sources and puts their posts on the bus.\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!one || one == &commands[i])
			printf("posthorn-ingest %s %s\n%s\n\n", commands[i].name, commands[i].usage,
			       commands[i].help);
	if (!one || one->fn == cmd_run || one->fn == cmd_check)
		print_settings();
	return 0;
}

int main(int argc, char **argv)
{
	struct error err;
	log_init("ingest");
	if (clock_init(&err)) {
		fprintf(stderr, "posthorn-ingest: %s\n", err.text);
		return EX_USAGE;
	}
	if (argc < 2)
		return usage(NULL, NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cmd_help(argc - 1, argv + 1);
	const struct command *command = find(argv[1]);
	if (!command)
		return usage(NULL, "no such command");
	if (argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)) {
		char *words[] = {"help", argv[1], NULL};
		return cmd_help(2, words);
	}
	return command->fn(argc - 1, argv + 1);
}
