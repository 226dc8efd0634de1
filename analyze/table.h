/*
 * table.h: rows of a tab-separated file with a header line, plain or gzipped.
 *
 *   struct table *table = table_open("train.tsv.gz", &err);
 *   int text = table_column(table, "text");            // -1: no such column
 *   while (table_next(table))
 *       use(table_cell(table, text));                  // valid until the next row; "" if missing
 *   table_close(table);
 *
 * Lines are at most TABLE_LINE bytes; longer ones are cut.  Invalid UTF-8 in a cell is left as it is.
 */
#ifndef ANALYZE_TABLE_H
#define ANALYZE_TABLE_H

#include <stdbool.h>

#include "common/error.h"
#include "common/str.h"

enum { TABLE_LINE = 1024 * 1024, TABLE_COLUMNS = 64 };

struct table;

struct table *table_open(const char *path, struct error *err); /* NULL + err */
void table_close(struct table *table);
int table_column(const struct table *table, const char *name);
bool table_next(struct table *table);
struct str table_cell(const struct table *table, int column);
int table_line(const struct table *table); /* of the row, from 1 */

#endif
