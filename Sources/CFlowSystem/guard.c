#define _GNU_SOURCE
#include "CFlowSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The groups that have begun and not ended. Memory comes from the kernel and not from malloc, whose
// locks another thread may have held when the guard was made.
struct groups {
    int32_t *numbers;
    size_t count, room;
};

static void remember(struct groups *groups, int32_t group) {
    if (groups->count == groups->room) {
        size_t size = groups->room * sizeof *groups->numbers;
        void *larger = groups->room == 0
            ? mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            : mremap(groups->numbers, size, 2 * size, MREMAP_MAYMOVE);
        if (larger == MAP_FAILED) return;
        groups->numbers = larger;
        groups->room = groups->room == 0 ? 4096 / sizeof *groups->numbers : 2 * groups->room;
    }
    groups->numbers[groups->count++] = group;
}

static void forget(struct groups *groups, int32_t group) {
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->numbers[i] == group) {
            groups->numbers[i] = groups->numbers[--groups->count];
            return;
        }
    }
}

static ssize_t read_number(int from, int32_t *number) {
    ssize_t got;
    do {
        got = read(from, number, sizeof *number);
    } while (got < 0 && errno == EINTR);
    return got;
}

// The guard's whole life. Groups are at most as many as lanes, so the search above is short.
static void guard(int from) {
    struct groups groups = {NULL, 0, 0};
    int32_t number;
    while (read_number(from, &number) == sizeof number) {
        if (number > 0) remember(&groups, number);
        if (number < 0) forget(&groups, -number);
    }
    for (size_t i = 0; i < groups.count; i++) kill(-groups.numbers[i], SIGKILL);
    _exit(0);
}

void flow_guard_end(int guard, pid_t pid) {
    close(guard);
    while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR) {}
}

void flow_guard_tell(int guard, pid_t group) {
    if (guard < 0) return;
    int32_t number = (int32_t)group;
    while (send(guard, &number, sizeof number, MSG_NOSIGNAL) < 0 && errno == EINTR) {}
}

// A pair of sockets and not a pipe: writing to a guard that somebody has killed must not end flow.
int flow_guard_start(pid_t *pid) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
    // A fork, but for the signal at its end: so no wait for other children ever meets the guard.
    pid_t child = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
    if (child < 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return -error;
    }
    if (child > 0) {
        close(ends[0]);
        *pid = child;
        return ends[1];
    }
    setsid();  // the terminal's Ctrl-C is not for the guard
    prctl(PR_SET_NAME, "flow-guard");
    for (int number = 1; number < NSIG; number++) {
        if (number != SIGKILL && number != SIGSTOP && number != SIGCHLD) signal(number, SIG_IGN);
    }
    // Keep only the pipe: a standard stream kept open would hang whoever reads flow's output.
    if (ends[0] > 0) close_range(0, (unsigned)ends[0] - 1, 0);
    close_range((unsigned)ends[0] + 1, ~0U, 0);
    guard(ends[0]);
    return 0;
}
