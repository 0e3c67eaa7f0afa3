// The few Linux calls that Swift's Glibc module leaves out.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

int martlet_rename_without_replacing(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int martlet_rename_exchanging(const char *first, const char *second) {
  return renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
}

int martlet_start_writeback(int descriptor) { return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE); }

int martlet_clone(int target, int source) { return ioctl(target, FICLONE, source); }

int martlet_file_system_type(const char *path, uint64_t *type) {
  struct statfs facts;
  if (statfs(path, &facts) != 0) return -1;
  *type = (uint64_t)facts.f_type & 0xffffffffu;
  return 0;
}

int martlet_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int martlet_child_signal_descriptor(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return -1;
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int martlet_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int martlet_pidfd_send_signal(int descriptor, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

int martlet_spawn_in(posix_spawn_file_actions_t *actions, const char *directory) {
  return posix_spawn_file_actions_addchdir_np(actions, directory);
}

static int add_descriptors(posix_spawn_file_actions_t *actions, const char *directory, int input, int output) {
  int error = posix_spawn_file_actions_adddup2(actions, input, 0);
  if (error == 0) error = posix_spawn_file_actions_adddup2(actions, output, 1);
  if (error == 0) error = posix_spawn_file_actions_adddup2(actions, output, 2);
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
  if (error == 0) error = posix_spawn_file_actions_addchdir_np(actions, directory);
  return error;
}

static int set_attributes(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawnattr_setsigmask(attributes, &none);
  if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
  if (error == 0) {
    error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  return error;
}

int martlet_spawn(
  pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *directory, int input,
  int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return error;
  error = posix_spawnattr_init(&attributes);
  if (error == 0) {
    error = add_descriptors(&actions, directory, input, output);
    if (error == 0) error = set_attributes(&attributes);
    if (error == 0) error = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}
