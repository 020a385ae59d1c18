// RUN: compress-opt %s --compress-split-components | FileCheck %s

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32>

// CHECK-NOT: @w(
// CHECK: ml_program.global private @w.codes(#compress.parameter<"m", "w", component = "codes">) : tensor<64x32xi8>
// CHECK-NEXT: ml_program.global private @w.scale(#compress.parameter<"m", "w", component = "scale">) : tensor<64x2xf16>
ml_program.global private @w(#compress.parameter<"m", "w">) : tensor<64x64xf32, #q4>
// CHECK: ml_program.global private @norm(#compress.parameter<"m", "norm">) : tensor<64xf32>
ml_program.global private @norm(#compress.parameter<"m", "norm">) : tensor<64xf32>

// A group assembles first what it gets and takes apart last what it gives.
// CHECK-LABEL: func.func @group
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[N:.*]]: index)
// CHECK-DAG: %[[WC:.*]] = ml_program.global_load_const @w.codes : tensor<64x32xi8>
// CHECK-DAG: %[[WS:.*]] = ml_program.global_load_const @w.scale : tensor<64x2xf16>
// CHECK-DAG: %[[CODES:.*]] = tensor.empty(%[[N]]) : tensor<?x64xi8>
// CHECK-DAG: %[[SCALE:.*]] = tensor.empty(%[[N]]) : tensor<?x2xf32>
// CHECK: %[[E:.*]]:2 = compress.group ins(%[[X]], %[[WC]], %[[WS]] : {{.*}}) outs(%[[CODES]], %[[SCALE]] : tensor<?x64xi8>, tensor<?x2xf32>) {
// CHECK-NEXT: ^bb0(%[[XI:.*]]: tensor<?x64xf32>, %[[CI:.*]]: tensor<64x32xi8>, %[[SI:.*]]: tensor<64x2xf16>):
// CHECK-NEXT: %[[WI:.*]] = compress.assemble %[[CI]], %[[SI]] : {{.*}} to tensor<64x64xf32, #{{.*}}>
// CHECK: tensor.dim %[[WI]]
// CHECK-NEXT: %[[EI:.*]] = compress.encode %[[XI]]
// CHECK-NEXT: %[[PARTS:.*]]:2 = compress.components %[[EI]]
// CHECK-NEXT: compress.yield %[[PARTS]]#0, %[[PARTS]]#1
// CHECK: %[[WHOLE:.*]] = compress.assemble %[[E]]#0, %[[E]]#1
// CHECK: compress.decode %[[WHOLE]]
func.func @group(%x: tensor<?x64xf32>, %n: index) -> tensor<?x64xf32> {
  %w = ml_program.global_load_const @w : tensor<64x64xf32, #q4>
  %empty = tensor.empty(%n) : tensor<?x64xf32, #a8>
  %0 = compress.group ins(%x, %w : tensor<?x64xf32>, tensor<64x64xf32, #q4>) outs(%empty : tensor<?x64xf32, #a8>) {
  ^bb0(%a: tensor<?x64xf32>, %b: tensor<64x64xf32, #q4>):
    %c0 = arith.constant 0 : index
    %d = tensor.dim %b, %c0 : tensor<64x64xf32, #q4>
    %e = compress.encode %a : tensor<?x64xf32> to tensor<?x64xf32, #a8>
    compress.yield %e : tensor<?x64xf32, #a8>
  } -> tensor<?x64xf32, #a8>
  // What is no group keeps the whole tensor.
  %1 = compress.decode %0 : tensor<?x64xf32, #a8> to tensor<?x64xf32>
  return %1 : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @callee
// CHECK-SAME: (%[[A:.*]]: tensor<64x32xi8>, %[[B:.*]]: tensor<64x2xf16>) -> (tensor<64x32xi8>, tensor<64x2xf16>)
// CHECK-NEXT: return %[[A]], %[[B]]
func.func @callee(%w: tensor<64x64xf32, #q4>) -> tensor<64x64xf32, #q4> {
  return %w : tensor<64x64xf32, #q4>
}

// Calls, loops and returns hand the parts through.
// CHECK-LABEL: func.func @through
// CHECK: %[[CALLED:.*]]:2 = call @callee(%{{.*}}, %{{.*}}) : (tensor<64x32xi8>, tensor<64x2xf16>) -> (tensor<64x32xi8>, tensor<64x2xf16>)
// CHECK: %[[LOOPED:.*]]:2 = scf.for {{.*}} iter_args(%[[P:.*]] = %[[CALLED]]#0, %[[Q:.*]] = %[[CALLED]]#1)
// CHECK: scf.yield %[[P]], %[[Q]] : tensor<64x32xi8>, tensor<64x2xf16>
// CHECK: return %[[LOOPED]]#0, %[[LOOPED]]#1
func.func @through(%w: tensor<64x64xf32, #q4>, %n: index) -> tensor<64x64xf32, #q4> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = call @callee(%w) : (tensor<64x64xf32, #q4>) -> tensor<64x64xf32, #q4>
  %1 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %0) -> tensor<64x64xf32, #q4> {
    scf.yield %a : tensor<64x64xf32, #q4>
  }
  return %1 : tensor<64x64xf32, #q4>
}
