import Synchronization

/// A user's wish that long work ends with what it has. Ctrl-C expresses it; a second Ctrl-C ends the tool at once.
package final class EndRequest: Sendable {
  private let wanted = Atomic(false)

  /// Listens until the request is released or ``stopListening()`` is called.
  package init() {
    Interrupt.listen { [weak self] in self?.wanted.store(true, ordering: .relaxed) }
  }

  /// Whether the work should end.
  package var isMade: Bool { wanted.load(ordering: .relaxed) }

  /// Gives Ctrl-C back its usual meaning.
  package func stopListening() { Interrupt.listen(nil) }

  deinit { stopListening() }
}
