/* Training: learns what is there, the same bytes each time, in this process or another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "common/mem.h"

#include "analyze/fit.h"
#include "analyze/predict.h"

static char dir[] = "/tmp/posthorn-fit-XXXXXX";
static char train[64], zipped[64], out[64];

static const char *const good[] = {"super", "danke", "toll", "perfekt", "freundlich"};
static const char *const bad[] = {"mist", "kaputt", "verloren", "unverschämt", "nie"};
static const char *const plain[] = {"paket", "brief", "heute", "morgen", "filiale", "bote"};

/* An invented set: a row has a good or a bad word, or none, among plain ones. */
static void write_rows(gzFile f, unsigned n)
{
	assert_true(gzputs(f, "id\tlang\ttopic\tlabel\ttext\n") > 0);
	for (unsigned i = 0; i < n; i++) {
		const char *label = i % 3 == 0 ? "gut" : i % 3 == 1 ? "schlecht" : "offen";
		const char *word = i % 3 == 0   ? good[i / 3 % ARRAY_LEN(good)]
				   : i % 3 == 1 ? bad[i / 3 % ARRAY_LEN(bad)]
						: "";
		assert_true(gzprintf(f, "r%u\tde\t%s\t%s\t%s %s %s\n", i, i % 2 ? "a,b" : "a",
				     label, plain[i % ARRAY_LEN(plain)], word,
				     plain[i / 7 % ARRAY_LEN(plain)]) > 0);
	}
	assert_int_equal(gzclose(f), Z_OK);
}

static int make(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(train, sizeof train, "%s/train.tsv", dir);
	(void)snprintf(zipped, sizeof zipped, "%s/train.tsv.gz", dir);
	(void)snprintf(out, sizeof out, "%s/model", dir);
	write_rows(gzopen(train, "wbT"), 300);
	write_rows(gzopen(zipped, "wb"), 300);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	return unlink(train) | unlink(zipped) | unlink(out) | rmdir(dir);
}

static struct fit_options options(const char *file)
{
	return (struct fit_options){.task = "t",
				    .train = file,
				    .out = out,
				    .errors = 1,
				    .corpus = {.labels = "label", .row_bits = 10}};
}

/* Progress goes to standard error: not between the test's words. */
static int fit_quietly(const struct fit_options *o, struct error *err)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	assert_true(kept >= 0 && null >= 0 && dup2(null, STDERR_FILENO) >= 0);
	int rc = fit_run(o, err);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	assert_int_equal(close(null) | close(kept), 0);
	return rc;
}

static char *fitted(const struct fit_options *o, size_t *ret_n)
{
	struct error err = {""};
	if (fit_quietly(o, &err) != 0)
		fail_msg("%s", err.text);
	FILE *f = fopen(out, "rb");
	char *bytes = xmalloc(4 * MiB);
	assert_non_null(f);
	*ret_n = fread(bytes, 1, 4 * MiB, f);
	assert_int_equal(fclose(f), 0);
	return bytes;
}

static void test_learns(void **state)
{
	struct error err;
	struct fit_options o = options(train);
	size_t n;
	(void)state;
	free(fitted(&o, &n));
	struct model *model = model_open(out, &err);
	assert_non_null(model);
	struct buf text;
	buf_init(&text, 1 * MiB);
	assert_int_equal(
	    predict_eval(model, model_head_at(model, 0), train, &o.corpus, &text, &err), 0);
	double accuracy = 0;
	assert_int_equal(sscanf(buf_view(&text).p, "n 300 accuracy %lf", &accuracy), 1);
	assert_true(accuracy > 0.95);
	buf_done(&text);
	char *said = NULL;
	size_t size;
	FILE *f = open_memstream(&said, &size);
	assert_int_equal(predict_table(model, model_head_at(model, 0), train, f, &err), 0);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(said, "r1\tschlecht\t0."));
	free(said);
	model_close(model);
}

static void test_same_bytes(void **state)
{
	struct fit_options o = options(train), z = options(zipped);
	size_t a, b;
	(void)state;
	char *once = fitted(&o, &a), *again = fitted(&z, &b);
	assert_int_equal(a, b);
	assert_memory_equal(once, again, a);
	free(again);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct error err;
		_exit(fit_quietly(&o, &err) != 0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	FILE *f = fopen(out, "rb");
	assert_non_null(f);
	again = xmalloc(a + 1);
	assert_int_equal(fread(again, 1, a + 1, f), a);
	assert_int_equal(fclose(f), 0);
	assert_memory_equal(once, again, a);
	free(again);
	free(once);
}

static void test_multi(void **state)
{
	struct error err;
	struct fit_options o = options(train);
	size_t n;
	(void)state;
	o.corpus.labels = "nowhere,topic";
	o.corpus.multi = true;
	free(fitted(&o, &n));
	struct model *model = model_open(out, &err);
	assert_non_null(model);
	const struct model_head *head = model_head_at(model, 0);
	assert_int_equal(head->multi, 1);
	assert_int_equal(head->n_classes, 2);
	assert_string_equal(head->classes[1].name, "b");
	model_close(model);
}

static void test_rows_left_out(void **state)
{
	static const struct {
		struct corpus_options o;
		size_t rows, labels;
	} rows[] = {
	    {{.labels = "label"}, 300, 3},
	    {{.labels = "label", .skip_labels = "offen"}, 200, 2},
	    {{.labels = "label", .skip_ids = "r1,r2"}, 300 - 222, 3},
	    {{.labels = "label", .langs = "en,fr"}, 0, 0},
	    {{.labels = "label", .langs = "en,de"}, 300, 3},
	    {{.labels = "label", .map = "gut=x,*=y"}, 300, 2},
	    {{.labels = "label", .fragments = 2}, 300, 3}, /* texts of three words have none */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err;
		struct corpus_options o = rows[i].o;
		o.row_bits = 10;
		struct corpus *corpus = corpus_create(&o);
		assert_int_equal(corpus_add_files(corpus, train, true, &err), 0);
		corpus_sort_labels(corpus);
		if (corpus->n_rows != rows[i].rows || corpus->n_labels != rows[i].labels)
			fail_msg("row %zu: %zu rows, %zu labels", i, corpus->n_rows,
				 corpus->n_labels);
		corpus_free(corpus);
	}
}

static void test_texts_of_dev_are_left_out(void **state)
{
	struct corpus_options o = {.labels = "label", .row_bits = 10};
	struct error err;
	(void)state;
	struct corpus *a = corpus_create(&o), *b = corpus_create(&o), *none = corpus_create(&o);
	o.skip_labels = "gut,schlecht";
	struct corpus *part = corpus_create(&o);
	assert_int_equal(corpus_add_files(a, train, true, &err), 0);
	assert_int_equal(corpus_add_files(b, zipped, true, &err), 0);
	assert_int_equal(corpus_add_files(part, train, true, &err), 0);
	assert_int_equal(corpus_subtract(a, none), 0);
	assert_int_equal(corpus_subtract(a, part), 100);
	assert_int_equal(a->n_rows, 200);
	assert_int_equal(corpus_subtract(a, b), 200);
	corpus_free(a);
	corpus_free(b);
	corpus_free(none);
	corpus_free(part);
}

static void test_errors(void **state)
{
	struct fit_options o = options(train);
	struct error err;
	(void)state;
	o.corpus.labels = "stance";
	assert_int_equal(fit_quietly(&o, &err), -1);
	assert_non_null(strstr(err.text, "\"stance\""));
	o = options("/nonexistent.tsv");
	assert_int_equal(fit_quietly(&o, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent.tsv"));
	o = options(train);
	o.corpus.map = "*=x";
	assert_int_equal(fit_quietly(&o, &err), -1);
	assert_non_null(strstr(err.text, "two labels"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_learns),
	    cmocka_unit_test(test_same_bytes),
	    cmocka_unit_test(test_multi),
	    cmocka_unit_test(test_rows_left_out),
	    cmocka_unit_test(test_texts_of_dev_are_left_out),
	    cmocka_unit_test(test_errors),
	};
	return cmocka_run_group_tests(tests, make, unmake);
}
