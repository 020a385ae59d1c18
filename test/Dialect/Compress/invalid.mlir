// RUN: compress-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{a parameter needs a key}}
ml_program.global private @w(#compress.parameter<"model.gguf", "">) : tensor<4xf32>

// -----

// expected-error @+1 {{expected an encoding, got f16}}
ml_program.global private @w(#compress.parameter<"model.gguf", "w", stored = f16>) : tensor<4xf32>

// -----

// expected-error @+1 {{expected the encoding of the permuted values, got f16}}
func.func private @f(tensor<4xf32, #compress.permuted<f16>>)

// -----

// expected-error @+1 {{expected the encoding that is laid out, got f16}}
func.func private @f(tensor<4x4xf32, #compress.panel<f16, rows = 4, row_dim = 0, reduction_dim = 1>>)

// -----

#half = #quantized.float<f16>
#panel = #compress.panel<#half, rows = 4, row_dim = 0, reduction_dim = 1>
// expected-error @+1 {{expected the encoding that is laid out, got #compress.panel}}
func.func private @f(tensor<4x4xf32, #compress.panel<#panel, rows = 4, row_dim = 0, reduction_dim = 1>>)

// -----

// expected-error @+1 {{a panel has at least one row, got 0}}
#panel = #compress.panel<#quantized.float<f16>, rows = 0, row_dim = 0, reduction_dim = 1>

// -----

// expected-error @+1 {{rows and reduction are different dimensions}}
#panel = #compress.panel<#quantized.float<f16>, rows = 4, row_dim = 1, reduction_dim = 1>

// -----

#panel = #compress.panel<#quantized.float<f16>, rows = 4, row_dim = 0, reduction_dim = 1>
// expected-error @+1 {{only tensors of static shape have a layout}}
func.func private @f(tensor<?x4xf32, #panel>)

// -----

#panel = #compress.panel<#sparse.block<[4, 4], values = f32>, rows = 4, row_dim = 0, reduction_dim = 1>
// expected-error @+1 {{can't be laid out in panels}}
func.func private @f(tensor<8x8xf32, #panel>)

// -----

// expected-error @+1 {{lanes are a power of two, got 12}}
func.func private @f() attributes {s = #compress.strategy<form = rows, dot = none, lanes = 12>}

// -----

// expected-error @+1 {{tile and panels are positive, got 0 and 1}}
func.func private @f() attributes {s = #compress.strategy<form = rows, dot = none, lanes = 8, tile = 0>}

// -----

// expected-error @+1 {{prefetch and tilePrefetch are distances or 0, got -1 and 0}}
func.func private @f() attributes {s = #compress.strategy<form = float, dot = none, lanes = 8, prefetch = -1>}

// -----

// expected-error @+1 {{an integer dot belongs to the integer form, and the integer form needs one}}
func.func private @f() attributes {s = #compress.strategy<form = float, dot = pairs, lanes = 8>}

// -----

// expected-error @+1 {{an integer dot belongs to the integer form, and the integer form needs one}}
func.func private @f() attributes {s = #compress.strategy<form = integer, dot = none, lanes = 8>}

// -----

// expected-error @+1 {{an encoded tensor has a float element type, got 'i32'}}
func.func private @f(tensor<4xi32, #quantized.float<f16>>)

// -----

// encode_c1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{goes between a plain and an encoded tensor, got 'tensor<4xf32>' and 'tensor<4xf32>'}}
  %0 = compress.encode %x : tensor<4xf32> to tensor<4xf32>
  return
}

// -----

#half = #quantized.float<f16>
// encode_c1
func.func @f(%x: tensor<4xf32, #half>) {
  // expected-error @+1 {{goes between a plain and an encoded tensor}}
  %0 = compress.encode %x : tensor<4xf32, #half> to tensor<4xf32, #half>
  return
}

// -----

#half = #quantized.float<f16>
// encode_c2
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{keeps shape and element type}}
  %0 = compress.encode %x : tensor<4xf32> to tensor<4xf16, #half>
  return
}

// -----

// encode_c3
func.func @f(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{can't choose the table that}}
  %0 = compress.encode %x : tensor<4x4xf32> to tensor<4x4xf32, #quantized.codebook<ui3, block = [1, -1], scale = f32>>
  return
}

// -----

// encode_c3: inside a structure, too.
func.func @f(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{can't choose the table that}}
  %0 = compress.encode %x : tensor<4x4xf32> to tensor<4x4xf32, #sparse.nm<2 : 4, values = #quantized.codebook<ui3, block = [1, -1], scale = f32>>>
  return
}

// -----

// decode_c1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{goes between a plain and an encoded tensor}}
  %0 = compress.decode %x : tensor<4xf32> to tensor<4xf32>
  return
}

// -----

#half = #quantized.float<f16>
// decode_c2
func.func @f(%x: tensor<4x2xf32, #half>) {
  // expected-error @+1 {{keeps shape and element type}}
  %0 = compress.decode %x : tensor<4x2xf32, #half> to tensor<8xf32>
  return
}

// -----

// assemble_c1
func.func @f(%x: tensor<4xf16>) {
  // expected-error @+1 {{expected an encoded tensor, got 'tensor<4xf32>'}}
  %0 = compress.assemble %x : tensor<4xf16> to tensor<4xf32>
  return
}

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
// assemble_c2
func.func @f(%codes: tensor<4x16xi8>) {
  // expected-error @+1 {{expected 2 components, got 1}}
  %0 = compress.assemble %codes : tensor<4x16xi8> to tensor<4x32xf32, #q4>
  return
}

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
// assemble_c2
func.func @f(%codes: tensor<4x16xi8>, %scale: tensor<4x1xf32>) {
  // expected-error @+1 {{component 'scale' has type 'tensor<4x1xf16>', got 'tensor<4x1xf32>'}}
  %0 = compress.assemble %codes, %scale : tensor<4x16xi8>, tensor<4x1xf32> to tensor<4x32xf32, #q4>
  return
}

// -----

// components_c1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected an encoded tensor, got 'tensor<4xf32>'}}
  %0 = compress.components %x : tensor<4xf32> to tensor<4xf16>
  return
}

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
// components_c2
func.func @f(%x: tensor<4x33xf32, #q4>) {
  // expected-error @+1 {{component 'codes' has type 'tensor<4x17xi8>', got 'tensor<4x16xi8>'}}
  %0:2 = compress.components %x : tensor<4x33xf32, #q4> to tensor<4x16xi8>, tensor<4x2xf16>
  return
}

// -----

// group_c1
func.func @f(%x: tensor<4xf32>, %e: tensor<4xf32>) {
  // expected-error @+1 {{expected one region argument per input, got 0 for 1}}
  %0 = compress.group ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
    %c = arith.constant dense<0.0> : tensor<4xf32>
    compress.yield %c : tensor<4xf32>
  } -> tensor<4xf32>
  return
}

// -----

// group_c1
func.func @f(%x: memref<5xf32>, %e: memref<4xf32>) {
  // expected-error @+1 {{input 'memref<5xf32>' can't stand for 'tensor<4xf32>'}}
  compress.group ins(%x : memref<5xf32>) outs(%e : memref<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    compress.yield %a : tensor<4xf32>
  }
  return
}

// -----

// group_c1: a buffer holds the plain values.
func.func @f(%x: memref<4xf32>, %e: memref<4xf32>) {
  // expected-error @+1 {{can't stand for 'tensor<4xf32, #quantized.float<f16>>'}}
  compress.group ins(%x : memref<4xf32>) outs(%e : memref<4xf32>) {
  ^bb0(%a: tensor<4xf32, #quantized.float<f16>>):
    %0 = compress.decode %a : tensor<4xf32, #quantized.float<f16>> to tensor<4xf32>
    compress.yield %0 : tensor<4xf32>
  }
  return
}

// -----

// group_c2
func.func @f(%x: tensor<4xf32>, %e: tensor<4xf32>) {
  // expected-error @+1 {{yields 0 values for 1 destinations}}
  %0 = compress.group ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    compress.yield
  } -> tensor<4xf32>
  return
}

// -----

// group_c2
func.func @f(%x: tensor<4xf32>, %e: tensor<4xf16>) {
  // expected-error @+1 {{destination 'tensor<4xf16>' can't take 'tensor<4xf32>'}}
  %0 = compress.group ins(%x : tensor<4xf32>) outs(%e : tensor<4xf16>) {
  ^bb0(%a: tensor<4xf32>):
    compress.yield %a : tensor<4xf32>
  } -> tensor<4xf16>
  return
}

// -----

// group_c3
func.func @f(%x: memref<4xf32>, %e: memref<4xf32>) {
  // expected-error @+1 {{has one result per destination that is a tensor}}
  %0 = compress.group ins(%x : memref<4xf32>) outs(%e : memref<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    compress.yield %a : tensor<4xf32>
  } -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{'compress.yield' op expects parent op 'compress.group'}}
  compress.yield %x : tensor<4xf32>
}
