#pragma once
// An open file of the driver, and the functions that the driver's source files share.
#include <stdint.h>
#include "library.h"

typedef struct {
  H5FD_t common;  // The library fills this and expects it first.
  int descriptor;
  haddr_t eof;  // The size that the file had when it was opened.
  haddr_t eoa;  // The end that the superblock declares.
  char *path;
} reader;

// Puts the reason on the library's error stack. Returns -1, the result of a failed call.
herr_t reader_failed(const char *why);

// Reads `count` bytes of the file from `address` on. Bytes behind the file's end are an error.
herr_t reader_fill(const reader *file, haddr_t address, size_t count, uint8_t *buffer);

// Checks a block of metadata that the library is about to trust, and removes parts that only writers need and
// that could do harm.
herr_t reader_check_block(const reader *file, uint8_t *block, size_t count);
