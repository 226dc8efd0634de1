/*
 * conf_doc.c: tables -> text: Markdown, help, and the effective settings that version hashes stand for.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/conf.h"

static const char *type_text(const struct conf_row *row, char *out, size_t n)
{
	static const char *const plain[] = {
	    [CONF_T_STR] = "text",       [CONF_T_SECRET] = "secret", [CONF_T_PATH] = "path",
	    [CONF_T_BOOL] = "yes or no", [CONF_T_LIST] = "list",     [CONF_T_NODE] = "settings",
	    [CONF_T_INT] = "number",     [CONF_T_SIZE] = "size",     [CONF_T_DURATION] = "duration",
	    [CONF_T_ENUM] = ""};
	/* both are short texts of our own tables */
	if (row->type == CONF_T_ENUM)
		(void)snprintf(out, n, "%s", row->choices);
	else if (row->min && row->max)
		(void)snprintf(out, n, "%s, %s..%s", plain[row->type], row->min, row->max);
	else
		(void)snprintf(out, n, "%s", plain[row->type]);
	return out;
}

static const char *default_text(const struct conf_row *row)
{
	if (!row->def)
		return "";
	return strcmp(row->def, CONF_NEEDED) == 0 ? "needed" : row->def;
}

void conf_doc(const struct conf_section *section, struct buf *out)
{
	char type[200];
	(void)buf_printf(out, "## %s%s\n\n%s\n\n", *section->name ? section->name : "(top level)",
			 section->shape == CONF_MAPS ? " (a list)" : "", section->help);
	if (section->rows->name)
		(void)buf_z(out,
			    "| setting | kind | default | meaning |\n| --- | --- | --- | --- |\n");
	for (const struct conf_row *row = section->rows; row->name; row++)
		(void)buf_printf(out, "| `%s` | %s | %s | %s |\n", row->name,
				 type_text(row, type, sizeof type), default_text(row), row->help);
	if (section->rows->name)
		(void)buf_char(out, '\n');
}

void conf_help(const struct conf_section *section, struct buf *out)
{
	char type[200];
	(void)buf_printf(out, "%s%s: %s\n", *section->name ? section->name : "(top level)",
			 section->shape == CONF_MAPS ? " (a list)" : "", section->help);
	for (const struct conf_row *row = section->rows; row->name; row++) {
		const char *def = default_text(row);
		(void)buf_printf(out, "  %-16s %s (%s%s%s)\n", row->name, row->help,
				 type_text(row, type, sizeof type), *def ? "; " : "", def);
	}
}

void conf_text(const struct conf_section *section, const void *values, struct buf *out)
{
	for (const struct conf_row *row = section->rows; row->name; row++) {
		const void *at = (const char *)values + row->offset;
		switch (row->type) {
		case CONF_T_SECRET:
		case CONF_T_NODE: continue;
		case CONF_T_STR:
		case CONF_T_PATH:
		case CONF_T_ENUM: {
			const char *text = *(const char *const *)at;
			(void)buf_printf(out, "%s=%s\n", row->name, text ? text : "");
			break;
		}
		case CONF_T_BOOL:
			(void)buf_printf(out, "%s=%s\n", row->name,
					 *(const bool *)at ? "yes" : "no");
			break;
		case CONF_T_LIST: {
			const struct conf_list *list = at;
			(void)buf_printf(out, "%s=", row->name);
			for (size_t i = 0; i < list->n; i++)
				(void)buf_printf(out, "%s%s", i ? "," : "", list->items[i]);
			(void)buf_char(out, '\n');
			break;
		}
		default: (void)buf_printf(out, "%s=%" PRId64 "\n", row->name, *(const int64_t *)at);
		}
	}
}
