#define _GNU_SOURCE
#include "CFlowSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The sanitizer makes vfork a fork, whose parent neither waits nor shares its memory: there the
// child tells over a pipe that exec closes.
#define VFORK_IS_FORK 1
#endif
#endif

// What the child tells its parent, whose memory it shares until exec.
struct failing {
    int number;
    int in_folder;
    int pipe;  // where vfork is fork
};

// Signals that are not as they were at the beginning, bit number - 1 each. exec resets handlers, but no
// handler may run before it either, and ignored signals stay ignored.
static _Atomic uint64_t changed = ~UINT64_C(0);

static uint64_t changed_signals(void) {
    uint64_t found = 0;
    for (int number = 1; number < NSIG && number <= 64; number++) {
        struct sigaction now;
        if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_DFL)
            found |= UINT64_C(1) << (number - 1);
    }
    return found;
}

// Runs between vfork and exec in the parent's memory: async-signal-safe calls only, and nothing of
// the parent's may be changed but `*failing`.
static void become(const struct flow_spawn *what, pid_t parent, volatile struct failing *failing) {
    struct sigaction plain = {.sa_handler = SIG_DFL};
    for (uint64_t rest = atomic_load(&changed); rest != 0; rest &= rest - 1) {
        int number = __builtin_ctzll(rest) + 1;
        if (number != SIGKILL && number != SIGSTOP) sigaction(number, &plain, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (setpgid(0, 0) != 0) goto failed;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) goto failed;
    if (getppid() != parent) _exit(127);  // the parent died before the line above took hold
    flow_guard_tell(what->guard, getpid());
    if (what->folder != NULL && chdir(what->folder) != 0) {
        failing->in_folder = 1;
        goto failed;
    }
    if (dup2(what->input, 0) < 0 || dup2(what->output, 1) < 0 || dup2(what->output, 2) < 0)
        goto failed;
    // What flow itself inherited is not for its commands.
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    execve(what->program, what->arguments, what->environment);
failed:
    failing->number = errno;
#ifdef VFORK_IS_FORK
    struct failing told = *failing;
    if (write(failing->pipe, &told, sizeof told) < 0) _exit(127);
#endif
    _exit(127);
}

// Collects a child that does not count, and lets the guard forget its group: the number may soon be
// somebody else's.
static void abandon(const struct flow_spawn *what, pid_t child) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    flow_guard_tell(what->guard, 0);
}

int flow_spawn(const struct flow_spawn *what, pid_t *pid, int *pidfd, int *in_folder) {
    volatile struct failing failing = {0, 0, -1};
#ifdef VFORK_IS_FORK
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    failing.pipe = ends[1];
#endif
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    // No handler may run in the child while it shares the parent's memory.
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = vfork();
    if (child == 0) become(what, parent, &failing);
    int forked = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
#ifdef VFORK_IS_FORK
    struct failing told;
    close(ends[1]);
    if (child > 0 && read(ends[0], &told, sizeof told) == sizeof told) failing = told;
    close(ends[0]);
#endif
    if (child < 0) return forked;
    if (failing.number != 0) {
        *in_folder = failing.in_folder;
        abandon(what, child);
        return failing.number;
    }
    int handle = (int)syscall(SYS_pidfd_open, child, 0);
    if (handle < 0) {
        int error = errno;
        kill(-child, SIGKILL);
        abandon(what, child);
        return error;
    }
    *pid = child;
    *pidfd = handle;
    return 0;
}

int flow_pipe(int ends[2], int flags) { return pipe2(ends, O_CLOEXEC | flags) == 0 ? 0 : errno; }

int flow_watch_children(void) {
    atomic_store(&changed, changed_signals());
    struct sigaction now;
    if (sigaction(SIGCHLD, NULL, &now) != 0) return errno;
    if (now.sa_handler != SIG_IGN && !(now.sa_flags & SA_NOCLDWAIT)) return 0;
    struct sigaction plain = {.sa_handler = SIG_DFL};
    return sigaction(SIGCHLD, &plain, NULL) == 0 ? 0 : errno;
}

int flow_group_lives(pid_t group) { return kill(-group, 0) == 0 || errno == EPERM; }

int flow_reap(pid_t pid, int *status, struct rusage *usage) {
    pid_t result;
    do {
        result = wait4(pid, status, WNOHANG, usage);
    } while (result < 0 && errno == EINTR);
    if (result < 0) return -errno;
    return result == pid;
}
