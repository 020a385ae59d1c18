// RUN: compress-opt %s --split-input-file --quantized-find-scale-moves --verify-diagnostics

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#col = affine_map<(m, n) -> (n)>
ml_program.global private @norm(#compress.parameter<"m.gguf", "norm">) : tensor<64xf32>
ml_program.global private @gamma(#compress.parameter<"m.gguf", "gamma">) : tensor<64xf32>
ml_program.global private @beta(#compress.parameter<"m.gguf", "beta">) : tensor<64xf32>
ml_program.global private @gate(#compress.parameter<"m.gguf", "gate">) : tensor<64x64xf32>
ml_program.global private @up(#compress.parameter<"m.gguf", "up">) : tensor<64x64xf32>
ml_program.global private @bias(#compress.parameter<"m.gguf", "bias">) : tensor<64xf32>
ml_program.global private @down(#compress.parameter<"m.gguf", "down">) : tensor<64x64xf32>
ml_program.global private @v(#compress.parameter<"m.gguf", "v">) : tensor<32x64xf32>
ml_program.global private @o(#compress.parameter<"m.gguf", "o">) : tensor<64x64xf32>

// A norm's weight; the factor of a gated product that is linear, with its bias; values of attention; a layer norm.
func.func @f(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>, %half: tensor<?x32xf32>, %q: tensor<1x?x64xf32>, %k: tensor<1x?x32xf32>, %t: index) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %norm = ml_program.global_load_const @norm : tensor<64xf32>
  %gate = ml_program.global_load_const @gate : tensor<64x64xf32>
  %up = ml_program.global_load_const @up : tensor<64x64xf32>
  %bias = ml_program.global_load_const @bias : tensor<64xf32>
  %down = ml_program.global_load_const @down : tensor<64x64xf32>
  %v = ml_program.global_load_const @v : tensor<32x64xf32>
  %o = ml_program.global_load_const @o : tensor<64x64xf32>
  %zero = arith.constant 0.0 : f32
  %fill = linalg.fill ins(%zero : f32) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %fillHalf = linalg.fill ins(%zero : f32) outs(%half : tensor<?x32xf32>) -> tensor<?x32xf32>
  %h = lm.rms_norm %x, %norm {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  // expected-remark @+1 {{scales can move to 'norm'}}
  %h1 = quantized.observe %h for ["gate", "up", "v"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h1, %gate : tensor<?x64xf32>, tensor<64x64xf32>) outs(%fill : tensor<?x64xf32>) -> tensor<?x64xf32>
  %u = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h1, %up : tensor<?x64xf32>, tensor<64x64xf32>) outs(%fill : tensor<?x64xf32>) -> tensor<?x64xf32>
  %ub = linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel"]}
    ins(%u, %bias : tensor<?x64xf32>, tensor<64xf32>) outs(%init : tensor<?x64xf32>) {
  ^bb0(%p: f32, %b: f32, %r: f32):
    %s = arith.addf %p, %b : f32
    linalg.yield %s : f32
  } -> tensor<?x64xf32>
  %a = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%g, %ub : tensor<?x64xf32>, tensor<?x64xf32>) outs(%init : tensor<?x64xf32>) {
  ^bb0(%p: f32, %b: f32, %r: f32):
    %e = math.exp %p : f32
    %s = arith.mulf %p, %e : f32
    %m = arith.mulf %s, %b : f32
    linalg.yield %m : f32
  } -> tensor<?x64xf32>
  // expected-remark @+1 {{scales can move to 'up', 'bias'}}
  %a1 = quantized.observe %a for ["down"] : tensor<?x64xf32>
  %d = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%a1, %down : tensor<?x64xf32>, tensor<64x64xf32>) outs(%fill : tensor<?x64xf32>) -> tensor<?x64xf32>
  %w = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h1, %v : tensor<?x64xf32>, tensor<32x64xf32>) outs(%fillHalf : tensor<?x32xf32>) -> tensor<?x32xf32>
  %values = tensor.expand_shape %w [[0, 1], [2]] output_shape [1, %t, 32] : tensor<?x32xf32> into tensor<1x?x32xf32>
  %attention = lm.attention %q, %k, %values {head_dim = 16 : i64, scale = 0.25 : f32} : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  %rows = tensor.collapse_shape %attention [[0, 1], [2]] : tensor<1x?x64xf32> into tensor<?x64xf32>
  // expected-remark @+1 {{scales can move to 'v'}}
  %rows1 = quantized.observe %rows for ["o"] : tensor<?x64xf32>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%rows1, %o : tensor<?x64xf32>, tensor<64x64xf32>) outs(%fill : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %d, %y : tensor<?x64xf32>, tensor<?x64xf32>
}

func.func @layer_norm(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %gamma = ml_program.global_load_const @gamma : tensor<64xf32>
  %beta = ml_program.global_load_const @beta : tensor<64xf32>
  %gate = ml_program.global_load_const @gate : tensor<64x64xf32>
  %h = lm.layer_norm %x, %gamma, %beta {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  // expected-remark @+1 {{scales can move to 'gamma', 'beta'}}
  %h1 = quantized.observe %h for ["gate"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h1, %gate : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g : tensor<?x64xf32>
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#t = affine_map<(m, n) -> (n, m)>
#col = affine_map<(m, n) -> (n)>
ml_program.global private @norm(#compress.parameter<"m.gguf", "norm">) : tensor<64xf32>
ml_program.global private @norm2(#compress.parameter<"m.gguf", "norm2">) : tensor<64xf32>
ml_program.global private @norm3(#compress.parameter<"m.gguf", "norm3">) : tensor<16xf32>
ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<64x64xf32>
ml_program.global private @u(#compress.parameter<"m.gguf", "u">) : tensor<64x64xf32>

func.func @argument(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  // expected-remark @+1 {{scales can't move: the value is an argument}}
  %h = quantized.observe %x for ["w"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g : tensor<?x64xf32>
}

func.func @read(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %norm = ml_program.global_load_const @norm : tensor<64xf32>
  %n = lm.rms_norm %x, %norm {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  // expected-remark @+1 {{scales can't move: the value is read by other ops than its products}}
  %h = quantized.observe %n for ["w"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g, %h : tensor<?x64xf32>, tensor<?x64xf32>
}

func.func @shared(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %norm = ml_program.global_load_const @norm : tensor<64xf32>
  %n = lm.rms_norm %x, %norm {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  %m = lm.rms_norm %init, %norm {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  // expected-remark @+1 {{scales can't move: the value is made with 'norm', which has other uses as well}}
  %h = quantized.observe %n for ["w"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g, %m : tensor<?x64xf32>, tensor<?x64xf32>
}

func.func @given(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>, %vector: tensor<64xf32>) -> tensor<?x64xf32> {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %n = lm.rms_norm %x, %vector {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  // expected-remark @+1 {{scales can't move: the value is made with values that are no parameters}}
  %h = quantized.observe %n for ["w"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g : tensor<?x64xf32>
}

func.func @accumulated(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %u = ml_program.global_load_const @u : tensor<64x64xf32>
  %n = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %u : tensor<?x64xf32>, tensor<64x64xf32>) outs(%x : tensor<?x64xf32>) -> tensor<?x64xf32>
  // expected-remark @+1 {{scales can't move: the value is a product with no matrix [n, k] of parameters}}
  %h = quantized.observe %n for ["w"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g : tensor<?x64xf32>
}

// A square is no linear function, whichever factor one looks at.
func.func @square(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %norm = ml_program.global_load_const @norm2 : tensor<64xf32>
  %n = lm.rms_norm %x, %norm {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  %s = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%n : tensor<?x64xf32>) outs(%init : tensor<?x64xf32>) {
  ^bb0(%p: f32, %r: f32):
    %m = arith.mulf %p, %p : f32
    linalg.yield %m : f32
  } -> tensor<?x64xf32>
  // expected-remark @+1 {{scales can't move: the value is made by an op that is not linear in an operand}}
  %h = quantized.observe %s for ["w"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g : tensor<?x64xf32>
}

func.func @transposed(%x: tensor<64x64xf32>, %init: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %s = linalg.generic {indexing_maps = [#t, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x : tensor<64x64xf32>) outs(%init : tensor<64x64xf32>) {
  ^bb0(%p: f32, %r: f32):
    linalg.yield %p : f32
  } -> tensor<64x64xf32>
  // expected-remark @+1 {{scales can't move: the value is made by}}
  %h = quantized.observe %s for ["w"] : tensor<64x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %w : tensor<64x64xf32>, tensor<64x64xf32>) outs(%init : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %g : tensor<64x64xf32>
}

// Heads are normalized one by one.
func.func @heads(%x: tensor<?x16xf32>, %init: tensor<?x64xf32>, %t: index) -> tensor<?x64xf32> {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %norm = ml_program.global_load_const @norm3 : tensor<16xf32>
  %n = lm.rms_norm %x, %norm {epsilon = 1.0e-5 : f32} : tensor<?x16xf32>, tensor<16xf32>
  %e = tensor.expand_shape %n [[0, 1], [2]] output_shape [%t, 4, 16] : tensor<?x16xf32> into tensor<?x4x16xf32>
  %c = tensor.collapse_shape %e [[0], [1, 2]] : tensor<?x4x16xf32> into tensor<?x64xf32>
  // expected-remark @+1 {{scales can't move: the value is reshaped across channels}}
  %h = quantized.observe %c for ["w"] : tensor<?x64xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g : tensor<?x64xf32>
}

// One matrix of another order than rows and columns.
func.func @channels(%x: tensor<?x?xf32>, %y: tensor<64x?xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // expected-remark @+1 {{scales can't move: the value has no static number of channels}}
  %h = quantized.observe %x for ["w"] : tensor<?x?xf32>
  %g = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%h, %y : tensor<?x?xf32>, tensor<64x?xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %g : tensor<?x64xf32>
}
