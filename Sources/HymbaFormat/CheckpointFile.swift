/// Opens a file of this module's formats by its content.
public enum CheckpointFile {
  /// Opens the container or the plain safetensors file at `path`. No tensor data is read.
  /// - Throws: ``FormatError`` when the file cannot be read, or its header is not valid.
  public static func openSafetensors(_ path: String) throws(FormatError) -> any CheckpointSource {
    let file = try InputFile(path)
    let header = try SafetensorsHeader(reading: file)
    return ContainerFile.isContainer(header)
      ? try ContainerSource(ContainerFile(file, header: header)) : SafetensorsSource(file, header: header)
  }
}
