#pragma once
// How the HDF5 library gets at a file, and what happens when it crashes on one.
//
// Identifiers are the library's hid_t, results its herr_t: negative where a call failed. No function here may run
// in two threads at once, as none of the library may; hdf5_reading_path() is the exception.
#include <stddef.h>
#include <stdint.h>

// Makes files that are opened with this access list be read by the driver of this target: for reading only, each
// address checked against the end of the file, and blocks without checksums judged before the library sees them.
int hdf5_set_reader(int64_t access);

// The path of the file that was read from last; empty once that file is closed. Waits for no other thread, so that
// it can be asked after a crash.
const char *hdf5_reading_path(void);

// Limits what the library keeps in memory of a file's headers and indices. They take ten times as much there as in
// the file, and by default the library keeps 32 MB.
int hdf5_limit_metadata(int64_t access, size_t bytes);

// Makes links into other files lead nowhere, for whatever is opened with this link access list.
int hdf5_stay_in_file(int64_t link_access);

// From now on, a crash between hdf5_enter() and hdf5_leave() writes a byte to a pipe, waits three seconds for the
// process to be ended, and then ends it with this status. A crash elsewhere is what it was before.
//
// Returns the end of the pipe to read from; negative where the system has no pipe left. To be called once.
int hdf5_watch_crashes(int status);

// Around every call of the library.
void hdf5_enter(void);
void hdf5_leave(void);
