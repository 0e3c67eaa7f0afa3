// The few Linux calls that Swift's Glibc module leaves out, because they need _GNU_SOURCE or take a variable number of arguments.
#ifndef MARTLET_CLINUX_H
#define MARTLET_CLINUX_H

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

// Renames only if there is nothing at `to`. 0, or -1 with errno.
int martlet_rename_without_replacing(const char *from, const char *to);

// Swaps two names in one step. 0, or -1 with errno.
int martlet_rename_exchanging(const char *first, const char *second);

// Asks the kernel to begin writing the file's data; waits for nothing. 0, or -1 with errno.
int martlet_start_writeback(int descriptor);

// Makes `target` share `source`'s blocks, on file systems that can. 0, or -1 with errno.
int martlet_clone(int target, int source);

// The magic number of the file system that holds `path`. 0, or -1 with errno.
int martlet_file_system_type(const char *path, uint64_t *type);

// Orphaned descendants become children of this process instead of init's. 0, or -1 with errno.
int martlet_become_subreaper(void);

// Blocks SIGCHLD and gives a non-blocking descriptor that becomes readable when one arrives, or -1 with errno.
int martlet_child_signal_descriptor(void);

// A descriptor that stays bound to the process that has this number now, or -1 with errno.
int martlet_pidfd_open(pid_t pid);

// Sends a signal through such a descriptor. 0, or -1 with errno.
int martlet_pidfd_send_signal(int descriptor, int signal);

// Starts a program in a session of its own, in `directory`, with default signal handling and these three standard descriptors (stdout
// and stderr are the same); it inherits no others. 0, or an error number; then nothing was started.
int martlet_spawn(
  pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *directory, int input, int output);

// Has a program that is spawned with these actions start in `directory`. 0, or an error number.
int martlet_spawn_in(posix_spawn_file_actions_t *actions, const char *directory);

#endif
