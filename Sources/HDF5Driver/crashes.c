// Handling of crashes in the library, when a watcher asked for it. The thread that crashed writes a byte to a
// pipe, and waits for the watcher to end the process.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "HDF5Driver.h"

enum { CRASHES = 4 };
static const int crashes[CRASHES] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
static struct sigaction before[CRASHES];
static int alarm_end = -1;
static int exit_status = 1;
static __thread volatile sig_atomic_t is_inside = 0;
// The stack for the handler: a thread whose own stack is full has no room for one.
static __thread char spare_stack[16 << 10];
static __thread int has_stack = 0;

static void crashed(int number) {
  if (!is_inside) {
    for (int index = 0; index < CRASHES; index++)
      if (crashes[index] == number) sigaction(number, &before[index], NULL);
    raise(number);  // The signal is delivered when this function returns.
    return;
  }
  const struct timespec patience = {.tv_sec = 3};
  if (write(alarm_end, "", 1) == 1) nanosleep(&patience, NULL);
  _exit(exit_status);
}

int hdf5_watch_crashes(int status) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  exit_status = status;
  alarm_end = ends[1];
  const struct sigaction action = {.sa_handler = crashed, .sa_flags = SA_ONSTACK};
  for (int index = 0; index < CRASHES; index++) sigaction(crashes[index], &action, &before[index]);
  return ends[0];
}

void hdf5_enter(void) {
  if (alarm_end < 0) return;
  // This is done once for each thread, because a file of many datasets takes a million calls.
  if (!has_stack) {
    const stack_t stack = {.ss_sp = spare_stack, .ss_size = sizeof spare_stack};
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && present.ss_flags & SS_DISABLE) sigaltstack(&stack, NULL);
    has_stack = 1;
  }
  is_inside = 1;
}

void hdf5_leave(void) { is_inside = 0; }
