extension Architecture {
  /// Checks that the model reads tokens and gives scores for the next one.
  ///
  /// - Throws: ``ModelError/cannotChoose(_:)``.
  package func requireNextTokens() throws(ModelError) {
    guard case .tokens = input, output.isLogits else {
      throw .cannotChoose("the model reads no tokens or gives no scores for them")
    }
  }
}
