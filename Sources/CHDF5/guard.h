#pragma once
// A crash inside of the library, when somebody watches for it: a byte in a pipe, and the thread that crashed
// waits for the watcher to end the process. Outside of the library, a crash is what it was before.
#include <signal.h>
#include <time.h>

#define CHDF5_CRASHES 4
static const int chdf5_crashes[CHDF5_CRASHES] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
// Swift leaves out variables without a first value.
static struct sigaction chdf5_before[CHDF5_CRASHES] = {0};
static int chdf5_alarm = -1;
static __thread volatile sig_atomic_t chdf5_inside = 0;
// A thread whose stack is full has no room for a handler.
static __thread char chdf5_spare_stack[16 << 10] = {0};
static __thread int chdf5_has_stack = 0;

static void chdf5_crashed(int number) {
  if (!chdf5_inside) {
    for (int index = 0; index < CHDF5_CRASHES; index++)
      if (chdf5_crashes[index] == number) sigaction(number, &chdf5_before[index], NULL);
    raise(number);  // Comes when this function is left.
    return;
  }
  struct timespec patience = {.tv_sec = 3};
  if (write(chdf5_alarm, "", 1) == 1) nanosleep(&patience, NULL);
  _exit(65);
}

// What to read a byte from once the library crashed; negative when there can be no watching.
static inline int chdf5_watch_crashes(void) {
  int ends[2];
  if (pipe(ends) < 0) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  chdf5_alarm = ends[1];
  struct sigaction action = {.sa_handler = chdf5_crashed, .sa_flags = SA_ONSTACK};
  for (int index = 0; index < CHDF5_CRASHES; index++)
    sigaction(chdf5_crashes[index], &action, &chdf5_before[index]);
  return ends[0];
}

static inline void chdf5_enter(void) {
  if (chdf5_alarm < 0) return;
  // Once: a file of many datasets is a million calls.
  if (!chdf5_has_stack) {
    stack_t stack = {.ss_sp = chdf5_spare_stack, .ss_size = sizeof chdf5_spare_stack};
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && present.ss_flags & SS_DISABLE) sigaltstack(&stack, NULL);
    chdf5_has_stack = 1;
  }
  chdf5_inside = 1;
}

static inline void chdf5_leave(void) { chdf5_inside = 0; }
