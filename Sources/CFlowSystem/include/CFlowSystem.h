// The few calls of the operating system that Swift cannot make itself: starting a process between
// vfork and exec, where only async-signal-safe code may run, and the guard's loop after fork.
#ifndef CFLOWSYSTEM_H
#define CFLOWSYSTEM_H

#include <pthread.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/// A place where a lane's process group stands while it lives, in memory that the guard shares: to
/// tell the guard costs one store and wakes nobody. Read and written as one atomic word.
typedef int32_t flow_group;

/// What to start. Strings and arrays are the caller's and are only read before the call returns.
struct flow_spawn {
    const char *program;             ///< path of the executable; no search is done
    char *const *arguments;          ///< ends with NULL
    char *const *environment;        ///< ends with NULL
    const char *folder;              ///< working folder, or NULL for the caller's
    int input;                       ///< becomes descriptor 0
    int output;                      ///< becomes descriptors 1 and 2
    flow_group *guard;               ///< the group's id is written here before exec; NULL: nowhere
};

/// Starts a process in a process group of its own, which ends with the calling thread
/// (PR_SET_PDEATHSIG). Signal handlers are reset (see `flow_watch_children`), no signal is blocked.
/// The caller's thread stands still until exec.
/// Returns 0 and sets `pid` and `pidfd` (close-on-exec), or returns the error number and sets
/// `in_folder` where it is the folder that cannot be entered.
int flow_spawn(const struct flow_spawn *what, pid_t *pid, int *pidfd, int *in_folder);

/// Sees to it that ended children wait to be collected, also where flow was started by a program that
/// ignores SIGCHLD: how they ended would be lost. Remembers which signals have a handler or are
/// ignored: those are reset in every child started from then on. Returns 0 or the error number.
int flow_watch_children(void);

/// Whether a process group has a member, zombies included.
int flow_group_lives(pid_t group);

/// Opens a pipe, both ends close-on-exec and with the further flags of pipe2(2). Returns 0 or the error
/// number.
int flow_pipe(int ends[2], int flags);

/// Collects an ended child without waiting. Returns 1 when collected, 0 when it still runs, or the
/// negative error number.
int flow_reap(pid_t pid, int *status, struct rusage *usage);

/// Starts the guard of a run: a process in a session of its own that waits until flow is gone (the
/// end-of-file of a pipe) and then kills every group that stands in `groups`. Call it while the
/// process has one thread. Returns the pipe's descriptor (close-on-exec), or the negative error
/// number.
int flow_guard_start(pid_t *pid, flow_group **groups);

/// How many places there are in the guard's `groups`.
int flow_guard_places(void);

/// Ends the guard by closing the descriptor, and collects it; `groups` is gone then.
void flow_guard_end(int guard, pid_t pid, flow_group *groups);

/// Tells the guard of a group that begins or, 0, that it has ended. Without a place nobody is told.
/// Async-signal-safe.
void flow_guard_tell(flow_group *place, pid_t group);

/// Makes this process the parent of those of its descendants whose own parent has ended
/// (PR_SET_CHILD_SUBREAPER). Returns 0 or the error number.
int flow_adopt_orphans(void);

/// Whether an adopted descendant lives; those that have ended are collected. Costs one call of the
/// system. Call it on the program's first thread, and only where that thread starts no processes.
int flow_has_orphans(void);

/// Whether this process ignores a signal.
int flow_is_ignored(int number);

/// Removes the files that this process has open and whose names begin with `prefix`. The threads that
/// make such files stand still from then on, for good and wherever they are: a lock that one has is never
/// free again, so end the process next, and allocate nothing before. Waits a second at most for
/// a thread that takes no signal.
void flow_remove_open(const char *prefix, const pthread_t *makers, int count);

/// Locks an open file for as long as it is open (an open file description lock, fcntl(2)). Returns 0,
/// EAGAIN when somebody else has it, or another error number.
int flow_lock(int file);

/// Whether somebody else has the open file locked; takes no lock. A negative error number on failure.
int flow_is_locked(int file);

/// Whether nothing is in an open folder, which has not been removed either. Reads no more than it must.
int flow_is_empty(int folder);

/// Waits until nobody else has the open file locked. Returns 0 or the error number.
int flow_wait_for_lock(int file);

/// The magic number of the file system that holds a path (statfs(2)), or -1.
long flow_file_system(const char *path);

#endif
