// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-apply-scheme{weights=#quantized.affine<ui4,block=[1,32],scale=f16,min=f16> embeddings=#quantized.affine<i8,block=[1,32],scale=f16> activations=#quantized.affine<i8,block=[1,32],scale=f32,narrow=true,sums=true>}, compress-verify-encodings)' \
// RUN:   | FileCheck %s
// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-apply-scheme{weights=#quantized.affine<i8,block=[1,-1],scale=f32> activations=#quantized.affine<i8,block=[1,32],scale=f32,narrow=true,sums=true> overrides=blk.*.up=#quantized.float<f16>,blk.1.*=keep}, compress-verify-encodings)' \
// RUN:   | FileCheck %s --check-prefix=CHANNEL
// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-apply-scheme{weights=#quantized.float<f32>}, compress-verify-encodings)' \
// RUN:   | FileCheck %s --check-prefix=F32
// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-apply-scheme{activations=#quantized.affine<i8,block=[1,32],scale=f32,narrow=true,sums=true>}, compress-verify-encodings)' \
// RUN:   | FileCheck %s --check-prefix=SOURCE
// RUN: compress-opt %s --compress-apply-scheme='weights=#quantized.codebook<"nf4",block=[1,64],scale=f16>' \
// RUN:   | FileCheck %s --check-prefix=NF4

#q8 = #quantized.affine<i8, block = [1, 16], scale = f16>
#half = #quantized.float<f16>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

// Weights change, vectors and what nothing multiplies do not. `stored` says
// what the archive holds.
// CHECK-DAG: #[[W:.*]] = #quantized.affine<ui4, block = [1, 32], scale = f16, min = f16>
// CHECK-DAG: #[[E:.*]] = #quantized.affine<i8, block = [1, 32], scale = f16>
// CHECK-DAG: #[[A:.*]] = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true, sums = true>
// CHECK-DAG: #[[HALF:.*]] = #quantized.float<f16>
// CHECK: @embed(#compress.parameter<"m.gguf", "embed", stored = #[[HALF]]>) : tensor<8x64xf32, #[[E]]>
// CHECK: @norm(#compress.parameter<"m.gguf", "norm">) : tensor<64xf32>
// CHECK: @blk.0.up(#compress.parameter<"m.gguf", "up", stored = #{{.*}}>) : tensor<64x64xf32, #[[W]]>
// CHECK: @blk.1.down(#compress.parameter<"m.gguf", "down", stored = #{{.*}}>) : tensor<64x64xf32, #[[W]]>
// CHECK: @table(#compress.parameter<"m.gguf", "table">) : tensor<4x64xf32>
// CHECK: @head(#compress.parameter<"m.gguf", "head", stored = #{{.*}}>) : tensor<8x64xf32, #[[E]]>
ml_program.global private @embed(#compress.parameter<"m.gguf", "embed">) : tensor<8x64xf32, #half>
ml_program.global private @norm(#compress.parameter<"m.gguf", "norm">) : tensor<64xf32>
ml_program.global private @blk.0.up(#compress.parameter<"m.gguf", "up">) : tensor<64x64xf32>
ml_program.global private @blk.1.down(#compress.parameter<"m.gguf", "down">) : tensor<64x64xf32, #q8>
ml_program.global private @table(#compress.parameter<"m.gguf", "table">) : tensor<4x64xf32>
ml_program.global private @head(#compress.parameter<"m.gguf", "head">) : tensor<8x64xf32, #q8>

// One encoding of the norm's result serves both products; the sum has its own.
// CHECK-LABEL: func.func @f
// CHECK: %[[N:.*]] = lm.rms_norm
// CHECK-NEXT: %[[NE:.*]] = compress.encode %[[N]] : tensor<?x64xf32> to tensor<?x64xf32, #[[A]]>
// CHECK: linalg.matmul {{.*}} ins(%[[NE]], %{{.*}} : tensor<?x64xf32, #[[A]]>, tensor<64x64xf32, #[[W]]>)
// CHECK: linalg.matmul {{.*}} ins(%[[NE]], %{{.*}} : tensor<?x64xf32, #[[A]]>, tensor<64x64xf32, #[[W]]>)
// CHECK: %[[S:.*]] = linalg.add
// CHECK-NEXT: %[[SE:.*]] = compress.encode %[[S]]
// CHECK: linalg.matmul {{.*}} ins(%[[SE]], %{{.*}} : tensor<?x64xf32, #[[A]]>, tensor<8x64xf32, #[[E]]>)
// CHECK-NOT: compress.encode

// Per channel: activations in blocks of their own size. The last override that matches counts,
// and `keep` leaves weight and activation alone.
// CHANNEL-DAG: #[[C:.*]] = #quantized.affine<i8, block = [1, -1], scale = f32>
// CHANNEL-DAG: #[[T:.*]] = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true, sums = true>
// CHANNEL-DAG: #[[Q8:.*]] = #quantized.affine<i8, block = [1, 16], scale = f16>
// CHANNEL: @embed({{.*}}) : tensor<8x64xf32, #[[C]]>
// CHANNEL: @blk.0.up({{.*}}) : tensor<64x64xf32, #{{[a-z0-9]+}}>
// CHANNEL: @blk.1.down({{.*}}) : tensor<64x64xf32, #[[Q8]]>
// CHANNEL: func.func @f
// CHANNEL: linalg.matmul {{.*}} ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<64x64xf32, #{{[a-z0-9]+}}>)
// CHANNEL: linalg.matmul {{.*}} ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<64x64xf32, #[[Q8]]>)
// CHANNEL: compress.encode {{.*}} #[[T]]>
// CHANNEL: linalg.matmul {{.*}} ins(%{{.*}}, %{{.*}} : tensor<?x64xf32, #[[T]]>, tensor<8x64xf32, #[[C]]>)

// Plain f32 is no encoding at all.
// F32: @embed(#compress.parameter<"m.gguf", "embed", stored = #{{[a-z0-9]+}}>) : tensor<8x64xf32>
// F32: @blk.0.up(#compress.parameter<"m.gguf", "up">) : tensor<64x64xf32>
// F32: @blk.1.down(#compress.parameter<"m.gguf", "down", stored = #{{.*}}>) : tensor<64x64xf32>

// Weights as stored: only those of integer codes get encoded activations, with
// blocks of their own size.
// SOURCE: #[[A16:.*]] = #quantized.affine<i8, block = [1, 16], scale = f32, narrow = true, sums = true>
// SOURCE: func.func @f
// SOURCE: linalg.matmul {{.*}} ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<64x64xf32>)
// SOURCE: linalg.matmul {{.*}} ins(%{{.*}}, %{{.*}} : tensor<?x64xf32, #[[A16]]>, tensor<64x64xf32, #{{.*}}>)

// NF4: @blk.0.up({{.*}}) : tensor<64x64xf32, #[[NF:.*]]>
// NF4: func.func @f
// NF4-NOT: compress.encode
// NF4: ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<64x64xf32, #[[NF]]>)
func.func @f(%rows: tensor<?xi32>, %n: index) -> tensor<?x8xf32> {
  %embed = ml_program.global_load_const @embed : tensor<8x64xf32, #half>
  %norm = ml_program.global_load_const @norm : tensor<64xf32>
  %up = ml_program.global_load_const @blk.0.up : tensor<64x64xf32>
  %down = ml_program.global_load_const @blk.1.down : tensor<64x64xf32, #q8>
  %head = ml_program.global_load_const @head : tensor<8x64xf32, #q8>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %x = lm.gather_rows %embed[%rows] : tensor<8x64xf32, #half>[tensor<?xi32>] -> tensor<?x64xf32>
  %normed = lm.rms_norm %x, %norm {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  %a = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%normed, %up : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %b = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%normed, %down : tensor<?x64xf32>, tensor<64x64xf32, #q8>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %sum = linalg.add ins(%a, %b : tensor<?x64xf32>, tensor<?x64xf32>) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %out = tensor.empty(%n) : tensor<?x8xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%out : tensor<?x8xf32>) -> tensor<?x8xf32>
  %logits = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%sum, %head : tensor<?x64xf32>, tensor<8x64xf32, #q8>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %logits : tensor<?x8xf32>
}
