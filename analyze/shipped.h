/*
 * shipped.h: where the files are that come with the programs: the model, the lexicon.
 */
#ifndef ANALYZE_SHIPPED_H
#define ANALYZE_SHIPPED_H

#define SHIPPED_MODEL   "posthorn.model"
#define SHIPPED_LEXICON "polarity.lexicon"

/* The first that is there: `named` if not NULL; `file` beside the program; installed under
 * ../share/posthorn; analyze/models/ in the source tree around the program or around the working
 * directory.  New, you free it; it may not exist. */
char *shipped_path(const char *named, const char *file);

#endif
