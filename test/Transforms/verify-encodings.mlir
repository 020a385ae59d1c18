// RUN: compress-opt %s --split-input-file --compress-verify-encodings --verify-diagnostics

// Everything that keeps the meaning of an encoded tensor.

#half = #quantized.float<f16>
ml_program.global private @table(#compress.parameter<"model.gguf", "table">) : tensor<8x32xf32, #half>

func.func private @product(%x: tensor<?x32xf32>, %w: tensor<8x32xf32, #half>, %y: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %0 = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<?x32xf32>, tensor<8x32xf32, #half>) outs(%y : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

func.func @f(%c: i1, %rows: tensor<?xi32>, %y: tensor<?x8xf32>, %e: tensor<8x32xf32, #half>) -> (tensor<?x8xf32>, tensor<8x32xf32, #half>) {
  %w = ml_program.global_load_const @table : tensor<8x32xf32, #half>
  %x = lm.gather_rows %w[%rows] : tensor<8x32xf32, #half>[tensor<?xi32>] -> tensor<?x32xf32>
  %either = scf.if %c -> tensor<8x32xf32, #half> {
    scf.yield %w : tensor<8x32xf32, #half>
  } else {
    %p = compress.components %e : tensor<8x32xf32, #half> to tensor<8x32xf16>
    %a = compress.assemble %p : tensor<8x32xf16> to tensor<8x32xf32, #half>
    scf.yield %a : tensor<8x32xf32, #half>
  }
  %0 = func.call @product(%x, %either, %y) : (tensor<?x32xf32>, tensor<8x32xf32, #half>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %empty = tensor.empty() : tensor<8x32xf32, #half>
  %1 = compress.group ins(%either : tensor<8x32xf32, #half>) outs(%empty : tensor<8x32xf32, #half>) {
  ^bb0(%in: tensor<8x32xf32, #half>):
    %d = compress.decode %in : tensor<8x32xf32, #half> to tensor<8x32xf32>
    %q = compress.encode %d : tensor<8x32xf32> to tensor<8x32xf32, #half>
    compress.yield %q : tensor<8x32xf32, #half>
  } -> tensor<8x32xf32, #half>
  return %0, %1 : tensor<?x8xf32>, tensor<8x32xf32, #half>
}

// -----

#half = #quantized.float<f16>
func.func @cast_drops(%x: tensor<4x32xf32, #half>) -> tensor<4x32xf32> {
  // expected-error @+1 {{'tensor.cast' op would lose the encoding #quantized.float<f16> of operand #0; decode the tensor first (compress.decode)}}
  %0 = tensor.cast %x : tensor<4x32xf32, #half> to tensor<4x32xf32>
  return %0 : tensor<4x32xf32>
}

// -----

#half = #quantized.float<f16>
func.func @cast_invents(%x: tensor<4x32xf32>) -> tensor<4x32xf32, #half> {
  // expected-error @+1 {{'tensor.cast' op can't make a tensor of encoding #quantized.float<f16>; only compress.encode and compress.assemble do}}
  %0 = tensor.cast %x : tensor<4x32xf32> to tensor<4x32xf32, #half>
  return %0 : tensor<4x32xf32, #half>
}

// -----

#half = #quantized.float<f16>
func.func @reads_codes(%x: tensor<4xf32, #half>) -> tensor<4xf32, #half> {
  // expected-error @+1 {{'arith.addf' op would lose the encoding}}
  %0 = arith.addf %x, %x : tensor<4xf32, #half>
  return %0 : tensor<4xf32, #half>
}

// -----

// A slice may begin inside of a block.
#q = #quantized.affine<i8, block = [1, 32], scale = f32>
func.func @slice(%x: tensor<4x64xf32, #q>) -> tensor<4x32xf32, #q> {
  // expected-error @+1 {{'tensor.extract_slice' op would lose the encoding}}
  %0 = tensor.extract_slice %x[0, 16] [4, 32] [1, 1] : tensor<4x64xf32, #q> to tensor<4x32xf32, #q>
  return %0 : tensor<4x32xf32, #q>
}

// -----

// The destination of a contraction holds sums, not codes.
#half = #quantized.float<f16>
func.func @destination(%x: tensor<4x4xf32>, %y: tensor<4x4xf32, #half>) -> tensor<4x4xf32, #half> {
  // expected-error @+1 {{'linalg.matmul' op would lose the encoding #quantized.float<f16> of operand #2}}
  %0 = linalg.matmul ins(%x, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%y : tensor<4x4xf32, #half>) -> tensor<4x4xf32, #half>
  return %0 : tensor<4x4xf32, #half>
}

// -----

// Elementwise ops have no reduction: they are no contractions.
#half = #quantized.float<f16>
func.func @elementwise(%x: tensor<4xf32, #half>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'linalg.exp' op would lose the encoding}}
  %0 = linalg.exp ins(%x : tensor<4xf32, #half>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A written-out value would be folded as if it were plain.
#half = #quantized.float<f16>
func.func @constant() {
  // expected-error @+1 {{'arith.constant' op can't make a tensor of encoding}}
  %0 = arith.constant dense<0.1> : tensor<4xf32, #half>
  return
}

// -----

// expected-error @+1 {{has an entry of 'compress.encodings' that is no list: 3 : i64}}
module attributes {compress.encodings = {w = 3}} {
}
