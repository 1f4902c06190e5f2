extension String {
  /// The text in at most `width` columns. A longer one loses its middle, as names of tensors and models
  /// differ at their ends. In a few columns, which would leave nothing of it, it is not shortened.
  package func shortened(to width: Int) -> String {
    let ellipsis = TerminalSettings.current.isUTF8 ? "…" : "..."
    guard width > 2 * ellipsis.count + 2, columns > width else { return self }
    let kept = width - ellipsis.count
    return prefix(kept / 2) + ellipsis + suffix(kept - kept / 2)
  }
}
