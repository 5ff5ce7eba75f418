// The few calls of the operating system that Swift cannot make itself: starting a process between
// vfork and exec, where only async-signal-safe code may run, and the guard's loop after fork.
#ifndef CFLOWSYSTEM_H
#define CFLOWSYSTEM_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/// What to start. Strings and arrays are the caller's and are only read before the call returns.
struct flow_spawn {
    const char *program;             ///< path of the executable; no search is done
    char *const *arguments;          ///< ends with NULL
    char *const *environment;        ///< ends with NULL
    const char *folder;              ///< working folder, or NULL for the caller's
    int input;                       ///< becomes descriptor 0
    int output;                      ///< becomes descriptors 1 and 2
    int guard;                       ///< the group's id is written here before exec; -1: nowhere
};

/// Starts a process in a process group of its own, which ends with the calling thread
/// (PR_SET_PDEATHSIG). All signal handlers are reset, no signal is blocked. The caller's thread
/// stands still until exec.
/// Returns 0 and sets `pid` and `pidfd` (close-on-exec), or returns the error number and sets
/// `in_folder` where it is the folder that cannot be entered.
int flow_spawn(const struct flow_spawn *what, pid_t *pid, int *pidfd, int *in_folder);

/// Sees to it that ended children wait to be collected, also where flow was started by a program that
/// ignores SIGCHLD: how they ended would be lost. Returns 0 or the error number.
int flow_watch_children(void);

/// Whether a process group has a member, zombies included.
int flow_group_lives(pid_t group);

/// Opens a pipe, both ends close-on-exec; reading from `ends[0]` never waits. Returns 0 or the error
/// number.
int flow_pipe(int ends[2]);

/// Collects an ended child without waiting. Returns 1 when collected, 0 when it still runs, or the
/// negative error number.
int flow_reap(pid_t pid, int *status, struct rusage *usage);

/// Starts the guard of a run: a process in a session of its own that reads group ids from the
/// returned descriptor's other end (see `flow_guard_tell`) and, when
/// the last writer is gone, kills every group that has not ended. Call it while the process has
/// one thread. Returns the descriptor to write to (close-on-exec), or the negative error number.
int flow_guard_start(pid_t *pid);

/// Closes the descriptor to the guard and collects the guard, which ends by that.
void flow_guard_end(int guard, pid_t pid);

/// Tells the guard of a group that begins or, negative, has ended. A guard that has been killed, or
/// -1, is told nothing. Async-signal-safe.
void flow_guard_tell(int guard, pid_t group);

/// Makes this process the parent of those of its descendants whose own parent has ended
/// (PR_SET_CHILD_SUBREAPER). Returns 0 or the error number.
int flow_adopt_orphans(void);

/// Whether an adopted descendant lives; those that have ended are collected. Costs one call of the
/// system. Call it on the program's first thread, and only where that thread starts no processes.
int flow_has_orphans(void);

/// Whether this process ignores a signal.
int flow_is_ignored(int number);

/// Locks an open file for as long as it is open (an open file description lock, fcntl(2)). Returns 0,
/// EAGAIN when somebody else has it, or another error number.
int flow_lock(int file);

/// Whether somebody else has the open file locked; takes no lock. A negative error number on failure.
int flow_is_locked(int file);

/// The magic number of the file system that holds a path (statfs(2)), or -1.
long flow_file_system(const char *path);

#endif
