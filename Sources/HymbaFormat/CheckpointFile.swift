/// Opens the files of this module by their content.
public enum CheckpointFile {
  /// Opens a container or a plain safetensors file, whichever `path` is.
  public static func openSafetensors(_ path: String) throws(FormatError) -> any CheckpointSource {
    let file = try InputFile(path)
    let header = try SafetensorsHeader(reading: file)
    return ContainerSource.isContainer(header)
      ? try ContainerSource(file, header: header) : SafetensorsSource(file, header: header)
  }
}
