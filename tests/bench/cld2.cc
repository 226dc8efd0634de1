/*
 * cld2 < texts: the language of each line by Compact Language Detector 2 (DetectLanguage on plain
 * text, nothing else), then how many lines were English and German, so that the work cannot be left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <cld2/public/compact_lang_det.h>

int main()
{
	char *line = nullptr;
	size_t room = 0;
	ssize_t n;
	long all = 0, english = 0, german = 0;
	while ((n = getline(&line, &room, stdin)) > 0) {
		bool reliable;
		CLD2::Language lang = CLD2::DetectLanguage(line, (int)n, true, &reliable);
		english += lang == CLD2::ENGLISH;
		german += lang == CLD2::GERMAN;
		all++;
	}
	free(line);
	printf("%ld lines, %ld English, %ld German\n", all, english, german);
	return 0;
}
