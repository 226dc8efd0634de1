#include "common/mem.h"

#include "analyze/negation.h"

bool negates(struct str w)
{
	static const char *const words[] = {
	    "kein",    "keine",   "keinem",  "keinen", "keiner", "keines", "nicht",
	    "nichts",  "nie",     "niemals", "ohne",   "no",     "not",    "never",
	    "nothing", "without", "cannot",  "nix",    "net",    "t" /* don't */};
	for (size_t i = 0; w.n <= 7 && i < ARRAY_LEN(words); i++) {
		if (str_is(w, words[i]))
			return true;
	}
	return false;
}
