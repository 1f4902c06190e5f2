import HDF5Driver

/// Crashes of the C library, which knows more ways to crash on a damaged file than can be checked before.
package enum HDF5Crash {
  /// Watches for crashes. From now on, a thread that crashes in the library waits three seconds for the process to be
  /// ended, and then ends it with `exitCode`. To be called once.
  ///
  /// - Returns: A descriptor that can be read from after a crash; nil when the system has none left.
  package static func watch(exitCode: Int32) -> Int32? {
    let descriptor = hdf5_watch_crashes(exitCode)
    return descriptor < 0 ? nil : descriptor
  }

  /// The path of the file that the library read from last. For after a crash: waits for no other thread.
  package static var path: String {
    // A thread that crashed keeps the file open, so that the driver keeps its path.
    unsafe String(cString: hdf5_reading_path())
  }
}
