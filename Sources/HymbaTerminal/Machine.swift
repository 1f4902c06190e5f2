import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// The machine on which a tool runs.
package enum Machine {
  /// The operating system and its processor architecture, like `Linux x86_64`.
  package static var system: String {
    var names = utsname()
    guard unsafe uname(&names) == 0 else { return "unknown" }
    return "\(text(names.sysname)) \(text(names.machine))"
  }

  /// The text in a field of fixed size, up to its first zero byte.
  private static func text<Field: BitwiseCopyable>(_ field: Field) -> String {
    unsafe withUnsafeBytes(of: field) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// The processor's own name, such as `AMD EPYC 9R14`; nil where the system does not tell.
  package static var processor: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { String($0.drop { $0 == " " }) }
  }
}
