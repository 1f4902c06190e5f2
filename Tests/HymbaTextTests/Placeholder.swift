@testable import HymbaText
