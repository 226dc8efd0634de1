#include <stdio.h>
#include <sysexits.h>

#include "common/mem.h"

#include "analyze/query_asked.h"
#include "analyze/query_posts.h"

void asked_done(struct asked *a)
{
	if (!a->file)
		query_set_free(a->set);
	query_file_free(a->file);
}

int asked_expression(struct asked *a, const char *operand)
{
	struct error err;
	struct buf text;
	int rc = query_operand(operand, &text);
	*a = (struct asked){NULL, query_set_create()};
	if (rc == 0 && query_set_add(a->set, "query", buf_view(&text), NULL, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		rc = EX_DATAERR;
	}
	if (rc == 0)
		query_set_compile(a->set);
	else
		asked_done(a);
	buf_done(&text);
	return rc;
}

int asked_file(struct asked *a, const char *path)
{
	struct error err;
	*a = (struct asked){query_file_load(path, &err), NULL};
	if (!a->file) {
		fprintf(stderr, "%s\n", err.text);
		return EX_DATAERR;
	}
	a->set = a->file->set;
	return 0;
}

int asked_for(struct asked *a, const struct cli *cli)
{
	const char *path = cli_get(cli, "set");
	if (path && cli->n_operands)
		return cli_usage(cli, "expected an expression or --set, found both");
	if (!path && cli->n_operands != 1)
		return cli_usage(cli, "expected one expression (in quotes), or --set FILE");
	if (!path)
		return asked_expression(a, cli->operands[0]);
	return asked_file(a, path);
}

int asked_put(const struct buf *out)
{
	bool ok = fwrite(buf_view(out).p, 1, out->n, stdout) == out->n && fflush(stdout) == 0;
	if (!ok)
		fprintf(stderr, "posthorn-analyze: could not write\n");
	return ok ? 0 : EX_IOERR;
}
