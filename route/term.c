/*
 * term.c: termios, a handful of ECMA-48 sequences that every terminal of the last 40 years knows.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "common/mem.h"

#include "route/term.h"

/* alternate screen, cursor hidden, no wrapping at the edge; and back */
#define ENTER "\033[?1049h\033[?25l\033[?7l\033[2J"
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"

enum { ROWS_MAX = 500, KEPT_LOG = 8192 };

struct term {
	int in, out;
	bool colours, raw;
	struct termios before;
	int real_stderr, kept_stderr; /* -1: standard error is no terminal, left alone */
	struct buf rows[ROWS_MAX];    /* what is on the screen */
	size_t n_rows;
	bool all;       /* write all rows */
	char typed[64]; /* an unfinished sequence */
	size_t n_typed;
};

static struct term *the_term; /* for exits that nobody sees coming */

static void write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EAGAIN) {
			struct pollfd pfd = {.fd = fd, .events = POLLOUT};
			if (poll(&pfd, 1, 1000) <= 0)
				return; /* a stopped terminal: the next frame tries again */
			continue;
		}
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return; /* gone: reading will tell */
		p += w;
		n -= (size_t)w;
	}
}

/* Only calls that are safe inside a signal handler. */
static void leave(struct term *term)
{
	if (!term->raw)
		return;
	term->raw = false;
	write_all(term->out, LEAVE, sizeof LEAVE - 1);
	(void)tcsetattr(term->in, TCSAFLUSH, &term->before); /* gone: nothing to restore */
}

static void give_back_stderr(struct term *term)
{
	char kept[KEPT_LOG];
	if (term->real_stderr < 0)
		return;
	(void)dup2(term->real_stderr, STDERR_FILENO);
	off_t end = lseek(term->kept_stderr, 0, SEEK_END);
	off_t from = end > KEPT_LOG ? end - KEPT_LOG : 0;
	ssize_t n = pread(term->kept_stderr, kept, sizeof kept, from);
	if (n > 0)
		write_all(STDERR_FILENO, kept, (size_t)n);
	close(term->real_stderr);
	close(term->kept_stderr);
	term->real_stderr = term->kept_stderr = -1;
}

static void on_exit_(void)
{
	if (!the_term)
		return;
	leave(the_term);
	give_back_stderr(the_term);
	the_term = NULL;
}

static void on_crash(int signo)
{
	on_exit_();
	(void)signal(signo, SIG_DFL);
	(void)raise(signo);
}

static void enter(struct term *term)
{
	struct termios raw = term->before;
	raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
	raw.c_cflag |= CS8;
	raw.c_cc[VMIN] = 0; /* read never waits: the loop does */
	raw.c_cc[VTIME] = 0;
	(void)tcsetattr(term->in, TCSAFLUSH, &raw);
	write_all(term->out, ENTER, sizeof ENTER - 1);
	term->raw = true;
	term->all = true;
}

struct term *term_open(int in, int out, struct error *err)
{
	static const int deadly[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
	static bool registered;
	must(!the_term);
	if (!isatty(in) || !isatty(out)) {
		error_set(err,
			  "standard input and output must be a terminal (without one: --once)");
		return NULL;
	}
	struct term *term = xcalloc(1, sizeof *term);
	term->in = in;
	term->out = out;
	term->colours = term_colours(out);
	term->real_stderr = term->kept_stderr = -1;
	if (tcgetattr(in, &term->before)) {
		error_set(err, "could not read the state of the terminal: %s", strerror(errno));
		free(term);
		return NULL;
	}
	for (size_t i = 0; i < ROWS_MAX; i++)
		buf_init(&term->rows[i], 64 * KiB);
	if (isatty(STDERR_FILENO)) {
		term->kept_stderr = memfd_create("stderr", MFD_CLOEXEC);
		if (term->kept_stderr >= 0) {
			term->real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
			(void)dup2(term->kept_stderr, STDERR_FILENO);
		}
	}
	the_term = term;
	for (size_t i = 0; i < ARRAY_LEN(deadly); i++) {
		struct sigaction sa = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND}, old;
		/* a sanitizer's own handler stays */
		if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			(void)sigaction(deadly[i], &sa, NULL);
	}
	if (!registered)
		(void)atexit(on_exit_);
	registered = true;
	enter(term);
	return term;
}

void term_close(struct term *term)
{
	if (!term)
		return;
	on_exit_();
	for (size_t i = 0; i < ROWS_MAX; i++)
		buf_done(&term->rows[i]);
	free(term);
}

bool term_colours(int out)
{
	const char *no = getenv("NO_COLOR"), *kind = getenv("TERM");
	return isatty(out) && !(no && *no) && kind && *kind && strcmp(kind, "dumb") != 0;
}

void term_size(int out, size_t *ret_width, size_t *ret_height)
{
	struct winsize size = {0};
	if (ioctl(out, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row)
		size = (struct winsize){.ws_row = 24, .ws_col = 80};
	*ret_width = size.ws_col;
	*ret_height = size.ws_row < ROWS_MAX ? size.ws_row : ROWS_MAX;
}

/* ---- out ---- */

void term_redraw(struct term *term)
{
	term->all = true;
}

void term_draw(struct term *term, const struct lines *lines)
{
	struct buf out, row;
	buf_init(&out, 8 * MiB);
	buf_init(&row, 64 * KiB);
	size_t n = lines->n < ROWS_MAX ? lines->n : ROWS_MAX;
	if (term->all)
		(void)buf_z(&out, "\033[0m\033[2J");
	/* rows that are no more, unless the screen was cleared: it may have become smaller */
	size_t end = !term->all && term->n_rows > n ? term->n_rows : n;
	for (size_t i = 0; i < end; i++) {
		buf_reset(&row);
		if (i < n)
			lines_ansi(lines, i, term->colours, &row);
		if (!term->all && i < term->n_rows &&
		    str_eq(buf_view(&row), buf_view(&term->rows[i])))
			continue;
		(void)buf_printf(&out, "\033[%zu;1H", i + 1);
		(void)buf_str(&out, buf_view(&row));
		/* a full row leaves the cursor on its last column: erasing would take that one */
		bool full = i < n && (lines->at[i].columns >= lines->width ||
				      lines->at[i].attr & TEXT_REVERSE);
		if (!full)
			(void)buf_z(&out, "\033[K");
		buf_reset(&term->rows[i]);
		(void)buf_str(&term->rows[i], buf_view(&row));
	}
	term->n_rows = n;
	term->all = false;
	write_all(term->out, out.p ? out.p : "", out.n);
	buf_done(&out);
	buf_done(&row);
}

/* ---- keys ---- */

static size_t decode_sequence(struct str b, unsigned *ret)
{
	static const struct {
		const char *tail;
		unsigned key;
	} keys[] = {
	    {"A", TERM_UP},    {"B", TERM_DOWN}, {"C", TERM_RIGHT},    {"D", TERM_LEFT},
	    {"H", TERM_HOME},  {"F", TERM_END},  {"1~", TERM_HOME},    {"7~", TERM_HOME},
	    {"4~", TERM_END},  {"8~", TERM_END}, {"5~", TERM_PAGE_UP}, {"6~", TERM_PAGE_DOWN},
	    {"M", TERM_ENTER},
	};
	/* ESC [ parameters final, or ESC O final */
	size_t i = 2;
	while (b.p[1] == '[' && i < b.n && b.p[i] >= 0x20 && b.p[i] <= 0x3f)
		i++;
	if (i >= b.n)
		return b.n >= 32 ? b.n : 0; /* endless: dropped */
	struct str tail = str_sub(b, 2, i + 1);
	*ret = TERM_OTHER;
	for (size_t k = 0; k < ARRAY_LEN(keys); k++)
		if (str_is(tail, keys[k].tail))
			*ret = keys[k].key;
	return i + 1;
}

static size_t decode_control(unsigned char c, unsigned *ret)
{
	switch (c) {
	case '\r':
	case '\n': *ret = TERM_ENTER; break;
	case 0x7f:
	case '\b': *ret = TERM_BACKSPACE; break;
	case 3: *ret = TERM_INTERRUPT; break;
	case 26: *ret = TERM_SUSPEND; break;
	case 12: *ret = TERM_REDRAW; break;
	case 21: *ret = TERM_CLEAR; break;
	case 14: *ret = TERM_DOWN; break;
	case 16: *ret = TERM_UP; break;
	case 4:
	case 6: *ret = TERM_PAGE_DOWN; break;
	case 2: *ret = TERM_PAGE_UP; break;
	default: *ret = TERM_OTHER; break;
	}
	return 1;
}

size_t term_decode(struct str b, unsigned *ret)
{
	if (!b.n)
		return 0;
	unsigned char c = (unsigned char)b.p[0];
	if (c == 0x1b) {
		if (b.n == 1)
			return 0;
		if (b.p[1] == '[' || b.p[1] == 'O')
			return decode_sequence(b, ret);
		*ret = TERM_ESCAPE; /* what follows is a key of its own */
		return 1;
	}
	if (c < 0x20 || c == 0x7f)
		return decode_control(c, ret);
	size_t need = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, pos = 0;
	if (b.n < need && c >= 0xc2 && c <= 0xf4)
		return 0;
	*ret = utf8_next(b, &pos);
	return pos;
}

int term_keys(struct term *term, term_key_fn *fn, void *arg)
{
	for (;;) {
		ssize_t got =
		    read(term->in, term->typed + term->n_typed, sizeof term->typed - term->n_typed);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			return 0;
		if (got < 0)
			return -1;
		if (got == 0) { /* with VMIN 0: nothing there, or hung up */
			struct pollfd pfd = {.fd = term->in, .events = POLLIN};
			return poll(&pfd, 1, 0) > 0 && pfd.revents & (POLLHUP | POLLERR) ? -1 : 0;
		}
		term->n_typed += (size_t)got;
		size_t at = 0, used;
		unsigned key = TERM_OTHER;
		while ((used = term_decode((struct str){term->typed + at, term->n_typed - at},
					   &key)) > 0) {
			at += used;
			fn(arg, key);
		}
		memmove(term->typed, term->typed + at, term->n_typed - at);
		term->n_typed -= at;
		if (term->n_typed == sizeof term->typed)
			term->n_typed = 0;
	}
}

bool term_pending(const struct term *term)
{
	return term->n_typed > 0;
}

void term_escape(struct term *term, term_key_fn *fn, void *arg)
{
	bool escape = term->n_typed && term->typed[0] == 0x1b;
	term->n_typed = 0;
	if (escape)
		fn(arg, TERM_ESCAPE);
}

void term_suspend(struct term *term)
{
	sigset_t stop, before;
	leave(term);
	/* The whole job, as Ctrl-Z does.  The loop may hold SIGTSTP blocked; the kernel drops it where
	 * no shell is there to say `fg`. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	(void)kill(0, SIGTSTP);
	must(sigprocmask(SIG_UNBLOCK, &stop, &before) == 0); /* stops here until SIGCONT */
	must(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
	if (tcgetattr(term->in, &term->before) == 0)
		enter(term);
}
