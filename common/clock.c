#include <stdlib.h>
#include <time.h>

#include "common/clock.h"
#include "common/num.h"

static int64_t base_real_ms, base_wall_ms;
static double speed = 1.0;

static int64_t now_ms(clockid_t id)
{
	struct timespec ts;
	/* cannot fail for these clocks */
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int clock_init(struct error *err)
{
	const char *text = getenv("POSTHORN_CLOCK");
	if (!text || !*text)
		return 0;
	struct str rest = str_of(text), real, wall, fast;
	int64_t r, w;
	double s;
	if (!str_split(&rest, ':', &real) || !str_split(&rest, ':', &wall) ||
	    !str_split(&rest, ':', &fast) || rest.p || num_int(real, 0, INT64_MAX / 2, &r) ||
	    num_int(wall, 0, INT64_MAX / 2, &w) || num_double(fast, 0.001, 100000, &s))
		return error_set(err,
				 "could not read POSTHORN_CLOCK: expected REAL_MS:WALL_MS:SPEED, "
				 "found \"%s\"",
				 text);
	base_real_ms = r;
	base_wall_ms = w;
	speed = s;
	return 0;
}

int64_t clock_real_ms(void)
{
	return now_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return now_ms(CLOCK_MONOTONIC);
}

uint64_t clock_cpu_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* cannot fail for this clock */
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t clock_wall_ms(void)
{
	int64_t real = clock_real_ms();
	if (!base_real_ms)
		return real;
	return base_wall_ms + (int64_t)((double)(real - base_real_ms) * speed);
}

int64_t clock_to_real_ms(int64_t wall_delay_ms)
{
	if (wall_delay_ms <= 0)
		return 0;
	double real = (double)wall_delay_ms / speed;
	int64_t ms = (int64_t)real;
	return ms + ((double)ms < real);
}

double clock_speed(void)
{
	return speed;
}
