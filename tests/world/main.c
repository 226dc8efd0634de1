/*
 * posthorn-world: a web on loopback for the demo and the tests.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "tests/world/server.h"
#include "tests/world/town_feed.h"

static const char usage[] =
    "usage: posthorn-world [options]\n"
    "Serves recorded feeds, an invented town and bad manners on 127.0.0.1 until SIGTERM.\n"
    "\n"
    "  --port N           port; 0 (the default) picks a free one\n"
    "  --port-file FILE   writes the port there once it listens\n"
    "  --feeds DIR        serves the files below DIR as /feeds/...\n"
    "  --town DIR         serves the town in DIR (places.tsv, posts.jsonl)\n"
    "  --robots FILE      serves FILE as /robots.txt\n"
    "  --poll DURATION    poll interval in the lists of sources (5m)\n"
    "  --log              a line per request on standard error\n"
    "  --print-sources    prints the sources of --town for --port, and ends\n"
    "  --help             this text\n"
    "\n"
    "POSTHORN_CLOCK=REAL_MS:WALL_MS:SPEED lets the town's clock run fast.\n"
    "The paths are listed in tests/world/README.md.\n";

struct arguments {
	struct world_options world;
	const char *port_file;
	bool print_sources;
};

static void bad_usage(const char *what)
{
	fprintf(stderr, "posthorn-world: %s\n%s", what, usage);
	exit(EX_USAGE);
}

static void read_arguments(int argc, char **argv, struct arguments *ret)
{
	static const struct option options[] = {
	    {"port", required_argument, NULL, 'p'},   {"port-file", required_argument, NULL, 'P'},
	    {"feeds", required_argument, NULL, 'f'},  {"town", required_argument, NULL, 't'},
	    {"robots", required_argument, NULL, 'r'}, {"poll", required_argument, NULL, 'i'},
	    {"log", no_argument, NULL, 'l'},          {"print-sources", no_argument, NULL, 's'},
	    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
	int c;
	int64_t n;
	*ret = (struct arguments){0};
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'p':
			if (num_int(str_of(optarg), 0, 65535, &n))
				bad_usage("expected a port from 0 to 65535");
			ret->world.port = (int)n;
			break;
		case 'P': ret->port_file = optarg; break;
		case 'f': ret->world.feeds_dir = optarg; break;
		case 't': ret->world.town_dir = optarg; break;
		case 'r': ret->world.robots_file = optarg; break;
		case 'i':
			if (num_duration_ms(str_of(optarg), &n) || n <= 0)
				bad_usage("expected a duration such as 5m after --poll");
			ret->world.poll = optarg;
			break;
		case 'l': ret->world.log = true; break;
		case 's': ret->print_sources = true; break;
		case 'h': fputs(usage, stdout); exit(EX_OK);
		default: exit(EX_USAGE); /* getopt_long has said it */
		}
	}
	if (optind < argc)
		bad_usage("unexpected argument");
	if (ret->print_sources && !ret->world.town_dir)
		bad_usage("--print-sources needs --town");
}

static int print_sources(const struct arguments *arguments)
{
	struct error err;
	struct town *town = town_load(arguments->world.town_dir, &err);
	if (!town) {
		fprintf(stderr, "posthorn-world: %s\n", err.text);
		return EX_DATAERR;
	}
	struct buf out;
	buf_init(&out, MiB);
	char *base = xasprintf("http://127.0.0.1:%d", arguments->world.port);
	int rc =
	    town_sources(town, base, arguments->world.poll ? arguments->world.poll : "5m", &out);
	must(!rc); /* 200 places do not fill it */
	fwrite(out.p, 1, out.n, stdout);
	buf_done(&out);
	free(base);
	town_free(town);
	return fflush(stdout) ? EX_IOERR : EX_OK;
}

/* Whoever sees the file sees a whole number and a server that listens. */
static int write_port(const char *path, int port, struct error *err)
{
	char *temporary = xasprintf("%s.%d.tmp", path, (int)getpid());
	FILE *f = fopen(temporary, "we");
	int rc = 0;
	if (!f || fprintf(f, "%d\n", port) < 0)
		rc = -1;
	if (f && fclose(f))
		rc = -1;
	if (rc || rename(temporary, path))
		rc = error_set(err, "could not write \"%s\": %s", path, strerror(errno));
	free(temporary);
	return rc;
}

static void on_stop(void *arg)
{
	loop_stop(arg);
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	struct error err = {""};
	read_arguments(argc, argv, &arguments);
	if (arguments.print_sources)
		return print_sources(&arguments);
	log_init("world");
	if (clock_init(&err)) {
		log_err("not started", "reason=%s", log_qz(err.text));
		return EX_CONFIG;
	}
	struct loop *loop = loop_create();
	loop_signal(loop, SIGTERM, on_stop, loop);
	loop_signal(loop, SIGINT, on_stop, loop);
	signal(SIGPIPE, SIG_IGN);
	arguments.world.loop = loop;
	struct world *world = world_open(&arguments.world, &err);
	if (!world ||
	    (arguments.port_file && write_port(arguments.port_file, world_port(world), &err))) {
		log_err("not started", "reason=%s", log_qz(err.text));
		world_close(world);
		loop_free(loop);
		return EX_UNAVAILABLE;
	}
	printf("listening on http://127.0.0.1:%d\n", world_port(world));
	fflush(stdout);
	loop_run(loop);
	world_close(world);
	loop_free(loop);
	return EX_OK;
}
