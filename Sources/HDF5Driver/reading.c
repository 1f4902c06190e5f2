// Reads bytes of a file, and reports why they cannot be read.
#include <errno.h>
#include <unistd.h>
#include "reader.h"

herr_t reader_failed(const char *why) {
  H5Epush2(H5E_DEFAULT, __FILE__, "read", __LINE__, H5E_ERR_CLS, H5E_VFL, H5E_READERROR, "%s", why);
  return -1;
}

herr_t reader_fill(const reader *file, haddr_t address, size_t count, uint8_t *buffer) {
  if (address > file->eof || count > file->eof - address)
    return reader_failed("an address in the file leads outside of it");
  while (count > 0) {
    const ssize_t done = pread(file->descriptor, buffer, count, (off_t)address);
    if (done < 0 && errno == EINTR) continue;
    // A result of 0 means that the file became shorter after it was opened.
    if (done <= 0) return reader_failed(done < 0 ? "the file cannot be read" : "the file ends early");
    buffer += done;
    address += (haddr_t)done;
    count -= (size_t)done;
  }
  return 0;
}
