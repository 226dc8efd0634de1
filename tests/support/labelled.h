/*
 * labelled.h: every line of the labelled sets that lie beside the project, for tests that hold a fast way
 * against its slow twin on real text.
 */
#ifndef TESTS_SUPPORT_LABELLED_H
#define TESTS_SUPPORT_LABELLED_H

#include <stddef.h>

#include "common/arena.h"

/* Calls `each` with each line of valid UTF-8 below 128 KiB of $POSTHORN_SHARED/data (else ../shared/data),
 * *.tsv and *.tsv.gz, and an arena that is empty again for the next.  Prints how many; 0 where there are no
 * sets, with the reason printed. */
size_t labelled_lines(void (*each)(struct str line, struct arena *arena));

#endif
