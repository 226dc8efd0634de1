/*
 * error.h: one line of text for the caller.
 *
 * Functions that can fail return 0 or -1 and fill the caller's struct error.  Modules return
 * errors, programs log them, once.  Wording: could not parse feed "NAME": REASON, lower case,
 * no full stop, name quoted, the reason always there.
 */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

struct error {
	char text[512]; /* "" where nothing failed; always NUL-terminated, cut if longer */
};

/* Sets the text, returns -1 so that `return error_set(err, ...)` reads well.  err may be NULL. */
int error_set(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts `fmt` and ": " before the text that is there.  Returns -1. */
int error_prefix(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
