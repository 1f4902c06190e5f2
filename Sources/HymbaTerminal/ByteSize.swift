import ArgumentParser

/// A number of bytes, as people write it: `5GB`, `1.5MB`, `2GiB`, `1000000`, and `12.5 GB` as the tools print it.
package struct ByteSize: Hashable, Sendable {
  package let bytes: Int

  /// The bytes of each unit. kB, MB and so on are powers of 1000, as Hugging Face counts them. KiB, MiB and so on are
  /// powers of 1024.
  private static let units: [String: UInt128] = [
    "": 1, "B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    "PB": 1_000_000_000_000_000, "EB": 1_000_000_000_000_000_000,
    "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40, "PIB": 1 << 50, "EIB": 1 << 60,
  ]

  /// More than any disk holds, and small enough that sums of sizes do not overflow 63 bits.
  private static let largest = 1_000_000_000_000_000_000

  private static let fractionDigits = 18

  /// - Parameter argument: A decimal number and a unit. A part of a byte is left out.
  /// - Throws: `ValidationError` for what is no size, 0, and more than 1 EB.
  package init(argument: String) throws {
    let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let number = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = number.count > 1 ? number[1] : "0"
    guard let whole = number.first, !whole.isEmpty, !fraction.isEmpty, !fraction.contains("."),
      fraction.count <= Self.fractionDigits,
      let unit = Self.units[argument.dropFirst(digits.count).drop { $0 == " " }.uppercased()]
    else { throw Self.noSize }
    let scale = repeatElement(UInt128(10), count: fraction.count).reduce(1, *)
    // What overflows 128 bits is larger than the largest size, too.
    guard let scaled = UInt128(whole + fraction), case let (product, overflow) = scaled.multipliedReportingOverflow(by: unit),
      !overflow, product / scale <= UInt128(Self.largest)
    else { throw ValidationError("expected a size of at most 1EB") }
    self.bytes = Int(product / scale)
    guard bytes > 0 else { throw Self.noSize }
  }

  private static var noSize: ValidationError { ValidationError("expected a size above 0 like 5GB, 1.5MB or 2GiB") }
}
