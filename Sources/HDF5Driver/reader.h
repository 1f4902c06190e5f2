#pragma once
// One open file of the driver, and what the driver's parts ask of each other.
#include <stdint.h>
#include "library.h"

typedef struct {
  H5FD_t common;  // The library fills this and expects it first.
  int descriptor;
  haddr_t eof;  // The size that the file had when it was opened.
  haddr_t eoa;  // The end that the superblock declares.
  char *path;
} reader;

// Puts the reason on the library's stack of errors. Returns the result of a failed call.
herr_t reader_failed(const char *why);

// Reads these bytes of the file; an address behind the file's end is an error.
herr_t reader_fill(const reader *file, haddr_t address, size_t count, uint8_t *buffer);

// Judges a block of metadata that the library is about to trust, and mends what is harmless only for writers.
herr_t reader_check_block(const reader *file, uint8_t *block, size_t count);
