#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/mem.h"

#include "tests/kill/proc.h"

static const char *logs = ".";

void proc_logs(const char *dir)
{
	logs = dir;
}

void pause_ms(int64_t ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

void proc_init(struct proc *proc, const char *name, ...)
{
	va_list ap;
	int n = 0;
	*proc = (struct proc){.name = name};
	va_start(ap, name);
	for (const char *word; (word = va_arg(ap, const char *)) != NULL;) {
		must(n < PROC_ARGS - 1);
		proc->args[n++] = xstrdup(word);
	}
	va_end(ap);
}

void proc_done(struct proc *proc)
{
	proc_kill(proc);
	for (int i = 0; proc->args[i]; i++)
		free(proc->args[i]);
	*proc = (struct proc){.name = proc->name};
}

void proc_start(struct proc *proc, const char *env)
{
	must(proc->pid == 0);
	char *path = xasprintf("%s/%s.log", logs, proc->name);
	pid_t parent = getpid();
	(void)fflush(NULL);
	pid_t pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
		int null = open("/dev/null", O_RDONLY);
		if (fd < 0 || null < 0 || dup2(null, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(1);
		/* a group of its own: Ctrl-C reaches the harness, which then ends its children */
		(void)setpgid(0, 0);
		if (env) {
			char *copy = xstrdup(env);
			(void)putenv(copy);
		}
		char *file = proc->args[0];
		char *argv[PROC_ARGS];
		memcpy(argv, proc->args, sizeof argv);
		char *other = proc->argv0 ? xstrdup(proc->argv0) : NULL;
		if (other)
			argv[0] = other;
		(void)execv(file, argv);
		(void)dprintf(2, "could not start %s: %s\n", file, strerror(errno));
		_exit(127);
	}
	free(path);
	proc->pid = pid;
	proc->starts++;
}

static bool reap(struct proc *proc, int flags)
{
	if (proc->pid == 0)
		return true;
	pid_t got;
	while ((got = waitpid(proc->pid, &proc->status, flags)) < 0 && errno == EINTR)
		;
	if (got == 0)
		return false;
	must(got == proc->pid);
	proc->pid = 0;
	return true;
}

bool proc_alive(struct proc *proc)
{
	return !reap(proc, WNOHANG);
}

bool proc_wait(struct proc *proc, int64_t timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	while (!reap(proc, WNOHANG)) {
		if (clock_mono_ms() >= end)
			return false;
		pause_ms(2);
	}
	return true;
}

void proc_kill(struct proc *proc)
{
	if (proc->pid == 0)
		return;
	(void)kill(proc->pid, SIGKILL);
	(void)reap(proc, 0);
}

void proc_freeze(struct proc *proc)
{
	int status;
	if (proc->pid == 0)
		return;
	(void)kill(proc->pid, SIGSTOP);
	/* it may die at the same moment: then this is its funeral */
	if (waitpid(proc->pid, &status, WUNTRACED) == proc->pid && !WIFSTOPPED(status)) {
		proc->status = status;
		proc->pid = 0;
	}
}

void proc_thaw(struct proc *proc)
{
	if (proc->pid)
		(void)kill(proc->pid, SIGCONT);
}

bool proc_end(struct proc *proc, int64_t timeout_ms)
{
	if (proc->pid == 0)
		return true;
	(void)kill(proc->pid, SIGTERM);
	(void)kill(proc->pid, SIGCONT);
	if (proc_wait(proc, timeout_ms))
		return true;
	proc_kill(proc);
	return false;
}

const char *proc_how(const struct proc *proc)
{
	static char text[32];
	if (WIFSIGNALED(proc->status))
		(void)snprintf(text, sizeof text, "signal %d", WTERMSIG(proc->status));
	else
		(void)snprintf(text, sizeof text, "exit %d", WEXITSTATUS(proc->status));
	return text;
}
