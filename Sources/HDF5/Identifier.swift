import CHDF5

/// An identifier of the library. It is released at the end of the value's life.
struct Identifier: ~Copyable, Sendable {
  let value: hid_t

  /// The identifier that `open` returns.
  init(_ open: () -> hid_t) throws(HDF5Error) { self.value = try Gate.call(open) }

  deinit { Gate.release(value) }
}
