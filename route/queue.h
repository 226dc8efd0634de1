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

#endif
