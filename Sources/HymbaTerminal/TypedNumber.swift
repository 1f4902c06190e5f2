import ArgumentParser

/// A number on the command line, with its text, so that a message can repeat it as it was typed.
package struct TypedNumber: ExpressibleByArgument {
  package let text: String
  package let value: Double

  package init?(argument: String) {
    guard let value = Double(argument) else { return nil }
    self.text = argument
    self.value = value
  }
}
