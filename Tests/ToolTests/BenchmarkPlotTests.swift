import TestSupport
import Testing

@Suite("The plots of benchmarks")
struct BenchmarkPlotTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("each type has a plot with its codecs named")
  func codec() throws {
    let file = try folder.write(
      "type,peer,threads,saving,decode\nBF16,zstd,1,20,500\nBF16,other,2,33,900\nF8,zstd,1,10,400\n", to: "a.csv")
    let run = try ToolProcess("benchmark-plot", "codec", file)
    #expect(run.status == 0 && run.errors == "")
    #expect(run.output.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
    for text in ["<title>BF16: saving and speed of decoding</title>", "<title>F8: ", ">zstd</text>", ">other</text>"] {
      #expect(run.output.contains(text))
    }
  }

  @Test("each size has a plot of its seconds and one of its memory")
  func growth() throws {
    let file = try folder.write(
      "part,size,what,seconds,megabytes\ntensors,1000,list,0.1,20\ntensors,10000,list,0.9,21\n", to: "a.csv")
    let run = try ToolProcess("benchmark-plot", "growth", file)
    #expect(run.status == 0 && run.errors == "")
    #expect(run.output.contains("<title>tensors: seconds of processor time</title>"))
    #expect(run.output.contains("<title>tensors: MB of memory</title>"))
  }

  @Test(
    "rows that cannot be drawn are refused",
    arguments: [
      ("", "it has no rows of named fields"), ("a,b\n", "it has no rows of named fields"),
      ("a,b\n1\n", "line 2 has 1 fields; expected 2"),
      ("type,threads,saving,decode\nF8,1,x,2\n", "a row has no number in the field saving"),
      ("type,threads,saving,decode\nF8,1,1,nan\n", "a row has no number in the field decode"),
    ])
  func wrong(_ text: String, _ message: String) throws {
    let file = try folder.write(text, to: "a.csv")
    let run = try ToolProcess("benchmark-plot", "codec", file)
    #expect(run.status == 65 && run.output == "", "\(run.errors)")
    #expect(run.errors == "error: \(file): \(message)\n", "\(run.errors)")
  }
}
