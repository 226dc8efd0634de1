/*
 * decisions.c: see decisions.h.
 */
#include <netdb.h>
#include <stdio.h>
#include <sysexits.h>

#include "common/buf.h"
#include "common/mem.h"

#include "ingest/decisions.h"
#include "ingest/guard.h"
#include "ingest/robots.h"

enum { NETWORKS_MAX = 64 };

const struct cli_option guard_options[] = {
    {"allow", "NETWORK", "a local network that may be fetched from; may be repeated"},
    {NULL, NULL, NULL}};
const struct cli_option robots_options[] = {
    {"agent", "NAME", "who asks: product token or whole User-Agent; default: posthorn"},
    {NULL, NULL, NULL}};

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

/* Returns false where it is refused. */
static bool print_verdict(const struct guard *guard, const char *url)
{
	struct guard_target target;
	enum guard_verdict verdict = guard_url(guard, str_of(url), &target);
	if (verdict == GUARD_RESOLVE)
		return print_addresses(guard, &target);
	printf("%-8s %s  %s\n", guard_verdict_name(verdict),
	       verdict == GUARD_REFUSE ? url : target.url, target.why);
	return verdict != GUARD_REFUSE;
}

int guard_main(const struct cli *cli)
{
	struct guard *guard = guard_create();
	struct error err;
	const char *networks[NETWORKS_MAX];
	size_t n = cli_all(cli, "allow", networks, NETWORKS_MAX);
	int code = 0;
	for (size_t i = 0; i < n && code == 0; i++)
		if (guard_allow(guard, str_of(networks[i]), &err))
			code = cli_usage(cli, "%s", err.text);
	for (size_t i = 0; i < cli->n_operands && code != EX_USAGE; i++)
		if (!print_verdict(guard, cli->operands[i]))
			code = 1;
	guard_free(guard);
	return code;
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

int robots_main(const struct cli *cli)
{
	const char *agent = cli_get(cli, "agent"), *url = cli->operands[0];
	struct buf bytes;
	buf_init(&bytes, MiB);
	if (read_file(cli->operands[1], &bytes)) {
		fprintf(stderr, "could not read \"%s\": %m\n", cli->operands[1]);
		buf_done(&bytes);
		return EX_NOINPUT;
	}
	struct robots *robots =
	    robots_parse(buf_view(&bytes), robots_token(str_of(agent ? agent : "posthorn")));
	struct robots_decision d = robots_decide(robots, str_of(url));
	printf("%s %s  ", d.allowed ? "allow" : "forbid", url);
	if (d.line)
		printf("line %d \"%.*s\": ", d.line, STR_ARG(d.rule));
	printf("%s\n", d.why);
	if (robots_delay_ms(robots) >= 0)
		printf("crawl-delay %.1f s\n", (double)robots_delay_ms(robots) / 1000);
	robots_free(robots);
	buf_done(&bytes);
	return d.allowed ? 0 : 1;
}
