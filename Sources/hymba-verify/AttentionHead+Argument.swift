import ArgumentParser
import HymbaFormat
import HymbaModel

extension AttentionHead {
  /// The head that an argument like `3,0` names: layer and head, counted from 0.
  ///
  /// - Throws: A `ValidationError` for another text.
  init(argument: String) throws {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let layer = numbers[0], let head = numbers[1], layer >= 0, head >= 0 else {
      throw ValidationError(
        "--attention is “\(argument.printable)”; expected a layer and a head counted from 0, like 3,0.")
    }
    self.init(layer: layer, head: head)
  }
}
