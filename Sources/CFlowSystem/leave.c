#include "CFlowSystem.h"

#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static sem_t standing;

static void stand_still(int number) {
    (void)number;
    sem_post(&standing);
    for (;;) pause();
}

// A call of the system that a thread is in ends first, so that a file which it makes can be seen.
static void stop(const pthread_t *threads, int count) {
    struct sigaction action = {.sa_handler = stand_still};
    sigfillset(&action.sa_mask);
    if (sem_init(&standing, 0, 0) != 0 || sigaction(SIGUSR2, &action, NULL) != 0) return;
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 1;
    for (int i = 0; i < count; i++) {
        if (pthread_kill(threads[i], SIGUSR2) == 0) sem_timedwait(&standing, &limit);
    }
}

void flow_remove_open(const char *prefix, const pthread_t *makers, int count) {
    stop(makers, count);
    struct rlimit most;
    long end = getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur < 65536
                   ? (long)most.rlim_cur : 65536;
    for (long descriptor = 0; descriptor < end; descriptor++) {
        char link[40], path[PATH_MAX];
        snprintf(link, sizeof link, "/proc/self/fd/%ld", descriptor);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length <= 0) continue;
        path[length] = 0;
        const char *name = strrchr(path, '/');
        if (name && strncmp(name + 1, prefix, strlen(prefix)) == 0) unlink(path);
    }
}
