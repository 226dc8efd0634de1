#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/num.h"

static const char *prog = "posthorn";
static enum log_level top = LOG_INFO;
static const char *const names[] = {"err", "warn", "info", "debug"};

void log_init(const char *program)
{
	prog = program;
}

void log_set_level(enum log_level level)
{
	top = level;
}

int log_level_of(const char *name, enum log_level *ret)
{
	for (int i = 0; i < 4; i++)
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum log_level)i;
			return 0;
		}
	return -1;
}

bool log_on(enum log_level level)
{
	return level <= top;
}

void log_line(enum log_level level, const char *msg, const char *fmt, ...)
{
	if (!log_on(level))
		return;
	char ts[NUM_TIME_LEN + 1], line[2048];
	num_time_text(clock_wall_ms(), ts);
	int n = snprintf(line, sizeof line - 1, "ts=%s level=%s prog=%s msg=\"%s\"%s", ts,
			 names[level], prog, msg, *fmt ? " " : "");
	if (n < 0 || (size_t)n >= sizeof line - 1)
		n = 0;
	va_list ap;
	va_start(ap, fmt);
	int more = vsnprintf(line + n, sizeof line - 1 - (size_t)n, fmt, ap);
	va_end(ap);
	if (more > 0)
		n += more;
	if ((size_t)n > sizeof line - 2)
		n = (int)sizeof line - 2;
	line[n++] = '\n';
	/* one write per line keeps lines of several processes whole; a log that cannot be written
	 * must not stop the work */
	ssize_t ignored = write(STDERR_FILENO, line, (size_t)n);
	(void)ignored;
}

const char *log_q(struct str s)
{
	static char rings[8][280];
	static unsigned next;
	char *out = rings[next++ % 8];
	size_t n = 0;
	struct str cut = utf8_cut(s, 200);
	out[n++] = '"';
	for (size_t i = 0; i < cut.n && n < 268;) {
		unsigned c = utf8_next(cut, &i);
		if (c == '"' || c == '\\')
			out[n++] = '\\';
		n += utf8_put(out + n, utf8_plain(c) ? c : ' ');
	}
	if (cut.n < s.n)
		n += (size_t)snprintf(out + n, 6, "...");
	out[n++] = '"';
	out[n] = '\0';
	return out;
}

const char *log_qz(const char *z)
{
	return log_q(str_of(z ? z : ""));
}

bool log_allow(struct log_limit *limit, unsigned *ret_skipped)
{
	int64_t now = clock_mono_ms();
	if (limit->last_ms && now - limit->last_ms < limit->every_ms) {
		limit->skipped++;
		return false;
	}
	limit->last_ms = now;
	*ret_skipped = limit->skipped;
	limit->skipped = 0;
	return true;
}
