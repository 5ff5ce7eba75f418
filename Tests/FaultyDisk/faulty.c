#define _GNU_SOURCE
#include "FaultyDisk.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static _Atomic long writes;
static long limit = -1;
// The error that writes fail with; 0: the program is killed.
static int failure;

static void *original(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void read_wish(void) {
    const char *wish = getenv("FAULTY_DISK");
    const char *colon = wish == NULL ? NULL : strchr(wish, ':');
    if (colon == NULL) return;
    if (strncmp(wish, "ENOSPC", 6) == 0) failure = ENOSPC;
    if (strncmp(wish, "EIO", 3) == 0) failure = EIO;
    limit = atol(colon + 1);
}

static int is_kept(const char *path) {
    const char *name = strrchr(path, '/');
    return strstr(path, "/objects/") != NULL || (name != NULL && strstr(name, ".db") != NULL);
}

static int is_kept_file(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_kept(path);
}

// Counts a write; 0, or the error that it fails with.
static int count(int kept) {
    if (limit < 0 || (failure != 0 && !kept)) return 0;
    long number = atomic_fetch_add(&writes, 1) + 1;
    if (failure != 0) return number >= limit ? failure : 0;
    if (number > limit) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    return 0;
}

#define DISTURBED(kept, result, name, parameters, arguments)                       \
    result name parameters {                                                      \
        static result(*next) parameters;                                          \
        if (next == NULL) next = (result(*) parameters)original(#name);           \
        int error = limit < 0 ? 0 : count(kept);                                  \
        if (error == 0) return next arguments;                                    \
        errno = error;                                                            \
        return -1;                                                                \
    }

DISTURBED(failure != 0 && is_kept_file(file), ssize_t, pwrite64,
          (int file, const void *bytes, size_t size, off64_t at), (file, bytes, size, at))
DISTURBED(failure != 0 && is_kept_file(file), ssize_t, pwrite,
          (int file, const void *bytes, size_t size, off_t at), (file, bytes, size, at))
DISTURBED(failure != 0 && is_kept_file(file), ssize_t, write,
          (int file, const void *bytes, size_t size), (file, bytes, size))
DISTURBED(failure != 0 && is_kept_file(file), int, fsync, (int file), (file))
DISTURBED(failure != 0 && is_kept_file(file), int, fdatasync, (int file), (file))
DISTURBED(failure != 0 && is_kept_file(file), int, ftruncate64, (int file, off64_t size),
          (file, size))
DISTURBED(failure != 0 && is_kept_file(file), int, ftruncate, (int file, off_t size), (file, size))
DISTURBED(failure != 0 && is_kept(to), int, rename, (const char *from, const char *to), (from, to))
