/*
 * measure RUNS SIDE               one command: a row with its medians after one warm-up
 * measure RUNS SIDE -- GOAL SIDE  ours against a peer: a row with both and their ratio
 *
 *   SIDE: NAME UNITS INPUT COMMAND...     INPUT: a file for standard input, or "-" for none
 *
 *   | NAME | units/s per core | us per unit | min..max | peak MiB |
 *   | NAME of the peer | its units/s per core | ours | times faster | min..max | GOAL |
 *
 * Output and standard error of a command are thrown away.  "Per core" counts user and system time of
 * all threads, as the kernel accounts it to the child.
 *
 * In a contest the two take turns (A B A B ...), and each turn gives a ratio: what slows the machine
 * for a minute slows both, so the median of the ratios holds where the speeds do not.  What the peer
 * takes on an empty input (interpreter, model) is measured in the same turn and taken off its time;
 * our own start is counted.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/num.h"

enum { MAX_RUNS = 99 };

struct side {
	const char *name, *input;
	char **argv;
	int64_t units;
	double us[MAX_RUNS]; /* per unit, one a run */
	double mib;          /* the most of all runs */
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sorts. */
static double median(double *of, int64_t n)
{
	qsort(of, (size_t)n, sizeof *of, compare);
	return of[n / 2];
}

static void run(struct side *side, const char *input, double *ret_cpu)
{
	pid_t pid = fork();
	if (pid == 0) {
		int in = open(input, O_RDONLY);
		int out = open("/dev/null", O_WRONLY);
		if (in < 0 || out < 0)
			_exit(126);
		dup2(in, 0);
		dup2(out, 1);
		dup2(out, 2);
		execvp(side->argv[0], side->argv);
		_exit(127);
	}
	struct rusage use;
	int status;
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0) {
		fprintf(stderr, "measure: %s failed\n", side->argv[0]);
		exit(70);
	}
	double mib = (double)use.ru_maxrss / 1024;
	side->mib = mib > side->mib ? mib : side->mib;
	*ret_cpu = seconds(use.ru_utime) + seconds(use.ru_stime);
}

/* NAME UNITS INPUT COMMAND... up to NULL or "--"; returns where it ends, or NULL. */
static char **read_side(char **argv, struct side *ret)
{
	for (int i = 0; i < 4; i++)
		if (!argv[i])
			return NULL;
	ret->name = argv[0];
	ret->input = strcmp(argv[2], "-") == 0 ? "/dev/null" : argv[2];
	ret->argv = argv + 3;
	ret->mib = 0;
	if (num_int(str_of(argv[1]), 1, INT64_MAX, &ret->units))
		return NULL;
	for (argv += 3; *argv && strcmp(*argv, "--") != 0; argv++)
		;
	return argv;
}

static void measure(struct side *side, int64_t runs)
{
	for (int64_t i = -1; i < runs; i++) {
		double cpu;
		run(side, side->input, &cpu);
		if (i >= 0)
			side->us[i] = cpu / (double)side->units * 1e6;
	}
	double mid = median(side->us, runs);
	printf("| %s | %.0f | %.2f | %.2f..%.2f | %.1f |\n", side->name, 1e6 / mid, mid,
	       side->us[0], side->us[runs - 1], side->mib);
}

static void contest(struct side *ours, struct side *peer, const char *goal, int64_t runs)
{
	double times[MAX_RUNS];
	for (int64_t i = -1; i < runs; i++) {
		double a, b, load;
		run(ours, ours->input, &a);
		run(peer, peer->input, &b);
		run(peer, "/dev/null", &load);
		if (b <= load) {
			fprintf(stderr, "measure: %s has too little to do\n", peer->name);
			exit(70);
		}
		if (i < 0)
			continue;
		ours->us[i] = a / (double)ours->units * 1e6;
		peer->us[i] = (b - load) / (double)peer->units * 1e6;
		times[i] = peer->us[i] / ours->us[i];
	}
	double mid = median(times, runs);
	printf("| %s | %.0f | %.0f | %.2f | %.2f..%.2f | %s |\n", peer->name,
	       1e6 / median(peer->us, runs), 1e6 / median(ours->us, runs), mid, times[0],
	       times[runs - 1], goal);
}

int main(int argc, char **argv)
{
	static struct side ours, peer;
	int64_t runs;
	char **end;
	if (argc < 2 || num_int(str_of(argv[1]), 1, MAX_RUNS, &runs) ||
	    !(end = read_side(argv + 2, &ours)))
		return 64;
	if (!*end) {
		measure(&ours, runs);
		return 0;
	}
	*end = NULL;
	const char *goal = end[1];
	if (!goal || !(end = read_side(end + 2, &peer)) || *end)
		return 64;
	contest(&ours, &peer, goal, runs);
	return 0;
}
