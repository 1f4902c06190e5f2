#pragma once
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// System calls that the C library declares only with _GNU_SOURCE.

static inline int hymba_fallocate(int file, int mode, off_t offset, off_t count) {
  return (int)syscall(SYS_fallocate, file, mode, offset, count);
}

static inline int hymba_gettid(void) { return (int)syscall(SYS_gettid); }

// The numbers are those of SEEK_DATA and SEEK_HOLE.

static inline off_t hymba_seek_data(int file, off_t offset) { return lseek(file, offset, 3); }

static inline off_t hymba_seek_hole(int file, off_t offset) { return lseek(file, offset, 4); }
