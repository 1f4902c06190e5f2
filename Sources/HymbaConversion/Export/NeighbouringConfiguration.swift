import HymbaFormat
import HymbaModel

/// A configuration file beside an export's output, which a reader will take for that of the model.
enum NeighbouringConfiguration: Equatable {
  /// There is none, or it leaves out an option that no tensor's shape tells.
  case none
  /// It describes the architecture that is written.
  case same
  /// The file of this name describes another architecture, or none that can be read.
  case other(String)

  /// - Parameter name: The name of the file in the folder.
  init(_ name: String, in folder: String, of model: OpenedModel) {
    let path = FileSystem.path(folder, name)
    guard FileSystem.exists(path) else {
      self = .none
      return
    }
    guard let configuration = try? Configuration(reading: path),
      let architecture = try? configuration.architecture(
        hasHead: model.architecture?.output.isLogits),
      architecture == model.architecture
    else {
      self = .other(name)
      return
    }
    // An option that is left out has its default. Where no shape tells the option, that is only an assumption.
    if let options = configuration.content as? WholeOptions,
      !options.inferring.untold.keys.allSatisfy(options.gives)
    {
      self = .none
    } else {
      self = .same
    }
  }
}
