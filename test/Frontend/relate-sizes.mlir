// RUN: compress-opt %s --compress-relate-sizes --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// What both arguments share is one size, and one value.
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<?x4xf32> {compress.sizes = ["s0", ""]}
// CHECK-SAME: %[[B:[a-z0-9]+]]: tensor<?x4xf32> {compress.sizes = ["s0", ""]}
// CHECK-SAME: -> (tensor<?x4xf32> {compress.sizes = ["s0", ""]})
func.func @f(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[M:.*]] = tensor.dim %[[A]]
  // CHECK-NOT: tensor.dim
  // CHECK-NOT: cf.assert
  // CHECK: tensor.empty(%[[M]])
  %c0 = arith.constant 0 : index
  %m = tensor.dim %a, %c0 : tensor<?x4xf32>
  %n = tensor.dim %b, %c0 : tensor<?x4xf32>
  %equal = arith.cmpi eq, %m, %n : index
  %less = arith.cmpi sle, %m, %n : index
  %both = arith.andi %less, %equal : i1
  cf.assert %both, "mismatched size for broadcast"
  cf.assert %equal, "mismatched size for broadcast"
  %empty = tensor.empty(%n) : tensor<?x4xf32>
  %0 = linalg.add ins(%a, %b : tensor<?x4xf32>, tensor<?x4xf32>) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// Names that are there already stay what they say; a size of none's own is left out.
// CHECK-LABEL: func.func @named(
// CHECK-SAME: tensor<?x?xf32> {compress.sizes = ["s0", "s1"]}, %{{.*}}: tensor<?xf32> {compress.sizes = ["s1"]}
// CHECK-SAME: -> (tensor<?xf32> {compress.sizes = [""]}, tensor<?xf32> {compress.sizes = ["s1"]})
func.func @named(%a: tensor<?x?xf32> {compress.sizes = ["rows", "columns"]}, %b: tensor<?xf32> {compress.sizes = ["columns"]})
    -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = tensor.collapse_shape %a [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  return %0, %b : tensor<?xf32>, tensor<?xf32>
}

// -----

// Sizes through padding, slices, casts, halves and remainders.
// CHECK-LABEL: func.func @computed(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x6xf32>
func.func @computed(%x: tensor<?x6xf32>) -> tensor<?x6xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c6 = arith.constant 6 : index
  %v = arith.constant 0.0 : f32
  // CHECK: %[[N:.*]] = tensor.dim %[[X]]
  %n = tensor.dim %x, %c0 : tensor<?x6xf32>
  %padded = tensor.pad %x low[1, 0] high[3, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<?x6xf32> to tensor<?x6xf32>
  %m = tensor.dim %padded, %c0 : tensor<?x6xf32>
  %difference = arith.subi %m, %n : index
  %four = arith.cmpi eq, %difference, %c4 : index
  cf.assert %four, "four rows more"
  %twice = arith.muli %n, %c4 : index
  %half = arith.divui %twice, %c2 : index
  %rest = arith.remsi %twice, %c4 : index
  %none = arith.cmpi eq, %rest, %c0 : index
  cf.assert %none, "a multiple of four"
  %up = arith.ceildivsi %half, %c2 : index
  %back = arith.cmpi eq, %up, %n : index
  cf.assert %back, "the number of rows"
  %some = arith.cmpi sgt, %m, %c1 : index
  cf.assert %some, "more than one"
  %different = arith.cmpi ne, %m, %n : index
  cf.assert %different, "padded"
  %few = arith.cmpi ult, %n, %m : index
  cf.assert %few, "fewer"
  %slice = tensor.extract_slice %padded[0, 0] [%up, 6] [1, 1] : tensor<?x6xf32> to tensor<?x6xf32>
  %k = tensor.dim %slice, %c0 : tensor<?x6xf32>
  %same = arith.cmpi eq, %k, %n : index
  cf.assert %same, "the slice has as many"
  // CHECK-NOT: cf.assert
  // CHECK: tensor.extract_slice %{{.*}}[0, 0] [%[[N]], 6]
  return %slice : tensor<?x6xf32>
}

// -----

// A broadcast of one row is none where there are as many rows as are asked for, and what is read in order is an operand.
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-LABEL: func.func @broadcast(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK: linalg.generic {indexing_maps = [#[[ID]], #[[ID]]]{{.*}} ins(%[[X]] : tensor<?x4xf32>)
func.func @broadcast(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %empty = tensor.empty(%n) : tensor<?x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%empty : tensor<?x4xf32>) {
  ^bb0(%old: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %one = arith.cmpi eq, %n, %c1 : index
    %row = arith.select %one, %c0, %i : index
    %value = tensor.extract %x[%row, %j] : tensor<?x4xf32>
    %sum = arith.addf %value, %value : f32
    linalg.yield %sum : f32
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func @unknown(%x: tensor<?xf32>, %wanted: i1) -> tensor<?xf32> {
  // expected-error @below {{can't be kept: programs can't fail, and it does not follow from sizes that arguments have in common that 'as the caller likes' never comes true}}
  cf.assert %wanted, "as the caller likes"
  return %x : tensor<?xf32>
}

// -----

func.func @multiple(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %rest = arith.remui %n, %c4 : index
  %none = arith.cmpi eq, %rest, %c0 : index
  // expected-error @below {{can't be kept}}
  cf.assert %none, "a multiple of four"
  return %x : tensor<?xf32>
}
