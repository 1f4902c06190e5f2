/// The numbers that the products of a model take.
public enum Arithmetic: String, Sendable, CaseIterable {
  /// Inputs of 32 bits, whatever the weights are.
  case float32 = "f32"
  /// Inputs rounded to bf16 where the weights are bf16, as processors multiply such numbers at twice the rate. The sums
  /// have 32 bits. A processor without such products computes the same products of 32 bits.
  ///
  /// The result is that of another rounding, so that nothing can be verified with it.
  case bfloat16 = "bf16"
}

extension ForwardPass {
  /// The same pass with other arithmetic.
  ///
  /// - Parameter arithmetic: The numbers that the products take.
  public func computing(in arithmetic: Arithmetic) -> ForwardPass {
    var pass = self
    pass.reader.arithmetic = arithmetic
    return pass
  }
}
