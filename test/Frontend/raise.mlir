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
