import HDF5Driver

/// Handling of crashes in the C library. It has more ways to crash on a damaged file than can be checked
/// beforehand.
package enum HDF5Crash {
  /// Begins to watch for crashes. From now on, a thread that crashes in the library waits three seconds for the
  /// process to be ended, and then ends it with `exitCode`. This is to be called once.
  ///
  /// - Returns: A file descriptor that becomes readable after a crash; nil when the system has none left.
  package static func watch(exitCode: Int32) -> Int32? {
    let descriptor = hdf5_watch_crashes(exitCode)
    return descriptor < 0 ? nil : descriptor
  }

  /// The path of the file that the library read from last. It can be asked after a crash, as it waits for no
  /// other thread.
  package static var path: String {
    // A thread that crashed does not close its file, so the driver keeps the path.
    unsafe String(cString: hdf5_reading_path())
  }
}
