#define _GNU_SOURCE
#include "CFlowSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_groups = 4096 };

// The guard's whole life: nothing is ever written to `from`, whose end-of-file is flow's end.
static void guard(int from, const flow_group *groups) {
    char nothing;
    ssize_t got;
    do {
        got = read(from, &nothing, 1);
    } while (got > 0 || (got < 0 && errno == EINTR));
    for (int i = 0; i < most_groups; i++) {
        int32_t group = __atomic_load_n(&groups[i], __ATOMIC_SEQ_CST);
        if (group > 0) kill(-group, SIGKILL);
    }
    _exit(0);
}

void flow_guard_end(int guard, pid_t pid, flow_group *groups) {
    close(guard);
    while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR) {}
    munmap(groups, most_groups * sizeof *groups);
}

int flow_guard_places(void) { return most_groups; }

void flow_guard_tell(flow_group *place, pid_t group) {
    if (place != NULL) __atomic_store_n(place, group, __ATOMIC_SEQ_CST);
}

int flow_guard_start(pid_t *pid, flow_group **groups) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
    // Zeroed, and shared with the guard and with every child between vfork and exec.
    size_t size = most_groups * sizeof **groups;
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    // A fork, but for the signal at its end: so no wait for other children ever meets the guard.
    pid_t child =
        memory == MAP_FAILED ? -1 : (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
    if (child < 0) {
        int error = errno;
        if (memory != MAP_FAILED) munmap(memory, size);
        close(ends[0]);
        close(ends[1]);
        return -error;
    }
    *groups = memory;
    if (child > 0) {
        close(ends[0]);
        *pid = child;
        return ends[1];
    }
    setsid();  // the terminal's Ctrl-C is not for the guard
    prctl(PR_SET_NAME, "flow-guard");
    // It keeps no folder busy that flow was started in, also not for the moment that it outlives flow.
    (void)!chdir("/");
    for (int number = 1; number < NSIG; number++) {
        if (number != SIGKILL && number != SIGSTOP && number != SIGCHLD) signal(number, SIG_IGN);
    }
    // Keep only the pipe: a standard stream kept open would hang whoever reads flow's output.
    if (ends[0] > 0) close_range(0, (unsigned)ends[0] - 1, 0);
    close_range((unsigned)ends[0] + 1, ~0U, 0);
    guard(ends[0], memory);
    return 0;
}
