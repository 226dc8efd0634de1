/*
 * Pages that come instead of the feed: bot walls, consent and log-in pages, "not whitelisted" feeds.
 *
 * All are failed fetches; the distinction is for the operator: a wall needs a word with its owner,
 * a plain page a better address.
 */
#include "common/mem.h"

#include "ingest/formats/xml_feed.h"

enum { LOOK_BYTES = 128 * 1024 };

static const struct {
	const char *words, *reason; /* lower case */
} signs[] = {
    {"challenge-platform", "bot wall (Cloudflare)"},
    {"cf-browser-verification", "bot wall (Cloudflare)"},
    {"cf_chl_opt", "bot wall (Cloudflare)"},
    {"attention required! | cloudflare", "bot wall (Cloudflare)"},
    {"<title>just a moment", "bot wall (Cloudflare)"},
    {"making sure you're not a bot", "bot wall (Anubis)"},
    {"making sure you&#39;re not a bot", "bot wall (Anubis)"},
    {"/.within.website/x/cmd/anubis", "bot wall (Anubis)"},
    {"whoa there, pardner", "bot wall (Reddit)"},
    {"blocked by network security", "bot wall (Reddit)"},
    {"your request has been blocked", "request blocked"},
    {"request unsuccessful. incapsula", "bot wall (Incapsula)"},
    {"_incapsula_resource", "bot wall (Incapsula)"},
    {"px-captcha", "bot wall (PerimeterX)"},
    {"geo.captcha-delivery.com", "bot wall (DataDome)"},
    {"sucuri website firewall", "bot wall (Sucuri)"},
    {"ddos-guard", "bot wall (DDoS-Guard)"},
    {"awswafcaptcha", "bot wall (AWS)"},
    {"verifying your browser", "bot wall"},
    {"verifying you are human", "bot wall"},
    {"verify you are human", "bot wall"},
    {"verify you are a human", "bot wall"},
    {"checking your browser", "bot wall"},
    {"enable javascript and cookies to continue", "bot wall"},
    {"our systems have detected unusual traffic", "bot wall (Google)"},
    {"pardon our interruption", "bot wall"},
    {"are you a robot", "bot wall"},
    {"sind sie ein mensch", "bot wall"},
    {"ich bin kein roboter", "bot wall"},
    {"ungew\xc3\xb6hnlichen datenverkehr", "bot wall (Google)"},
    {"not yet whitelisted", "reader not admitted"},
    {"<title>access denied", "access denied"},
    {"<title>403 forbidden", "access denied"},
    {"<title>zugriff verweigert", "access denied"},
    {"<title>429 too many requests", "too many requests"},
    {"consent.google.com", "consent wall"},
    {"consent.yahoo.com", "consent wall"},
    {"cookies akzeptieren und weiter", "consent wall"},
    {"you must be 18", "age wall"},
    {"over18", "age wall"},
    {"you must be at least eighteen", "age wall"},
    {"type=\"password\"", "log-in page"},
};

/* ASCII case ignored; `words` is lower case. */
static bool holds(struct str s, const char *words)
{
	size_t n = strlen(words);
	char first[3] = {words[0], '\0', '\0'};
	if (words[0] >= 'a' && words[0] <= 'z')
		first[1] = (char)(words[0] - 32);
	for (size_t i = 0; i + n <= s.n; i++)
		if ((s.p[i] == first[0] || (first[1] && s.p[i] == first[1])) &&
		    str_ieq(str_sub(s, i, i + n), words))
			return true;
	return false;
}

const char *wall_of_page(struct str html)
{
	html = str_sub(html, 0, LOOK_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (holds(html, signs[i].words))
			return signs[i].reason;
	return NULL;
}

const char *wall_of_feed(const struct feed *feed)
{
	static const char *const titles[] = {"not yet whitelisted", "whoa there, pardner",
					     "attention required! | cloudflare",
					     "please enable javascript"};
	for (size_t i = 0; feed->n_items == 1 && i < ARRAY_LEN(titles); i++)
		if (holds(feed->items[0].title, titles[i]))
			return "reader not admitted";
	return NULL;
}
