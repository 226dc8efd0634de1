/*
 * query_import_fields.c: fields of other products and their values, by a table.
 *
 * What comes out of the table is tried as a query of its own: what our language does not accept is left out.
 */
#include <ctype.h>
#include <string.h>

#include "common/mem.h"
#include "common/text/link.h"

#include "analyze/query_import.h"

static const struct value_word channels[] = {{"blog", "blog"},
					     {"blogs", "blog"},
					     {"forum", "forum"},
					     {"forums", "forum"},
					     {"news", "news"},
					     {"messageboard", "forum"},
					     {"onlinenews", "news"},
					     {"review", "review"},
					     {"reviews", "review"},
					     {"social", "social"},
					     {"mail", "mail"},
					     {"socialmedia", "social"},
					     {NULL, NULL}};

static const struct value_word media[] = {
    {"image", "image"}, {"images", "image"}, {"video", "video"},       {"videos", "video"},
    {"link", "link"},   {"links", "link"},   {"quote", "quote"},       {"quotes", "quote"},
    {"photo", "image"}, {"photos", "image"}, {"question", "question"}, {NULL, NULL}};

/* Talkwalker's numbers (-5..5) are of another scale. */
static const struct value_word labels[] = {
    {"negative", "negative"}, {"neutral", "neutral"}, {"positive", "positive"}, {NULL, NULL}};

/* Besides these, two letters are a code. */
static const struct value_word languages[] = {{"german", "de"},
					      {"deutsch", "de"},
					      {"deu", "de"},
					      {"ger", "de"},
					      {"english", "en"},
					      {"englisch", "en"},
					      {"eng", "en"},
					      {"french", "fr"},
					      {"franz\u00f6sisch", "fr"},
					      {"franzoesisch", "fr"},
					      {"italian", "it"},
					      {"italienisch", "it"},
					      {"spanish", "es"},
					      {"spanisch", "es"},
					      {"portuguese", "pt"},
					      {"portugiesisch", "pt"},
					      {"dutch", "nl"},
					      {"niederl\u00e4ndisch", "nl"},
					      {"niederlaendisch", "nl"},
					      {"polish", "pl"},
					      {"polnisch", "pl"},
					      {"czech", "cs"},
					      {"tschechisch", "cs"},
					      {"danish", "da"},
					      {"d\u00e4nisch", "da"},
					      {"daenisch", "da"},
					      {"swedish", "sv"},
					      {"schwedisch", "sv"},
					      {"norwegian", "no"},
					      {"norwegisch", "no"},
					      {"finnish", "fi"},
					      {"finnisch", "fi"},
					      {"hungarian", "hu"},
					      {"ungarisch", "hu"},
					      {"romanian", "ro"},
					      {"rum\u00e4nisch", "ro"},
					      {"rumaenisch", "ro"},
					      {"greek", "el"},
					      {"griechisch", "el"},
					      {"turkish", "tr"},
					      {"t\u00fcrkisch", "tr"},
					      {"tuerkisch", "tr"},
					      {"russian", "ru"},
					      {"russisch", "ru"},
					      {"ukrainian", "uk"},
					      {"ukrainisch", "uk"},
					      {"arabic", "ar"},
					      {"arabisch", "ar"},
					      {"chinese", "zh"},
					      {"chinesisch", "zh"},
					      {"japanese", "ja"},
					      {"japanisch", "ja"},
					      {"korean", "ko"},
					      {"koreanisch", "ko"},
					      {NULL, NULL}};

static const struct import_field fields[] = {
    {"title", "title:", HOW_ZONE, NULL},
    {"headline", "title:", HOW_ZONE, NULL},
    {"content", "text:", HOW_ZONE, NULL},
    {"text", "text:", HOW_ZONE, NULL},
    {"ingress", "lead:", HOW_ZONE, NULL},
    {"raw", "", HOW_EXACT, NULL},
    {"site", "site:", HOW_HOST, NULL},
    {"domain", "site:", HOW_HOST, NULL},
    {"domainurl", "site:", HOW_HOST, NULL},
    {"domain_url", "site:", HOW_HOST, NULL},
    {"hosturl", "site:", HOW_HOST, NULL},
    {"host_url", "site:", HOW_HOST, NULL},
    {"topleveldomain", "site:", HOW_HOST, NULL},
    {"url", "site:", HOW_ADDRESS, NULL},
    {"links", "link:", HOW_AS_TYPED, NULL},
    {"link", "link:", HOW_AS_TYPED, NULL},
    {"author", "author:", HOW_AS_TYPED, NULL},
    {"authorname", "author:", HOW_AS_TYPED, NULL},
    {"language", "lang:", HOW_LANGUAGE, languages},
    {"lang", "lang:", HOW_LANGUAGE, languages},
    {"hashtags", "#", HOW_MARK, NULL},
    {"hashtag", "#", HOW_MARK, NULL},
    {"at_mentions", "@", HOW_MARK, NULL},
    {"mentions", "@", HOW_MARK, NULL},
    {"sentiment", "tonality:", HOW_WORD, labels},
    {"sourcetype", "channel:", HOW_WORD, channels},
    {"pagetype", "channel:", HOW_WORD, channels},
    {"channel", "channel:", HOW_WORD, channels},
    {"has", "has:", HOW_WORD, media},
    {"imagetype", "has:", HOW_WORD, media},
    {"authorfollowers", "followers:", HOW_AS_TYPED, NULL},
    {"followers", "followers:", HOW_AS_TYPED, NULL},
    {"twitterfollowers", "followers:", HOW_AS_TYPED, NULL},
    {"reach", "reach:", HOW_AS_TYPED, NULL},
    {"rating", "rating:", HOW_AS_TYPED, NULL},
    {"likes", "likes:", HOW_AS_TYPED, NULL},
    {"shares", "shares:", HOW_AS_TYPED, NULL},
    {"replies", "replies:", HOW_AS_TYPED, NULL},
    {"comments", "replies:", HOW_AS_TYPED, NULL},
    {"views", "views:", HOW_AS_TYPED, NULL},
    {"published", "created:", HOW_AS_TYPED, NULL},
};

/* Ours may be among them (`place:`): it stays what it is. */
const struct import_field import_field_unknown = {NULL, NULL, HOW_UNKNOWN, NULL};

const struct import_field *import_field_named(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (str_ieq(name, fields[i].theirs))
			return &fields[i];
	return NULL;
}

/* [100 TO 500], either end may be *: 100..500, >=100, <=500. */
static struct str range(struct import *im, struct str v)
{
	struct str rest = str_trim(str_sub(v, 1, v.n - 1)), low, to;
	if (v.n < 2 || v.p[v.n - 1] != ']' || !str_split(&rest, ' ', &low))
		return STR_NULL;
	rest = str_trim(rest);
	if (!str_split(&rest, ' ', &to) || !str_ieq(to, "to"))
		return STR_NULL;
	struct str high = str_trim(rest);
	bool from = !str_is(low, "*"), until = !str_is(high, "*");
	if (!high.n || (!from && !until))
		return STR_NULL;
	return str_of(!until ? arena_printf(im->r.arena, ">=%.*s", STR_ARG(low))
		      : !from
			  ? arena_printf(im->r.arena, "<=%.*s", STR_ARG(high))
			  : arena_printf(im->r.arena, "%.*s..%.*s", STR_ARG(low), STR_ARG(high)));
}

/* The host of an address, and in *ret_path what is lost with the rest. */
static struct str host(struct str address, enum field_how how, bool *ret_path)
{
	struct str path, name = link_host(address, &path);
	*ret_path = path.n && !str_is(path, "/") && !str_is(path, "/*");
	/* url: takes any piece of an address */
	bool whole = str_find(name, '.', 0) < name.n && str_find(name, '*', 0) == name.n &&
		     str_find(name, '?', 0) == name.n;
	if (how == HOW_ADDRESS && !whole)
		return STR_NULL;
	for (size_t i = 0; i < name.n; i++)
		if (isspace((unsigned char)name.p[i]))
			return STR_NULL;
	return name;
}

static struct str word(struct import *im, const struct import_field *field, struct str v)
{
	for (const struct value_word *w = field->words; w->theirs; w++)
		if (str_ieq(v, w->theirs))
			return str_of(w->ours);
	if (field->how != HOW_LANGUAGE || v.n != 2 || !isalpha((unsigned char)v.p[0]) ||
	    !isalpha((unsigned char)v.p[1]))
		return STR_NULL;
	return str_of(arena_printf(im->r.arena, "%c%c", v.p[0] | 0x20, v.p[1] | 0x20));
}

/* A tag or name without a blank in it, with one mark. */
static struct str marked(struct import *im, const char *mark, struct str v)
{
	if (v.n && v.p[0] == mark[0])
		v = str_sub(v, 1, v.n);
	for (size_t i = 0; i < v.n; i++)
		if (isspace((unsigned char)v.p[i]) || strchr("#@()\"", v.p[i]))
			return STR_NULL;
	return v.n ? str_of(arena_printf(im->r.arena, "%s%.*s", mark, STR_ARG(v))) : STR_NULL;
}

static bool accepted(struct import *im, const struct piece *p)
{
	struct error err;
	const char *query =
	    arena_printf(im->r.arena, "%.*s%.*s", STR_ARG(p->prefix), STR_ARG(p->text));
	return query_set_add(im->tried, "value", str_of(query), NULL, &err) == 0;
}

struct piece *import_value(struct import *im, struct str typed, struct str bare)
{
	const struct import_field *field = im->field;
	struct piece *p = import_piece(im, PIECE_FIELD, (size_t)(typed.p - im->r.text.p));
	const char *why = "its value has no counterpart here";
	bool path = false;
	p->prefix = str_of(field->ours);
	p->text = typed;
	switch (field->how) {
	case HOW_HOST:
	case HOW_ADDRESS: p->text = host(bare, field->how, &path); break;
	case HOW_MARK:
		p->kind = PIECE_TERM;
		p->prefix = STR("");
		p->text = marked(im, field->ours, bare);
		break;
	case HOW_WORD:
	case HOW_LANGUAGE: p->text = word(im, field, bare); break;
	case HOW_UNKNOWN:
		why = "there is no such field here";
		p->prefix = str_of(arena_printf(im->r.arena, "%.*s:", STR_ARG(im->field_name)));
		break;
	default: break;
	}
	if (p->text.p == typed.p && typed.n && typed.p[0] == '[')
		p->text = range(im, typed);
	struct str what =
	    str_of(arena_printf(im->r.arena, "%.*s:%.*s", STR_ARG(im->field_name), STR_ARG(typed)));
	if (!p->text.n || !accepted(im, p)) {
		if (field->how == HOW_ADDRESS)
			why = "a piece of an address is not searched for here, only its host";
		p->gone = true;
		import_note(im, p, "left out", what, why, NOTE_GONE);
	} else if (path) {
		import_note(im, p, "changed", what, "there is no field for the path", NOTE_WIDER);
	}
	return p;
}
