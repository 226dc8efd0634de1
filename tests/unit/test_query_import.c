/* Expressions of Brandwatch and Talkwalker in our language: what comes out, what is said, where errors point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "analyze/query_import.h"
#include "common/mem.h"

#define MORE  "; the query finds more posts)\n"
#define FEWER "; the query finds fewer posts)\n"
#define NONE  "there is no such field here"
#define VALUE "its value has no counterpart here"
#define CHAIN "each word is near the next here, not all near each other"

#define B IMPORT_BRANDWATCH
#define T IMPORT_TALKWALKER

static const struct {
	enum import_tool tool;
	const char *typed, *ours, *notes;
} rows[] = {
    /* distances */
    {B, "a NEAR/4 b", "a NEAR/5 b", ""},
    {T, "a NEAR/4 b", "a NEAR/4 b", ""},
    {B, "a NEAR/0 b", "a NEAR/1 b", ""},
    {T, "a NEAR/0 b", "a NEAR/1 b", ""},
    {B, "a NEAR/0f b NEAR/2F c", "a ONEAR/1 b ONEAR/3 c", ""},
    {B, "a NEAR/999 b", "a NEAR/1000 b", ""},
    {B, "a NEAR/1000 b", "a NEAR/1000 b",
     "changed: NEAR/1000 (words are at most 1,000 apart here" FEWER},
    {T, "a NEAR/1000 b", "a NEAR/1000 b", ""},
    {T, "a NOT (b NEAR/1001 c)", "a NOT (b NEAR/1000 c)",
     "changed: NEAR/1001 (words are at most 1,000 apart here" MORE},
    {B, "(apple AND pie)~5", "(apple NEAR/6 pie)", ""},
    {B, "((apple pie))~5", "(apple NEAR/6 pie)", ""},
    {B, "((a OR b) AND (c OR \"d e\"))~0", "((a OR b) NEAR/1 (c OR \"d e\"))", ""},
    {B, "title:(a AND b)~3", "title:(a NEAR/4 b)", ""},
    {B, "(a AND b AND c)~2", "((a NEAR/3 b) AND (b NEAR/3 c))", "changed: ~2 (" CHAIN MORE},
    {B, "(a OR b)~3", "(a OR b)",
     "left out: ~3 (only words joined by AND can be near each other)\n"},
    {B, "(a NOT b)~3", "(a NOT b)",
     "left out: ~3 (only words joined by AND can be near each other" MORE},
    {B, "hashtags:(a AND b)~3", "(#a NEAR/4 #b)", ""},
    {B, "\"a b\"~5", "(a NEAR/6 b)", ""},
    {T, "\"a b\"~5", "(a NEAR/6 b)", ""},
    {B,
     "\xE2\x80\x9C"
     "a b\xE2\x80\x9D~5",
     "(a NEAR/6 b)", ""},
    {B, "\"a b\" ~ 5 c", "(a NEAR/6 b) c", ""},
    {B, "\"a b\"~0", "\"a b\"", ""},
    {B, "\"a b c\"~5", "((a NEAR/6 b) AND (b NEAR/6 c))", "changed: ~5 (" CHAIN MORE},
    {B, "\"AND p&t\"~1", "(\"AND\" NEAR/2 \"p&t\")", ""},
    {B, "\"a b\"~2000", "(a NEAR/1000 b)",
     "changed: ~2000 (words are at most 1,000 apart here" FEWER},
    {B, "a ~5 b", "a b", "left out: ~5 (it stands behind nothing that it could change)\n"},
    /* words */
    {B, "a~2", "a", "left out: ~2 of a~2 (similar spellings are not found here" FEWER},
    {B, "b NOT a~", "b NOT a", "left out: ~ of a~ (similar spellings are not found here" MORE},
    {B, "a^2", "a", "left out: ^2 of a^2 (words have no weights here)\n"},
    {B, "(a OR \"b c\"^3)^2", "(a OR \"b c\")",
     "left out: ^3 (words have no weights here)\nleft out: ^2 (words have no weights here)\n"},
    {B, "author:\"a b\"^2 site:x.de^2", "author:\"a b\" site:x.de",
     "left out: ^2 (words have no weights here)\nleft out: ^2 (words have no weights here)\n"},
    {B, "$AAPL", "AAPL",
     "changed: $AAPL (a word with $ is found by the word, and that without $ too" MORE},
    {B, "$100 10:30 Kund:innen", "$100 10:30 Kund:innen", ""},
    {B, "[5 TO 3] a", "a", "left out: [5 TO 3] (a range needs a field in front of it" MORE},
    {B, "https://x.de/a OR \"www.x.de\"b", "link:x.de/a OR link:www.x.de b", ""},
    {B, "{BT} raw:Google+ raw:{Apple} raw:\"Big Mac\"", "{BT} {Google+} {Apple} {Big Mac}", ""},
    {T, "+Apple ++Apple +\"A B\" ++\"A B\"", "Apple {Apple} \"A B\" {A B}", ""},
    {T, "title:++Apple", "title:{Apple}", ""},
    {T, "++(Apple OR Appl*) Pie", "({Apple} OR Appl*) Pie",
     "changed: Appl* (case does not count in a term with wildcards here" MORE},
    {T, "++\"A B\"~3", "({A} NEAR/4 {B})", ""},
    {T, "chocolate -swiss -\"a b\" -(c OR d) -site:x.de",
     "chocolate NOT swiss NOT \"a b\" NOT (c OR d) NOT site:x.de", ""},
    /* hosts */
    {B, "site:\"http://www.x.de\" OR domainurl:\"http://dhl.de/\" OR site:x.de:80/*",
     "site:www.x.de OR site:dhl.de OR site:x.de", ""},
    {B, "url:dhl.de/x", "site:dhl.de",
     "changed: url:dhl.de/x (there is no field for the path" MORE},
    {B, "a NOT url:dhl.de/x", "a NOT site:dhl.de",
     "changed: url:dhl.de/x (there is no field for the path" FEWER},
    {B, "a url:*blog*", "a",
     "left out: url:*blog* (a piece of an address is not searched for here, only its host" MORE},
    {B, "topLevelDomain:com links:x.de", "site:com link:x.de", ""},
    /* values */
    {B, "language:german OR lang:EN OR language:\"Franz\u00f6sisch\"",
     "lang:de OR lang:en OR lang:fr", ""},
    {B, "a language:(de OR klingon)", "a lang:(de)", "left out: language:klingon (" VALUE FEWER},
    {B, "rating:5 rating:[1 TO 3] rating:[4 TO *]", "rating:5 rating:1..3 rating:>=4", ""},
    {B, "authorFollowers:[* TO 9] likes:>5 shares:>5", "followers:<=9 likes:>5 shares:>5", ""},
    {B, "a rating:[* TO *]", "a", "left out: rating:[* TO *] (" VALUE MORE},
    {B, "a likes:many", "a", "left out: likes:many (" VALUE MORE},
    {B, "has:image imageType:image has:links", "has:image has:image has:link", ""},
    {T, "sourcetype:BLOG pageType:(forum OR News)", "channel:blog channel:(forum OR news)", ""},
    {T, "a sourcetype:SOCIALMEDIA_TWITTER", "a",
     "left out: sourcetype:SOCIALMEDIA_TWITTER (" VALUE MORE},
    {T, "sentiment:Negative OR sentiment:-5", "tonality:negative",
     "left out: sentiment:-5 (" VALUE FEWER},
    {B, "hashtags:(a OR #b) at_mentions:(a OR @b) hashtag:\"c\"", "(#a OR #b) (@a OR @b) #c", ""},
    {B, "a hashtags:\"b c\"", "a", "left out: hashtags:\"b c\" (" VALUE MORE},
    {B, "site:(a.de AND NOT b.de) author:(\"A B\" OR c)",
     "(site:a.de AND NOT site:b.de) author:(\"A B\" OR c)", ""},
    {B, "title: \"a b\" place:x part:(a OR b)", "title:\"a b\" place:x part:(a OR b)", ""},
    /* what is lost */
    {B, "apple AND country:de", "apple", "left out: country:de (" NONE MORE},
    {B, "country:de OR apple", "apple", "left out: country:de (" NONE FEWER},
    {B, "a NOT country:de", "a", "left out: country:de (" NONE MORE},
    {B, "a NOT (b OR country:de)", "a NOT (b)", "left out: country:de (" NONE MORE},
    {B, "a NOT (b AND country:de)", "a NOT (b)", "left out: country:de (" NONE FEWER},
    {B, "a (country:de OR country:at)", "a",
     "left out: country:de (" NONE MORE "left out: country:at (" NONE MORE},
    {B, "country:de AND a\nOR (country:at b) OR c", "a\nOR (b) OR c",
     "left out: country:de (" NONE MORE "left out: country:at (" NONE MORE},
    /* layout */
    {B, "<<<Set>>> (a OR <<<b */>>>\n b)<<<end>>>", "/*Set*/ (a OR /*b * /*/\n b)/*end*/", ""},
};

static void rows_are_imported(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf ours, notes;
		struct error err = {""};
		int rc = query_import(str_of(rows[i].typed), rows[i].tool, &ours, &notes, &err);
		if (rc || !str_is(buf_view(&ours), rows[i].ours) ||
		    !str_is(buf_view(&notes), rows[i].notes))
			fail_msg("%s:\n%.*s\n%.*s%s", rows[i].typed, STR_ARG(buf_view(&ours)),
				 STR_ARG(buf_view(&notes)), err.text);
		buf_done(&ours);
		buf_done(&notes);
	}
}

/* Errors point into what was typed. */
static const struct {
	const char *typed, *err;
} refused[] = {
    {"country:de", "query:1:1: nothing of this can be carried over\ncountry:de\n^"},
    {"country:de AND \"\u00fc\"~3 AND ODER",
     "query:1:26: operators are English: write OR (or \"ODER\" for the word)\n"
     "country:de AND \"\u00fc\"~3 AND ODER\n                         ^"},
    {"hashtags:a\nlikes:>5 AND (a AND b) NEAR/3 c",
     "query:2:15: AND and NOT have no place beside NEAR or SENTENCE: write (a NEAR/5 b) AND c, or "
     "(a NEAR/5 b) NOT c\nlikes:>5 AND (a AND b) NEAR/3 c\n              ^"},
    {"country:de NOT a", "query:1:12: nothing but NOT: it would match nearly every post; add what "
			 "must be there\ncountry:de NOT a\n           ^"},
    {" a (b", "query:1:4: expected \")\" for this parenthesis, found none\n a (b\n   ^"},
    {"a)", "query:1:2: expected an operator, a term or the end, found \")\"\na)\n ^"},
    {"a NEAR/x b", "query:1:8: expected a number of words after \"NEAR/\", found \"x\"\na NEAR/x "
		   "b\n       ^"},
    {"a title:",
     "query:1:9: expected a value behind the colon, found the end\na title:\n        ^"},
    {"a <<<b", "query:1:3: expected \">>>\" at the end of the comment, found \"<<<\"\na <<<b\n  ^"},
    {"a OR AND", "query:1:6: expected a term before and behind an operator, found \"AND\"\na OR "
		 "AND\n     ^"},
    {"", "query:1:1: expected a term, found the end\n\n^"},
    {"a {b", "query:1:3: expected \"}\" for this brace, found \"{\"\na {b\n  ^"},
    {"AT & T", "query:1:4: expected a word with a letter, a digit or an emoji, found \"&\"\nAT & "
	       "T\n   ^"},
};

static void assert_refused(struct str typed, const char *expected)
{
	struct buf ours, notes;
	struct error err = {""};
	int rc = query_import(typed, B, &ours, &notes, &err);
	assert_int_equal(rc, -1);
	assert_string_equal(err.text, expected);
	buf_done(&ours);
	buf_done(&notes);
}

static void errors_point_into_what_was_typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_refused(str_of(refused[i].typed), refused[i].err);
	assert_refused(STR("ab\0c"), "query:1:3: expected no control character\nab\n  ^");
	assert_refused(STR("a\xff"), "query:1:2: expected UTF-8 text\na\n ^");
	char deep[1200];
	memset(deep, '(', sizeof deep);
	struct buf ours, notes;
	struct error err = {""};
	assert_int_equal(query_import((struct str){deep, sizeof deep}, B, &ours, &notes, &err), -1);
	assert_non_null(strstr(err.text, "nested deeper than 200 levels"));
	buf_done(&ours);
	buf_done(&notes);
}

/* As people write them. */
static const char *const written[] = {
    "apple",
    "apple AND juice",
    "apple OR juice",
    "apple NOT juice",
    "apple AND NOT juice",
    "(apple AND juice) OR (apple AND sauce)",
    "\"apple juice\"",
    "\"apple juice\"~5",
    "((apple OR orange) NEAR/5 (smartphone OR phone))",
    "(logitech NEAR/2f keyboard)",
    "((apple OR orange) AND (smartphone OR phone))~5",
    "complain*",
    "customi?e",
    "title:\"apple juice\"",
    "<<<my comment here>>> apple",
    "{BT}",
    "niño NOT nino",
    "continent:europe AND \"apple juice\"",
    "country:gbr AND \"apple juice\"",
    "region:usa.fl AND \"apple juice\"",
    "city:\"deu.berlin.berlin\" AND \"apple juice\"",
    "language:en AND apple",
    "latitude:[41 TO 44] AND longitude:[-73 TO -69] AND pizza",
    "site:twitter.com AND \"apple juice\"",
    "url:\"msn.com/news\" AND \"Simon Cowell\"",
    "channelId:\"141273439246434\" AND \"summer\"",
    "author:ladygaga",
    "author:\"brandwatch office\"",
    "links:msn.com",
    "authorGender:F AND skirt*",
    "authorVerified:true AND (@dhl OR #dhl)",
    "authorVerifiedType:blue AND tesla",
    "authorFollowers:[500 TO 100000]",
    "authorFollowers:[50000 TO 1000000] AND authorVerified:true AND (review OR unboxing) AND (#ad "
    "OR #sponsored)",
    "blogName:comedycentral OR comedy",
    "tags:photography AND camera",
    "brandIds:12 AND logo",
    "engagementType:RETWEET AND \"john mayer\"",
    "engagementType:QUOTE AND engagingWithGuid:857284431631011841 AND a",
    "engagingWith:brandwatch AND \"thank you\"",
    "imageType:image AND dog",
    "site:\"amazon.com\" AND itemReview:(\"Xbox One\")",
    "rating:3",
    "rating:[3 TO 5] AND site:trustpilot.com",
    "minuteOfDay:[1110 TO 1140] AND pizza",
    "pubType:MY_MENTIONS OR paket",
    "publisherSubType:IMAGE AND sunset",
    "publication:\"MSN UK\" AND budget",
    "redditAuthorFlair:PhD AND physics",
    "sensitiveContent:true AND election",
    "subreddit:nba AND (\"Los Angeles\" OR Lakers)",
    "subreddit: nba OR basketball",
    "subredditTopics:“Food & Recipes” AND pasta",
    "topLevelDomain:com OR topLevelDomain:org",
    "weblogTitle:feelslikegold AND gold",
    "#MondayMotivation OR @brandwatch OR 😡",
    "\"wendy's\" OR \"wendy s\"",
    "competition OR competitive OR competitor* OR ((China OR \"low-cost\") NEAR/3 (brand* OR "
    "seller))",
    "(apple OR orange) AND juice NOT bitter",
    "apple* NEAR/5 juice*",
    "\"apple juice\" NEAR/3 \"organic fruit\"",
    "(title:\"product review\" OR author:techexpert) AND ((iPhone OR Samsung) NEAR/5 (camera OR "
    "battery)) NOT (spam OR fake)",
    "(apple NEAR/5 juice) AND ((orange NEAR/3 smoothie) OR (berry NEAR/2 fresh))",
    "café AND naïve OR résumé NOT cliché",
    "{iPhone} AND iphone OR ANDROID NOT android",
    "\"don't worry\" AND \"it's okay\" OR \"we're here\"",
    "((((apple OR orange) AND juice) OR smoothie) AND healthy) NOT artificial",
    "apple NOT (spam OR fake) AND NOT (advertisement OR promo)",
    "site:news.bbc.co.uk AND budget",
    "url:\"reddit.com/r/technology\" AND chip",
    "language:en OR language:es OR language:fr",
    "rating:[5 TO 5] OR rating:[1 TO 1]",
    "apple <<<brand monitoring>>> AND juice",
    "<<<start>>> apple <<<middle>>> AND <<<end>>> juice",
    "(((\"black friday\" OR \"cyber monday\") NEAR/5 (deal* OR discount* OR sale*))) AND "
    "(site:amazon.com OR site:ebay.com) NOT (fake OR scam)",
    "(#MondayMotivation OR #ThankfulThursday) AND (@company OR \"brand name\") AND (love OR "
    "awesome) NOT (hate OR awful)",
    "(((\"data breach\" OR \"security incident\") NEAR/10 (\"customer data\" OR \"personal "
    "information\"))) AND site:news.* NOT rumor",
    "site:twitter.com apple banana",
    "(George_Kurtz OR (crowd NEAR/0f strike*) OR crowdstrike*)",
    "((sonnet OR claude) NEAR/1 (\"3.5\" OR opus)) OR o3 OR o1-preview",
    "({IA} NOT language:en) OR \"intelligence artificielle\"",
    "(cyber* NOT ((cyber NEAR/0f (taxi* OR cab* OR punk)) OR cybercab*))",
    "{GDPR} OR DSGVO OR \"General Data Protection Regulation\"",
    "raw:Google+ OR raw:\"E.ON\"",
    "(dhl OR \"deutsche post\" OR @DHLPaket) AND (paket* OR sendung*) NOT (job* OR "
    "stellenangebot*)",
    "title:(dhl AND streik*)~10",
    "(dhl AND hermes AND ups)~20",
    "dhl NEAR/5 (streik OR warnstreik) AND language:de AND country:deu",
    "(dhl OR hermes) AND (sentiment:negative OR sentiment:neutral)",
    "\"Deutsche Bahn\"^2 OR bahn~1",
    "$TSLA OR tesla OR #tsla",
    "hashtags:(dhl OR hermes OR gls)",
    "at_mentions:dhlpaket OR @dhlpaket",
    "has:image AND dhl",
    "pageType:blog OR pageType:forum AND dhl",
    "contentSource:reddit AND dhl",
    "threadAuthor:x OR dhl",
    "(dhl OR post) NOT (site:dhl.de OR site:deutschepost.de OR url:dhl.de/blog)",
    "author:(dhlhilft OR \"DHL Paket\" OR DHLPaket)",
    "dhl NOT author:(dhlhilft OR bot*)",
    "BMW AND bike",
    "BMW AND NOT bike",
    "chocolate -swiss",
    "BMW -site:\"mysite.com\"",
    "Luxembourg site:\"http://www.wort.lu\"",
    "BlackBerry (site:\"www.cnet.com\" OR site:\"bild.de\")",
    "BMW AND (motorcycle OR car)",
    "Luxemb*",
    "++\"ABC\"",
    "++\"A&B\"",
    "+\"@username\"",
    "+\"p&t\"",
    "\"cat dog mouse bird\"~30",
    "++Apple AND (iphone OR ++\"App Store\")",
    "+Apple -juice",
    "title:++Apple",
    "title:\"smart phone\" AND content:battery",
    "sourcetype:BLOG AND dhl",
    "(sourcetype:ONLINENEWS OR sourcetype:BLOG) AND \"deutsche post\"",
    "dhl AND NOT sourcetype:SOCIALMEDIA_TWITTER",
    "sourcetype:SOCIALMEDIA AND lang:en AND cats",
    "sourcetype:(BLOG OR MESSAGEBOARD OR ONLINENEWS_AGENCY) AND dhl",
    "lang:de AND sourcecountry:de AND paket",
    "sourcecountry:us AND lang:en AND spotify",
    "language:german AND dhl",
    "lang:(de OR en) AND dhl",
    "dhl NEAR/8 streik",
    "\"dhl streik\"~8",
    "dhl ONEAR/5 streik",
    "dhl SENTENCE streik",
    "(dhl OR hermes) NEAR/4 (langsam OR verspätet OR \"zu spät\")",
    "domainurl:\"http://dhl.de/\" OR dhl",
    "domain_url:spiegel.de AND dhl",
    "host_url:\"https://www.spiegel.de/\" AND dhl",
    "url:dhl.de/hilfe AND paket",
    "url:*blog* AND dhl",
    "url:\"https://www.dhl.de/de/privatkunden.html\" OR paket",
    "site:dhl.de/hilfe",
    "published:>2026-01-01 AND dhl",
    "published:[2026-01-01 TO 2026-02-01] AND dhl",
    "reach:>10000 AND dhl",
    "followers:[1000 TO *] AND dhl",
    "twitterfollowers:>500 AND dhl",
    "likes:>5 AND dhl",
    "shares:[10 TO 100] OR comments:>20",
    "engagement:>100 AND dhl",
    "sentiment:[-5 TO -1] AND dhl",
    "sentiment:>2 OR dhl",
    "sentiment:negative AND dhl",
    "rating:<3 AND dhl",
    "demographic:gender.female AND dhl",
    "gender:male AND dhl",
    "tag:\"my tag\" OR dhl",
    "matched_profile:\"dhl\" OR dhl",
    "images:\"dhl logo\" OR dhl",
    "author:\"dhl\" OR authorname:dhl*",
    "author_short_id:\"x:1\" OR dhl",
    "is:retweet OR dhl",
    "dhl -is:retweet",
    "dhl NOT (rt OR \"RT @\")",
    "mention:dhl OR mentions:@dhl",
    "hashtag:#dhl AND -gewinnspiel",
    "\"Post & DHL\" OR {Post & DHL}",
    "„Deutsche Post“ OR »DHL Paket« OR “Post AG”",
    "Kund:innen AND (Zusteller*in OR Bote)",
    "dhl um 10:30 OR 24/7",
    "https://www.dhl.de/hilfe OR www.hermesworld.com",
    "\"https://www.dhl.de\"",
    "C++ OR {C++} OR raw:C#",
    "E.ON OR AT&T OR \"don't\" OR don't",
    "(a OR b) (c OR d) -e -\"f g\"",
    "((a OR (b AND (c OR d))) NOT (e OR f))",
    "apple AND (country:de OR country:at OR country:ch)",
    "country:de OR (city:berlin AND apple)",
    "apple NOT (country:de AND juice)",
    "dhl paket verloren",
    "\"paket verloren\"~0 OR \"verloren paket\"~1",
    "(paket AND (\"nicht da\" OR weg))~6",
    "((paket OR sendung) AND (weg OR verloren) AND (dhl OR post))~12",
    "text:(dhl AND paket) OR headline:dhl",
    "ingress:dhl AND NOT title:hermes",
    "raw:(Apple OR Orange) AND pie",
    "(dhl OR hermes)\n\n<<<Verspätung>>>\nAND (\n    (zu NEAR/0f spät*) OR \"nicht pünktlich\"\n)",
};

/* Whatever comes out is a query; what is no query is an error with a place. */
static bool is_sound(struct str typed, enum import_tool tool)
{
	struct buf ours, notes;
	struct error err = {""}, ignored;
	bool good = query_import(typed, tool, &ours, &notes, &err) == 0;
	struct query_set *set = query_set_create();
	if (good && query_set_add(set, "query", buf_view(&ours), NULL, &ignored) != 0)
		fail_msg("%.*s: %.*s", STR_ARG(typed), STR_ARG(buf_view(&ours)));
	if (!good && strncmp(err.text, "query:", 6) != 0)
		fail_msg("%.*s: %s", STR_ARG(typed), err.text);
	query_set_free(set);
	buf_done(&ours);
	buf_done(&notes);
	return good;
}

static void what_people_write_is_imported(void **state)
{
	(void)state;
	assert_true(ARRAY_LEN(written) >= 150);
	for (size_t i = 0; i < ARRAY_LEN(written); i++)
		for (enum import_tool tool = B; tool <= T; tool++)
			if (!is_sound(str_of(written[i]), tool))
				fail_msg("refused: %s", written[i]);
}

static void pieces_of_it_are_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(written); i++) {
		struct str all = str_of(written[i]);
		for (size_t from = 0; from < all.n; from += 1 + all.n / 60) {
			char copy[4096];
			(void)is_sound(str_sub(all, 0, from), B);
			(void)is_sound(str_sub(all, from, all.n), T);
			memcpy(copy, all.p, all.n); /* one character less in the middle */
			memmove(copy + from, copy + from + 1, all.n - from - 1);
			(void)is_sound((struct str){copy, all.n - 1}, B);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_imported),
	    cmocka_unit_test(errors_point_into_what_was_typed),
	    cmocka_unit_test(what_people_write_is_imported),
	    cmocka_unit_test(pieces_of_it_are_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
