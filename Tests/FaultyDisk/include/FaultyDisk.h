// A library to be loaded before all others (LD_PRELOAD) into a program whose writes are to be
// disturbed. FAULTY_DISK says how, and at which write of the program, counted over all its threads:
//
//   kill:N      the program is killed when it is about to write the number after N
//   ENOSPC:N    from write N on all fail with this error (also EIO)
//
//   call:N      the program is killed when it is about to make the call of libgit2 after N; FAULTY_LOG
//               names a file that gets the name of that call, or the number of all
//
// A write is a call that writes, syncs, cuts or renames; failing are only those to databases and to
// files kept by content, and only those are counted then.
#ifndef FAULTY_DISK_H
#define FAULTY_DISK_H
#endif
