// RUN: compress-opt %s | compress-opt | FileCheck %s
// RUN: compress-opt %s --mlir-print-op-generic | compress-opt | FileCheck %s

// CHECK-DAG: #[[Q4:.*]] = #quantized.affine<i4, block = [1, 32], scale = f16>
// CHECK-DAG: #[[HALF:.*]] = #quantized.float<f16>
// CHECK-DAG: #[[PANEL:.*]] = #compress.panel<#[[Q4]], rows = 16, row_dim = 0, reduction_dim = 1>
// CHECK-DAG: #[[PERMUTED:.*]] = #compress.permuted<#[[Q4]]>

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#half = #quantized.float<f16>
#s = #compress.strategy<form = integer, dot = vnni, lanes = 16, tile = 4, panels = 2>

// CHECK-LABEL: ml_program.global private @w
// CHECK-SAME: (#compress.parameter<"model.gguf", "w">) : tensor<64x64xf32>
ml_program.global private @w(#compress.parameter<"model.gguf", "w">) : tensor<64x64xf32>
// CHECK-LABEL: ml_program.global private @codes
// CHECK-SAME: (#compress.parameter<"model.gguf", "w", component = "codes">) : tensor<64x32xi8>
ml_program.global private @codes(#compress.parameter<"model.gguf", "w", component = "codes">) : tensor<64x32xi8>
// CHECK-LABEL: ml_program.global private @stored
// CHECK-SAME: (#compress.parameter<"model.gguf", "w", stored = #[[HALF]]>) : tensor<64x64xf32, #[[Q4]]>
ml_program.global private @stored(#compress.parameter<"model.gguf", "w", stored = #half>) : tensor<64x64xf32, #q4>

// CHECK-LABEL: func.func private @encodings
// CHECK-SAME: tensor<32x64xf32, #[[PANEL]]>, tensor<?x70xf16, #[[PERMUTED]]>
func.func private @encodings(
  tensor<32x64xf32, #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>>,
  tensor<?x70xf16, #compress.permuted<#q4>>)

// CHECK-LABEL: func.func @convert
func.func @convert(%x: tensor<?x70xf32>) -> tensor<?x70xf32> {
  // CHECK: compress.encode %{{.*}} : tensor<?x70xf32> to tensor<?x70xf32, #[[Q4]]>
  %0 = compress.encode %x : tensor<?x70xf32> to tensor<?x70xf32, #q4>
  // CHECK: compress.components %{{.*}} : tensor<?x70xf32, #[[Q4]]> to tensor<?x35xi8>, tensor<?x3xf16>
  %codes, %scale = compress.components %0 : tensor<?x70xf32, #q4> to tensor<?x35xi8>, tensor<?x3xf16>
  // CHECK: compress.assemble %{{.*}}, %{{.*}} : tensor<?x35xi8>, tensor<?x3xf16> to tensor<?x70xf32, #[[Q4]]>
  %1 = compress.assemble %codes, %scale : tensor<?x35xi8>, tensor<?x3xf16> to tensor<?x70xf32, #q4>
  // CHECK: compress.decode %{{.*}} : tensor<?x70xf32, #[[Q4]]> to tensor<?x70xf32>
  %2 = compress.decode %1 : tensor<?x70xf32, #q4> to tensor<?x70xf32>
  return %2 : tensor<?x70xf32>
}

// What only the data knows may be given.
// CHECK-LABEL: func.func @counts
func.func @counts(%o: tensor<3xi32>, %c: tensor<5xi32>, %v: tensor<20x4xf32>) {
  // CHECK: compress.assemble {{.*}} : tensor<3xi32>, tensor<5xi32>, tensor<20x4xf32> to tensor<8x64xf32, #{{.*}}>
  %0 = compress.assemble %o, %c, %v : tensor<3xi32>, tensor<5xi32>, tensor<20x4xf32> to tensor<8x64xf32, #sparse.block<[4, 4], values = f32>>
  return
}

// CHECK-LABEL: func.func @group
func.func @group(%x: tensor<?x8xf32>, %w: tensor<8xf32>, %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: compress.group ins(%{{.*}}, %{{.*}} : tensor<?x8xf32>, tensor<8xf32>) outs(%{{.*}} : tensor<?x8xf32>)
  // CHECK-SAME: strategy = #compress.strategy<form = integer, dot = vnni, lanes = 16, tile = 4, panels = 2>
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<8xf32>):
  // CHECK: compress.yield %{{.*}} : tensor<?x8xf32>
  // CHECK: } -> tensor<?x8xf32>
  %0 = compress.group ins(%x, %w : tensor<?x8xf32>, tensor<8xf32>) outs(%e : tensor<?x8xf32>) attributes {strategy = #s} {
  ^bb0(%a: tensor<?x8xf32>, %b: tensor<8xf32>):
    %n = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<?x8xf32>, tensor<8xf32>
    compress.yield %n : tensor<?x8xf32>
  } -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// After bufferization a group has no results; without results it needs no inits.
// CHECK-LABEL: func.func @buffers
func.func @buffers(%x: memref<?x8xf32, strided<[16, 1], offset: ?>>, %e: memref<4x8xf32>) {
  // CHECK: compress.group ins(%{{.*}} : memref<?x8xf32, strided<[16, 1], offset: ?>>) outs(%{{.*}} : memref<4x8xf32>)
  compress.group ins(%x : memref<?x8xf32, strided<[16, 1], offset: ?>>) outs(%e : memref<4x8xf32>) {
  ^bb0(%a: tensor<?x8xf32>):
    %0 = tensor.cast %a : tensor<?x8xf32> to tensor<4x8xf32>
    compress.yield %0 : tensor<4x8xf32>
  }
  // CHECK: compress.group
  compress.group {
  }
  return
}

// CHECK-LABEL: func.func @runtime
func.func @runtime() {
  // CHECK: compress.parameter 3 : memref<331776xi8>
  %0 = compress.parameter 3 : memref<331776xi8>
  // CHECK: compress.workspace : memref<?xi8>
  %1 = compress.workspace : memref<?xi8>
  // CHECK: compress.scratch : memref<?xi8>
  %2 = compress.scratch : memref<?xi8>
  // CHECK: %{{.*}}, %{{.*}} = compress.thread
  %thread, %threads = compress.thread
  // CHECK: compress.barrier
  compress.barrier
  return
}
