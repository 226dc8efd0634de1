/*
 * settings.h: the command `settings` of a program: its configuration tables and counters as text.
 *
 *   static int settings(const struct cli *cli)
 *   {
 *       static const struct conf_section *const sections[] = {&conf_common_section, &x_section, NULL};
 *       return settings_print(cli, sections, x_counters);
 *   }
 *   {"settings", "", NULL, SETTINGS_HELP, settings_options, settings}
 *
 * Without an option for people; --markdown and --counters are what docs/ is made of.
 */
#ifndef COMMON_SETTINGS_H
#define COMMON_SETTINGS_H

#include "common/cli.h"
#include "common/conf.h"

#define SETTINGS_HELP                                                                              \
	"prints every setting it reads from the configuration\n"                                   \
	"Name, meaning, kind, range and default of each; docs/CONFIGURATION.md is made of it."

extern const struct cli_option settings_options[];

/* `sections` ends with NULL; `counters` registers the program's rows (stats.h). */
int settings_print(const struct cli *cli, const struct conf_section *const *sections,
		   void (*counters)(void));

#endif
