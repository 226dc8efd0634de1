/*
 * proc.h: the programs under test as processes: started, frozen, killed and waited for by pid.
 *
 * A child dies with the harness (PR_SET_PDEATHSIG), so nothing is left behind even if the test
 * itself is killed.  Every wait is bounded.
 */
#ifndef TESTS_KILL_PROC_H
#define TESTS_KILL_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROC_ARGS = 16 };

struct proc {
	const char *name;      /* also of its log, LOGS/name.log, which is appended to */
	char *args[PROC_ARGS]; /* path first; NULL-terminated; owned */
	const char *argv0;     /* other name to be started under, or NULL */
	pid_t pid;             /* 0: not running */
	int status;            /* of waitpid, valid after it ended */
	unsigned starts;
};

void proc_logs(const char *dir); /* where the logs go; borrowed for ever */
void proc_init(struct proc *proc, const char *name, ...) __attribute__((sentinel)); /* words */
void proc_done(struct proc *proc); /* kills what runs, frees */
/* `env` is one NAME=VALUE for this start only, or NULL. */
void proc_start(struct proc *proc, const char *env);
/* False once it has ended; then proc->status says how and pid is 0. */
bool proc_alive(struct proc *proc);
/* Waits for its end; false after timeout_ms. */
bool proc_wait(struct proc *proc, int64_t timeout_ms);
void proc_kill(struct proc *proc);   /* SIGKILL and its funeral */
void proc_freeze(struct proc *proc); /* SIGSTOP; returns when it stands still */
void proc_thaw(struct proc *proc);
/* SIGTERM, then SIGKILL after timeout_ms (false). */
bool proc_end(struct proc *proc, int64_t timeout_ms);
const char *proc_how(const struct proc *proc); /* "exit 69", "signal 9"; static text */

void pause_ms(int64_t ms);

#endif
