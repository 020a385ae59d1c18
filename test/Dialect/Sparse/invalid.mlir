// RUN: compress-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{expected a number type or an encoding as values, got "f16"}}
#s = #sparse.nm<2 : 4, values = "f16">

// -----

// expected-error @+1 {{expected a number type or an encoding as values, got f64}}
#s = #sparse.block<[16, 64], values = f64>

// -----

// expected-error @+1 {{expected a number type or an encoding as base, got "i4"}}
#s = #sparse.split<base = "i4", outliers = f16>

// -----

// expected-error @+1 {{expected a number type or an encoding as outliers, got f64}}
#s = #sparse.split<base = f16, outliers = f64>

// -----

#s = #sparse.split<base = i4, outliers = f16>
// expected-error @+1 {{in `base`: must be a float format other than f8E8M0FNU, or an encoding, not i4}}
func.func private @base(tensor<8x32xf32, #s>)

// -----

#s = #sparse.split<base = f16, outliers = f16>
// expected-error @+1 {{in `outliers`: a block structure needs a tensor of two or more dimensions}}
func.func private @outliers(tensor<32xf32, #s>)
