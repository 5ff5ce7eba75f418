#define _GNU_SOURCE
#include "CFlowSystem.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>

int flow_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : errno; }

// Orphans become children of the first thread (find_new_reaper in kernel/exit.c), what a lane has
// started is a child of the lane's, and the guard is met with __WCLONE only.
int flow_has_orphans(void) {
    for (;;) {
        siginfo_t ended = {.si_pid = 0};
        if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | __WNOTHREAD) == 0) {
            if (ended.si_pid == 0) return 1;
        } else if (errno != EINTR) {
            return 0;
        }
    }
}
