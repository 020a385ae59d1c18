// RUN: compress-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{expected a number type or an encoding as values, got "f16"}}
#s = #sparse.nm<2 : 4, values = "f16">

// -----

// expected-error @+1 {{expected a number type or an encoding as values, got f64}}
#s = #sparse.block<[16, 64], values = f64>
