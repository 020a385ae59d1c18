// RUN: compress-opt %s --lm-raise --split-input-file | FileCheck %s

// Checks are what the clamping is for.
// CHECK-LABEL: func.func @gather(
// CHECK-SAME: %[[TABLE:.*]]: tensor<100x64xf32>, %[[IDS:.*]]: tensor<?x7xi64>
// CHECK: %[[N:.*]] = linalg.generic {{.*}} ins(%[[IDS]] : tensor<?x7xi64>) outs(%{{.*}} : tensor<?x7xi32>)
// CHECK: arith.maxsi
// CHECK: arith.minsi
// CHECK: arith.trunci
// CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[N]] {{\[\[}}0, 1]]
// CHECK: %[[ROWS:.*]] = lm.gather_rows %[[TABLE]][%[[FLAT]]] : tensor<100x64xf32>[tensor<?xi32>] -> tensor<?x64xf32>
// CHECK: tensor.expand_shape %[[ROWS]] {{\[\[}}0, 1], [2]]
func.func @gather(%table: tensor<100x64xf32>, %ids: tensor<?x7xi64>, %y: tensor<?x7x64xf32>) -> tensor<?x7x64xf32> {
  %c100 = arith.constant 100 : index
  %0 = linalg.generic {
    indexing_maps = [affine_map<(b, t, d) -> (b, t)>, affine_map<(b, t, d) -> (b, t, d)>],
    iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%ids : tensor<?x7xi64>) outs(%y : tensor<?x7x64xf32>) {
  ^bb0(%id: i64, %old: f32):
    %row = arith.index_cast %id : i64 to index
    %column = linalg.index 2 : index
    %inside = arith.cmpi slt, %row, %c100 : index
    cf.assert %inside, "index must be smaller than dim size"
    %value = tensor.extract %table[%row, %column] : tensor<100x64xf32>
    linalg.yield %value : f32
  } -> tensor<?x7x64xf32>
  return %0 : tensor<?x7x64xf32>
}

// -----

// Narrow numbers of rows, one per row.
// CHECK-LABEL: func.func @narrow
// CHECK: arith.extsi {{.*}} : i16 to i32
// CHECK-NOT: tensor.collapse_shape
// CHECK: lm.gather_rows
func.func @narrow(%table: tensor<100x64xf32>, %ids: tensor<?xi16>, %y: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = linalg.generic {
    indexing_maps = [affine_map<(t, d) -> (t)>, affine_map<(t, d) -> (t, d)>], iterator_types = ["parallel", "parallel"]}
    ins(%ids : tensor<?xi16>) outs(%y : tensor<?x64xf32>) {
  ^bb0(%id: i16, %old: f32):
    %row = arith.index_cast %id : i16 to index
    %column = linalg.index 1 : index
    %value = tensor.extract %table[%row, %column] : tensor<100x64xf32>
    linalg.yield %value : f32
  } -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// -----

// Half of each row, and a value that is changed, are no rows.
// CHECK-LABEL: func.func @others
// CHECK-NOT: lm.gather_rows
func.func @others(%table: tensor<100x64xf32>, %ids: tensor<?xi32>, %y: tensor<?x32xf32>, %z: tensor<?x64xf32>) -> (tensor<?x32xf32>, tensor<?x64xf32>) {
  %0 = linalg.generic {
    indexing_maps = [affine_map<(t, d) -> (t)>, affine_map<(t, d) -> (t, d)>], iterator_types = ["parallel", "parallel"]}
    ins(%ids : tensor<?xi32>) outs(%y : tensor<?x32xf32>) {
  ^bb0(%id: i32, %old: f32):
    %row = arith.index_cast %id : i32 to index
    %column = linalg.index 1 : index
    %value = tensor.extract %table[%row, %column] : tensor<100x64xf32>
    linalg.yield %value : f32
  } -> tensor<?x32xf32>
  %1 = linalg.generic {
    indexing_maps = [affine_map<(t, d) -> (t)>, affine_map<(t, d) -> (t, d)>], iterator_types = ["parallel", "parallel"]}
    ins(%ids : tensor<?xi32>) outs(%z : tensor<?x64xf32>) {
  ^bb0(%id: i32, %old: f32):
    %row = arith.index_cast %id : i32 to index
    %column = linalg.index 1 : index
    %value = tensor.extract %table[%row, %column] : tensor<100x64xf32>
    %twice = arith.addf %value, %value : f32
    linalg.yield %twice : f32
  } -> tensor<?x64xf32>
  return %0, %1 : tensor<?x32xf32>, tensor<?x64xf32>
}

// -----

// A root mean square over rows of a batch, with the mean as a product and the square as a power.
// CHECK-LABEL: func.func @rms(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x7x64xf32>, %[[W:[a-z0-9]+]]: tensor<64xf32>
// CHECK: %[[ROWS:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1], [2]]
// CHECK: %[[N:.*]] = lm.rms_norm %[[ROWS]], %[[W]] {epsilon = 9.99999997E-7 : f32}
// CHECK: %[[Y:.*]] = tensor.expand_shape %[[N]]
// CHECK: return %[[Y]]
#id = affine_map<(b, t, d) -> (b, t, d)>
#row = affine_map<(b, t, d) -> (b, t)>
#vector = affine_map<(b, t, d) -> (d)>
func.func @rms(%x: tensor<?x7x64xf32>, %w: tensor<64xf32>, %s: tensor<?x7xf32>, %y: tensor<?x7x64xf32>) -> tensor<?x7x64xf32> {
  %zero = arith.constant 0.0 : f32
  %inverse = arith.constant 0.015625 : f32
  %epsilon = arith.constant 1.0e-6 : f32
  %two = arith.constant 2 : i32
  %f = linalg.fill ins(%zero : f32) outs(%s : tensor<?x7xf32>) -> tensor<?x7xf32>
  %0 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x : tensor<?x7x64xf32>) outs(%f : tensor<?x7xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %q = math.fpowi %a, %two : f32, i32
    %t = arith.addf %sum, %q : f32
    linalg.yield %t : f32
  } -> tensor<?x7xf32>
  %1 = linalg.generic {indexing_maps = [#id, #row, #vector, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%x, %0, %w : tensor<?x7x64xf32>, tensor<?x7xf32>, tensor<64xf32>) outs(%y : tensor<?x7x64xf32>) {
  ^bb0(%a: f32, %sum: f32, %g: f32, %old: f32):
    %mean = arith.mulf %sum, %inverse : f32
    %v = arith.addf %mean, %epsilon : f32
    %r = math.rsqrt %v : f32
    %n = arith.mulf %a, %r : f32
    %m = arith.mulf %g, %n : f32
    linalg.yield %m : f32
  } -> tensor<?x7x64xf32>
  return %1 : tensor<?x7x64xf32>
}

// -----

// The mean of other values, a sum of half the columns, and a scale per row are no norms.
// CHECK-LABEL: func.func @not_norms
// CHECK-NOT: lm.rms_norm
// CHECK-NOT: lm.layer_norm
#id = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>
#vector = affine_map<(t, d) -> (d)>
func.func @not_norms(%x: tensor<?x64xf32>, %z: tensor<?x64xf32>, %h: tensor<?x32xf32>, %w: tensor<64xf32>, %u: tensor<?xf32>,
                     %s: tensor<?xf32>, %y: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) {
  %zero = arith.constant 0.0 : f32
  %c64 = arith.constant 64.0 : f32
  %epsilon = arith.constant 1.0e-6 : f32
  %f = linalg.fill ins(%zero : f32) outs(%s : tensor<?xf32>) -> tensor<?xf32>
  %0 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
    ins(%z : tensor<?x64xf32>) outs(%f : tensor<?xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %q = arith.mulf %a, %a : f32
    %t = arith.addf %sum, %q : f32
    linalg.yield %t : f32
  } -> tensor<?xf32>
  %1 = linalg.generic {indexing_maps = [#id, #row, #vector, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x, %0, %w : tensor<?x64xf32>, tensor<?xf32>, tensor<64xf32>) outs(%y : tensor<?x64xf32>) {
  ^bb0(%a: f32, %sum: f32, %g: f32, %old: f32):
    %mean = arith.divf %sum, %c64 : f32
    %v = arith.addf %mean, %epsilon : f32
    %r = math.rsqrt %v : f32
    %n = arith.mulf %a, %r : f32
    %m = arith.mulf %g, %n : f32
    linalg.yield %m : f32
  } -> tensor<?x64xf32>
  %2 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
    ins(%h : tensor<?x32xf32>) outs(%f : tensor<?xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %q = arith.mulf %a, %a : f32
    %t = arith.addf %sum, %q : f32
    linalg.yield %t : f32
  } -> tensor<?xf32>
  %3 = linalg.generic {indexing_maps = [#id, #row, #vector, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x, %2, %w : tensor<?x64xf32>, tensor<?xf32>, tensor<64xf32>) outs(%y : tensor<?x64xf32>) {
  ^bb0(%a: f32, %sum: f32, %g: f32, %old: f32):
    %mean = arith.divf %sum, %c64 : f32
    %v = arith.addf %mean, %epsilon : f32
    %r = math.rsqrt %v : f32
    %n = arith.mulf %a, %r : f32
    %m = arith.mulf %g, %n : f32
    linalg.yield %m : f32
  } -> tensor<?x64xf32>
  %4 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
    ins(%x : tensor<?x64xf32>) outs(%f : tensor<?xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %q = arith.mulf %a, %a : f32
    %t = arith.addf %sum, %q : f32
    linalg.yield %t : f32
  } -> tensor<?xf32>
  %5 = linalg.generic {indexing_maps = [#id, #row, #row, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x, %4, %u : tensor<?x64xf32>, tensor<?xf32>, tensor<?xf32>) outs(%y : tensor<?x64xf32>) {
  ^bb0(%a: f32, %sum: f32, %g: f32, %old: f32):
    %mean = arith.divf %sum, %c64 : f32
    %v = arith.addf %mean, %epsilon : f32
    %r = math.rsqrt %v : f32
    %n = arith.mulf %a, %r : f32
    %m = arith.mulf %g, %n : f32
    linalg.yield %m : f32
  } -> tensor<?x64xf32>
  return %1, %3, %5 : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
}

// -----

// What is rounded to bf16 on the way is not the norm of what it was.
// CHECK-LABEL: func.func @rounded
// CHECK-NOT: lm.rms_norm
#id = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>
#vector = affine_map<(t, d) -> (d)>
func.func @rounded(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %s: tensor<?xf32>, %y: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %zero = arith.constant 0.0 : f32
  %c64 = arith.constant 64.0 : f32
  %epsilon = arith.constant 1.0e-6 : f32
  %f = linalg.fill ins(%zero : f32) outs(%s : tensor<?xf32>) -> tensor<?xf32>
  %0 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
    ins(%x : tensor<?x64xf32>) outs(%f : tensor<?xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %q = arith.mulf %a, %a : f32
    %t = arith.addf %sum, %q : f32
    linalg.yield %t : f32
  } -> tensor<?xf32>
  %1 = linalg.generic {indexing_maps = [#id, #row, #vector, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x, %0, %w : tensor<?x64xf32>, tensor<?xf32>, tensor<64xf32>) outs(%y : tensor<?x64xf32>) {
  ^bb0(%a: f32, %sum: f32, %g: f32, %old: f32):
    %mean = arith.divf %sum, %c64 : f32
    %v = arith.addf %mean, %epsilon : f32
    %r = math.rsqrt %v : f32
    %n = arith.mulf %a, %r : f32
    %h = arith.truncf %n : f32 to bf16
    %k = arith.extf %h : bf16 to f32
    %m = arith.mulf %g, %k : f32
    linalg.yield %m : f32
  } -> tensor<?x64xf32>
  return %1 : tensor<?x64xf32>
}
