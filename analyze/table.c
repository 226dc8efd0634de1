#include <errno.h>
#include <stdlib.h>

#include <zlib.h>

#include "common/mem.h"

#include "analyze/table.h"

struct table {
	gzFile file;
	char *header, *line;
	struct str names[TABLE_COLUMNS], cells[TABLE_COLUMNS];
	size_t n_names, n_cells;
	int number;
};

static size_t split(struct str line, struct str *cells)
{
	size_t n = 0;
	while (n < TABLE_COLUMNS && str_split(&line, '\t', &cells[n]))
		n++;
	return n;
}

/* The rest of a line longer than the room is read over. */
static bool read_line(struct table *table, char *to, struct str *ret)
{
	if (!gzgets(table->file, to, TABLE_LINE))
		return false;
	size_t n = strlen(to);
	bool whole = n > 0 && to[n - 1] == '\n';
	while (!whole) {
		int c = gzgetc(table->file);
		whole = c == '\n' || c < 0;
	}
	while (n > 0 && (to[n - 1] == '\n' || to[n - 1] == '\r'))
		n--;
	*ret = (struct str){to, n};
	table->number++;
	return true;
}

struct table *table_open(const char *path, struct error *err)
{
	struct table *table = xcalloc(1, sizeof *table);
	table->header = xmalloc(TABLE_LINE);
	table->line = xmalloc(TABLE_LINE);
	table->file = gzopen(path, "rb");
	if (!table->file) {
		error_set(err, "could not open table \"%s\": %s", path, strerror(errno));
		table_close(table);
		return NULL;
	}
	struct str line;
	if (!read_line(table, table->header, &line)) {
		error_set(err, "could not read table \"%s\": no header line", path);
		table_close(table);
		return NULL;
	}
	table->n_names = split(line, table->names);
	return table;
}

void table_close(struct table *table)
{
	if (!table)
		return;
	if (table->file)
		(void)gzclose(table->file); /* only read */
	free(table->header);
	free(table->line);
	free(table);
}

int table_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->n_names; i++) {
		if (str_is(table->names[i], name))
			return (int)i;
	}
	return -1;
}

bool table_next(struct table *table)
{
	struct str line;
	if (!read_line(table, table->line, &line))
		return false;
	table->n_cells = split(line, table->cells);
	return true;
}

struct str table_cell(const struct table *table, int column)
{
	if (column < 0 || (size_t)column >= table->n_cells)
		return STR("");
	return table->cells[column];
}

int table_line(const struct table *table)
{
	return table->number;
}
