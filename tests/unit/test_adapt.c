/* Learning from corrections: better on what was corrected, refused when worse, all else untouched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/mem.h"

#include "analyze/adapt.h"
#include "analyze/fit.h"
#include "analyze/linear.h"
#include "analyze/predict.h"

static char dir[] = "/tmp/posthorn-adapt-XXXXXX";
static char train[64], fixes[64], wrong[64], base[64], out[64], one[64];

static const char *const plain[] = {"paket", "brief", "heute", "filiale", "bote", "tuer", "haus"};

/* n rows whose label follows from one of two words. */
static void write_rows(const char *path, unsigned n, const char *good, const char *bad,
		       bool swapped)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	fputs("id\tlang\tlabel\ttext\n", f);
	for (unsigned i = 0; i < n; i++) {
		bool is_good = i % 2 == 0;
		fprintf(f, "r%u\tde\t%s\t%s %s %s %u\n", i, is_good != swapped ? "gut" : "schlecht",
			plain[i % 7], is_good ? good : bad, plain[i / 3 % 7], i);
	}
	assert_int_equal(fclose(f), 0);
}

static int quietly(int (*run)(void *, struct error *), void *arg, struct error *err)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	assert_true(kept >= 0 && null >= 0 && dup2(null, STDERR_FILENO) >= 0);
	int rc = run(arg, err);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	assert_int_equal(close(null) | close(kept), 0);
	return rc;
}

static int run_fit(void *arg, struct error *err)
{
	return fit_run(arg, err);
}

static int run_adapt(void *arg, struct error *err)
{
	return adapt_run(arg, err);
}

static int make(void **state)
{
	struct error err;
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(train, sizeof train, "%s/train.tsv", dir);
	(void)snprintf(fixes, sizeof fixes, "%s/fixes.tsv", dir);
	(void)snprintf(wrong, sizeof wrong, "%s/wrong.tsv", dir);
	(void)snprintf(base, sizeof base, "%s/base", dir);
	(void)snprintf(one, sizeof one, "%s/one", dir);
	(void)snprintf(out, sizeof out, "%s/out", dir);
	write_rows(train, 300, "super", "mist", false);
	write_rows(fixes, 60, "knorke", "oede", false); /* words the base never saw */
	write_rows(wrong, 60, "super", "mist", true);   /* against what it knows */
	struct fit_options fit = {.task = "t",
				  .train = train,
				  .out = one,
				  .errors = 1,
				  .corpus = {.labels = "label", .row_bits = 12}};
	assert_int_equal(quietly(run_fit, &fit, &err), 0);
	struct model *model = model_open(one, &err);
	struct predict_part parts[2] = {{"first", model}, {"second", model}};
	assert_int_equal(predict_pack(base, parts, 2, &err), 0);
	model_close(model);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	(void)unlink(out); /* the last test may not have written it */
	return unlink(train) | unlink(fixes) | unlink(wrong) | unlink(base) | unlink(one) |
	       rmdir(dir);
}

static struct adapt_options options(const char *with)
{
	return (struct adapt_options){.base = base,
				      .task = "second",
				      .with = with,
				      .out = out,
				      .price = 1,
				      .corpus = {.labels = "label"}};
}

static double right(const char *path, const char *task, const char *rows)
{
	struct error err;
	struct buf text;
	double share;
	struct model *model = model_open(path, &err);
	struct corpus_options o = {.labels = "label"};
	assert_non_null(model);
	buf_init(&text, 1 * MiB);
	assert_int_equal(predict_eval(model, model_head(model, task), rows, &o, &text, &err), 0);
	const char *at = strstr(text.p, "accuracy ");
	assert_non_null(at);
	share = strtod(at + 9, NULL);
	buf_done(&text);
	model_close(model);
	return share;
}

static void test_learns_and_keeps(void **state)
{
	struct error err;
	struct adapt_options o = options(fixes);
	(void)state;
	assert_true(right(base, "second", fixes) < 0.8);
	if (quietly(run_adapt, &o, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(right(out, "second", fixes) > 0.95);
	assert_true(right(out, "second", train) > 0.95); /* nothing was forgotten */
	/* the other head is the same to the bit */
	struct model *before = model_open(base, &err), *after = model_open(out, &err);
	assert_true(before && after);
	const struct model_head *head = model_head(before, "first");
	size_t stride = model_stride(before);
	for (size_t row = 0; row < (size_t)1 << model_row_bits(before); row++)
		assert_memory_equal(model_weights(before) + row * stride + head->first,
				    model_weights(after) + row * stride + head->first,
				    head->n_classes);
	model_close(before);
	model_close(after);
}

static void test_refuses_the_worse(void **state)
{
	struct error err;
	struct adapt_options o = options(wrong);
	(void)state;
	(void)unlink(out); /* of the test before */
	o.dev = train;
	assert_int_equal(quietly(run_adapt, &o, &err), -1);
	assert_non_null(strstr(err.text, "worse than before"));
	assert_int_not_equal(access(out, F_OK), 0);
	o.force = true;
	assert_int_equal(quietly(run_adapt, &o, &err), 0);
	assert_int_equal(access(out, F_OK), 0);
}

static void test_too_few(void **state)
{
	struct error err;
	struct adapt_options o = options(fixes);
	char few[64];
	(void)state;
	(void)snprintf(few, sizeof few, "%s/few.tsv", dir);
	write_rows(few, 5, "knorke", "oede", false);
	o.with = few;
	assert_int_equal(quietly(run_adapt, &o, &err), -1);
	assert_non_null(strstr(err.text, "expected 12 rows"));
	o.with = fixes;
	o.task = "third";
	assert_int_equal(quietly(run_adapt, &o, &err), -1);
	assert_non_null(strstr(err.text, "no head \"third\""));
	assert_int_equal(unlink(few), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_learns_and_keeps),
					   cmocka_unit_test(test_refuses_the_worse),
					   cmocka_unit_test(test_too_few)};
	return cmocka_run_group_tests(tests, make, unmake);
}
