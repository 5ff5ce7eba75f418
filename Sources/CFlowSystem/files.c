#define _GNU_SOURCE
#include "CFlowSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static const struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

int flow_lock(int file) {
    struct flock lock = whole;
    if (fcntl(file, F_OFD_SETLK, &lock) == 0) return 0;
    return errno == EACCES ? EAGAIN : errno;
}

int flow_is_locked(int file) {
    struct flock lock = whole;
    if (fcntl(file, F_OFD_GETLK, &lock) != 0) return -errno;
    return lock.l_type != F_UNLCK;
}

int flow_wait_for_lock(int file) {
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    while (fcntl(file, F_OFD_SETLKW, &lock) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
}

long flow_file_system(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)(unsigned int)status.f_type : -1;
}

int flow_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

// What getdents64(2) gives, which has no header.
struct entry {
    uint64_t inode;
    int64_t next;
    unsigned short length;
    unsigned char type;
    char name[];
};

int flow_is_empty(int folder) {
    _Alignas(struct entry) char entries[512];
    long got;
    int empty = lseek(folder, 0, SEEK_SET) == 0;
    while (empty && (got = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; empty && at < got;) {
            const struct entry *entry = (const struct entry *)(entries + at);
            empty = strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0;
            at += entry->length;
        }
    }
    return empty && got == 0;
}
