#define _GNU_SOURCE
#include "CFlowSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_groups = 4096 };

static void forget(int32_t *groups, int *count, int32_t group) {
    for (int i = 0; i < *count; i++) {
        if (groups[i] == group) {
            groups[i] = groups[--*count];
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
    static int32_t groups[most_groups];
    int count = 0;
    int32_t number;
    while (read_number(from, &number) == sizeof number) {
        if (number > 0 && count < most_groups) groups[count++] = number;
        if (number < 0) forget(groups, &count, -number);
    }
    for (int i = 0; i < count; i++) kill(-groups[i], SIGKILL);
    _exit(0);
}

void flow_guard_end(int guard, pid_t pid) {
    close(guard);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
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
    pid_t child = fork();
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
