public import ArgumentParser
public import HymbaVerification

extension LowerPrecision: ExpressibleByArgument {}
