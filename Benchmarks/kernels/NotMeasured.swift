package import HymbaFormat

/// The error for a model whose work the benchmarks do not count.
package struct NotMeasured: Diagnosis {
  package var kind: FailureKind { .wrong }
  package var description: String {
    "only models of tokens are measured whose layers all have attention beside Mamba and no experts; this is another one"
  }
}
