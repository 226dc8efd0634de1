/*
 * measure RUNS NAME UNITS COMMAND...: runs a command RUNS times after one warm-up (standard input
 * from the file named by MEASURE_STDIN, output thrown away, standard error too) and prints medians:
 *
 *   NAME  units/s per core  us per unit  (min..max)  peak MiB
 *
 * "Per core" counts user and system time of all threads, as the kernel accounts it to the child.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/num.h"

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static int run(char **argv, double *cpu, double *mib)
{
	const char *input = getenv("MEASURE_STDIN");
	pid_t pid = fork();
	if (pid == 0) {
		int in = open(input ? input : "/dev/null", O_RDONLY);
		int out = open("/dev/null", O_WRONLY);
		dup2(in, 0);
		dup2(out, 1);
		dup2(out, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	struct rusage use;
	int status;
	if (wait4(pid, &status, 0, &use) != pid || status != 0)
		return -1;
	*cpu = seconds(use.ru_utime) + seconds(use.ru_stime);
	*mib = (double)use.ru_maxrss / 1024;
	return 0;
}

int main(int argc, char **argv)
{
	int64_t runs, units;
	double cpu[100], mib = 0, most = 0;
	if (argc < 5 || num_int(str_of(argv[1]), 1, 99, &runs) ||
	    num_int(str_of(argv[3]), 1, INT64_MAX, &units))
		return 64;
	for (int64_t i = -1; i < runs; i++) {
		double c;
		if (run(argv + 4, &c, &mib)) {
			fprintf(stderr, "measure: %s failed\n", argv[4]);
			return 70;
		}
		if (i >= 0)
			cpu[i] = c;
		most = mib > most ? mib : most;
	}
	qsort(cpu, (size_t)runs, sizeof *cpu, compare);
	double mid = cpu[runs / 2], n = (double)units;
	printf("| %s | %.0f | %.2f | %.2f..%.2f | %.1f |\n", argv[2], n / mid, mid / n * 1e6,
	       cpu[0] / n * 1e6, cpu[runs - 1] / n * 1e6, most);
	return 0;
}
