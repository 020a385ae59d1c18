// RUN: compress-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{codes are i1 to i8 (signed) or ui1 to ui8, got 'i9'}}
#q = #quantized.affine<i9, block = [1, 32], scale = f16>

// -----

// expected-error @+1 {{codes are i1 to i8 (signed) or ui1 to ui8, got 'si4'}}
#q = #quantized.affine<si4, block = [1, 32], scale = f16>

// -----

// expected-error @+1 {{codes are i1 to i8 (signed) or ui1 to ui8, got 'f16'}}
#q = #quantized.affine<f16, block = [1, 32], scale = f16>

// -----

// expected-error @+1 {{expected a number type or an encoding as scale, got 3 : i64}}
#q = #quantized.affine<i4, block = [1, 32], scale = 3>

// -----

// expected-error @+1 {{expected a number type or an encoding as zero, got f64}}
#q = #quantized.affine<i4, block = [1, 32], scale = f16, zero = f64>

// -----

// expected-error @+1 {{expected a number type or an encoding as min, got "f16"}}
#q = #quantized.affine<i4, block = [1, 32], scale = f16, min = "f16">

// -----

// expected-error @+1 {{codes are f32, f16, bf16, f8E4M3FN, f8E5M2, f8E8M0FNU or f4E2M1FN, got 'f64'}}
#q = #quantized.float<f64>

// -----

// expected-error @+1 {{codes are f32, f16, bf16, f8E4M3FN, f8E5M2, f8E8M0FNU or f4E2M1FN, got 'i8'}}
#q = #quantized.float<i8>

// -----

// expected-error @+1 {{expected a number type or an encoding as scale, got true}}
#q = #quantized.float<f16, block = [1, 32], scale = true>

// -----

// expected-error @+1 {{no codebook is known as "nf5"; known are "nf4", "iq4_nl", "e2m1", "dynamic8"}}
#q = #quantized.codebook<"nf5", block = [1, 64], scale = f16>

// -----

// expected-error @+1 {{a codebook has 2, 4, 8, ... 256 entries, got 3}}
#q = #quantized.codebook<array<f32: 0.0, 1.0, 2.0>, block = [1, 64], scale = f16>

// -----

// expected-error @+1 {{a codebook has 2, 4, 8, ... 256 entries, got 1}}
#q = #quantized.codebook<array<f32: 0.0>, block = [1, 64], scale = f16>

// -----

// expected-error @+1 {{expected the name of a codebook, its entries, or ui1 to ui8 for a stored one, got i3}}
#q = #quantized.codebook<i3, block = [1, 64], scale = f16>

// -----

// expected-error @+1 {{expected a number type or an encoding as min, got 1 : i64}}
#q = #quantized.codebook<"nf4", block = [1, 64], scale = f16, min = 1>

// -----

func.func @for_nothing(%x: tensor<?x64xf32>) {
  // expected-error @below {{(C1) observes for no parameter}}
  %0 = quantized.observe %x for [] : tensor<?x64xf32>
  return
}

// -----

func.func @twice(%x: tensor<?x64xf32>) {
  // expected-error @below {{(C1) names "a" twice}}
  %0 = quantized.observe %x for ["a", "b", "a"] : tensor<?x64xf32>
  return
}
