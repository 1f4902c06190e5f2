#if canImport(Glibc)
  import Glibc
#endif

/// A colour of the ramp of heat maps, from a dark blue for 0 to a light yellow for 1.
///
/// Lightness and hue grow evenly in the Oklab space at an even chroma, so equal steps look equally large.
/// Lightness alone tells the order, for people with any colour vision and on grey paper.
struct SequentialColor: Hashable {
  var red: Int
  var green: Int
  var blue: Int

  /// - Parameter share: The place on the ramp, from 0 to 1.
  init(_ share: Double) {
    let share = min(max(share.isNaN ? 0 : share, 0), 1)
    let lightness = 0.32 + (0.92 - 0.32) * share
    let hue = (275 + (105 - 275) * share) * Double.pi / 180
    let (a, b) = (0.115 * cos(hue), 0.115 * sin(hue))
    func cube(_ value: Double) -> Double { value * value * value }
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    red = Self.byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)
    green = Self.byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)
    blue = Self.byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)
  }

  /// A byte of sRGB for linear light from 0 to 1.
  private static func byte(_ light: Double) -> Int {
    let light = min(max(light, 0), 1)
    let value = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
    return Int((value * 255).rounded())
  }

  /// `#rrggbb`
  var hex: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
