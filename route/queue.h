/*
 * queue.h: an agent's work from the shell.
 *
 * Exit codes: 0 done; 1 nothing is waiting (claim); 65 refused, with the reason on standard
 * error (a stale token, a closed ticket); 69 Redis is away; 78 configuration.
 */
#ifndef ROUTE_QUEUE_H
#define ROUTE_QUEUE_H

#include "common/cli.h"

extern const struct cli_option queue_list_options[], queue_show_options[], queue_claim_options[],
    queue_extend_options[], queue_release_options[], queue_answer_options[], queue_close_options[],
    queue_correct_options[];

int queue_list(const struct cli *cli);
int queue_show(const struct cli *cli);
int queue_claim(const struct cli *cli);
int queue_extend(const struct cli *cli);
int queue_release(const struct cli *cli);
int queue_answer(const struct cli *cli);
int queue_close(const struct cli *cli);
int queue_correct(const struct cli *cli);

/* rows of main's table */
#define QUEUE_COMMANDS                                                                             \
	{"queue list",       "",        0, "tickets in the order in which they would be claimed",  \
	 queue_list_options, queue_list},                                                          \
	    {"queue show",       "TICKET",  1, "a ticket with its posts and its receipt",          \
	     queue_show_options, queue_show},                                                      \
	    {"queue claim",                                                                        \
	     "",                                                                                   \
	     0,                                                                                    \
	     "takes the best ticket, or --ticket N, with a lease and a token",                     \
	     queue_claim_options,                                                                  \
	     queue_claim},                                                                         \
	    {"queue extend",       "TICKET",    1, "the lease begins again",                       \
	     queue_extend_options, queue_extend},                                                  \
	    {"queue release",       "TICKET",     1, "back into the queue",                        \
	     queue_release_options, queue_release},                                                \
	    {"queue answer",       "TICKET",    1, "it was answered at --url",                     \
	     queue_answer_options, queue_answer},                                                  \
	    {"queue close",       "TICKET",   1, "no further work, with a --reason",               \
	     queue_close_options, queue_close},                                                    \
	{                                                                                          \
		"queue correct", "TICKET", 1, "says what the machine got wrong",                   \
		    queue_correct_options, queue_correct                                           \
	}

#endif
