import HymbaFormat

extension Zamba2Reading {
  /// Notes on sizes that the class computes and a file gives otherwise, and on a base that may be scaled twice.
  func notes(_ origin: String) -> [String] {
    overruled.map { name, given, computed in
      "\(origin) gives \(name) \(given), which the original's class replaces by \(computed)"
    } + longContext(origin)
  }

  /// The sizes that the class computes, where the file gives others.
  private var overruled: [(name: String, given: Int, computed: String)] {
    guard let hidden = try? values.size("hidden_size"),
      let heads = try? values.size("num_attention_heads"),
      let inner = try? values.innerSize("mamba_expand", hiddenSize: hidden)
    else { return [] }
    var computed = [
      ("attention_hidden_size", 2 * hidden, "2 * hidden_size")
    ]
    // Version 5 of transformers takes the one name for the other.
    for name in ["attention_head_dim", "head_dim"] {
      computed.append((name, 2 * hidden / heads, "2 * hidden_size / num_attention_heads"))
    }
    if values.has("n_mamba_heads"), let mambaHeads = try? values.size("n_mamba_heads") {
      computed.append(
        ("mamba_headdim", inner / mambaHeads, "mamba_expand * hidden_size / n_mamba_heads"))
    }
    return computed.compactMap { name, size, words in
      guard let given = values[name]?.wholeNumber, given != size else { return nil }
      return (name, given, "\(words), \(size)")
    }
  }

  private func longContext(_ origin: String) -> [String] {
    guard (try? values.flag("use_long_context")) == true, (try? values.flag("use_mem_rope")) == true
    else { return [] }
    return [
      "\(origin) has use_long_context, so rope_theta is scaled here, as version 4 of transformers does; that version also saves the scaled value beside the flag, and a file that it saved would be scaled twice"
    ]
  }
}
