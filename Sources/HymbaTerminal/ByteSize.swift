import ArgumentParser

/// A number of bytes, as people write it: `5GB`, `500MB`, `2GiB`, `1000000`.
package struct ByteSize: Hashable, Sendable {
  package let bytes: Int

  /// The bytes of each unit. kB, MB, GB and TB are powers of 1000, as Hugging Face counts them. KiB, MiB, GiB
  /// and TiB are powers of 1024.
  private static let units = [
    "": 1, "B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
  ]

  package init(argument: String) throws {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits), number > 0,
      let unit = Self.units[argument.dropFirst(digits.count).uppercased()],
      case let (bytes, overflow) = number.multipliedReportingOverflow(by: unit), !overflow
    else {
      throw ValidationError("expected a size above 0 like 5GB, 500MB or 2GiB")
    }
    self.bytes = bytes
  }
}
