#pragma once
// How the HDF5 library reads a file, and what happens when it crashes on one.
//
// Identifiers are the library's hid_t. Results are its herr_t: negative where a call failed. As with the
// library itself, no two calls may run at once. Only hdf5_reading_path() may be called at any time.
#include <stddef.h>
#include <stdint.h>

// Sets the driver of this target for files that are opened with this access list. It only reads, checks each
// address against the end of the file, and checks blocks without checksums before the library sees them.
int hdf5_set_reader(int64_t access);

// The path of the file that was read from last; empty when that file is closed. This waits for no other thread,
// so it can be called after a crash.
const char *hdf5_reading_path(void);

// Limits the bytes of a file's headers and indices that the library keeps in memory. They take ten times as
// much memory as in the file, and by default the library keeps 32 MB.
int hdf5_limit_metadata(int64_t access, size_t bytes);

// Keeps links from leading into other files, for all objects that are opened with this link access list.
int hdf5_stay_in_file(int64_t link_access);

// Begins to watch for crashes. From now on, a thread that crashes between hdf5_enter() and hdf5_leave() writes
// a byte to a pipe, waits three seconds for the process to be ended, and then ends it with this status. A crash
// elsewhere has the same effect as before.
//
// Returns the end of the pipe to read from; negative where the system has no pipe left. This is to be called
// once.
int hdf5_watch_crashes(int status);

// These are called before and after every call of the library.
void hdf5_enter(void);
void hdf5_leave(void);
