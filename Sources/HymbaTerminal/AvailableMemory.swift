import FoundationEssentials

/// The memory that this process can still take without another process being pushed out.
package enum AvailableMemory {
  /// The bytes: what the system calls available, or what is left in the process's control group if that is less;
  /// nil where the system does not tell.
  package static var bytes: Int? { [system, group].compactMap(\.self).min() }

  /// `MemAvailable`, which counts files in memory as free.
  private static var system: Int? {
    guard let text = text("/proc/meminfo"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
      let number = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return number << 10
  }

  /// What is left in the control group, as in a container.
  private static var group: Int? {
    let folder = "/sys/fs/cgroup/"
    guard let limit = number(folder + "memory.max"), let used = number(folder + "memory.current") else {
      return nil
    }
    return max(0, limit - used)
  }

  private static func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.prefix { $0.isNumber }) }
  }

  private static func text(_ path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
