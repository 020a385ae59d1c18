#map = affine_map<(d0, d1, d2) -> (d0, d1)>
#map1 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#map2 = affine_map<(d0, d1, d2) -> (d0, d1, 0)>
#map3 = affine_map<(d0, d1, d2) -> (d2)>
#map4 = affine_map<()[s0] -> (s0 * 9)>
#map5 = affine_map<(d0, d1) -> (d1)>
#map6 = affine_map<(d0, d1) -> (d0, d1)>
#map7 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map8 = affine_map<(d0) -> (d0)>
#map9 = affine_map<(d0, d1) -> (0, d1)>
#map10 = affine_map<(d0, d1) -> (d0, 0)>
#map11 = affine_map<(d0, d1) -> ()>
#map12 = affine_map<()[s0] -> (s0 * 2)>
#map13 = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
#map14 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
#map15 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, 0)>
#map16 = affine_map<(d0, d1, d2, d3) -> ()>
#map17 = affine_map<(d0, d1, d2) -> (d1, d2)>
module {
  func.func @transformer(%arg0: tensor<?x9xi64>) -> tensor<?x9x32xf32> {
    %c9_i64 = arith.constant 9 : i64
    %c0_i64 = arith.constant 0 : i64
    %c1 = arith.constant 1 : index
    %c0 = arith.constant 0 : index
    %c9 = arith.constant 9 : index
    %c40 = arith.constant 40 : index
    %c2 = arith.constant 2 : index
    %cst = arith.constant 0.000000e+00 : f64
    %cst_0 = arith.constant 0.000000e+00 : f32
    %cst_1 = arith.constant 0xFF800000 : f32
    %true = arith.constant true
    %cst_2 = arith.constant 1.000000e+00 : f32
    %cst_3 = arith.constant 5.000000e-01 : f32
    %cst_4 = arith.constant dense<0.000000e+00> : tensor<f32>
    %cst_5 = arith.constant dense<0xFF800000> : tensor<f32>
    %cst_6 = arith.constant dense<true> : tensor<9x9xi1>
    %cst_7 = arith.constant dense_resource<torch_tensor_32_torch.float32_8> : tensor<32xf32>
    %cst_8 = arith.constant dense_resource<torch_tensor_32_64_torch.float32> : tensor<32x64xf32>
    %cst_9 = arith.constant dense_resource<torch_tensor_64_torch.float32> : tensor<64xf32>
    %cst_10 = arith.constant dense_resource<torch_tensor_64_32_torch.float32> : tensor<64x32xf32>
    %cst_11 = arith.constant dense_resource<torch_tensor_32_torch.float32_7> : tensor<32xf32>
    %cst_12 = arith.constant dense_resource<torch_tensor_32_torch.float32_6> : tensor<32xf32>
    %cst_13 = arith.constant dense_resource<torch_tensor_32_torch.float32_5> : tensor<32xf32>
    %cst_14 = arith.constant dense_resource<torch_tensor_32_32_torch.float32_3> : tensor<32x32xf32>
    %cst_15 = arith.constant 0xFFF0000000000000 : f64
    %cst_16 = arith.constant dense_resource<torch_tensor_32_torch.float32_4> : tensor<32xf32>
    %cst_17 = arith.constant dense_resource<torch_tensor_32_32_torch.float32_2> : tensor<32x32xf32>
    %cst_18 = arith.constant dense_resource<torch_tensor_32_torch.float32_3> : tensor<32xf32>
    %cst_19 = arith.constant dense_resource<torch_tensor_32_32_torch.float32_1> : tensor<32x32xf32>
    %cst_20 = arith.constant dense_resource<torch_tensor_32_torch.float32_2> : tensor<32xf32>
    %cst_21 = arith.constant dense_resource<torch_tensor_32_32_torch.float32> : tensor<32x32xf32>
    %cst_22 = arith.constant dense_resource<torch_tensor_32_torch.float32_1> : tensor<32xf32>
    %cst_23 = arith.constant dense_resource<torch_tensor_32_torch.float32> : tensor<32xf32>
    %cst_24 = arith.constant 1.000000e-05 : f64
    %cst_25 = arith.constant dense_resource<torch_tensor_40_32_torch.float32> : tensor<40x32xf32>
    %cst_26 = arith.constant 3.200000e+01 : f64
    %cst_27 = arith.constant 3.200000e+01 : f32
    %cst_28 = arith.constant 1.41421354 : f32
    %dim = tensor.dim %arg0, %c0 : tensor<?x9xi64>
    %0 = arith.index_cast %dim : index to i64
    %1 = tensor.empty(%dim) : tensor<?x9x32xf32>
    %2 = linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg0 : tensor<?x9xi64>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: i64, %out: f32):
      %140 = arith.index_cast %in : i64 to index
      %141 = linalg.index 2 : index
      %142 = arith.cmpi slt, %140, %c40 : index
      cf.assert %142, "index must be smaller than dim size"
      %143 = arith.cmpi sge, %in, %c0_i64 : i64
      cf.assert %143, "index must be larger or equal to 0"
      %extracted = tensor.extract %cst_25[%140, %141] : tensor<40x32xf32>
      linalg.yield %extracted : f32
    } -> tensor<?x9x32xf32>
    %3 = tensor.empty(%dim) : tensor<?x9x32xf64>
    %4 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%2 : tensor<?x9x32xf32>) outs(%3 : tensor<?x9x32xf64>) {
    ^bb0(%in: f32, %out: f64):
      %140 = arith.extf %in : f32 to f64
      linalg.yield %140 : f64
    } -> tensor<?x9x32xf64>
    %5 = tensor.empty(%dim) : tensor<?x9x1xf64>
    %6 = linalg.fill ins(%cst : f64) outs(%5 : tensor<?x9x1xf64>) -> tensor<?x9x1xf64>
    %7 = linalg.generic {indexing_maps = [#map1, #map2], iterator_types = ["parallel", "parallel", "reduction"]} ins(%4 : tensor<?x9x32xf64>) outs(%6 : tensor<?x9x1xf64>) {
    ^bb0(%in: f64, %out: f64):
      %140 = arith.addf %in, %out : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x1xf64>
    %8 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%7 : tensor<?x9x1xf64>) outs(%5 : tensor<?x9x1xf64>) {
    ^bb0(%in: f64, %out: f64):
      %140 = arith.divf %in, %cst_26 : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x1xf64>
    %9 = linalg.generic {indexing_maps = [#map1, #map2, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%4, %8 : tensor<?x9x32xf64>, tensor<?x9x1xf64>) outs(%3 : tensor<?x9x32xf64>) {
    ^bb0(%in: f64, %in_54: f64, %out: f64):
      %140 = arith.subf %in, %in_54 : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x32xf64>
    %10 = linalg.generic {indexing_maps = [#map1, #map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%9, %9 : tensor<?x9x32xf64>, tensor<?x9x32xf64>) outs(%3 : tensor<?x9x32xf64>) {
    ^bb0(%in: f64, %in_54: f64, %out: f64):
      %140 = arith.mulf %in, %in_54 : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x32xf64>
    %11 = linalg.generic {indexing_maps = [#map1, #map2], iterator_types = ["parallel", "parallel", "reduction"]} ins(%10 : tensor<?x9x32xf64>) outs(%6 : tensor<?x9x1xf64>) {
    ^bb0(%in: f64, %out: f64):
      %140 = arith.addf %in, %out : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x1xf64>
    %12 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%11 : tensor<?x9x1xf64>) outs(%5 : tensor<?x9x1xf64>) {
    ^bb0(%in: f64, %out: f64):
      %140 = arith.divf %in, %cst_26 : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x1xf64>
    %13 = tensor.empty(%dim) : tensor<?x9x1xf32>
    %14 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%12 : tensor<?x9x1xf64>) outs(%13 : tensor<?x9x1xf32>) {
    ^bb0(%in: f64, %out: f32):
      %140 = arith.truncf %in : f64 to f32
      linalg.yield %140 : f32
    } -> tensor<?x9x1xf32>
    %15 = linalg.fill ins(%cst_0 : f32) outs(%13 : tensor<?x9x1xf32>) -> tensor<?x9x1xf32>
    %16 = linalg.generic {indexing_maps = [#map1, #map2], iterator_types = ["parallel", "parallel", "reduction"]} ins(%2 : tensor<?x9x32xf32>) outs(%15 : tensor<?x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.addf %in, %out : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x1xf32>
    %17 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%16 : tensor<?x9x1xf32>) outs(%13 : tensor<?x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.divf %in, %cst_27 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x1xf32>
    %18 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%14 : tensor<?x9x1xf32>) outs(%13 : tensor<?x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.truncf %cst_24 : f64 to f32
      %141 = arith.addf %in, %140 : f32
      linalg.yield %141 : f32
    } -> tensor<?x9x1xf32>
    %19 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%18 : tensor<?x9x1xf32>) outs(%13 : tensor<?x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = math.rsqrt %in : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x1xf32>
    %20 = linalg.generic {indexing_maps = [#map1, #map2, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%2, %17 : tensor<?x9x32xf32>, tensor<?x9x1xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.subf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %21 = linalg.generic {indexing_maps = [#map1, #map2, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%20, %19 : tensor<?x9x32xf32>, tensor<?x9x1xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.mulf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %22 = linalg.generic {indexing_maps = [#map1, #map3, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%21, %cst_23 : tensor<?x9x32xf32>, tensor<32xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.mulf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %23 = linalg.generic {indexing_maps = [#map1, #map3, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%22, %cst_22 : tensor<?x9x32xf32>, tensor<32xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %24 = arith.muli %0, %c9_i64 : i64
    %collapsed = tensor.collapse_shape %23 [[0, 1], [2]] : tensor<?x9x32xf32> into tensor<?x32xf32>
    %25 = tensor.empty() : tensor<32x32xf32>
    %transposed = linalg.transpose ins(%cst_21 : tensor<32x32xf32>) outs(%25 : tensor<32x32xf32>) permutation = [1, 0] 
    %26 = affine.apply #map4()[%dim]
    %27 = tensor.empty(%26) : tensor<?x32xf32>
    %28 = linalg.fill ins(%cst_0 : f32) outs(%27 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %29 = linalg.matmul ins(%collapsed, %transposed : tensor<?x32xf32>, tensor<32x32xf32>) outs(%28 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %30 = arith.cmpi sge, %24, %c0_i64 : i64
    cf.assert %30, "negative values not allowed in new dimensions"
    %31 = arith.index_cast %24 : i64 to index
    %32 = tensor.empty(%31) : tensor<?x32xf32>
    %33 = linalg.generic {indexing_maps = [#map5, #map6], iterator_types = ["parallel", "parallel"]} ins(%cst_20 : tensor<32xf32>) outs(%32 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<?x32xf32>
    %34 = arith.cmpi eq, %26, %31 : index
    cf.assert %34, "mismatched size for broadcast"
    %35 = linalg.generic {indexing_maps = [#map6, #map6, #map6], iterator_types = ["parallel", "parallel"]} ins(%29, %33 : tensor<?x32xf32>, tensor<?x32xf32>) outs(%27 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x32xf32>
    %36 = arith.divsi %26, %c9 : index
    %expanded = tensor.expand_shape %35 [[0, 1], [2, 3]] output_shape [%36, 9, 2, 16] : tensor<?x32xf32> into tensor<?x9x2x16xf32>
    %37 = tensor.empty(%36) : tensor<?x2x9x16xf32>
    %transposed_29 = linalg.transpose ins(%expanded : tensor<?x9x2x16xf32>) outs(%37 : tensor<?x2x9x16xf32>) permutation = [0, 2, 1, 3] 
    %transposed_30 = linalg.transpose ins(%cst_19 : tensor<32x32xf32>) outs(%25 : tensor<32x32xf32>) permutation = [1, 0] 
    %38 = linalg.matmul ins(%collapsed, %transposed_30 : tensor<?x32xf32>, tensor<32x32xf32>) outs(%28 : tensor<?x32xf32>) -> tensor<?x32xf32>
    cf.assert %30, "negative values not allowed in new dimensions"
    %39 = linalg.generic {indexing_maps = [#map5, #map6], iterator_types = ["parallel", "parallel"]} ins(%cst_18 : tensor<32xf32>) outs(%32 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<?x32xf32>
    cf.assert %34, "mismatched size for broadcast"
    %40 = linalg.generic {indexing_maps = [#map6, #map6, #map6], iterator_types = ["parallel", "parallel"]} ins(%38, %39 : tensor<?x32xf32>, tensor<?x32xf32>) outs(%27 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x32xf32>
    %expanded_31 = tensor.expand_shape %40 [[0, 1], [2, 3]] output_shape [%36, 9, 2, 16] : tensor<?x32xf32> into tensor<?x9x2x16xf32>
    %transposed_32 = linalg.transpose ins(%cst_17 : tensor<32x32xf32>) outs(%25 : tensor<32x32xf32>) permutation = [1, 0] 
    %41 = linalg.matmul ins(%collapsed, %transposed_32 : tensor<?x32xf32>, tensor<32x32xf32>) outs(%28 : tensor<?x32xf32>) -> tensor<?x32xf32>
    cf.assert %30, "negative values not allowed in new dimensions"
    %42 = linalg.generic {indexing_maps = [#map5, #map6], iterator_types = ["parallel", "parallel"]} ins(%cst_16 : tensor<32xf32>) outs(%32 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<?x32xf32>
    cf.assert %34, "mismatched size for broadcast"
    %43 = linalg.generic {indexing_maps = [#map6, #map6, #map6], iterator_types = ["parallel", "parallel"]} ins(%41, %42 : tensor<?x32xf32>, tensor<?x32xf32>) outs(%27 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x32xf32>
    %expanded_33 = tensor.expand_shape %43 [[0, 1], [2, 3]] output_shape [%36, 9, 2, 16] : tensor<?x32xf32> into tensor<?x9x2x16xf32>
    %transposed_34 = linalg.transpose ins(%expanded_33 : tensor<?x9x2x16xf32>) outs(%37 : tensor<?x2x9x16xf32>) permutation = [0, 2, 1, 3] 
    %44 = linalg.generic {indexing_maps = [#map7, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%transposed_29 : tensor<?x2x9x16xf32>) outs(%37 : tensor<?x2x9x16xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.mulf %in, %cst_3 : f32
      linalg.yield %140 : f32
    } -> tensor<?x2x9x16xf32>
    %45 = tensor.empty() : tensor<9xi64>
    %46 = linalg.generic {indexing_maps = [#map8], iterator_types = ["parallel"]} outs(%45 : tensor<9xi64>) {
    ^bb0(%out: i64):
      %140 = linalg.index 0 : index
      %141 = arith.index_cast %140 : index to i64
      linalg.yield %141 : i64
    } -> tensor<9xi64>
    %expanded_35 = tensor.expand_shape %46 [[0, 1]] output_shape [1, 9] : tensor<9xi64> into tensor<1x9xi64>
    %expanded_36 = tensor.expand_shape %46 [[0, 1]] output_shape [9, 1] : tensor<9xi64> into tensor<9x1xi64>
    %47 = tensor.empty() : tensor<9x9xi64>
    %48 = linalg.generic {indexing_maps = [#map9, #map10, #map6], iterator_types = ["parallel", "parallel"]} ins(%expanded_35, %expanded_36 : tensor<1x9xi64>, tensor<9x1xi64>) outs(%47 : tensor<9x9xi64>) {
    ^bb0(%in: i64, %in_54: i64, %out: i64):
      %140 = arith.subi %in, %in_54 : i64
      linalg.yield %140 : i64
    } -> tensor<9x9xi64>
    %49 = tensor.empty() : tensor<9x9xi1>
    %50 = linalg.generic {indexing_maps = [#map6, #map6], iterator_types = ["parallel", "parallel"]} ins(%48 : tensor<9x9xi64>) outs(%49 : tensor<9x9xi1>) {
    ^bb0(%in: i64, %out: i1):
      %140 = arith.cmpi sle, %in, %c0_i64 : i64
      linalg.yield %140 : i1
    } -> tensor<9x9xi1>
    %51 = linalg.generic {indexing_maps = [#map6, #map6, #map6], iterator_types = ["parallel", "parallel"]} ins(%50, %cst_6 : tensor<9x9xi1>, tensor<9x9xi1>) outs(%49 : tensor<9x9xi1>) {
    ^bb0(%in: i1, %in_54: i1, %out: i1):
      %140 = arith.andi %in, %in_54 : i1
      linalg.yield %140 : i1
    } -> tensor<9x9xi1>
    %52 = tensor.empty() : tensor<9x9xf32>
    %53 = linalg.generic {indexing_maps = [#map6, #map11, #map11, #map6], iterator_types = ["parallel", "parallel"]} ins(%51, %cst_4, %cst_5 : tensor<9x9xi1>, tensor<f32>, tensor<f32>) outs(%52 : tensor<9x9xf32>) {
    ^bb0(%in: i1, %in_54: f32, %in_55: f32, %out: f32):
      %140 = arith.select %in, %in_54, %in_55 : f32
      linalg.yield %140 : f32
    } -> tensor<9x9xf32>
    %54 = tensor.empty(%36) : tensor<?x2x16x9xf32>
    %transposed_37 = linalg.transpose ins(%expanded_31 : tensor<?x9x2x16xf32>) outs(%54 : tensor<?x2x16x9xf32>) permutation = [0, 2, 3, 1] 
    %55 = linalg.generic {indexing_maps = [#map7, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%transposed_37 : tensor<?x2x16x9xf32>) outs(%54 : tensor<?x2x16x9xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.mulf %in, %cst_3 : f32
      linalg.yield %140 : f32
    } -> tensor<?x2x16x9xf32>
    %56 = arith.cmpi sge, %0, %c0_i64 : i64
    cf.assert %56, "unimplemented: dynamic negative broadcast sizes"
    %57 = tensor.empty(%dim) : tensor<?x2x9x16xf32>
    %58 = linalg.generic {indexing_maps = [#map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%57 : tensor<?x2x9x16xf32>) {
    ^bb0(%out: f32):
      %140 = linalg.index 0 : index
      %141 = linalg.index 1 : index
      %142 = linalg.index 2 : index
      %143 = linalg.index 3 : index
      %144 = arith.cmpi eq, %36, %c1 : index
      %145 = arith.select %144, %c0, %140 : index
      %extracted = tensor.extract %44[%145, %141, %142, %143] : tensor<?x2x9x16xf32>
      linalg.yield %extracted : f32
    } -> tensor<?x2x9x16xf32>
    %collapsed_38 = tensor.collapse_shape %58 [[0, 1], [2], [3]] : tensor<?x2x9x16xf32> into tensor<?x9x16xf32>
    cf.assert %56, "unimplemented: dynamic negative broadcast sizes"
    %59 = tensor.empty(%dim) : tensor<?x2x16x9xf32>
    %60 = linalg.generic {indexing_maps = [#map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%59 : tensor<?x2x16x9xf32>) {
    ^bb0(%out: f32):
      %140 = linalg.index 0 : index
      %141 = linalg.index 1 : index
      %142 = linalg.index 2 : index
      %143 = linalg.index 3 : index
      %144 = arith.cmpi eq, %36, %c1 : index
      %145 = arith.select %144, %c0, %140 : index
      %extracted = tensor.extract %55[%145, %141, %142, %143] : tensor<?x2x16x9xf32>
      linalg.yield %extracted : f32
    } -> tensor<?x2x16x9xf32>
    %collapsed_39 = tensor.collapse_shape %60 [[0, 1], [2], [3]] : tensor<?x2x16x9xf32> into tensor<?x16x9xf32>
    %61 = affine.apply #map12()[%dim]
    %62 = tensor.empty(%61) : tensor<?x9x9xf32>
    %63 = linalg.fill ins(%cst_0 : f32) outs(%62 : tensor<?x9x9xf32>) -> tensor<?x9x9xf32>
    %64 = linalg.batch_matmul ins(%collapsed_38, %collapsed_39 : tensor<?x9x16xf32>, tensor<?x16x9xf32>) outs(%63 : tensor<?x9x9xf32>) -> tensor<?x9x9xf32>
    %65 = arith.divsi %61, %c2 : index
    %expanded_40 = tensor.expand_shape %64 [[0, 1], [2], [3]] output_shape [%65, 2, 9, 9] : tensor<?x9x9xf32> into tensor<?x2x9x9xf32>
    %66 = tensor.empty(%65) : tensor<?x2x9x9xf32>
    %67 = linalg.generic {indexing_maps = [#map7, #map13, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%expanded_40, %53 : tensor<?x2x9x9xf32>, tensor<9x9xf32>) outs(%66 : tensor<?x2x9x9xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x2x9x9xf32>
    %68 = tensor.empty(%65) : tensor<?x2x9xi64>
    %69 = linalg.fill ins(%c0_i64 : i64) outs(%68 : tensor<?x2x9xi64>) -> tensor<?x2x9xi64>
    %70 = tensor.empty(%65) : tensor<?x2x9xf32>
    %71 = linalg.fill ins(%cst_1 : f32) outs(%70 : tensor<?x2x9xf32>) -> tensor<?x2x9xf32>
    %72:2 = linalg.generic {indexing_maps = [#map7, #map14, #map14], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%67 : tensor<?x2x9x9xf32>) outs(%71, %69 : tensor<?x2x9xf32>, tensor<?x2x9xi64>) {
    ^bb0(%in: f32, %out: f32, %out_54: i64):
      %140 = linalg.index 3 : index
      %141 = arith.index_cast %140 : index to i64
      %142 = arith.maximumf %in, %out : f32
      %143 = arith.cmpf ogt, %in, %out : f32
      %144 = arith.select %143, %141, %out_54 : i64
      linalg.yield %142, %144 : f32, i64
    } -> (tensor<?x2x9xf32>, tensor<?x2x9xi64>)
    %expanded_41 = tensor.expand_shape %72#0 [[0], [1], [2, 3]] output_shape [%65, 2, 9, 1] : tensor<?x2x9xf32> into tensor<?x2x9x1xf32>
    %73 = linalg.generic {indexing_maps = [#map7, #map15, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%67, %expanded_41 : tensor<?x2x9x9xf32>, tensor<?x2x9x1xf32>) outs(%66 : tensor<?x2x9x9xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.subf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x2x9x9xf32>
    %74 = linalg.generic {indexing_maps = [#map7, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%73 : tensor<?x2x9x9xf32>) outs(%66 : tensor<?x2x9x9xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = math.exp %in : f32
      linalg.yield %140 : f32
    } -> tensor<?x2x9x9xf32>
    %75 = tensor.empty(%65) : tensor<?x2x9x1xf32>
    %76 = linalg.fill ins(%cst_0 : f32) outs(%75 : tensor<?x2x9x1xf32>) -> tensor<?x2x9x1xf32>
    %77 = linalg.generic {indexing_maps = [#map7, #map15], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%74 : tensor<?x2x9x9xf32>) outs(%76 : tensor<?x2x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.addf %in, %out : f32
      linalg.yield %140 : f32
    } -> tensor<?x2x9x1xf32>
    %78 = linalg.generic {indexing_maps = [#map7, #map15, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%74, %77 : tensor<?x2x9x9xf32>, tensor<?x2x9x1xf32>) outs(%66 : tensor<?x2x9x9xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.divf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x2x9x9xf32>
    %79 = tensor.empty(%65) : tensor<?x2x9x9xi1>
    %80 = linalg.generic {indexing_maps = [#map7, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%67 : tensor<?x2x9x9xf32>) outs(%79 : tensor<?x2x9x9xi1>) {
    ^bb0(%in: f32, %out: i1):
      %140 = arith.extf %in : f32 to f64
      %141 = arith.cmpf oeq, %140, %cst_15 : f64
      linalg.yield %141 : i1
    } -> tensor<?x2x9x9xi1>
    %81 = tensor.empty(%65) : tensor<?x2x9x1xi1>
    %82 = linalg.fill ins(%true : i1) outs(%81 : tensor<?x2x9x1xi1>) -> tensor<?x2x9x1xi1>
    %83 = linalg.generic {indexing_maps = [#map7, #map15], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%80 : tensor<?x2x9x9xi1>) outs(%82 : tensor<?x2x9x1xi1>) {
    ^bb0(%in: i1, %out: i1):
      %140 = arith.andi %in, %out : i1
      linalg.yield %140 : i1
    } -> tensor<?x2x9x1xi1>
    %84 = arith.index_cast %65 : index to i64
    %85 = arith.cmpi sge, %84, %c0_i64 : i64
    cf.assert %85, "negative values not allowed in new dimensions"
    %86 = tensor.empty(%65) : tensor<?x2x9x9xf32>
    %87 = linalg.generic {indexing_maps = [#map16, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%cst_4 : tensor<f32>) outs(%86 : tensor<?x2x9x9xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<?x2x9x9xf32>
    cf.assert %true, "mismatched size for broadcast"
    %88 = linalg.generic {indexing_maps = [#map15, #map7, #map7, #map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%83, %87, %78 : tensor<?x2x9x1xi1>, tensor<?x2x9x9xf32>, tensor<?x2x9x9xf32>) outs(%66 : tensor<?x2x9x9xf32>) {
    ^bb0(%in: i1, %in_54: f32, %in_55: f32, %out: f32):
      %140 = arith.select %in, %in_54, %in_55 : f32
      linalg.yield %140 : f32
    } -> tensor<?x2x9x9xf32>
    cf.assert %56, "unimplemented: dynamic negative broadcast sizes"
    %89 = tensor.empty(%dim) : tensor<?x2x9x9xf32>
    %90 = linalg.generic {indexing_maps = [#map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%89 : tensor<?x2x9x9xf32>) {
    ^bb0(%out: f32):
      %140 = linalg.index 0 : index
      %141 = linalg.index 1 : index
      %142 = linalg.index 2 : index
      %143 = linalg.index 3 : index
      %144 = arith.cmpi eq, %65, %c1 : index
      %145 = arith.select %144, %c0, %140 : index
      %extracted = tensor.extract %88[%145, %141, %142, %143] : tensor<?x2x9x9xf32>
      linalg.yield %extracted : f32
    } -> tensor<?x2x9x9xf32>
    %collapsed_42 = tensor.collapse_shape %90 [[0, 1], [2], [3]] : tensor<?x2x9x9xf32> into tensor<?x9x9xf32>
    cf.assert %56, "unimplemented: dynamic negative broadcast sizes"
    %91 = linalg.generic {indexing_maps = [#map7], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%57 : tensor<?x2x9x16xf32>) {
    ^bb0(%out: f32):
      %140 = linalg.index 0 : index
      %141 = linalg.index 1 : index
      %142 = linalg.index 2 : index
      %143 = linalg.index 3 : index
      %144 = arith.cmpi eq, %36, %c1 : index
      %145 = arith.select %144, %c0, %140 : index
      %extracted = tensor.extract %transposed_34[%145, %141, %142, %143] : tensor<?x2x9x16xf32>
      linalg.yield %extracted : f32
    } -> tensor<?x2x9x16xf32>
    %collapsed_43 = tensor.collapse_shape %91 [[0, 1], [2], [3]] : tensor<?x2x9x16xf32> into tensor<?x9x16xf32>
    %92 = tensor.empty(%61) : tensor<?x9x16xf32>
    %93 = linalg.fill ins(%cst_0 : f32) outs(%92 : tensor<?x9x16xf32>) -> tensor<?x9x16xf32>
    %94 = linalg.batch_matmul ins(%collapsed_42, %collapsed_43 : tensor<?x9x9xf32>, tensor<?x9x16xf32>) outs(%93 : tensor<?x9x16xf32>) -> tensor<?x9x16xf32>
    %expanded_44 = tensor.expand_shape %94 [[0, 1], [2], [3]] output_shape [%65, 2, 9, 16] : tensor<?x9x16xf32> into tensor<?x2x9x16xf32>
    %95 = tensor.empty(%65) : tensor<?x9x2x16xf32>
    %transposed_45 = linalg.transpose ins(%expanded_44 : tensor<?x2x9x16xf32>) outs(%95 : tensor<?x9x2x16xf32>) permutation = [0, 2, 1, 3] 
    %collapsed_46 = tensor.collapse_shape %transposed_45 [[0], [1], [2, 3]] : tensor<?x9x2x16xf32> into tensor<?x9x32xf32>
    %transposed_47 = linalg.transpose ins(%cst_14 : tensor<32x32xf32>) outs(%25 : tensor<32x32xf32>) permutation = [1, 0] 
    cf.assert %56, "unimplemented: dynamic negative broadcast sizes"
    %96 = tensor.empty(%dim) : tensor<?x9x32xf32>
    %97 = linalg.generic {indexing_maps = [#map1], iterator_types = ["parallel", "parallel", "parallel"]} outs(%96 : tensor<?x9x32xf32>) {
    ^bb0(%out: f32):
      %140 = linalg.index 0 : index
      %141 = linalg.index 1 : index
      %142 = linalg.index 2 : index
      %143 = arith.cmpi eq, %65, %c1 : index
      %144 = arith.select %143, %c0, %140 : index
      %extracted = tensor.extract %collapsed_46[%144, %141, %142] : tensor<?x9x32xf32>
      linalg.yield %extracted : f32
    } -> tensor<?x9x32xf32>
    cf.assert %56, "negative values not allowed in new dimensions"
    %98 = tensor.empty(%dim) : tensor<?x32x32xf32>
    %99 = linalg.generic {indexing_maps = [#map17, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%transposed_47 : tensor<32x32xf32>) outs(%98 : tensor<?x32x32xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<?x32x32xf32>
    %100 = linalg.fill ins(%cst_0 : f32) outs(%96 : tensor<?x9x32xf32>) -> tensor<?x9x32xf32>
    %101 = linalg.batch_matmul ins(%97, %99 : tensor<?x9x32xf32>, tensor<?x32x32xf32>) outs(%100 : tensor<?x9x32xf32>) -> tensor<?x9x32xf32>
    %102 = linalg.generic {indexing_maps = [#map1, #map3, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%101, %cst_13 : tensor<?x9x32xf32>, tensor<32xf32>) outs(%96 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    cf.assert %true, "mismatched size for broadcast"
    %103 = linalg.generic {indexing_maps = [#map1, #map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%2, %102 : tensor<?x9x32xf32>, tensor<?x9x32xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %104 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%103 : tensor<?x9x32xf32>) outs(%3 : tensor<?x9x32xf64>) {
    ^bb0(%in: f32, %out: f64):
      %140 = arith.extf %in : f32 to f64
      linalg.yield %140 : f64
    } -> tensor<?x9x32xf64>
    %105 = linalg.generic {indexing_maps = [#map1, #map2], iterator_types = ["parallel", "parallel", "reduction"]} ins(%104 : tensor<?x9x32xf64>) outs(%6 : tensor<?x9x1xf64>) {
    ^bb0(%in: f64, %out: f64):
      %140 = arith.addf %in, %out : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x1xf64>
    %106 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%105 : tensor<?x9x1xf64>) outs(%5 : tensor<?x9x1xf64>) {
    ^bb0(%in: f64, %out: f64):
      %140 = arith.divf %in, %cst_26 : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x1xf64>
    %107 = linalg.generic {indexing_maps = [#map1, #map2, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%104, %106 : tensor<?x9x32xf64>, tensor<?x9x1xf64>) outs(%3 : tensor<?x9x32xf64>) {
    ^bb0(%in: f64, %in_54: f64, %out: f64):
      %140 = arith.subf %in, %in_54 : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x32xf64>
    %108 = linalg.generic {indexing_maps = [#map1, #map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%107, %107 : tensor<?x9x32xf64>, tensor<?x9x32xf64>) outs(%3 : tensor<?x9x32xf64>) {
    ^bb0(%in: f64, %in_54: f64, %out: f64):
      %140 = arith.mulf %in, %in_54 : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x32xf64>
    %109 = linalg.generic {indexing_maps = [#map1, #map2], iterator_types = ["parallel", "parallel", "reduction"]} ins(%108 : tensor<?x9x32xf64>) outs(%6 : tensor<?x9x1xf64>) {
    ^bb0(%in: f64, %out: f64):
      %140 = arith.addf %in, %out : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x1xf64>
    %110 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%109 : tensor<?x9x1xf64>) outs(%5 : tensor<?x9x1xf64>) {
    ^bb0(%in: f64, %out: f64):
      %140 = arith.divf %in, %cst_26 : f64
      linalg.yield %140 : f64
    } -> tensor<?x9x1xf64>
    %111 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%110 : tensor<?x9x1xf64>) outs(%13 : tensor<?x9x1xf32>) {
    ^bb0(%in: f64, %out: f32):
      %140 = arith.truncf %in : f64 to f32
      linalg.yield %140 : f32
    } -> tensor<?x9x1xf32>
    %112 = linalg.generic {indexing_maps = [#map1, #map2], iterator_types = ["parallel", "parallel", "reduction"]} ins(%103 : tensor<?x9x32xf32>) outs(%15 : tensor<?x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.addf %in, %out : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x1xf32>
    %113 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%112 : tensor<?x9x1xf32>) outs(%13 : tensor<?x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.divf %in, %cst_27 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x1xf32>
    %114 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%111 : tensor<?x9x1xf32>) outs(%13 : tensor<?x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.truncf %cst_24 : f64 to f32
      %141 = arith.addf %in, %140 : f32
      linalg.yield %141 : f32
    } -> tensor<?x9x1xf32>
    %115 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%114 : tensor<?x9x1xf32>) outs(%13 : tensor<?x9x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = math.rsqrt %in : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x1xf32>
    %116 = linalg.generic {indexing_maps = [#map1, #map2, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%103, %113 : tensor<?x9x32xf32>, tensor<?x9x1xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.subf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %117 = linalg.generic {indexing_maps = [#map1, #map2, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%116, %115 : tensor<?x9x32xf32>, tensor<?x9x1xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.mulf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %118 = linalg.generic {indexing_maps = [#map1, #map3, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%117, %cst_12 : tensor<?x9x32xf32>, tensor<32xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.mulf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %119 = linalg.generic {indexing_maps = [#map1, #map3, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%118, %cst_11 : tensor<?x9x32xf32>, tensor<32xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    %collapsed_48 = tensor.collapse_shape %119 [[0, 1], [2]] : tensor<?x9x32xf32> into tensor<?x32xf32>
    %120 = tensor.empty() : tensor<32x64xf32>
    %transposed_49 = linalg.transpose ins(%cst_10 : tensor<64x32xf32>) outs(%120 : tensor<32x64xf32>) permutation = [1, 0] 
    %121 = tensor.empty(%26) : tensor<?x64xf32>
    %122 = linalg.fill ins(%cst_0 : f32) outs(%121 : tensor<?x64xf32>) -> tensor<?x64xf32>
    %123 = linalg.matmul ins(%collapsed_48, %transposed_49 : tensor<?x32xf32>, tensor<32x64xf32>) outs(%122 : tensor<?x64xf32>) -> tensor<?x64xf32>
    cf.assert %30, "negative values not allowed in new dimensions"
    %124 = tensor.empty(%31) : tensor<?x64xf32>
    %125 = linalg.generic {indexing_maps = [#map5, #map6], iterator_types = ["parallel", "parallel"]} ins(%cst_9 : tensor<64xf32>) outs(%124 : tensor<?x64xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<?x64xf32>
    cf.assert %34, "mismatched size for broadcast"
    %126 = linalg.generic {indexing_maps = [#map6, #map6, #map6], iterator_types = ["parallel", "parallel"]} ins(%123, %125 : tensor<?x64xf32>, tensor<?x64xf32>) outs(%121 : tensor<?x64xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x64xf32>
    %expanded_50 = tensor.expand_shape %126 [[0, 1], [2]] output_shape [%36, 9, 64] : tensor<?x64xf32> into tensor<?x9x64xf32>
    %127 = tensor.empty(%36) : tensor<?x9x64xf32>
    %128 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%expanded_50 : tensor<?x9x64xf32>) outs(%127 : tensor<?x9x64xf32>) {
    ^bb0(%in: f32, %out: f32):
      %140 = arith.divf %in, %cst_28 : f32
      %141 = math.erf %140 : f32
      %142 = arith.addf %141, %cst_2 : f32
      %143 = arith.mulf %142, %cst_3 : f32
      %144 = arith.mulf %in, %143 : f32
      linalg.yield %144 : f32
    } -> tensor<?x9x64xf32>
    %collapsed_51 = tensor.collapse_shape %128 [[0, 1], [2]] : tensor<?x9x64xf32> into tensor<?x64xf32>
    %129 = tensor.empty() : tensor<64x32xf32>
    %transposed_52 = linalg.transpose ins(%cst_8 : tensor<32x64xf32>) outs(%129 : tensor<64x32xf32>) permutation = [1, 0] 
    %130 = affine.apply #map4()[%36]
    %131 = tensor.empty(%130) : tensor<?x32xf32>
    %132 = linalg.fill ins(%cst_0 : f32) outs(%131 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %133 = linalg.matmul ins(%collapsed_51, %transposed_52 : tensor<?x64xf32>, tensor<64x32xf32>) outs(%132 : tensor<?x32xf32>) -> tensor<?x32xf32>
    cf.assert %30, "negative values not allowed in new dimensions"
    %134 = linalg.generic {indexing_maps = [#map5, #map6], iterator_types = ["parallel", "parallel"]} ins(%cst_7 : tensor<32xf32>) outs(%32 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<?x32xf32>
    %135 = arith.cmpi eq, %130, %31 : index
    cf.assert %135, "mismatched size for broadcast"
    %136 = linalg.generic {indexing_maps = [#map6, #map6, #map6], iterator_types = ["parallel", "parallel"]} ins(%133, %134 : tensor<?x32xf32>, tensor<?x32xf32>) outs(%131 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x32xf32>
    %137 = arith.divsi %130, %c9 : index
    %expanded_53 = tensor.expand_shape %136 [[0, 1], [2]] output_shape [%137, 9, 32] : tensor<?x32xf32> into tensor<?x9x32xf32>
    %138 = arith.cmpi eq, %dim, %137 : index
    cf.assert %138, "mismatched size for broadcast"
    %139 = linalg.generic {indexing_maps = [#map1, #map1, #map1], iterator_types = ["parallel", "parallel", "parallel"]} ins(%103, %expanded_53 : tensor<?x9x32xf32>, tensor<?x9x32xf32>) outs(%1 : tensor<?x9x32xf32>) {
    ^bb0(%in: f32, %in_54: f32, %out: f32):
      %140 = arith.addf %in, %in_54 : f32
      linalg.yield %140 : f32
    } -> tensor<?x9x32xf32>
    return %139 : tensor<?x9x32xf32>
  }
}

{-#
  dialect_resources: {
    builtin: {
      torch_tensor_32_torch.float32_8: "0x04000000B05FD23DBA52F63DF4AADFBD74A1EEBDE64E9BBDC8C71CBD9610B53D34C8ED3D2044B2BBE8E5AF3D4C94D33DCC4515BD208D583D204FB33D803BD13A4073EC3C4CFEDC3D4894E13C30FDD13C0AB8A6BDC8D130BD1635A93D044A9E3D8061CCBBEA96B53D9267AF3DC0D5F9BBF8C72C3DB0357EBC3EE4FFBDF8DA61BD202D30BC",
      torch_tensor_32_64_torch.float32: "0x0400000038EDAB3D8CD4F03DD0E074BC4285833DBCCD923D5288BCBD08EC6D3DF0D8793C92ECDD3D400070BCF810043D78CACEBDE8E50CBDB8D7E9BCEAB9A8BD36FDA8BDB8756B3DA6E78F3DF419E1BDC67B84BD1226A5BD4A378F3DC0B991BC100BF53DAC39463DBCA3993DF09F9BBC00A5C4BC5809CB3D14ABCB3D8846723D98F0D43D5A56E5BDD0D48EBCBA72CCBD68B396BDF05002BC1CDD273D5C15FFBDC06E903B34DC4EBDBC135ABD80D59FBD504DEB3DE09B063CF0E3DDBD6CF6A93D2431693D60E0B2BCCCA1603D8CB3C0BD10A850BD803754BD4026ED3B80F0EBBD780D1B3DC6A9A23D3E93A23D88AFADBDFCCF303DFA909BBDC6C8D2BD2062A93BA81B7BBDB01D12BCFCCF5CBDA8B58BBC66E5A73D404CF5BC626FE2BD14AC133D3C38A63D1C7034BDA08626BD5AA4F63D20C5E9BBB044D63C3C86FC3DCC29B8BD907FAE3C58F563BD300DCF3CAC10C03D40C9833BF05948BCB0840F3CCCCBDFBD4000E0BD6072D33BC0F0773CA0417FBCC0EBBA3B0AB7DC3D4210FE3D6C133CBDCE64F4BD48BD59BD3423493DD00D753C64A0623D1C840EBD76ADE93D0C1CE2BD10FB793CDC5DD33D0860ABBDBA729E3DB20CCABD2AC59D3DE8498D3CF897653D7231BDBD08BFB2BC9882533D7CAF36BDB41E573D30F42D3D6CDD783D3C50F83D08D71B3DC2E7C1BDD858E0BD4C7A91BDC0FD2CBC507D45BC7C32473D9E52EDBD707541BC2A44DC3DC8CA143DC863263D9012353C1CB137BD402416BD264BC2BD4CF5503D60248FBC44D4873D60C0BEBD3EFC81BD8038DDBA3465C23DD8BBEEBC988EBDBC6815EC3D2471D3BDF8889CBDA279EE3D78CED63C5A7083BDF2299D3D26C2B93DC898C4BD50F7533C281B89BDE4D998BD08E4323D40FBBDBCF4FB143D1C2B2D3D70F731BCA42A29BD809AF3BAD4A136BD304192BCD84BC4BD241E213D567CEE3D542001BDA67BABBD88C9FDBCE8E697BC904A84BDB2F1A4BD8023533BDC134E3DA88E383D7C98D43DF0C5453DE2C2B13D24F5B0BD300A533DE094CA3BE8D29FBD68862E3D0872873C00E1A1BA003942BA38BBCCBC02C090BD442DC6BD0258CC3D9E82E73D90048CBC4E9EA13D06EAD23D200E45BD18A7423D1475A8BD205899BC586030BDB0DCFF3D4E7485BDB853FD3DE42BC63D40B9E63D8050C93A0C4233BDB8619EBCB0398CBC6CB4FBBD7CA2BB3DFAD08F3DE840983D804924BCC68CB93D06FDDDBDD0BB843D5493503D10C6AE3DC832CABC2874E93D348DA33D5843ECBD70905ABC346C92BD58BBB03D10AAFB3DB8C3EB3D28069A3DDC8D9B3DECC8C2BD702B3EBD1E5CDFBDF0D86C3C62BEA53D840410BDF02950BCDCF9BFBDC067E2BC56DADF3DE84A7B3D8AC89FBD243A833DD25BFCBD7A78AB3D6C8CB1BD3C8A5E3D30826A3C4CB26FBD4E37923DE481063D6C15C8BDE4FC973DA0C5CFBBBE60943DA0956C3DA89E39BD7205F3BDD072E13D606D2C3D5645D4BD7844E13D6C350CBDFA4CCABDB8BCF33D58CAF3BC5846E6BD860FB8BDF670823D4E9CA93DB050793D386762BDF6A5A8BD9A73E03D5E97E9BD40ACDCBDF48C88BD463BD03D8441B73D1CA88EBDA47879BD88D142BD00D518BA285356BD8096AE3C20832E3C9280B7BDC8BABDBD641A19BD4A80E83DDA2FC53D9A6385BD48B373BD2C64583D003CD6BBE46D44BDDC71553D4C88B53DF8E8A23CC07C7FBB74375ABD7A7C993D5435EFBD64E385BDE086693D00062C3C48DA53BDAC76FCBD34077EBDA44D8ABD2A0CACBD34677E3D50CFACBC8A8CFFBD942995BD0C59DBBD0818A1BD940B1E3D40DACBBBDCE6AD3D14003EBD60AFC73C50A294BC800EE7BA8258B63D0CDB433D56249ABD0860D4BC8691D83D1829823CC0B0C13DFCD658BDE227A5BD3ABEFE3DE8E5733D80B7CF3B38937D3D001F0DBA4EF595BD3447DBBD1C427EBD1056903D0C66CE3DF808ECBC1486193D68B1753D08629DBD689CDBBC78AA9C3DD47005BD6E42863DACEA493D64A42BBD166BACBD7883E6BD000D8FBCA0C2BBBC4A05F1BD80CDA8BB4C2CF9BDF090173DE0332DBC40BFF43BCA4C903DA820863C82FDC3BDC008E7BB2A48D33D2037DB3C243B84BD9EBFC03D1010EE3CA61AE53D98F4463DFAB9863D98ADA23CE87F94BD3A94833D500FEABCFCDB1BBD7EF3863DD8FA38BDAA4A813D9854E23D406499BCC0A110BC60CD50BCF891393D0C848CBD38A3D6BD2A1EBFBD4CA47E3D5439D73DD622F0BDCCCB8B3DF009E6BC28F2C33CE82EB23CFC70D6BD802FA83CD036143C0841D7BD867CD43D48D0CF3D5C02743DC0556F3C782DE73DB6DECBBDBA19973DEC54313D12D4EB3D704C1B3D6256E0BD0A61CB3D2AC3E1BDF8816E3DB07FFABC544311BD60530BBD2C09E6BDA846823CAC94F13D94F074BD202C653C8AEABEBD84B9093D503893BDA017573D48FA583D00A8B63CE06AB2BB78269F3D32A4B03D48B27D3D3A88A5BDE624BEBD48ED993D1CD315BD9CACBBBD542C413DBC648BBD523AACBD90C9E43C8882B73C0C2D3A3DC4F6ECBD744A683D206CB7BD60900DBC00E4C33CD015D73D9C19F1BDAC82D73D00E9C3BAA447403DECE2853D7078833D6806033D540D6FBD2C58433D5CA7B8BDDCDE78BDC40C3FBD5009D2BD20384CBD18E0C0BCA20AFF3DD04321BD4255DEBD222CFBBD5C30C53D90DCC03DFC685B3D70A464BDA023C7BBC00518BD000DB73C68CC89BC58E9E53C6285DBBDC06DAD3B3CA70D3D922692BDB40505BDAE51B33D20AE3CBC546B1EBD124AAC3DB600A53D66AEE7BD4A58DDBDE06ACCBDB2C6B6BD00821C3A805FAF3A701F403D28CD0A3D18BDED3CE4E5D2BD0C14FABDB008DC3C4077873B9CBDF13D30D6623DCAEBF4BDBE9ABCBD68FE5DBD86A2DCBD0058C93CA0959E3D4696E2BD2A8DC7BD42F6C9BD3074FEBC2AB1F0BD947B7FBD309993BCC62AD9BDA011EDBB9EB5BBBD98F78A3CDE5BB13D803B84BD100E03BDD004CA3C22E5813DAEB5DE3D22CA9DBD8896C9BC7620953DE0C929BC70D289BD9852D8BC103027BCF0A23C3C740D4EBD00B1333CEE27BFBD78DD723DE0FCBF3CB2F6973D7EB2EFBDDE73FB3DE0D5893B3628B93DB8F5453DAA9A993DC00192BB382C65BDF8C23CBD00AC633C8CAF663DFCF44A3DE4E5D63D40F4C93BAC92E03D148CA6BD3C77C1BD641FAABD404BD9BC64B8933D9C96EEBD3824833C3C81113D428A87BD58E3D43C141FA9BDC642FBBD008297BA6014073D383E733D00D1D23D2CDEE1BDACC5EBBD008735BD1CEE51BD9889CB3D52BEC9BD8091E13B1033FB3D10868EBCF439A63D9213B9BD4890F9BCF0EEE33D981FB3BCA86EB53DC08F7E3D8C9238BD6497A7BDF025473D08D981BC081CE7BCEEEEE13DC0A88CBC3CAD79BD988FFEBC12B3F8BD74DE2A3DC6E6D83D3CC7D53DC2D8C0BDAE04BF3DA28F88BD4459013D20A02DBDC8A8DABD96B2F13D500629BD60B2E8BB26A7AFBD92D0A63DE0AAC93C70DF313D384181BC9613B5BD9C9845BDB822C03C8822ABBCE057973D70752D3D3E4D9BBDC014CD3B44D57FBD50C0D7BCF6BFEF3D6E5FEE3D7218823D3628A13DC005993B223DE63D2ECDF5BD800FDA3B201E163D22E0DFBD209499BCC00F103D388E993C96CCF33D102D9CBDF0B944BDA03C77BD6419FBBD30193A3C00AA823A708A2ABC0023193A109AD7BC18980BBD009E3BBB3606833D2C710F3D100B42BDA47F6E3D4094A83CB80C98BD8E37C2BD42C3FB3D54399E3D2040B0BD008AED3D28A0C03C445EEDBD0469BFBD9CFA71BD8ED3F03DFC3413BD98E54F3D5453A8BD80C9243B627C923D2233F03D00BAA6BD08F599BC3E38FE3DBCDA813D60B7F53DC0BF76BD48BFDEBD2087D6BB6833EE3C6A85993D266BD5BDF08049BC903A1BBC1CD0A0BDD8FFCBBD4EBFEC3D005956BA00721DBA2465E3BD226FAA3D102F4D3C004F58BD2CC2CB3D883BA83C74A8FCBD5C515BBD644182BD803485BBE8A77B3DDA43933DA0A7A3BD3C953EBD906BBB3DE8592D3D88ABFDBD10E513BC7AE6E73D223C9D3D46FBF33D5EEECE3D909ABE3C626BD03D784FFC3D284AEF3DD46FFFBD58FFC4BDB8FC763D9891ADBCD82AD23C1057C33C30BC4BBD940C583DD6ADD9BD1036753C146CD63D105C3CBC9847233D6A1BAF3D54678DBD00C79BBB2E4FB63DDC8F523D70CE6E3D326296BD42DBC63D8A76D83D12A9F5BD0C550CBDFC1E513D9C3992BD94F127BD942E7C3DF894BDBC8CD2F33DA4252DBDB6D9A0BDB810DBBD5EE996BDE0843ABD680A3E3D7AC6C0BD6892BABCD4C71B3DBEF1DEBDA0FFFE3B283EA03D0C6DBA3D86BBF63D20FE8CBCE882C6BCC4A503BD34D2673DBC9693BD321F9B3D400CE93D20C5C1BD4865FA3CA4F67C3D0057A4BCAEBDAD3D507C9F3C784E2E3D7888F13C383CEABCC02E0B3C68BDEFBC44B5DF3DDC2B5ABD3489723DDA15C53D30062FBCDC9B27BDB809A1BD28F9B63D36A89B3D662E96BDA8DE333D7EB6F9BD9A25E9BD9C7949BD228EBB3D784597BDF479A83DCA57823DAC58443D74A5ADBD9EBAA7BD7EBAE93D7AFBA63D800700BDC4B582BD80BA483DE022E73CAC6B8EBDC056463C187EAABD5691E73DCA9CF1BD8CD558BD5C60C8BDCEDFE73D64A8683D108B803CE44338BD345BE0BD103388BCCC98343D148EC23D1ACD8B3D00B04B3B9264B5BD14AE3ABDC02EAB3D3433373D60E921BD949E783D30C177BCC237E73D983251BDD4CB523D2290C4BD701D46BC0E1DE0BD8054D53D28911CBD3CCF24BD00048CB9FC140FBD60C9B2BB9098E53C0C4804BDC20DF6BD6CFC9CBD10CF86BD1C7CB83D2E98A43D8034B0BD8A30C4BDF277BEBD80FD26BB2ECABCBD243BF23DD854EE3D90BA91BC12FF813D08F0E53C30871D3DAC50023D10309CBC00C07A3C30328EBD806B84BB30B945BCB01A7ABDE85870BD008D613CB0443D3CDE84C3BD88EDE23DC0B07A3B3A6EDDBD7053CEBC3816E2BCFE17D1BD46C4953D8845BFBD3A95AABDFEFB80BD242FF83D2A24DB3D8A2EABBD8853E0BD4A439BBD6A69EABD90D11E3C006178BCC4F4593D1AC09F3D3672F9BD00494CBC20C3C1BB8EE7C33DC4923FBDF0FF1DBD6CB85BBDA8DDCABDC8FEA0BC94672D3D38EDCA3C90AD7A3CF0999CBCAE3192BD22CCF23D28348FBDA0E02ABC0045843DB430213D12F2BF3D2057F63D9689823D4AB3873DDA6BE33DEA7C8F3D8C97593DAE1DE13D64F520BD3AA8D53D86DAA4BD883DCABD00BF58BDE8B155BD40B7693C989BE2BCA8BBC4BD00C32DBA98F38A3CC21CF93D8074943BD82495BDA2BFBFBD783FDD3CA0F1B23B3E08A93DE05BF43DC820C73C6E10FABD6AC0A2BDE2A5A53D70D4733C5C93AD3DE8B5CA3D2C3333BDF0B1273DCADCD0BD3CAA61BD88E05D3DD21CDDBDAC1109BD9C01AF3DFE2C923DFC3EA8BD0ADAC1BD40E1DD3B0047573AFC0A7FBD1C03AB3D525FCEBD0072D73B006F42BC1E61B7BDC008DB3DF0026EBCA04F9C3D20CC873B802D11BD2A0B883D7C04913D04E7EA3DD0F5C4BC7C2930BDC857D83DF047C83DE812F0BD4851A23D006131BB5867E8BD2202ED3D0084FD3DF229AABDB0CF61BC008901BAC822903DC09DBC3B8852C13DD461E03D8279FFBDFA2C973D60BD9B3DA0FAC33B4058403C085FBD3D20AD0FBD9C802BBD20F92D3C001E7E3C789C303D20FD88BBB8A5E6BDA8963EBD103D4FBDFCC7F2BDB4F2563D5808D13C10997A3DE460DFBD904B0EBCB49AD03D126C99BDCA5297BD70D8133D68893ABD5C8AEBBD1AF8D33DECEEB13D90AF763D54347A3D94B13E3DC48767BD8680B23DF052723C003B9E3A666D92BDCA36EABD6ADC9A3D74A2ABBDC8D6A13C321EC43D40AFE2BBE011D6BC0018EE3920B5C6BC0A51CC3D180DD8BCD0E83DBDC03B34BD700D10BDE0AF3EBDE4BA373DBAA7AABD443618BD500BFFBCA0978BBB124BCABD54A1BC3D7253D3BDF0B2433C7C189B3DC0CAB63CEE06DABD20601ABCD2E9EF3D265BEFBD2A6E85BD3C3A09BDB24192BD56FEBA3D6027F13B209DF43C903E073C0847FBBC24BC733D441D7BBD10A473BC90DF733D3823F4BD444EBABD404BE53B8043BBBBF4CC91BDFCA332BD008B97BD9A9AEB3D0266D0BDD845B4BC84384C3DA4DF4EBDC67AE53D346B1ABDD8AA813DF03996BD18309BBC1670BEBD409CABBD242A9D3D00BADDBDD8217E3D5C57E1BDA02BB23C5A3D973D5C693F3DE857F43CE8AD5FBD68BAFCBC3615D2BDA0D45E3D20AEBABC1C6E79BD702A6FBCC845E6BCB87DE6BDA0D4883D0CE2863D4854E83C700B01BC3867393DDC36233DBC13DBBD8C2D443D28D9A2BC6C9CABBD7E688B3D64E146BD80D3C63A30CFE8BCF49DE43D2806C83C749C1C3D4039A2BB4838703DD848E2BD18E2163D14BB233DAC8296BD34A6073D16E5A5BDB4B61EBD506A2B3CECD5AA3DD8A1683D9E4A9D3D5013603D7AEF8EBD2C874ABDEE0AA3BD985D163D44772A3D048DB6BDD4C6B13D8046EC3D50D802BD782C453D78EBEBBC46F2E0BD38C5FA3C2EBFEB3DF0D8E23D38D24E3D3812A13C2ECD883DB635A0BD34052ABDF4EE1D3DD4651EBDEC99973D1EFBDC3D507F3EBCD452283DD824773D720AA4BD4401253D4A27B4BDE2BED5BD04A10CBDF68C983D80198EBC509300BD7CFD50BDA09490BCE005BEBC2A36DE3DC8CF85BCD49E42BD7829EBBC925993BD38FDA0BD1ADEF23D8430D63DD461B5BDF4C1F3BDA62E91BD3C2F023DD859D2BD7080FFBC70FFBEBD68BAC13C20BAF2BCD0CCFEBC7C6FDA3DF8F0FE3DB0F4883CC48FD13DD02C033CC85F0DBD205EAFBB7675843DDE729D3DB4B1503D70341D3C6CDEFF3D8401853D0CC814BDB8CBF7BC921286BDCEB1E0BD66529BBD2EFB8D3D705D613DEC8021BDDEC7B53DACE1BABD8E0F843D8ECE89BDC424A9BD0CBBCDBDD06058BC40DA34BD9084A73CDC6778BD4864F5BDC8FB9A3D9083EE3D86A5933DD814763D1858DCBD5AB2DDBD4292BCBD80C1CA3D4893CC3C82FBD93DE019B9BDC4283ABDF0D094BC3050063D70D72EBC7008BBBDCA8DD83D0C760C3D9C03D7BDA4FE9B3D6EC6D33DE89EAE3DC279CABD2AA58DBDB41BEFBDFA24EDBD80F1A1BDBC2494BD10112D3C1C9C30BD40A2663C2C5EF33D0879BE3DBE8FB6BDE437F3BDC0DDF4BD28A8843C0C51853D7E8BF6BDA4A5FB3DCC20553D66488E3D2EC6CEBD481D953D160BC4BD845826BD48D5F53D8A65F03D2CBD40BD2C7690BD38E9153D544D203DD0F6243D0442E4BD40C69C3B40D2603DCA2FBD3D18A8DB3DA86A083D00E0B3BD7685D23D005D41BD005A2BBC22BEAD3D7495103DD833E83DB66DA8BD608AA13B006B1CBC00A5BABCAC0E69BD66E3D6BDF8E5B6BD0000F23B686B6DBD8A8AEE3D5636853D88FF28BD38308BBD86A3D23D985DA3BD90731CBCA4D7083D62ACFD3DFABFFB3DD22AD33D74E4503D4804D5BD1899173D0243CFBD0881E3BD30ADB9BC8A5CFEBDB854F33DB888D63C4E2EB23D802EEEBCC4F3A43D500CC53D1CA5623DA4D6813DAE87FD3D2435A43DAE00F23D5476EEBD884FEDBC708597BC1019E8BC863FE73D7C35D8BD62A8FD3D2CFF7CBD984E68BD8E7ECCBDE00ADDBD3CC94A3DA62CD63D900EB0BCA051A93BF8E72D3D38CB23BD7E7ABEBD98769FBD3CB0B33D26FBEE3DA0FE513D984BCC3C08C4E6BD781827BD94DBA13DB218C73DFE15D03DA86EFD3C180B0B3DD4ACA13D28D66DBD84A5113D203C303CD645EF3DE06CE03C4283EABDD81A81BCC0FACCBDE25DAD3D42E7C63D4C7AB53D7806DF3C1046AF3CC6FDC93DD4F7383DF2DAF9BD502A933C50EF90BC902191BDF64ED5BD789B083D24C180BDD875E53CFC6BE7BD58D3EABCA28AE5BD582BC6BD087DC03C2C69193DDE72E8BD90AA443D18F2F03DEE77C0BD808D0ABCF0D6AEBCD06E7FBCC01024BB1218F4BD90E431BCB0A87ABDB43BEEBD3A17B1BDD600E73D0E1EAF3D00DADB3AEEA2D2BD8045F23DE0DD783D58EE743DD09531BD823089BD10AA8E3D86D6D5BDDC0FA73D4495C9BD8021E13AE89A99BD167EC8BDB047B5BD103D61BDC0DA63BD1CFC38BDE8A69BBCC60AC63DA8B0D4BD7247E2BD802C813DEA9ADCBD4094453CBA9CEEBD2CC219BD9E00DB3D38B1C0BCEA40843D00F1E73C0E2FE0BDC8DFC1BC5866AEBCA274EC3DD866A4BDFC98AB3D580AF83D78B5B83DF8ED823D20859EBD944E973DAC3080BD00004637A0E7D9BD702BB5BC745EF0BDC09F2DBB00210ABCBE81E83D82EFE23D22B8C3BD56E8AA3D100BE9BD000D91BC2224AC3D700D1D3DC0FE2B3C94B8163DECB3A53D002B39BB4270A3BD58A7ECBD786302BDE66DFEBD74C639BD4003C63DA68787BD9842A1BD0C96C1BD30C8E23C78D0EB3C9011ECBD7088BB3D98DC6C3D4C59D1BDEC85D13D7806BCBDCC678BBD70997F3CBC23F03DB893B1BC1C9E113D8268D5BD560D9EBDB8753E3D00D7A53D70FF79BC1AA0C9BD682D8E3C5033C7BDEAF5FABDC8F600BDD00EB93C04F43BBD30C3FCBD2C6CF9BD9806A8BD60065F3C5AAFD23D6610F8BD3C9E7D3DE042C3BC8C5922BD9C9525BDE0F816BCDA09CA3DF887BF3D60C7F3BC76AFE13D40E351BD3C32BABD2048243D903A1BBD2022903B2C1B483D50FCD73DC04F123CE0E87E3C10C6953DB0F78EBC8CF7D1BDD4E0D03D00567A3B385B9D3D2081F43D5C51ABBDB291B93D34D4A03D30962D3DC0670DBCAEC59C3D08EBCA3D7E5F953D70E4563C90EF1FBCFE79C23D10E70CBC6C532F3DC4CE42BD3631CE3D40EFF9BB78B8F93D609A7F3C3AA2A5BD08FFC43D1ED5EA3D4034C23BC0A5DD3CCCD2253DA8435EBD104EFCBC940EE33D8C77ED3DF4756F3D90560F3C6878823CD63AC8BD20E9A7BB00A9983D6C0D823D0C3AD6BD9C6BC63D509A30BD349D07BD801B7F3C4263ADBD4462623D747A8CBDE8C09B3CD600AEBD2C58EABD0819E03C201D413C54B1873D069886BDE0A1CD3D1CB751BD9867BA3D6069CFBC80A7973A34C8FEBDA6F9EBBDB80847BDC8BF7E3D3C1F393D0EA4BC3DE825CDBD5AF6813DE0362C3C8C8DDA3D6C09F7BD082CCABCC0E5F13C1495D1BDF60EDDBDE4F1253DEC75243DA0D800BD00FA12BD00AF053A30A5C4BCC088743DCE33FCBD240D5A3D6CEEA6BDA655C5BD6819F23D9074D03DDC81E7BD20EEEBBB6E649ABD9EA2AABD5A50FE3D307395BCD833A9BD0044A53980E5F33D1626EDBD9C1D4BBD264FB23DE488AD3DCCCE97BD5848C7BCD2A5A03D90B1C1BDCAEBB5BDF688843DB0A51B3C060C86BD08C0BC3D687EB6BC28E5793DB81BB0BCA6BCC4BD2C5638BD700515BD62EC9EBD3452843DB822363DB850E1BDE81BE3BD203F2E3D0069903A688EC1BD546E65BD54277EBD98122D3DAEF5C6BDD0254ABC0C68F23DE05F76BCBE319EBD602AA33D266CC9BDBC9A4ABD981BCCBD68F4B0BDC041E13C5EC39F3D0C32D3BD6427CD3DE062EA3B9E2B813DE0ADB63D3689B1BD404058BD00F197BDF085273D08F09BBCC02F31BB0625C63DD213F5BD788E9FBDC0FC643C80F3DA3A7097113C2447A23D9EA9A73D1012783DC87D813D602200BDF0EE17BC9408C9BD7EA2973D7428343D68326B3D06CB8EBD9218CBBD68AEF0BD4489B2BD64B11C3D80922A3DE4755C3D642DCEBD20E1183C0CEA67BD8CDED73D38B824BDA01ADABC48A6BABC3465F5BDFA4A8ABD627190BD10972B3DF8AFDE3DECD9B5BD8891FABD70A28B3CF2A2A4BD92ABB63D74C4453D006538BA905D79BC0C6D033D589CD0BD0C781D3DBA6BBC3DC086633BD0AC7C3DA02EE43D7CE40FBD401CFE3B2038C3BC109864BDC00EE43D485B90BC6033893B70FAECBD22F9FCBDE275B7BDC8E1523D2C7E35BDD833C13D2EB5AE3D62299F3D0698F53D3ACEAF3D2299D33D8C67333DF07116BD108C17BDC840CABDB8E1BABD8861B7BC5E39A3BDC0A836BD783D973C2CD1963D7E6A88BD9AEFB2BD2086AE3D58FAA9BC58760CBDD26EC6BD42A8903DFAF3A8BDF011EABD6A69C6BD5219993D0CDFF83D8EA38F3D46EBFABDA063713CB47AFDBDE290C5BDCE1CF83DFC2B80BDC4221E3DCA1F9C3D24D0AC3DA020FDBD2E539F3D7096A2BC003628BCB2F7EF3DF0A209BD70A9F5BCF29EA9BD382BB8BD7020473D4027463D6EDC843D10C8823CE8F3A2BDEE2BB3BDD8279A3C64632ABDC6CD8E3DF0FB8D3CFA5ECFBDE8C7613DEA59E73D44CDC03DEEC0B8BDC012CDBD4278AABD4C97063DF0D669BDE83395BC1C88733DF8F4A4BD703B31BCAE07A9BD901B5DBCB00C1BBCF6FFF23D484AF63D2005623D44DC383D14A4CF3DFCD9AA3DB4BEE73D5C9C66BDCC69B0BD5EE7FABDDCA6B0BDDC0FB13D085D0B3D209F56BDCCA5BC3D9CDBEE3D80FA4CBDD0FEE5BC78DDE03CF0A0943C9A189B3D0E72AABDE08D9C3BD819193D244ADCBDC8CF7A3DFA52ADBD8C1858BD9258D4BDE463933D6A13F93DEC7B01BD0A37FDBDA8E08E3D32A6853DD8D77EBDCAD9B0BD66C5F4BD749916BDA4E9B03D4481283D2877B03C501D00BCF0B56EBDF20AFEBD340289BDE084953C9002343D5074FFBC7CBE23BD0484713D98AA693DA0BA5ABD20A45C3DA0C9C7BCD020B03C1A6EB2BDF268D7BDBC05DA3DA41297BD300FD93C8A6CC5BD528FADBDB6808EBDF0904CBDCAC8823DA81121BD18DFC7BCB8A8EEBDB0B9D0BC18F82BBD10C099BCCA73A5BD0602FFBD80DB8D3C92088ABD24102ABDB69CF83D084D003D9817933C1CD4423D5A6EC7BDDC004F3D48FE38BD20E162BC606F95BB5A23DC3DE8A4B53CD69CEBBD6882873CECA3EA3D2C032CBDDEE3A53D0897393DE63C9DBD9A108BBD3CA791BD9E01B0BD84E0613DE089ED3C4E54D7BDBC6091BD4819A83C3C56CEBD00C2FBBB4A4AC53DC29085BD403821BB8633D2BDC8C7BE3CB01D6C3D6000BE3DAA18F03D96A7A53D5A8AABBD4801BFBC2CB2993D0291CDBDBC314F3D60C5CE3C0805B0BD840325BD3405B3BDB847FFBD9CC3A73D1C464E3DE49005BDD85F1C3D6ABEB53D66418EBD444D06BD0C6148BD40C808BBA0C9FF3BA6FDE23D2470123DE4B50ABD18BCDD3DB0DDE2BC882564BD302A0E3CC2338DBD56ADF13D282FE73DBAEFE63D34842C3D38AE6CBD508CA83C5E6FD4BDE85F3C3D30EE963D14EF9F3D8295ADBDD06526BD6826873C9EC7B93D806ED63A4EE88BBDA094A5BD5808B3BCC4E4E1BD50604B3CC4655CBD4818AC3DB8893ABD30157F3D144949BD0CCCA13DE8B2F7BC8067EE3A04BDF4BD3C7E86BD406D81BC1C56C3BDDC81A6BD00A59DBA82B9823DC085A33C981F353D50ADDC3D68CD993C5879503D60923E3D6CE378BDF2F8A53D5EC4DABDE292E6BD98B2933DEEE6CA3DA808E4BDD82B4FBD1EE2DA3D9852D8BD6C0C46BDD6219C3D80CD393C6C97DC3DD85ACF3D703D4ABC603FDABCC00DDD3B3CA76B3DF09324BCEABFF1BD9EB5C4BDA83AEF3D1C4BBABD6AF1BFBD8CA387BD3663CCBDC02041BC50A18B3DD0238CBD14EBC23D9C8A0F3DBAB9FEBD943BFDBDDCE4C13D9850F03CF6BC883D50E7953DCE11D33D764E80BD6EABDE3D58D9D63D60FE31BC702866BC3867D5BC10801FBC00CE86BDF899B03DE070D53D9C509F3D34F6E43DA20FFB3DC051B43B0A368ABDF41FB5BD44F02DBD6CF205BD3466113D",
      torch_tensor_64_torch.float32: "0x0400000006A618BEB42C20BDC7BB4BBD045658BADDA5AEBD0E4D63BD4BE69E3D0BCB84BCAE8D193D1DCCE33D5172963D889702BEEBC5B83DEF202A3E1E092F3E4640A33D9C3898BC4412193E1783F4BD13D616BE76C3A8BD3E938B3D5A70A2BDB1EA19BE7605D43D8DAFB5BDF95373BD2AB8053E73A4013E23856B3D2BC57D3D7B0E163D410CDFBDF07A953C356C073D1A462B3DE4B60E3E0C40893D5171013E5CDB78BDCABF873D401C61BDBFDBBBBBD171A53D42534FBC6596863DEAD61DBE90458FBDDB5D2B3DD160163ED35ABCBDA2FC68BD74A62EBEECEA2BBD765122BE60C50ABE2AA2993D5D3B33BE96A8BABD83A7BA3D592CF03BDBCB1ABE26E32A3EC545553D",
      torch_tensor_64_32_torch.float32: "0x0400000092BD1CBDA943983DA3B11C3D08D8913DF0281A3ED3D5A6BC7663B9BDEDF8AABD40DE283EE9EC403D1B5F21BECECEAB3D6F66E53D309D28BE29CFA43CDC5C2CBEA2F29ABDC7D8AEBDF111B5BD2DA330BEE6E900BECB8502BEAF24843D6A8734BD4660423D02D2D73DD6738A3D7909CB3D99120CBE0B66D7BC05A54A3D91DB323E3AC6923D73F90DBE743978BD084789BBDCB7BBBB677C283ED45B71BD33E7D33DB4A90ABE4B13C1BBEB98E03D9589303ED650CD3B62210A3E4371EBBD4A2B04BE74BEC2BD866E25BEC3FB373CB4785DBDACD195BD1DB702BECF0AE73DA59C1CBDB5FA9D3D3DD415BED6D4B1BD38D49C3D791F21BE70B306BEBB2C0EBD851A863C027517BE3EDDF7BD301A2DBE97A49EBCEC86893D7CCC83BD74772A3E11A780BDD8DB873D2A047FBC839203BE4F05DABDCC16153BC4D4A13CD89130BEBBE402BEC875C53DB2BD973D17001A3E1BD6A9BDA255A3BD92C3283E09F821BE742D4EBDD7FF34BE51ABA0BD527C91BD6B5EDBBB8C3CA8BD8225983D6B4D223C020B2EBE010C0CBEB456B83D2E8A94BD4C87E6BDC377F3BD0DD7B03C89001C3E3B8802BDB2CE2DBE05E1A5BD0AECAB3D9CA6A7BD29606DBD3928F73DE0E9D73DC7DC1BBDD39C0FBD8D0CA2BD9622EF3DB211F9BDCE35F4BD9B25923D929327BEF694993D904223BD937A973D6DAE19BE1113153E53EC94BCBE08953CC9002A3EB95305BECB00AFBD76663E3C9B54E83DB2C7B8BDF87903BE9DB0763D6A88483D5056CA3C00B606BE79491DBE56E58D3DDFFA203EB115E93C81EC203E74C2873D0BE7FB3D18C08CBD7801B9BD48B802BEE87E18BEC2EB453D2887F0BDE3BC4A3D066C2EBE7321C73DA7D9D13D7A52F23A31083A3D24429F3C572FBA3DA396003E911FFC3D79D5A3BDBB2C09BE71743B3DFBEBF13D80DD39BD7F12DD3D8000DCBD91130D3CFB459C3B2121313ECBEEFE3D6AA8933D005CD53D0752023E262D1C3E6EA4DE3C1D38FB3C76C830BE8EA068BDF1CE6B3D15DB913CFD97B4BD5FB8C1BD6638233DD2EDA63B411505BEBCA1E6BDDF53283ECF630EBEDC47CCBD806841BDB79FE6BD9F5A153E5340283E3C74DA3DA4112DBEE55999BD6CAD6B3D6411783D60F702BE35BCB43DC805FE3C255005BE9E1CF63DD6F265BD23E7F63D460F8C3DDB34A63D82251ABD19F02F3EF70FF8BD792E15BEE99FAEBC4DF879BD9148DDBDDD69FDBC64C6AEBD8301083ECCF4253E49C7E33D99E520BE99D6E5BDE3D0C13C90060CBEEEF849BD0910FE3D495FC5BC813C4E3DF1D1703D6FF902BD76CD14BED5960ABE095046BD447A28BE211B99BD7CFC063E523C47BC51572FBDEAAE8E3DF38829BE88234E3DD1EE263DB0EA643D6C751ABE6137FE3D7F5C2B3E03A3413D3751C0BD5A2DF93DE2758C3D41DB40BB9A251D3DF045B93D6AE6BABDE01726BDA2AB083E7F95223D61758F3DC58FA33D2487323C3863D03D8067C43D228026BD3221CB3DB8E32E3EC41B723C8FE72DBEBFAFD9BDF8A6173D5A9C0EBE1B290EBC0736CC3DA4C3103EB301C2BDDF2D30BEFA9C9EBDF775093D75CD1EBE5855DA3DB90E0A3E131F5ABC3BD2203D401E11BE4DA72B3EE24451BCF911F7BD8274543D6CD132BEF9400EBD2D678A3CD76F34BD2819303E23FAD3BDEB3719BBC3ED27BE946BF23CAA83DF3DA145283D6A2E8D3D3521C73D77C00BBD5B40073E1BF49E3D81344E3DBD94DA3DF90B10BE047C143EFDC3163E950702BC4D38ECBC4C8A61BD3FC928BE7B1E593B9E94883CDE70F7BDDECA23BEBCCAC7BD8B5EE1BDB4A21ABE9B22CEBD3245073EB0272CBD3DEDF53D457E2ABE90B1BD3D622E0F3D4391643CD481553D276A9839FEF92F3D32E37E3DCE6A16BE49DDA33C50EF14BE935D993D7205A0BDF3AC3E3D2547133E05E4243EA452C0BD6EBD03BE9C066F3D713C4D3D3FC6FE3CD5CBB3BDA1F1FDBB3FD3D7BCA3D4C43D6C0D1E3DBB278DBDFF21913C949DCB3DF18ECBB9A81D0F3EB93863BC400A033EE9B4A2BD68D1583BA928A2BD9CCCB7BD10B1103E213596BC44CF253C9D19273E8B3B7ABC8C9061BD4C9E99BD47CCB33CCE88E33D94D96A3C0E3A5A3D5736C7BDB9583DBD2C48993DDE03B93CD860153E4320DB3DDE52133EEE4EDD3D24C9043E486F5F3C9E1D19BEC7F816BCF910063E83B25DBB3CF4DC3D9C74FC3D8A6615BE742925BE29A7793D49359A3DCC0ABFBD848627BE419D223E88D2A23CCAC3293EF63E273BC75C993CCF6814BE2AC094BD5116DDBDE6C12F3EBD6D063ED0B19A3DAE921E3E40769ABC11E504BEFCF0F1BC1EE8ECBD7390E3BDC2B7C23DFF476F3DD884983C8FDAE6BD6F0A173D3E24673DAE6CD1BD63DEC1BDB04F9BBDF99C8CBDC2CD26BE5318E03CF86F1B3E7189153E8C7D61BC1D38E6BB32DF09BECD1D54BD0B07903D6D80DBBDC69D8FBD9E8C1BBE56F92A3E394A2D3E9E794FBC42D507BD662C4DBD9A400DBDCBCCFFBDDC9E303EEE9A2D3E21FEBB3D0CF09FBC0900843D2CE3693DEC10E23DF7F3843D8024CB3D8DAFBD3DEF7C753D941100BD9BAF39BC44871ABDDBC129BE7104F6BDDDDABBBC03CDBE3D5A3D10BE4D0A003E769AE33D00A8163EA996BD3DFC93783DD17850BD0A12033E9ABB2E3E9E4EBA3CCA00B2BC4D479F3DEE3C773D32F6CA3DF9F7573B84B5C23D64AE8BBC79B3A03D0A270C3D02ED11BE4E28F83D8EF5DDBC69CE4E3CB4400A3E74BD09BE68061ABE861B293EF42797BD05CBF8BD18CCC5BBEAC900BE20DEB03D84A9163DD4C49ABD358934BCBC9E503D729818BD1685F53C051C7CBC7C92BDBD8A2D18BD0D0098BD1B8EF4BDA2E80ABE8D39323E6AAFA33D3CBCFABC466DA8BD18B6D63DD3B30DBEDA48ECBD3060ECBD4133B73DF9B42D3D471E0F3EABB583BD634413BEFDB3F73D86C53EBDDD44F2BD0421D63DD63222BEAF06263D46362A3E9A7FFABD219FADBD14FDB1BB850F0F3E3B4615BE889BF2BC5C0816BC7CB4E6BD27BAD53BC30E293ECBEB00BE64FA023E389512BEF114C53DE0605F3C586B64BC93EA3FBCC7318C3C49C2623DE0B51F3EEDA81EBE463C2B3E4EF1C73D5CB61E3EBA0F203E0460C33DECAEE1BD432C003E55290D3E83062E3E9A0D69BD5576BF3DA491FDBC59918EBDCC36BCBD51F515BEBF72003ED917D83D3A34CCBC184B9EBD641982BCF7AA2FBE29C608BC1711D1BDABEB17BC27F0B5BCEE04263E105580BB9E69EF3DDE40E9BD701D233DF2900F3E417FA9BBCCDF68BDAFF71EBE2FA0283EADC5A33D9EB10E3EABD4343EB954993DE010753D447A9D3D958512BEAD46D73DBDABA83C61700ABE270616BD171A1FBE7E5D1DBEB145533D424312BE3808423DD4DB83BD9C8AA7BDCD51E43B6E84303E7A603DBDC2960BBE09A02F3EA041143E81AAB0BC352003BE843D533DF0DCFABC053219BDEAB1133E9889E8BC0215B0BD42EC0C3ED02BA73D4634933DBC39CF3D0F8501BEE44B22BE0EA50ABE1D2382BD15D49D3B6E7BDE3D810277BDAFA631BEEB5A9E3D50D501BD7AEEE4BD3E5580BB584232BED9090DBEB95CC5BDCC94B43D388413BE3DF0D9BD0DE005BC836B37BD9B7DA73D9467033E5D70893D4170CABD3228033ED8DF93BBDA8F23BED16F1BBEE2ADD03D125D20BD607CE33D4811BD3C1091833DF0DD103EE6E14ABD2FAF19BE19E8273E16D29A3C6243D13C3D60D13DF8E6113DE7CD22BE630312BE1209B13D8D53A2BD97A71F3E1F482C3E5477D43D1982263DA2A98ABD9CD0D4BD26C2DA3AE68BA4BD8F2C0D3E3396233DC2EA42BD6D793DBD5433313E1628D2BDF0B213BEED5A01BE19410B3D12EBA2BDE876FABD18370ABD7790A53D10C2923D44A6F93DDCED62BC5F003EBCD3722C3E096A303E97EFC53D06D12CBE548AE13D769E933D76AB48BD65CA03BEECB783BD15D1213E74779A3DFDA034BE432E2EBDA5668ABD04A4763D4F480E3DAEE41EBED7A6853DD8C21ABEDC282EBE60C4D33D0B671FBCA9E6ECBDFC555ABD9250B03C13C729BE7177D13D2A0625BE31A89ABC0290BB3DB9AA33BE84DC66BCBE3C01BE7A68393DBCF8CC3D1E71823DCD275E3DB08AA5BDAE8FEBBDFADEF1BD56C014BE4E6DFA3C19DB343E1E0E1CBE8F4512BE2F657CBD0C6B7FBDC40605BE0D5F7A3D550D2F3C8526A13D1FCD23BE29C899BDB0F6853D1BE1E7BD89FB8A3C3BB9DF3D087F14BD7949DBBD6AA4263DF52192BD20FA923CC22204BECE7A2ABEDB5909BCC70CBA3DE30CE93D89AF28BE1E0323BECD31103E8C941CBE14A3F4BC3A9620BEA310F0BD102B2BBECF7521BE98F5FDBD9FF8023EFCB81EBD7D01C23D692F143EF82D663DE25A1A3E2D3733BE95DE9CBCB7DD32BD5272FEBD4F85E6BDD1BF09BEC2A4F6BD25982BBD578E29BE1356B43CC4D21F3E002E08BDDFB4383DF9493F3A2286803DBB65253CB19B0BBEE413EB3D09F7B33DB19E24BE8A0C89BDA07DD43DF76CEF3D445833BCD385733D9F14EF3DCE370C3ED5369E3DD7EBE8BCF6A9A23D2385113EC7665E3D7B7A073D34FF993DE23F013E2F112ABEEB8CB6BDDE492FBE3E9AF53D66BD2F3EC935F6BD735BF2BD389E67BD15DAB83D1330083D1DDBD73D3AB8EB3DFD5757BDF16590BD5001343EB5F8183EDE73653DE752DE3D4060123EAC9A21BE4EBD0FBE61B7BCBDB8CFB8BC59477D3DBE002ABC05A340BD11799A3D1A04543A968BB73DA2EEDE3DF458E33DB7A0E33DA9B25A3D015006BEB6EB393D1C700D3B5E17CCBD8DEC223E6756143EF6171CBE3099263D56E4E63CD38E343EA491573D4582A3BDF91F163E2B0010BEDB89843C8C79023EAD997ABCB21E843DB0B2F0BD2B2DD2B99B2564BBDC4CB4BD97BA52BA87DDF5BD93D325BD7B44A4BC8D825F3C6F33AABDC65B9DBD59E817BE59B6123EC3D1863D3D0418BC2BC618BE5E9F1DBEAEA116BEAD7E233E9C03663CE9C0063EFD33F53A4E3B79BBEA462E3ED45C833D4A962B3E477B0CBE0A49273D9EBDAA3DC8FE19BE3CCC7EBD3DED173E5355BC3C8CA40DBD42C381BD192FC6BD5C30B13D16C7D0BD253500BE788A343EA722173E14ABE33DDE2472BC530F723D86DF093E0D11283E2679FA3C8F1A02BE901603BE0248B43DDE13283D1C61F3BDBB6491BC0A41A93DA8FAC63D6EAC73BCC89AD03D3F83B7BC014BC93DEC27C3BC35701C3EEC9D1CBEB6897CBB86317CBD8BECB83D2A72443DA1DF553C9912203E2DB8023E8FB606BE153FA3BD0D41C6BD75CBA2BD1A8D2BBE178C9B3D01351C3E2FEEA4BC6BD354BDFC392E3EBEE5253EDCD2303E1F4EAFBC0E1707BE6A8228BE0F880CBEA1AB133EAD110BBDAC25013EA29F2D3E40729EBCAC9329BC5824B6BCC5A604BEEC559C3DF915B33CAB984EBD0E7826BECB3C02BB0236633DAB80AF3DCA4623BE1E7CA93D6A4915BEC3DA8BBD578208BE51151F3E7D8C283ECD99F9BD2A431EBDD1433DBD2FACFEBD8CFD5E3DD270E93DEED1E03DBE7A063E33E219BDC5570B3B6191823DF1BFA7BDC117F8BCD2DD05BE290580BD4373303D5B9F30BE1B0E24BE2F92763CF1069F3D87701C3EE82989BD13CA573D255AA2BC1047203E371506BE4E3590BD4B7700BE603C0ABD9B7FB43D0C34003EAEEAFF3D5B14243E29AF9C3BC24E0D3E6BABB7BD7C35FFBC334E09BE5CCCCDBD1AE6D8BD4B14063E12B30F3E6FCC80BCAF028D3C218E28BD4716333E3B5FFABDF8D1A83C3B0C443DABF5B2BC6C7FCE3D733A183E291126BE87AF8D3DBB21CEBD6FF7143EDABA173EC6B3E93C53FAD7BDA193B33DE1301C3E6C73EA3D7C230FBE97FC0A3EB870F8BAED30E53D3E940EBE51A6E3BD90F596BDDE620BBE3020E9BDB8671EBEE607EE3DC6D7213DE960DA3D3D270CBD615469BD155D1E3D0597F7BC54456A3DFF09893C2F92F6BBB1ED22BE241571BD44F00FBE3A44243E7985E2BBD79FE53DD0700EBD7CB37A3CAF48B43CD385DABD3F4F8E3CC7A46C3DD7B10A3EE6329CBD230B10BE8A8C63BDB342113E2DC4683D8419433CACE2B5BCFE2819BEBC972EBE3CFA0E3E05681D3E480F373D1C6304BE147206BED4EFA7BD89C68C3CA07B04BD7EC4083E2636A6BDDAAB023E055B27BEB4A532BEB48734BDA2E9FCBDBD5CE23D9CE6B03DBD5730BEF9AB1DBE5C0D58BC50C3F7BD3EBD28BCF62598BD130B1C3E37CA083E108362BD732560BD220B573DA2C1293C6774DA3D20428DBD550DA73CA929F93D55FC8C3D35C2053E4D0C16BE53FA093EED2E09BE61981D3EF1DB963DA214243E06DDABBC5069ECBCF313943C27D8703DA320B9BD0A39F73DBBEAC73D3A12873C4FFBB1BDC016933D2E26153ECCE849BC4ACDAB3D6790A03D58058EBD099E14BDDCEF0DBE4198B0BD0E7925BEDA308CBC2B73BEBD7E499E3DACB6E83C6490123EF1350ABD8F3C4C3D2AC1043D00DDF93D041B3BBD91EC5CBD2EF6853D2731DDBC049CB93DE4E78EBDD33AA8BD28F9F8BD7AFF0F3E9130313D1EAE2ABD06A22CBE88E1EA3BF3D912BED01B843D4893063DE802093D755E8ABD2F7202BEB7FC58BC1B07003CC726043E35E523BE9BA54CBD3FF1253E9A4D90BD79A6193ED4AD19BE26BA953D9BFF32BEFD4DEE3B4FE22ABEACB481BB808438BBD3CF19BE482BE9BD4D4790BD320AF0BDA442BCBDE7954FBDF8D2E83DF6588B3DC707ECBC0E5EFF3C351309BE6B5DF83D6B446F3BBF75E5BC53E0473DE9B828BE4DB5ED3CA7DA153EA4AA01BD25EF25BE8FDE7DBD9B2A083E6764DC3D87475B3D16D2223D5E8CA7BD32940E3E740313BE4DEDB13D9F2CD3BDCFF726BEE967033E3951063EF663EB3D7BB4B23C9705B13BD394FCBDE11704BED822E8BB7651D03CCE06CCBDDF0B92BD7EAD2BBDB3B9253EAEE8A0BCAF9AAC3D5F89863DF43AEC3BEBDF33BD28F2F5BC5001E63BBD99EC3DE69253BD43BAD13B6A7801BE48BD033C3521ABBD0336F9BD922032BE1C10023D9ACCC3BDE83E163E9D4F00BE0EF095BCE3C177BCFE8E28BE136C6CBDC48EE63D50B7C9BD65F225BEF7AFDEBD69A0273DE09126BEF785653D4040173E9F6DE83D23784FBD758180BDD87B37BD83CA543D342AE83D62A8BD3D58ABC7BDE426C63D4DD6E73A272A99BDEF1292BDD9AEDA3DF47808BEDE90F63DF209103E577D38BC0EFA1BBE18C01C3E4339F03D35AECF3D9FA0853D30CA9E3DD47A99BC5A0AE33DD92F06BED798C7BDC633CA3D6EF4A83D07F6CA3C17D40F3D5615B7BD34FBED3D701FB0BD61A5DA3CF6CFE2BD201C813D5E9BAABD75A7F73DE8D899BDF27C513DB6C581BD008BC23DF54032BC3D89A3BD8926083ECF2315BDC6A012BE7571243E495214BEB909803D4DDAE9BDFB97F9BD0CB734BE0813D13D2BF1143EB0659A3DBBC4D0BD9A58DC3C7B3615BD1951D4BD30132B3C5481A5BD3982C9BCF12DA8BD768CA83DD45E9EBD7F73E0BB685BD8BD0BDF24BE9EB2263EBF451ABEB629953B1F940ABD593528BE8DC1913DDBB61A3E7CDDBCBC7CA91CBEAE62F7BD32D1173D7908CA3DAC2DD33D59C6F3BD80D0D4BC70230C3EE120C03D9129063E186F10BE5FBDB73DDE0E19BE995F123E74C705BEA74DD43D455D073E160D23BE661F34BE5FC9163E0270EEBD83C8DC3D2B6CBF3DF0908A3C9055FA3D8FFD363C394BC5B9127DCABDF6A82A3E48DEA1BDEE9B11BE415982BCB50EB9BDC27013BE26B816BE74CE3D3D1A2E4D3C844F373D26CA383BAE62C3BDDDF5E53DB514033EA6C92ABE6B57173E76371B3EA8A2333E0A262FBEAFE3C93D4F4D2EBEA6951ABDE6EBE13DF078223E41F42ABAE5EE2ABE435D283E66D2D23D446EDF3D0CFDAA3C8BF0323DB25DFCBB751C4FBCD10825BED63EC53D1443E53DAF01AEBD9C8AEDBC3C56FABC57520E3E6740333D7CD80FBDF7060EBD864E95BC8DDC08BE444881BC0CFD113E0F5FBEBDD471293E1A0E033E3FB8023ECD44503DA785D3BDAE641FBD333802BE24D2EABD8118EEBD6312D63DC726283EBF7C273E3B130E3E0226D2BD794124BE669DFABDEC2F9BBDB5C2AF3CEF3AE3BC6F29C1BC7AEB33BDCDBF293D10349BBD908E69BD909ADC3D9F612EBEB338313DC1649DBDC7597DBDC70BA2BDA1A9293E1BCE8A3DA432253C429982BDAA1CC13A36D88FBDC6B5783D223425BE2F8A263D1CAEB63D9F7F893D2BD6D23A48D7803D227BF73C133D09BEDD68D03DD819213EC559F83DA21D67BD1A5E373D3782753DDD4830BE3C9E2D3E8BE305BE8C49D53C8C4529BEEC1F08BE8F4508BE1519823B8B382CBEF4FB7CBDB9D9C6BCDCA1AD3DDE01A6BC58B6CCBD206746BB8D1BF7BD23CE9F3DA4F85EBD9CB25FBDEF68B0BD96F520BEBAA5C6BD333E643DB24CAF3DA7ABFABDC4AA6CBCEC252C3E31D60B3E41CCA2BDA424FCBC3EC106BEAA4687BDD22AFBBDB89C77BDCA63ADBD22640EBEFFF782BD0F63FBBDB3C67CBC1E2A213E2DF9DB3D3F59113EB04DB0BDA5880E3EBD1D8CBD11DECC3C0ACFB7BD486AA93DD7F231BE004898BDF70836BD47CC203E2EBFE4BC5BB49CBD8EBA9CBD5094C03DC3E3F33B86394DBD441417BDC6D8BBBDDD9F253E4B4C293E11D5183EA66A073E3F7FCC3D59F62ABEBB00E1BD98F805BE45FBACBBD7D4633D5FBCBA3D077D13BE4914BBBD3199143E597A14BE03CE103EC8031BBDFA305D3D2EA32EBB616C99BCF687013E225402BE5E9A13BE7BF9B2BD3576EEBDD81B053EF19829BE2FE1C33AE6F3193D1DBDEA3D7D27BFBDEA90B5BD5114B5BD2C4D323EACC9073E396026BBFD7B6B3DF09BE83D1721F0BD4F9F6E3BB653AB3B618D133DFAA41CBD566D93BD27625B3D179F8F3D0BF5EA3DC96F17BE8D134B3CCF1B44BDFBB51EBE1466B5BD53D1FF3DC29C35BD1FABAA3DF4BE183E46FD033D9D8E2DBE5482D7BDD908FDBD8746C7BCFCBB9F3BF219EF3D93542CBE6B24743D0C5918BED62FFF3DC79C03BEE196E3BDA6106EBC60A4BEBD0CEDFC3D17B1B0BB8B8D59BD2702FDBD66C9B43DCAEC07BDDCD49A3DDA0BA3BDF73622B91399D5BDB24DD6BD6A1DFC3DC1FFB9BDDAFC5C3DA91C223EBFBE17BEB139423D8F68203EE20E00BD7235DC3D02CE073DC076EEBD11ED14BE7FC5543BF986173D6103FBBD9ED057BD221AEFBDACCE2B3EC0F8413C005419BE1D421F3E9F560B3ED2F0D13D6A1F27BE6A0DA03D052703BD22B9EF3D536DFF3D3C089BBD561EBE3B466D9FBD4524273E048B9BBDFB24123E657DFE3DCD94043E84BD10BE90C8FFBD9632943DB18D0E3D37ABFFBBE959A9BCFF5914BD147C2DBE58403E3D210750BC732C4C3C25C0D9BC9128E43C958A4CBD93C808BE660DBA3D0A72E6BD4BAB79BC8DFC6BBD5EF423BEE633FEBDA2B8A6BD4E889ABDFBC72C3D3928AB3C61660A3DB5338DBDDE39D3B903D4183E5F0C31BED6E0FDBC53A4B3BC6DBBABBDF6578A3D00A1243DE929583C9BCBC3BDFA3CAF3BB4534ABDAA858D3DAAAD1B3D5E794C3D7E3CF2BD0FE5223E0B67F3BCD781013EED9C7E3D19F8153D37227B3D9CBB773D6A718FBD1EAD09BE9972D43DFEA51DBE486D11BE1BF5BA3D630C243E7C2818BE12C9D53DBEA5D8BBBD1D113E325926BD5651CD3D0092B8BD4DE8323DAAD64CBD255C1BBE4F01AEBD1FD031BEA57DE73C176902BE6A787B3C21CD2C3DDE59C03DEE36D3BD7BFFEB3DE17219BE532A443D6439CD3D4A771B3EC2CEFDBC639F28BD1FA4BE3DB8EB96BD007A78BC36C4093EB0730DBEFD8B063E3EA1ECBD6ADA273EE9E2223EE8B33B3DF4081B3E372DED3D566F22BD4D51B2BDD641143EC4F8D33DAF3D28BEA06EA3BD5876163EFB3F173EBE9E42BBDBC11C3EBD2579BB8A43FFBCE409A43DB977E3BD20282ABE5E1361BD9FF0FBBCB8C9A1BD2097C9BB743BBD3DAA5D6D3D539504BEE128F23DBA046C3D9F09853B149401BDEC6DFABD96C56D3DAEB377BD42FAEEBD277491BD38CD023D92FD4DBD8CC8063E4267ECBD9976563CB0C8F63D79C102BEB09EABBD518D34BDBB9574BD15A1CDBDDC980B3E9181DBBD1CA6013DFD872DBE6B75713C74542DBC6B54E4BDCD483B3DA3D99B3D6E1D183BC47C243EBE95AC3D8947163EB811143EB40807BDEC5F22BEBA7FE2BCDC76E33CC8A4163E8E6B293EB5C41E3E2951FD3CF30F0B3EFA9D193E3F0DA23DF3EF2F3E2E2515BD59D92C3D743E4DBD6EE263BBCEF531BECB6F733C205900BE2436A8BCAE8E0E3E2732BBBD977ADE3D1BFC283D9AE608BE764A603DC910DA3D56497DBD247CB1BD449D13BED216F7BD77E4823D108D15BE02EE1CBEE4310B3E25C107BE1F5B0C3DD06490BD327FA33DFC401EBE6BAAB4BDF4EC28BEEF157A3D94B34B3D49C5FEBD66EEE0BC21E68BBDBD5AF9BD6D1C22BE0C60153DBBBA263B9E6D4FBD8E188A3CCA64C9BDBDC4FF3D1A4498BCE5E028BED3D3F43C932601BE43F6DD3CAA7107BD8CA9CBBC9F56A8BD8250E6BB07BCD23DC4EF2EBEB5842ABDEE42C23DB4ED90BD118499BDD546F4BDB0DE583D82F2B6BDDB53AB3DA9BEBE3D986D1C3E884F233DACA2ACBD3DC45C3D5EE5F83D111893BDA7C71BBDD392003E84E855BD52C39DBD6BE01FBEB98E14BE59E2163E08F89B3D7A4B88BBD5722E3C4DE59C3CF4C12F3D084EA5BDA5F31A3EB9322FBCBB4D47BD7D920EBE4AB209BD65C9223EF07033BEB683183EEC0121BEEECF05BE06FDC8BDA2C29B3BA72FA23DCD7857BDBD0A74BCF84407BE7DB1A33C43E28BBD7F05253E2AFC6DBD40B6E93B98880FBE8CF6CCBD7867F4BD5DC165BD47BC1ABD6E682D3CB3CAFABD33BBE9BB80E238BD812123BD560124BE5852F0BD160193BD5584FE3D7132DEBD204AFABCF649C1BC09D830BEAA139CBD793415BDF0F5983CC3292FBEB9A9A7BD55902E3E153F123E99357E3D32DFB2BD7B8C223E87D216BD0B24173EC9B2573DC7AF8EBD636729BC53DEDEBA6892D83DA0AF203D9560603C782006BE2D00353E830F8BBD04F2AFBD0FD4AABDEA6A513D5737ABBDB2E1FDBD3909EA3DE76242BD295A0B3E2637F13D0E3D97BC7DFBAABD0F18533D6A55F0BD760105BEAE65CC3C1BC611BEBD3404BDD44D88BD8C8D0B3E1FB4B83D139BE23DC97B07BD36761A3E2DC32DBE3FCD1EBE8A0F22BE85E8A83D8FCE033E22FC0ABE5A1B2D3DE8DA26BA342012BDD7A43A3D16DADFBDB09C87BC2CCB80BDC9E832BEAC2C47BDDB350F3EA70221BE55DDD5BC9816F8BDCBFED63DB65EC13D51C8343E07AAA43D1B5E1D3EFC0E91BDF80A7F3CE5A68EBD5CA9043EFC36A53DACE448BC1EE99BBD57151A3EF04F193E99F6343E48ECBEBCBC10D1BDA8FF0CBE8D7A70BDAD4F30BE8E25543D267B84BDB35EF8BD421C28BE0AC847BD3ECE8D3CE127753CAAC903BE5055DEBDC2CA923D689190BDB9D206BD32CC073E3A72F9BD44A758BDFBAAD43DD643B33D0E86E3BD705C07BE0E4E163EE75BE73DDDC2A6BB228307BE81EDB43D28D79EBD4B24333D4A7F593D15630DBEE1BDC6BD173100BD14CA093EFA8EB13D3FF929BE348683BD721F82BBACCE0A3EDCF413BE11981F3EA226233D2FBBF83D7AE0C33A4A8EA3BD09B89ABD8D62D3BDB0AAE1BD27C2233D528ED8BD92935E3D6E59FEBD3CEFFABA5EB525BC5684D53D4C6E1E3EB33BF13C34DE53BD48271F3ED4BB67BD",
      torch_tensor_32_torch.float32_7: "0x040000009CA0CA3EFD2DE6BF0CBADF3F125AB53F55964CBD78C4233F8598E5BEB90B1ABD570D7EBFD9256FBECE1CBD3DAB55E3BE52F916BF764052BF686BE8BE4750ACBF12BFB33EF4BDB4BED823BF3EC516363F0200F0BF576C81BF580A173F7A3C1E3FFD30E43E9666CBBF1D981CC024A7933DDF0CDABF834B2E3F105B3B3F43DA7F3F",
      torch_tensor_32_torch.float32_6: "0x040000004248723F432A723FA9CE853FDC80873F6C7F643FB3A8533FA993493F61A9903F04C4573FE4F97C3F4635813FC237833FD061873FFEC0863F834C6F3F355B763F5E41623F6758883F64BB673F8A8B7E3FDEF2973F2660723F6560423F203A863F251C823F78C3413F78DC893F8D25803F0624783F432E533F9C246A3FB539663F",
      torch_tensor_32_torch.float32_5: "0x0400000031E7133E7B49273EE883AF3C0B8AAA3D540429BED92CB7BDD350A1BDF67E4CBD00B0B13BFB741ABE3A02CB3C073A0EBE17B04ABD6F30833DB130CE3DBD87FD3D62664DBDCD88213E3701AFBDDF94973DE811D53C8092D13DD440FBBDE97B1FBE69FF7E3DEF2632BE9378D6BDAF0FE43C6ADCB63C9EDC89BD8148E93DC530BDBD",
      torch_tensor_32_32_torch.float32_3: "0x04000000D1B9A83D7781FBBD4D35303E2079EE3D65C4E03D604EAD3D06C40A3ECBBF15BECAC41D3E25118B3C14F50E3EBD902E3EB0B0ADBDEF3723BE02F68FBD24410FBD0438203EBD7C0D3E29803ABDA71F1BBE0767C83D825FCBBD08827ABD4C1AA8BD9A2EF03C6B55C13D4EB606BD21410ABE15F9E93DCFF3253ECB8AAABD739ED4BDC60D4DBD206D313E776848BD8E2F563D3C41D2BD5904BC3DD390133D73E8113D2743243E62D1883D79761BBE2B841CBEC6651DBE9D400F3EA1B593BD6D7D933C3024FCBD74ABA43DFD1490BBB5301DBE58D9093E834A463DB1E017BEFFDABF3D39E25CBD9EBAECBD907F0D3E04F9C53D8C23DEBDAEF16BBC6C07BABDDE950ABDEB2DAABD945AD6BDB67C26BEF25A863DA279C83D7AA9143E0F92793DD77719BE5BA5D4BD84DA033EA561AD3DE55F9D3CBAC141BD111BC2BD4CA4123DED766CBD77620D3E8A61D2BDFDA9E83CE9709DBC75C8203EECD31D3EBDFEAC3D3DE922BEFE46D13D1172E53DB5156ABD2E94BC3D6A3C2CBD30AA11BE42215FBD3BF16CBD100A08BEFA64183E7E482ABD878880BD4254BB3D405F28BE9DDE17BE96E4A8BD7CB3003DBC9531BE32D7973DC89D033E85A17EBCC3C25B3D4D6052BD3294D4BD6BAF373DA9DCAB3D16CC183C6904C33DD11AA2BC517ECCBDC063EF3C83FBAE3DC12D293E2D03063EAAA079BD4A711EBE2F2891BCE400143E6E06463C6832A63D6B430ABEB628D13DDE21B23D02A0B23D38AC883C8186A43DDB6FF23DA9A8C33D7091CF3DDB71B5BD80C4013E8E6FA7BDB6F2A5BC2E4ECC3D8E3A983CCC152D3E48A7E23D685881BD3750B93DFA405DBDBBAAC83D32B6EB3D052891BDA4BD523DD7040DBE148E9DBAF2C0E0BD0AE808BE73F777BCC7B4A43DE92A29BE432AF23CE59F35BC3E7D423DBA691EBE30C4B3BC056A0B3D84E6CCBD007F92BCF7711DBE256F233E836B4C3DE0311C3E67741EBEC4011ABE6425BFBD1E9C2E3E8517A93DA37C98BDA4E90A3E1AC434BE223D69BD2A87683CBD87E03D6B4380BD2AEDF3BDF98E11BE236BD5BDB39CC63DC03EB0BD7C8A11BE1F951C3EA5F283BDBA40D4BD01F5473DFF02803C1BFC35BD8AD11E3E0322C33D5A44A5BDDC396A3D603A8E3D4051B93C3950913CFDD711BE66048DBD5BDA953C99FAC93D0449923D3B57913DFF001BBDE0809B3C5ED8C13DFD94ABBDB18A7F3A444F73BD14345CBDD97C2FBEA6E7B0BD4A21F6BD0796EC3D5DD4333CBFD8B83D0036DE3D1EFCF2BD1F0532BD507217BEA4F4DC3DE71AEEBCD122CEBD359803BE1623E43C36162CBD1BDA043EDFB326BEEA80A8BC0B65BF3DAC41C6BDE4F833BE6F0C7E3DAA44833D7547793DA11EDA3B0325B9BC06728A3D3D66ABBD71AC2CBE4624C1BD34ECE23D821E333EE75AD33D1D8A7B3D9A6EE03D34FB303EB18EAFBDE12EF4BD7F6EBB3D135B37BD3DB686BD77E1CFBD6F15073EF403343EAB6210BE9EBD6BBC529A12BE6AD9BF3D93A597BCF222053ED050293EA9CC6C3D311ABA3D0C82093EA5F9FABDF467AB3DD11E4C3DEC144FBDB1C9F2BD5BEAA7BD6227E4BD846BE33DF1E8473DE4EA033C9F43CBBDCEFDFBBD1DED143E9C53E0BD72A52F3EC99D4CBD3BCCF43D479B133DB3E1C6BD4D5C243EEAEE1FBE742A41BDAB9CDD3D1A97D43DDCAD07BE042BB0BD1F3431BEE6CA063D9BBC9A3CEE9167BDCE6715BE60E499BDB1E6B53BB7A19E3D9B461F3C51809C3C2F7F0E3ECE10F2BDCA9C1EBE7E2CCE3DBACA9ABDEF471CBE57DC5D3D70830BBEA06BCC3DC5ABAF3C397227BE27A086BD56F795BDD8120B3E07CEDC3DE139E6BB67051E3ED996053ED48130BECA5F093E34302B3DB4381B3ECAC2FA3D71E202BED07412BD5AD7F13C025F8DBDC149F13CD91B0B3E226CE9BC235304BECCD0DF3D9638CDBD0F7AF13D4B94083EC849AF3DE03315BCD7209BBD861DED3D40C8333E34BCE9BDBBCB53BD1BF2AF3D2F4CD8BDBA61153E3D24F43D02C0A9BD095B10BD6CC7E83BE6EE273E969F63BD289D393D81F6933D64A3DA3C5644F23BF9B3043C03DFE43DD82F6F3D20E4213DD855963DF6D9A1BDB385FA3CFF70D4B9134C8E3D3D0DE3BDC307FB3DA8C4023ECE25F53C9FFB04BED85006BEBD470DBE8E28123BA65A16BCD3DD193DE9A4EE3DF71251BDC4FA55BD35450BBD7ABB1F3DF0E2B73D5D7C24BE2D0E003CA575283EDBF7063E568F19BD2EBE103EE050C6BD79B0B83D4FEF64BC32A9183D6A9D253D7A3FC5BDF13425BDF675E8BDE929163E82D531BEE6ADE43C6A652EBE509B06BEAE8D043EC57A08BEFFF6203EBCD412BC94AEF2BCFF3CCF3D42BBCB3D3CABBFBD2F77003CC4D705BD57B1CC3C93D7DCBDABFCC0BC5193A53DDF82B5BD0660D43BC99D123EA8E7CCBC6203CE3D07CD503A4916C8BB4604D93C74A9843D45EE96BDF3B593BC5F40B9BCA94FA8BD325C213E3F5013BEAEA702BE4BCC273C4585EBBDE2203DBD656E183B6B4CF7BD11DFBEBC859AA13C4A3828BED2F7973D468C273E10271FBE5872B23D993FF6BDED49333D0294233E77682C3E7F29833B52F62C3EAF6B233D788AB33D59C9C23D2967DBBD2577033D5750293D60D4283D6994343E4B1BC3BD0999B7BD34A30E3EFCED46BDBB4A98BCF1620EBE07D0903D660BC23CF3F19A3C6405743D5063F73AD2EC00BE14E1B1BD48A6E5BDF698D8BDD0711A3EBD0A313E92A4073EFE05EBBC088CE33C6820D23D5CF92E3C1B6C5E3DEEDB303E75D3213EDD53CFBD5BF9AABDFBB2DE3D20C6303D3012973D660BF9BB5B52703DCE7105BE6B99C8BD20BA2DBEE50BFB3D88809FBD278E18BE8E4C21BEF9434EBD439D1D3EF22320BE4A3E9CBDCF3898BD270D313ECD3534BE84351B3ED698CCBD9942703DB5DACE3D996EF63D23330B3E28D5D5BC2D600ABEC6C3693CC1DDF4BDBC1887BD233B133E5B00AC3D5A9A2A3E2F42ACBC2F24D9BC692F37BDDE2BB03DACF4433DBBBC203ECAB72FBE34C899BD6A1FD43CAE588ABDCF3BDC3D76C8903CC36BCBBD4A5C3FBD50790EBEB8B096BD9EA58FBB7999CFBD68B4E2BD71E3C43D665F26BE00A0A93CEF9208BE69421EBDD1FB6C3DCC40923D4E1F173E39D1FF3C81BC8CBCFFB1D43D906B0ABE636009BE0C24B4BD5193C73D22AFD23DAF93BC3DFE8804BE8E7A083EF2EAF23C87C7E73D27E6F43D457DEBBD31840E3E5EBB29BE09F603BED28E21BEC5D711BD1BD4963D1FE9983DD5E7333E53E9CE3D6AC32DBE1900AB3DBA0E72BD3F99803DC3D9B6BAB1B2B23DCFC30ABD9B8A023E333516BED53E1EBD03E1A7BD7E1B14BEDC9ABF3D57BB783D9C5992BDF9B907BE056455BDF16F6C3DE9EE64BD8E0387BC0EEBD1BC3F6FCA3D3BCB15BE5EFFC5BDC7A3A5BB7FA11BBE5A7AD93D7A5BC53D25D8CCBD1CF6083D2FE131BE4152153E8E1D0B3EE6651D3E7F3AB23D53EF583D9162293EEA9280BDDBC1093EEA3482BD9E1701BEAC82DFBDDCCED93D1815A6BC10111C3EEFCCD13DFB71C33DAF2C30BE3D4F743C3459C43DBBB6F63CCE2A2A3E533B3A3DCC99D23DC422BC3D59CBF2BD2770073EC80D693CF090843D8D5D473C08DAC639E5AF10BE7E7BEDBD98411C3E0CB1453B2ED25C3D380EEE3C64AE0E3E80ECB6BDC4D419BD5DEE033E6205BFBB91C2D2BD0FBC04BD51D0013D62419C3BBBC7323D780D823DF93B56BD6CE6F1BC9E75253E4D373B3D8ED71F3EB96D243E23391CBED4CFB6BDDE929C3D6622ED3DD2DC22BECD9110BE3635CA3DFE271CBDCAA4F4BD98F1F73D0F0CC53DDE16243EE50588BD741C15B82096983C500FC6BC5D77A33DC1FE3E3CA1D525BD0058093C19A831BE87A3FF3C219EE73CB2D738BDD7B8293EC5721B3EA23C8DBD39A96B3DDC602BBEDE68CF3D21E9DA3D61A9B6BD2D0A29BE16EE0DBE45A5513D990F32BEF0ACA33D966EAABD529B25BE9E59E93B4A2222BEC6691D3E8594233E0D5C0CBED1CFC13D3C210EBE8F88B53D8D512E3EDAF157BDE3BC0BBB1F338DBC031EFCBD4A192CBEB94C8DBD0B912D3E9CCF2F3D32DC68BCDF1D2BBEE76E943DD623C93D28006B3DD50430BE139F2BBE30350FBD5AC1083E7D39BDBD777E82BCD702AA3D5EC697BCE1F48FBD5F0ED33D3136333D02BA143DD57D0FBE6DF7B23DD63CB03DB4073B3D6D699E3D68D9603DBA3E19BDEBEF0B3EA7A4853BF2AC1D3EE9A5333EDB998C3AD5EBCE3D463BC63D97AE783CBA7BC9BD273413BDEB81E63CC06229BD5E79613D2EFDD0BD3D597FBD6C2614BD04D0AEBD8730E7BD82E4F8BB9727EB3D276D323C0DF9A9BCDD83DBBD9DA503BEF3B3A23CCDA6253EF5FCA6BDA76AFA3CFF80B0BDDC51E13D11FAF5BCA9F1F9BD23DFFC3D1F53E93C356A16BE867D04BE9FE4DE3D105FF2BDEF231E3EDDD5813D172632BC8A770C3DFCCBF1BD3E2E6D3D5AD9103EDE77BFBDB45B4ABB17E8D63CA1B41B3EECA6BF3D6ED2C6BB29476A3DD803833B78251ABE90B52EBC831DE7BDD02FDCBD1BBA2C3D1A1C0D3E029097BBB3426A3C6BB5F43CF0E7E23CFC7025BE5377E53D75177E3D29B3AD3C89100EBCD5A65B3D85B62C3EA6ED8C3C43C384BC95E646BD9937563D3A4A1B3D1A68003E3264CDBC3CB9083DCA49F7BD9F0604BDC7ACE33DC8CC013EB872953C6128013D7126FEBC8C09E9BDDF69C93B41BDB23D0F7BB9BDADD7D1BDDA2BDD3C8293C8BDAA01663CF3531CBEF806193ECF92293DCF2CEA3DD0452FBBCF5722BED901FEBC09EA1FBDBF61F03D5580043DE547A2BDF04C0C3D683D213E8C9224BD2C8D08BE713A0A3E9EBFE9BA57D9083D4BCE103D28091ABE7F0865BD7E84C2BD94A6193E0487123E2A5D03BEDCC49CBD141D1A3EFE21A9BD27AC25BECE9F0FBEDD3CD5BD110511BE9B1C0C3E5BF8493C5B9E163D2CE5053EF4D0D2BD1B151DBECDD35B3A938BBE3D2563A9BD4D3E323E052592BAF47B8DBCCF49C1BD3636383DAD6C783D140C80BD5D5FE9BDB2D9793C40E3303DD35E3C3D62125FBDE45E96392D2007BE770594BD6E398F3C11F5FFBC151E2BBE6CF110BED9366B3DC502CFBD2E09A23BCAD80B3EA39B2CBE00C184BDE7759BBDD34A863C7C2218BE3B542EBED443E93C9B203FBB5D569E3CC157BC3C5036173E63CB1F3E70D9293E3BCB5E3DD1324B3D4282E83D844BA23CDF69B6BD6B4FE5BDCC6F6E3D9C57713D5450D1BCDE44073EE98618BE5A42603BB6E28CBDAF1A1ABE8D352DBEFD67053EB82355BCF8DA593DA250CEBA1363153C968C1CBEE66C453C81510DBEBB40F73DE8BE873D1CEE00BE8ECCCC3D31C1E63D1A7C043E6F8E113EB18ACE3D50022E3BFC1E253EC6FB4E3D52E228BEB28C1B3E59BB1D3E423BA13D901BE03D5A73B6BD825C8DBDB4F432BE0D45FD3C30BA8BBC5AEFB6BD8B6BC03D2C45923DBFB5C23D37950EBE8D7ACA3DA550803D190D1B3EF61E6BBC9BAEF9BD0A2C263E802F65BD738205BE8222C73C7112F43DD5198DBD9A10E6BD14F5DBBDEA647D3B13BF2CBE2323563DCD3C80BC29D702BEDE1E873CCF920C3D620EC6BBA233183E30398B3DB678CB3C2013313E2E41F13D3E2488BDD404B33CFB1EA8BCD28E163D583758BD351B26BE3A6D2A3E99703F3CE7CE853C17D0DF3D694F473B0F1EA73D65FBAD3D736ED1BD7712C73C0D77883C529DA2BB90A4E23D60C1173DFDDEA33DA3E6DBBD7C1902BEFCEE1C3E5462D1BD5834BA3D25451BBE78B97BBC4215B3BD808E11BE073B8EBD82602EBE0530023DFE8C19BDA352103DC8BDF2BD6FC1053E1E9AE5BDF677E6BD42FB9D3D834927BE6AA7E03D831BA43C29769A3D",
      torch_tensor_32_torch.float32_4: "0x040000008BBA743CDDA0C23C3F09EABC8B9DE53D1D9E273E56E840BBB6CD333E7F7F573C598BDC3DAF52A53CD084B1BD534AAC3D1047C43D1955F6BD367C2C3EC073DABD875A29BE30284B3D0182DEBD8978EABD62EEBBBD3B0C21BED3D2AB3D41C7EB3D36F5B93C15760E3E1D86253ED4C1203E9EE14D3BA5A00F3E9809F33DB17C5B3D",
      torch_tensor_32_32_torch.float32_2: "0x04000000603B0FBC45F117BE9B951CBE593913BE3FA0223EB936E1BD9CD2E7BDCBE2E1BC13D60BBECF69A7BD03E759BD87BCC7BD574A07BE681F273C6CD12C3EBCB5E43D344B293E3D5F203C560E64BD2832E03D9EC984BD16C601BD3D6D61BD3F29173E2D7816BE30D8133E8954C7BC97B6563DD7542FBD79DC61BD2B46EA3D1928C53D852589BD0C58273E84C7353D5B0F2D3DC1E2A5BC933BDF3DCB1FFDBDFE79753C9F1E10BD0EFF0D3D02D46ABD49A65A3D5AFE033ECD282FBE387EE73D5245A23D911D4E3D83FD47BD07020FBE61E5253E0845F4BD3D2D92BC4617BCBC3F4F13BE18D11CBE0AC1C2BB61A91C3E00A193BCA24ECC3D891F2A3E622426BDFF1BA4BD4A82E03DFD75BD3D70E3D03D1693903D34834CBDE7F828BE87B7E13D0A0CD13D2DF91A3EB75432BDCEB87FBD79C62D3D9EBD00BE3B1C543DEBEB89BC353419BE87682BBEFE5726BE45CDEEBDC834EDBC6291403D1D8414BE92D485BD2D51E3BDFAC983BD4B66273EF009C3BD0C6626BE91141DBD264ED0BDF9D84ABDB8FC4B3D216714BE49C1743D2095AA3D24DCAFBD2AB0BA3D0165B3BDF835E23D4ACBE43D7EF9A7BDB405033E948D973DEE3C18BE03BA343ED95632BE3B5BC33DFD81123EFC20F5BCAB3C0BBE75F978BD07A50ABD3EE987BDEA3570BD04F8173E4E6B2ABEDC0C06BEFE99AF3D5F1DC53DAE6C133E3FF7E53D1390FCBB438ECA3DDFD7C13C98A3A03DC959C93C034A02BEC4AC10BE7B9F7B3C829F08BE4CB7F8BD0FEEFF3D82FDB7BD1BE315BD710621BE9AD9A8BDC0A83A3D8F2A0EBE23292DBE4419DB3D65BA9F3BE922C43DE4931EBE5C40C33C75282F3EF79D02BE7E0B52BC8B65D5BDCAFE31BE2717A33D7C7124BE29C92FBEFC6DD7BD16E28BBD156FF23D538E87BD157CCFBD10790ABE0842B8BB236D1E3EBF8EFFBDE887EE3D5F20B73D11C107BEA02B62BDBF5A5CBDADCBDE3DFB265F3C7768BDBDFCD803BEE2C9023D2BA4203E25A915BEAF0145BB3E32F53D9D7C6EBD1B2CECBCF062A03D037B16BE2F6582BC0A04253E27F6CCBD25C072BDCD4B89BD5B179A3DD8B0CCBD834023BEA308873D8E2EEA3D03F2333EE1DF043D72392E3E165429BE71499B3DA423C0BD944827BE9E507BBD43C28CBDB70731BEA8D0EDBBEF374DBD7D28173EB7FA93BC3BD78A3DF1122D3EE6C4153E93ECEBBDBD9604BDBE01293C5A13A53B1E9F2D3D4711FFBD3C0EC53CED9FC43CB8CAE53D6F3E18BE7844CC3D70AC123E55010ABE2DF1E83D76012E3E9350963C6F11B5BD6BBBE53D5C02DC3DC1175B3DBA9AD03D96E62CBEE40642BCAD41333E81DE04BE4E01013E071CBCBD30B812BD7B669DBAA21BD2BD278C04BE7730343D350B093EA68878BDF116DCBD4A2EF33D211098BD807D593D43EACCBD12DE4B3D13AA713DE47603BE9A6309BE10172E3DFFE3CA3D7B92893D716B233DE140413DDF9B21BE310AEB3DA63229BEAD66FABC355C813D52F004BEEBC891BBA0ADAF3C932420BE7125013D3049B9BDBACEEEBD2CFD1F3DF9B37EBDB92D333EF06CAF3D4512253E0169DB3DC4B8913D86F909BE1CF9B13DF5B7FDBD55ED213EB7EBB8BD1FB57A3DD3F424BE2583FDBC3086E53C21274F3D6B7689BDAC058A3DE08B0CBE3160EB3D8A401F3E9CEE0D3EACBC153EA0881F3ECD56C53C2D3E883C3111B93DAEA6AEBDCB7DCB3C606811BE0FA4EA3C09B15C3C67573CBC867222BEBA9E283D3EA9F2BDD007AE3D367B68BD5518843D7B8B993DBED6193E31B1243EDCFB08BECA1BBD3DD002153EDC5229BDA19EB23D6EB305BE8C7BACBDD7426C3DB96FA03D920D3D3C19BFFC3CDAB5DA3D182A09BE1ABABDBB2FFF273E6AF9AEBD98111D3EC2A9FD3D980130BD44AD933D762C1BBD732E253EE5B0233D0EB4A9BD82DDE2BCBAC300BC53B0BDBD5DC0FB3C382016BE44E4E33DA388F2BD59D02F3E879FA0BD4120E5BD434F6C3D4063133E02CE173E6089313E91D9D73D7032E53DFA2C593C0EFDECBDB6D9C8BC261BD83C16CD3DBD8E96AF3DC13B00BE84AD2B3E8E709DBD479066BDD312873D90841CBE5154B6BDE01505BE57707DBDE25DBFBD39EBEC3D8C86463D98E6763D1832C83D6E439E3DC7AF793D4F16C1BD2D9B193E808969BD9F40893D40CF2ABE47E41A3ECA3A0D3D0A8BEF3C72E034BDA2CE2CBECCC9383CDC7605BE8CC94A3D85E291BD0EE47EBDCE24263D71914A3DE51125BED7880CBD998CE0BC549C50BDC114253E2F968FBD6AE30FBEE3530A3E3A0023BC6FD5DBBC220DBA3D644E95BCFE9D073D903A13BEF25CC73DFCC822BD47DFC03C8F598F3D1C4CFFBD5DDED2BD87C0A1BC65EA1E3D3571453D9B9A08BDE2BF693CED5701BE43A13E3D1240B33D06C149BD950324BEF373F3BDD023FE3DB2AAF33D17521E3E2632E1BC301C88BD10FF7D3B1E8A263DFBAD443CD73D163E7E176B3D2E4DCFBD758DB23DF8FE193E784BE0BDE4BBF0BB5EF7F6BD5CEC32BED90EA2BDC9152D3B9DB215BEFD501A3E21E7A5BC081ADF3D3D7B453D38B8E63D9CC5A13C1B0075BDCF492FBE006164BCF5FF0E3D53A728BE5D99333E043B643D7EDEBA3D5FFAD2BD8B3E813DEDA906BE1685A93D348713BE83A0C8BD55D318BE860FB3BDAE831FBC4FBF32BDE3F0D1BB3450E73D84B2B63CFA4A56BDD5B3E03D136C2DBEE4B4EBBD9774383D2E1F24BD161FB43D2FF7E0BD9F42AFBD536D85BB578BE6BD1D0FECBC3D5A8E3DAB6C20BE026D7CBDCBE0C63DCB059DBD31F117BDCEBF7CBC2899023EFB9D163D47A02B3E76FAAE3C48BA32BEC07A2ABE85C510BE5204F2BD49D8C4BD4E45943D50BF60BD18CC32BE963FD4BC545A68BD8CF71D3EF4A30C3D9192D73DD162C2BBD48A99BC5416983DBA32B2BD7E306EBD2093BBBD69BDEDBDCF49A3BDDA65F5BD744685BDD939AB3D879ACEBD6E3C25BD7AC72C3E7D1BEC3D17BEB7BD6578893CC30A17BE527E31BED088373D0EC52ABEA8D5DF3D3F8C94BD0F80663D957E833DE47D6B3D7F8A1D3E312BBDBD5068C33D16E3B4BD93D029BE55027EBC4220B6BD95DBC1BB7FB4113E291E3EBD31E5CEBD5C6F8DBDF931B53DA963E1BD5EA5E93CBFF1D63D36896A3DB14E233EE153AD3D7019E9BD12BDBEBD0F46DD3D6EF30A3E8CB48ABD5918BA3DAC6AF43DA7A64FBDE14BAD3A5246923D067017BE01FD883D0F458A3CE401863D461CB7BCCF832FBE948C063E1EEAB73D237DFCBDFF92163EBB1D093E236FDFBDA676313E7573313D2DB068BD93AE11BE75BC2EBC27A09DBCDA51023E8DCD303E5C0D10BED5DBEA3CF4CB253ECC5D213D1153063EF1C8E3BD565583BB8E2BE1BDA2D532BEB47A85BDF318123E34CF85BDFCD4C3BB4847173E31BB2FBD1ABD923DAEF8B13DECFDAEBDA22D073E69B9C73D82FBADBD12A2B3BD0A48783DB17F2F3E387524BE7E2F8A3B566A23BEB15B24BE2236C93D782D863D82E577BD58A9C13D560C0CBE7C903BBDA9BB113B7CC804BEA0919FBDE6739C3CE3880E3EA81AC03CFE180BBD31B6123EEC6332BE0720333DB05FFF3D472331BE0EAFF4BB7F73F3BD3FA986BDF4F0623BAC7A4CBDC55CB4BDCC87EE3BF1C1143A1249003E2BC0373D5EFF083DA9FEE93D9C37B93D2D60C8BDE3132EBECFBBB23D0AF6D7BDDC5B7CBD7C94693DC533ABBDE8B033BE9CE58FBBFDBBC63D52E930BE21ECDF3DA6E64A3CC010273EC21FD6BD740CF63DAE7184BC803EF43D2366C33D7E231D3E56B27A3D2599973D972182BDC3B0B8BD7EE02B3EC302BBBD8BF5D0BD54F6723D114BEB3BD17AFC3D39692EBE30B5433D729E2B3D431A3BBC90E82ABDDE1C40BC902211BE5EB678BB2A4E813DA0275EBDD356F5BD301437BC3BC42E3EA3682BBE154E7EBC4A7BD7BD6B97FBBDA5114CBD1D6FAB3CC1A403BECDADC43D134AA3BC1937B73A6A6C6FBD46BC0BBE4DD187BDD1CD323EA93ECB3DDD8B123EBE3CBE3D0A1CA0BDF90FE8BDD176D23DBA3401BE88BDF5BD4A94B43DE061113EB5E91EBC373D003EDA70233EFC67963D4B860BBEA0B8F3BD1467283E6879073EC4E822BE143B9BBD5EA232BEC73A8B3BCFBD0CBD6C43B43C98DE37BDAF5FA8BC96776CBC26D6113E7092463DE6B313BEB521F0BDC407E13D7F71493DEFC9B7BDAD98F3BC9BB6D1BD564802BEFAB503BE2341943DF15E72BCA97D2F3E6A96B93C4EF81BBEC8CD043D3AD625BD7AFDE33CE820C5BD527070BCC91B0A3E6B66193ED24E23BED4A328BE5FC48CBD250F6EBDDDF0303E58DF163E9E0205BDC5CB15BE24CC1A3DCBB146BDECF7223EE634ADBB579B1A3EE71FB0BDB6220FBE1D5964BD4B2E8D3D26D7DBBDEE8FE13BC08398BDF63206BCAE46FABD4556B9BDB06ED6BDF3F7B13C86C998BD2C6812BE7F2F723D39DB68BC069E903D82D1073E2A5A02BEB6700DBE4B0F7C3D407AF23B1E5A0A3E4022CABCEECFA3BD72567CBA5CECD7BD002D443D71960A3DBF01DB3C88111ABD7A88863D0CDDC8BD0ECB413CD33422BE32B9933DC7C8C5BDF1DC09BEAF3BD73D939007BE7E960CBE84FEC1BDCA44A63D32865BBD3F7624BE8B613C3D5E0BD7BD4DFBC1BD27F68F3D001ED6BD9F627C3DEEA2D5BD7ECEA9BDB5C711BE8F6C213EEA2263BDAA92013EC65702BD761485BD07CFDB3DC73B0EBDD59855BD3803E93D2002863D3019F7BD8BCB15BE3DBCE03D3F3A7DBD894D81BD82E768BD5591DB3A4A459BBD2FD710BE37169A3C925F913DBC914DBD2EC16ABCC57EC03DD12E60BDA3D7B23D5ADA123E6F22E63DD8A545BD8A0CB93D23C029BE2A669CBD5169CE3DA8E8C23DDB7A033ED44C6CBDBFEB1DBEA066293E61A3EF3D196089BD59CAF73D53B7FF3DADB9C33C4488C33CC0378F3C3B0BCF3D74C18C3AEA438D3DFD21863BAFBE893D0045803D164E0F3E64471F3E36FB0DBDB43518BEA35FE53D1204B8BC1A11CABAC6A2A9BD0BDDB43CFCC3F93DB0AE2EBE7B8113BED181173E3E66D5BD1C8A13BE5C2DED3DA116393D5B15E8BDF658043EE20BF1BCB37FDB3D87A400BDBF577DBDD9BE143C9C801C3E23E09F3CFC6078BCE7CFFA3D24726EBD4E628C3C32ED113E559F97BDAB814EBD057EA0BDC855933CCC166D3D738962BC9D4608BD8E28A33D378B5ABDB2EE67BC35009ABC80BC72BD18E3C13D16C4103E71758C3C4201073E3F67013BCCF2C7BCDEF71B3EF29D28BEDFBD2C3ECB390D3E35E0243EA9E2D9BC92BD103E1BE814BDCAE9D8BD042E5D3D5BEB06BE524B2FBE1774B2BCA0D9B93DCCDBD3BCB2D30EBD43EA61BA589BA23D0F7EFBBD0EECA6BC07EAEEBDAF73CD3D1E6EA3BDDA3C30BE00D573BC3428B13D4ADB0BBE458857BD14E9B13D1B67CE3D6A94B33C026324BE6BEDA53DB4FE82BDFE2D013E08DB23BD465D2DBEA8F1633D1197273E42222B3E26DB54BDFB0C083E464825BEA8AFCB3DA83C0DBE6B3F0CBEC934E23D8CC4B8BD86F5183E501432BE5006213ECB932B3D89C1443D349B843D9494C63DE4F4F4BD803F163E3E9A05BE85A4853D511D0D3ED5F6FBBDEAC7233EFB10B93DADE610BE8CAD1A3E5C6A03BEA3E65D3D4E9EA83C4FE3D3BC33E067BA17211DBE039F00BE416B16BEC17E1ABEBD9A0C3DFDFBC5BD8F7CFB3D778BB73CF0ADDDBD184168BDF5D0063E885A4ABDF8CBA23D6420A7BDCAA54B3D2C04943C01E421BE04E1E93D0C8B2A3D2BC3CDBDC4A08B3DF2EAF0BD9ECED53CE2718E3D1FC18E3D4869B13D9B0921BD566E27BB856C82BDDB4467BD0FBF7FBD2D8E3DBCBE0880BC426FA43C83111E3E55AC853D9DE391BBE19E12BEB235DB3D71285E3D",
      torch_tensor_32_torch.float32_3: "0x040000004199A2BB9F03173E650BB4BD801DCE3C619E22BE48223CBDA2C9E63D3600FABD442CDE3C0919DF3D1BEA89BD887493BD759D0FBE0E68B73DA544EE3D48213DBC7423B53DCEEF053E4A30E6BD5BC40B3EC654C0BD0221D3BD8F0B30BEBDD402BEB3086D3D7749B2BDD70DC03CAD4205BD4D4289BC53D8E43CF2519E3AE4E721BE",
      torch_tensor_32_32_torch.float32_1: "0x04000000259B973D0ADE62BC00D994BD2024F5BCEDE6003DE081B9BD3E3C453DD583673D17BD8E3DFA27343B8C2A89BD4EAF40BD369AEABD3F6A0DBE0D7B993C229BDD3D848E163E594FE23D1FDCC83D2B462FB87BAB6A3D9B5BF63C9E950D3E0BC87DBD1ABFBABD9E1028BBA5381B3E30ED01BE42601D3EEEA8093EFCEF223D846929BE59B1313DBAB9E13DC4D19EBDDFF0103EBF1ED9BC33013C3DB65DDB3BC90E02BEA17F4FBDA357B93DEF568A3D2E48B1BDBC5589BDB92928BBF898E73DD640823D5603E33B528C0E3D48EDDABCE7FFF73D7E1B0CBE95C426BE004001BED1FCB4BBED94A83DA0DCC0BD14608D3DB87B0B3DCEFD87BD438CB73C8BA786BC8996ECBD524418BC35C9D23D548F98BD740B8EBC755ED03D1D6280BD01DC083E3238883D2FAAAA3CCF5DE63CE40D583C7166A2BD847C0F3D0FFE163DC024ACBD8CD4113EAF6CECBD1FF1DDBDD50EC93CAADDECBD94E629BEC0A9F2BDBD6134BDE4202F3DDA5D263E8C489BBD5ADC4ABD8E6FFF3DE32B933D9D5EFEBDB80AE1BDC146CABC4BE65B3DB077333DDD35103EB44BF43D94FB783C858A093EAE36CABD9B4C32BD9B5ABEBDA238073D8B267B3D9EF0053EE08F0FBE1D9BC73C3538D03D381F00BE70F88FBDF6DA5FBD9E18A63D2DA624BE865A3BBCC5B42EBE249F2DBC33B18ABC33B4E4BDDD1C863D84DE07BE58CDBEBC2370363DE6CB0BBEF027A73C2CC530BE3F23113EA8EF083D38643CBC5AB0BABD7F79C7BD020C333E57C89C3D3ABD1A3D3B80F4BDCBD72A3DA88565BD22CD23BDB7718ABD5C33DA3D6D31F33D232D1FBE0F9EDDBD78304CBD27B3803C593F023EF0C558BDA76FA1BD6553133CE2944B3DD5F9263E7601523DE9B91A3DFF5E4EBDF928DA3D251FCABDBFA5E0BDE0228A3D0532FE3D5A9A0D3E61080CBE3EA178BC9545FF3DAC410B3DD6C131BD380EB93D6272C63DE0490D3E5311A2BDC95B323E2C15C5BC2630DFBD3F0A69BD13092EBE668F0ABEA59C03BDCE619FBDA8BF98BD1BCE8ABC5CDFC53B693A13BE6F35563D01DB5FBD3D0E813DFC6FCFBD1956A33D761083BD4F7CA43D2F5F1EBE8FA2F83D6CB4DDBD0B54BEBD4C711BBD2FD0D1BDCBEDA73CB4CBE13D7876F13DA36D15BEF45D18BEFE5F78BDC6A6D3BD85489C3DF516703D4BC4233D6079A13C561416BD5E1920BD327EC63DDF9D30BEB24FB03DCA07593DAA603B3D19E50E3EC9D4D63DFA91C7BD458F2E3D098D25BE32DB04BE1107D1BDD839083DE097F6BD3412E03DC41A83BD6F7EEFBDB2C883BD67E6223E534CE73CB4E12EBE52CB8A3DAAAB713DF7931BBD78CA1FBEF6949DBD43DFFC3DF7B2133E2D3A0C3DE3D62FBEB851343D77E51A3EEE6A29BE1C849B3D4BBCD63DE6362A3E9711DFBC4D3487BDB2E217BE0EFCB6BCE7F05BBD342386BD1B6288BA3B6306BE3FD4EBBD594CD0BD9F05193ED98891BD2FB74ABDF7820C3C734F6A3D7C3818BE2E9FFC3DE1E7EF3DDF710E3DFE17DA3D76CD023D3987B3BD8E64FE3DEF6230BE4FCF8CBD7606153E079C333E9B2525BD60A4203E6A1512BEC0EF0FBE9DBB9E3DB535263C577EF8BDCA5B423D039CB83CC4ACA03D0CBA763CC2B1DBBD5E89333DC74E10BEC97A65BBB29B89BDA65A173E54D616BD3CF1E3BC64302DBC552108BEDBF21BBE9549253E128E87BD7E50AEBD140BBCBC209916BEAB0D113E9DCA0A3D6B3C9B3D0F96E63D03E088BCDAE3163EDFE8A6BD965402BE65E4B5BD84D4053E4EDF0ABEAA28B83D31FF053E2CB89B3DF3C532BE75A6CEBC5F180C3EE70F2CBE09D32BBE8F191FBE26E266BD1CDFB6BD131ED93D5241FC3D81D3F63D203802BE289C03BDA42B0B3DD9F03FBD49050BBE7213143E0E9C0ABEFA962DBEC493D43D410C143E3ACFE7BD1C35B33D548E203DD8E88EBD2EF5A4BD67EE3ABD5CFC0D3E0149A33DFAA2A2BCB47FAC3C0549BD3DEC9925BD93C1AC3D74D92E3E5443703CA703AB3D6F9D1D3E06B4173EA31304BC537C733DAD6C843DDB79193E457ACBBD8E5D423D7423CCBDC0291A3DA80CE0BD4AE3AD3D4F57AABDA82013BE49CB0A3E354B28BEC68C8EBDB122343E5B97153E78AB90BD0BEDC23D29F42FBD8074DA3C8722E7BD0659BA3D5DF7333CCF1C10BE9DCC083DE28FE63D7153FC3CDF6FF5BDDF38E2BD96B7DABCF933FCBDBB80E03DE64910BE5CE0AB3D657317BE2CA3123EA2C7C6BD5C17F83D0162B43D8D2A8A3D6920C7BD80A91F3EDA60CC3DCCE89F3C182A0F3EE9D38B3D83A81DBECADE123E06279C3D7FFA7C3BBC3922BEADF9F8BCF0A4F7BC1EEC1EBDFE4B89BD56B5E2BC1F412C3ED49299BDD0E76DBBC1D0023EA478D23DFE10CCBD51BC323EA082153E72A11ABEDAB040BDC1AB303E2F6CF73D37540A3D092F80BD636E613DB32139BDA117983DDDF621BD34EBF4BD07D0B43D72EF2B3E6858E2BD5302B83DACBCE43DEC232DBEC762733DDF4C2ABE61FCA7BCE151AFBDC354163EAFDF9F3D31FFD0BDBF95B2BD6B55973D5B7A8EBD0012F6BD238CFB3DB2645BBDF0DA0BBE754F60BDCEE7213E68DB0B3E1CBAADBDABDC163D89C5723DCB471B3E3AE79FBD3EA97C3D5157B1BD999E21BE0A868B3C68DE07BD6A76E03C80AA353D4FE5BA3D93AFCCBCC6212F3D76A7C2BD71990D3E3377CDBBAFED0E3EA9F4A83C31160A3E37060DBE6F5EB93DF75AD8BAF9A00C3D29E02D3EF8B14ABCD1252BBE1EBAC3BD9749F93DFA2B0C3ECA7A143D9AFE873DD5540FBB2F7031BC16A82EBDF98EED3DDCB3D93BA5FBA83CBCA0EEBDF64139BD5FFD51BDD8A7203E8355BCBD44502EBE91E6DC3DF4D1853D7C6B193E5B7E253E6C199EBC8635EF3C62EFB0BD57BECBBDC834EDBD4CE18CBDCD66C93DF45610BEF5CF023CB86FC23CA99618BED6436CBDE87305BD96D028BE44F58F3DD990B9BDC1E02F3EED81343E4A8EA73D6F97EBBD9DABBEBD2975C3BD7F640C3E52727EBBF6F9A03C70EF05BE46190EBEE07D323E3C1E233E7050183E924478BD51DB9D3D01FDC7BBC850C53D8E4F273DB0DA363D7E1620BD66CB1E3E3DD323BE43BBBBBDEEE3813D6E02DB3DE1F3DA3D5B5323BEAD07063E994C87BD58B61FBE5FE4E83CA79D50BC2DFDD93D59355ABC5005053D5F63CCBD36AC3CBD275624BE57ED153EA041833DA9B21FBD01FEB33DA2A7083E8B45B0BDBD15243EFA34C03DC5C213BE8502A03CA76310BD4BB6F8BD1540243E5DF39A3C5CE93F3D1E79163E5DD09A3C209EC03D1136BEBD504B38BC949868BC7EE818BE762C41BD62F6B1BDF83B29BE26F6E63ADF10DD3DFF9E133E07301B3EA989D13D7C1E19BED222343E48AEAEBDD28424BEDE750F3E6AD40F3E70EB0E3E0FCF1EBEE82A71BB7704743D5DF4013E014BCDB9D8BB143C27D2A2BD06A10F3DD95623BED890033E6CDD05BE98814F3D260CF93C03A1E9BDC820AA3D0B2E0B3E70C1A03CC1BA65BDD908AFBD86E3043C3C03D13D68B3C63D9B63003EC51E93BDF0FC203E0BF4863CA0FB1F39FEAB223CCB31893DEC6320BEE22307BDE72C183EB0EB8F3D32C5CE3DA23D30BE94D7AF3DE435DEBDBBBD8E3D6D75BBBD56A413BD39D0023E5997073EE90B21BE946497BD0C81B5BD129F04BE311A253E80A2ABBDB43416BE79A90ABEBB2B743D6417693D4586BC3D1DBFF5BBAD32AF3D47C62A3EECCB0DBD106E2DBDE1CB213E9B8F3A3D0CE2713BD8B923BD2F918E3D9E5F8C3DABC5893D078EC4BCA05FCA3DFC3AAFBC3F24553BD1A036BD7541303C6278983D1E6986BD5AAB80BD60DC0BBE742297BDB226D2BD6300A4BD29DB913D1D8000BEFEB8B43DEC4C1B3DA4F746BDAD762B3EC63D803D1D2016BD2F42313E0000143E255D003E259D953DF33C883D91EE12BE56DDD23D6C96043ED5A61FBE61090D3DF27965BDCFF48E3DE2DA8DBDE7AABDBCD12B7DBDEEC8973BF0F68ABC4261FD3DF0A2E2BD9BC1B73C13FFA93D7B59C43CF8AC2CBE2D66B3BD7140DE3DBA7E9CBB80B592BD0E0B273E228196BDF2B832BD024DA03D96D366BC9DF220BE44B91D3E8F7F203E9C930BBCC8D5DC3DBF20CABC435C15BEB7EE523DF6CCDD3DF30D09BE856AC83C9C011ABEEC3F4BBC4531C73CB3AFD13DF92D8DBD14DF163E781D953CE91C2B3C59030EBED68FF13D29B615BDEDB815BE93902CBED390F63D281D85BDF1F4A93C9718033ECC3E2DBCAF7023BEFF63CFBD6A5FDBBD1050C3BD394081BC7FB7C53D1620ACBD1228C63D1019D63D8CCADABDF4445D3DAD26B8BC2E592DBE5D20F63D63E39A3DD84433BD4F4CFBBC32CD0E3EAB9B8CBDA5A893BC50C3153EA17841BD0E2B0BBEC393EE3D9E19223EE715213E941A16BE6CCFFFBD1D4F2A3E88862CBDD0042C3EA512BE3DF8861E3EF8E7EB3D291D65BD6CBF023ED2E041BD551B0C3EA42208BD2AE5CBBD040628BE529AF93C347DB5BD26D795BD36CDAB3DD22E03BD2C14813D32480E3D0AC836BDB173FC3D98FDE83DF36349BCE0AD843AF439333E3EBEA9BD2DF59EBD7C7D363C9782153E06E254BDAB1E2CBE05C468BDEC67E13D8996B33C0021A23C9810253EE03B47BC031DB5BDE63B843D4A8ED1BC1186283E8E2BCC3DA3980C3E8DEC21BE2316A53DEA36DA3D8484EC3DA82E1EBD19A793BDBA0D06BD6011B83D5984123DED70893A87DDBFBD9DD014BD0A9822BD47A2A73D18EEF0BDD031773A837BB5BDC17D1D3E3A52303EB0C7003E50DBC23D7033E23D1EDEE43DC5CDBF3D0C8D82BD05D266BD40F9093E3C28943C7C0C8BBD46F1813DDCBCEABDBA071F3E6E17273D983D093E964D86BD98EDD33D029201BE47552F3E85E1463D4E8EDF3CA4AC253DC60AA83D09500E3ED27B333E85628B3DC323873D4CBE25BB5C3DE83CACEB283EE898293D9D3FE83D79E82A3EA842483B3EE6003D3F02D6BD70155ABC1136143E571670BD06C8E5BD5B0BF2BD2BDA22BEF2AE02BD40FF033E4583373DE7F58C3D5166EA3CB29F1FBE279CC13D24082ABEDB4DCFBD123786BC2AE80CBE90B10DBD1A02823DBEC153BDB53BFC3DAE25B4BD54DBFC3DEE96273E2CAB89BC7D4096BC3D7898BDBC324EBD3602D2BD3762103E9F5B81BDD53D4DBC48F2E63D9AA729BE955523BEF0A82F3E056462BDCC4AD53D606405BD8BAE303E61B8B73D7619DABD2F9ABDBDD404CEBD7B67DD3D0A56343E75BE7C3D491FF53DD214EBBD9322A13DC473B9BCBE8BB13DEAD808BEF46EDE3D2007033E91AC32BE8D1A2BBE8B64133D9AE22A3E7C59653D9C21123E69C113BE817696BDFB86DD3DC8819D3DACCC87BD84A331BD6E727A3DD0960E3EF54471BD74699D3D940BB9BD5B6D943D5395803CC54E84BDB60A4BBBA14117BDA842E13DE92595BD1E30103EB8D40D3EA439483DA610D5BDB4BD34BE0A2DD83DACB629BDDE181A3E0CF1543D4BF54BBCC2F861BC53FCFF3D6CB412BECAE4EABDC267F23D4E04603C9671553D98B9B5BD47DE97BD5993D8BD14414EBA902C843D0978EFBB7C2856BD7D7CB83D18BC153EC83DF9BC76F01EBE521716BD8A04723D65FE3BBDE0F3FABC5F77DA3BE05FF7BDE2F159BDDA87FDBDF53E283DB6DC9FBDCB981D3E0211023E03E1043EABA8ACBD4CE78EBD697426BE4222C43D922410BE068A1C3E968703BD75C72F3D3AE9E5BD56C445BD87F428BD0E222E3EC79C8FBC60AC683D91E60E3EB29C13BEE3D39C3D6A3E17BE01BA7ABD84781DBE63F3DD3CAB917CBD5DF6AC3DF64DC5BD0676973C5CF39D3D64A762BD93B66ABC3C0D87BD47CACCBDBFF485BDF7BD14BCEE2E103E9B6933BE2CE22F3D8A601ABE380E9ABC704C5A3D",
      torch_tensor_32_torch.float32_2: "0x040000002240F3BD9389ABBDF1F2113EF4E8DCBD393EFB3DE96288BD5DCB23BDCF0D96BDC6669E3D1A1EE0BD50339B3CE07EEBBD8D2BD33B4FF81ABE3EEA26BE90D6B9BD16D34B3CA416153E5F44FABDE3AED93D1DECD1B9A126EFBD41441B3E26DBFC3DFD41A9BDAC9E4BBCCB051CBE60D8FC3DC0807A3D4D2EF73D9ED61D3E1331153E",
      torch_tensor_32_32_torch.float32: "0x040000006C9E2F3D3904F83DC805FEBDB3AD08BDFFE1FBBDF40E88BD875A25BEB863903DF53FD93D397F2F3EA1841B3D7BF32ABDF08A99BDF61D2DBDC4A9B6BC2E198B3D9B5999BDA0425A3D10AAE9BD2DB73BBDC09DE1BDA635D33DA415663BA41E00BDC292CCBD4B5D20BD0B5BEDBD6984E23DADAEDB3CBAEC8FBDB1521CBECA5502BE82D45FBD1402C83D45FBACBAFFDB8B3D28B6853CADBD9D3D55A40E3E34F8E4BD37B1033DA5BD2CBE067D833CA21F54BD88A4D73B63AC2F3EA05CB4BDA37B2BBE23EBE9BDCBB61EBE8F0A64BD01B3A93DE4235EBDE3FF063DDA4A9EBDA5253FBDF9CE48BDCCA705BE2D0A0D3D000672BDEEBCB33DBCFE11BED831DABD2B8C24BE2542773D8A3BF4BD1AC10CBE80DE5E3D5FB7D3BD9461873D864315BEA7598CBD6A4023BE18D20F3E429D9BBD45B3E23DBDAB70BD4141173C9142893DFA50AA3D9FA3283E77BB08BD17AC1D3E042006BEA7CC27BE029684BC007164BC5256A03D7EB2173E7D2F02BE2DE0E1BDD00D06BDAC9ECBBDA992EB3DF427CE3D32F680BDA9C4EABD590BD43B2991AC3DECFB4B3C2186DFBD2DA3A23DCEF1753D28C34F3BD99FFD3D4097BA3D75B136BD5AFC5ABDFBD4DDBB8083823CCCF6BA3DAA2961BC6621FD3D0B327E3D1C74D0BB1742F03B7766DF3D44C70A3E8E423EBDB34824BE4F06F03D9757263EE51C26BE1CD506BEAE68D13C909C9FBC4CD18C3DBBF561BDFBD915BD180702BD328532BED345CF3D9337D03D24838E3D07547EBDD0DEE6B9D56CEBBA2611A8BD864714BE0B8FC6BD1C0E8B3D0E54A7BD040E10BE1D93A8BDEB18D6BD366AF43D64E42A3E10AD0B3D9CE28E3D941C183E9228803D8916D7BDD97CAD3C8F7A323E65C4183C3DDC29B98681A6BDE3F3413D938AC9BCE9E1113E0AB32FBE80B7E2BDD72003BE9A57093E0EF52DBEA0AD13BEF1D7D9BDEBDC803DEBAABE3DC5E907BEEEF9253E7501983C5E1EB83C2961573DD5632DBCCCE2193D1574223E6022E93CF7C89B3D729731BE33F6303E1AFB153CB2668DBC3A2E89BD7F9820BEC5D6253E6F5D943D4B4E13BDD4D3CD3CA9BEF9BDC415DB3CE42408BE9D5A053ED6421D3EDE83713D9344123E8C0726BD49A7A23D5F1B8ABD23A70ABE5A0182BD29E7163EA2F6273DD889053E4F5418BE911C0B3EF612E73B4949263D639A213EB117C5BC53A118BEFD7051BC6E91C4BD206D483D6C80253E8339C7BD65359E3CED56D73B76B3893DC6848ABD254696BC186B50BC525A2FBB59F422BE3EE217BEEEB95E3DC1DC243E292586BD8D04EC3D6B4A0CBDADA5713C513FF0BDB8A2FF3D1D12C5BDBFF1DEBD0D2DBEBDE62725BE0388FE3D7265C23D797D30BD0F748CBDCBA5853D845C81BD38F73E3D5442D4BC806DDF3D0E260BBE3598B03CF67CD03DBFCCA73DA159133E7767BEBD9087BC3D05FF11BEF9D0F83C1063A83DA80807BE5C42CEBDB59A14BE8DBB933DCA3FC9BDD74A1E3ECB3609BE131F0EBD6D08BCBC8B6913BEB5F23FBDA23233BE7959973D298C06BE53E5A8BD273A99BD2D0FD33CE80EE3BD72E2213DDE97333E798CAE3DDD44B33C55BB43BD30EA5ABDF78D50BD424BE43CDD59213EE7D77ABB5E4FF9BD95071E3EE9B0BD3B3BC82EBE26E612BE4B7F84BC89E18DBD68BF95BD82DEA23C842727BE7AEE27BE2D40DABD03B2F2BDCCEBC23D835D2A3E3EAA153EB87930BEDA10FA3CB51D98BDF87ED9BDFC555ABD187B43BDC833AD3D7FC41A3D980C873D2A8C2CBC9A16163EC7912F3E29DE01BE20D607BE2ED43D3D639C343DB974A9BD0C835DBC9345A8BD99CF363C23C5053DD6E58CBDD20F35BDCB7485BC02170CBE7EC45A3D8EB21BBE0B142CBBF7D9F8BDDB6218BE6EB81ABE8D64EE3DCEC32FBE4B0E8EBD008AFEBD0E52B3BDD0BC193D1021C93D8D9B2F3DEB7B1B3EC8138A3CC7C613BEBE871B3E5C37903D4951B73DBE85B5BDDB05353D5317E9BDB76BE73D0D10C43DD7F548BD3B2C183EB85AD73D01F1EDBAA60EAB3D5545313EF5C789BD0211A1BD4A550E3E2D79A5BCB0FAA7BD33831ABE3579B4BDBD3617BDD86E86BC6509DA3DDED11EBE131B123D09A5E73D2D221BBE123E1CBD0668F83D95874F3D52F230BBE30B31BEF44AB5BB886712BEB77C0BBD917159BC29BE2ABE5C0BDF3C835F6E3D9E7F513D8462C0BC61DD8DBD889FAABC8AB7FC3D3153F3BD2EB022BE610B0ABE13F3513DF774EDBDD17C993D0185FE3D8250FB3C58DE13BDDE0A79BCE831323ED11AA2BCEA0D19BDD685B0BD06501C3EC7E694BD594E26BD69F913BD4AEBB7BD978BA63D3B10E13D0845DBBDF7972FBE8C444EBDF1D42CBE98DBC13D484A003DDB3CE73AE54122BEDB3B0C3D4D4A59BDB2F22EBEA9DB60BD947262BD4AC2093E23E774BD8530B63D17EB57BDF352F9BD232A09BE67BA82BDB69B843DFCC71FBD3A6D8F3DAA33F4BBC1C51ABD9021703C8DAE49BCE2F4563DDF0CEC3DDEAA2ABD0F77E13DFF3D16BE35F5D33D589300BEC1CEAE3C6A24FF3D44B80BBD2622013D816AEC3D82D34FBD2482093EE7D628BE5E68C7BD9D9F0D3EC18531BADB96103EFE7FA33DEB52723CB70EB13DC7B6243EBDDBEF3AB54BC73DBB7918BDF2328BBDC1CD12BD801CBA3DDE1B78BC8699D4BC36181ABE2A3D05BE9D23B03D2ACB0D3E7CEDF33B2C24E1BDEB2C21BE692B11BC0F872A3ED34828BEBE9FC33D8935F33D24FD25BC3AAAE13C43B1B3BD0128023E1E0205BE71B6963CDFAF63BDC592203E819F3C3DD23E073D3D02403D6AB409BE1F83313E8E5A0FBDB4F8CE3C0120D73D20B680BDC6ABA23D69475C3CBED5B1BCA79A94BD805F103C2A46B43CE00D42BC5962FEBD5404073EA051F2BDEBB7453DC121123EECE8313C457E2EBEE2CE09BE4C6A59BD72B812BEE078EF3D48EF3FBD77DAC33C417FB1BD3AF1D8BC4B102DBE9837DDBD2472A23C6F7F243DF595F93DAF10233E4EEC18BEC857B7BD79C3E73CEE1A2DBED72DE33D14772A3E449836BD1A65D9BDB76BA8BD99DFA9BC6EF695BD91E52F3E97AFAB3D558A8EBCB32799BDDA27F8BD2ACDE93D0795113EAAFD653D01C4E3BD035089BDCF7FDDBD50400A3EB320833DE4E5213DF65C1CBD9369BA3D8BDBF0BDBE93823D455F2C3E0834AA3D4A938D3B3301E83D6708A13D2832C23DAAF8293E2422A0BDC6B9283DD0E0F73D669F20BE82A8F9BDA65F61BD4EABD1BDEB8ECFBD1AFCBEBDAE9613BEA8681BBB42731C3D97610DBDD8DFE33D2DB4E4BC3D22EABDD2A5B2BDA6E910BCC8130FBE8360323CE98FEF3D4DA508BD7A4193BD3342CD3DD5870F3D5D0C6EBD92F7DCBDAC8FC2BDDEFDEB3D6EB42ABE840DE7BDC0FA69BC2F14CABD37BD153E05C7BDBD718304BE2EA38CBDF8210D3E6EA5A23DD5DEB83BEA9516BDF2E5973DAA542FBD0A299FBD3482CD3D1B5E8C3D0C77FDBDE724CA39109D903D166ABEBD8A9BF03BBC41423D04BC1A3EA65234BDD8F92E3D12C045BD7528D9BD905B9FBD494F523CDF21D33D3AB2C5BDD8ADA13D1A1BA6BC4350EF3BB4E8FD3C0CCF18BE4EA5063E7B793B3D57AAD63D1F700D3ECD191BBE905B47BD423F433D207723BE214AE23D51B619BEFEEAFA3CB5D4263EF8042E3E7ED38B3D04E9CE3DA0838ABD550F00BE91EA6F3D4802F7BD8C9A393DBDDCB73BF8C5293E004E323EF68E233E06F3C6BD1EFC8F3D349BF1BD231DC3BBB0C10EBDDA870B3B7FD54B3DFC4B033EEC1AE4BD7A48C2BDEDD9343EA56DC43DF3A421BCE7B20ABEC67A2B3ED42014BE094D5E3DEB3C26BE8AE28D3D91971B3D7BF9EF3D668897BD541F01BEACAB39BD3B9148BCA661173EE455393D069E2F3C895B1A3D3864513DD00174BCD592B13CEDB4253E5E6BA93D7234D1BB479AE43D092416BE4AAE8BBD04F6893DC42216BDF1D1B13DF787413D0B66F03D15FB8C3CA6A42CBBD35D913D7C0B333E8297A2BDE46ABABD5945CF3DE39AF93D708A393D2817463D5457FA3D02DD1D3E51BB78BB436F2D3E1657F2BD8E3B083EAF8EC53D5B8206BD7CB1203D1409943DF22887BDE96432BE1179043ED788063E777A133E6DED2DBE4D632E3EF2310E3EFC63923D933B7CBB3DE6B13DD05705BE8C0BB5BD7982B33C07223EBD6E1175BDAD9603BD86B091BB7CF62F3E21871FBCCF2D15BE655B033E74102EBACA846E3C8E322DBDCF9756BD4373DA3C111B683C2CAF96BD2DA967BDE5ED643D537714BE8312A7BD240BC13DDDD05F3D24BBF6BDF525753D16F0D43D08F0C3BC303146BDE64EC83C9CE506BE2B89B1BDC756133E97F1FABD0407E13DD19C19BE74B7153E01C2E33DE5FC84BB0EBF2C3DD34B1BBE2F70873D15B6303DE452323E0F7F1FBE60A6EF3D3F704B3D6CCC56BC9E07C33C95EDA73DC22FCBBDDBC909BE8099D8BC982610BECD7CC2BCB1A2FA3D81A314BE63D5A1BBE3FC7FBC5C1706BE4F4C873DF677963DE63CC2BD8825B33CB5E2F8BD1701F7BDAF420CBDB929173DFD54FCBD7FCA0B3C72882BBEBD43B7BCD5259BBD0A2407BDFBA6223E8931303E55552F3E55A7193E5BC703BBAE4901BD9F03EABD2D7C2BBE294519BE422C643DC2B8C73D845D003E938D303E4C1CC13DD873763D8D4713BCBA05033EE1B429BE9124BABD403AC53C28F9CEBDE03B203EDCB8F9BC60690D3E8C08153E96C9333E3CAF0C3ED681EB3DEEDCFC3CED12263D68FEACBD5388AFBD0F0E62BC6700F1BDC06AB1BCA6BFA23D510C943D3601CFBD60F3ECBC6749CFBD4864F7BC07C1213E87D133BEC771073EC45428BC40A1193E370EB63D4319EDBDB10BB0BD41D53A3D6E261FBB62D4CFBDD9C752BC855E0FBEE8E86BBD3AD8BC3C9DDB25BEEFA5E63D61D517BE1F9303BC3AC1443DF65F313E08C0CDBC1924883CB74EF9BD51521F3D76E50CBED8B2153D2B06043E181991BD899AFFBDAEBA0E3EE73303BE22D1AB3C4FDBF3BD3E11AD3D57BE243ED040783D9C2FE73D28436B3D596DA03D822F39BD4362FB3D2154223E86C8D8BC311428BE9C8D893C550EAEBC6E360CBE7CC109BE5279553D595BC8BD61AD223EF58A3BBDCE93033E84B90CBE951831BEA22B13BECCAC04BE40E702BE3E8224BE8DCCD3BD2C82D53DE5638CBCA9008B3D8468083EA66515BE6401CA3D0AD7EB3D773DD43D14542FBE3EEE803C770A12BE2267263E2B1EBABD2B8E183E2C22DB3DE42E28BE910133BEA38DC93D81C6E23D58F9A0BCE9E203BDC688083E5CA5663C0485E7BD4444D7BDA9883BBC6F2C063E5E92183D5566D0BD1479BCBB7A532E3DB2CE743C1504F1BDC2CDF8BD8911E9BC1541A93D4F2BF2BD2041E03D2CFBBA3D282FBD3B9D9A0F3EB997303CA2D5B7BDC26B043EEE132D3E25F0A33DC49E19BEDA7629BE9CA2E8BD002899BDC7D9343E699515BEBCC8773D1EBF9A3D14BA1C3E0D0027BDA43C8EBB98A907BD73F50CBD3396B8BDDE0B97BD867B91BD6C3FBDBC0A2304BD7F143FBCEA095C3D36DCBB3D40B0AC3DA328B1BD74282EBDB07D5FBDB15F103E7DA5B23D4943233E3A9A223CCA6E10BC487214BD25FB593D5AF23BBDD6A02E3DCD38FA3C6215D63D96494EBD195A303E02439A3DE6C0B7BC80CBAD3D192C303E38C7B2BCE797163C6271F8BCC0AF5DBD7B1FF13D77D097BDB172233D7DAC03BD103414BE300FEA3DCDE37CBD94F969BDA9E1E23DDE9407BEA87B283CA2B822BC1F22673D40D82BBD503A1C3E245B72BD21A6BDBBD2A82B3EE9BC26BE549312BDE5F11CBEFFF9F63D808E753DBBFB8D3DBBB248BB94EC2DBEAA0775BDEB78D23CB72E0F3D3109B73D7ED172BDFFF582BDB969723C",
      torch_tensor_32_torch.float32_1: "0x04000000CB854A3F596836BFEC12B53ED2DE66BFD93860BF19ACDF3F187629BF86E1763F987AAA3F701B1140F3FADFBF043134BFCAB1AA3F3084B03F3BB09A3F8D78213F2270F6BC22AB453FFE432BBF49861A3F0E721C3EE41B8B3EE467EE3F7DB6124018BB99BE289F22C0A8911EBFDFBFC3BF92BE8B3E3BD52EBEC34528BF39BD3E3F",
      torch_tensor_32_torch.float32: "0x04000000309E653FDB02813F25E1733F80C94B3F9E524C3F32428E3F567A823F6622883F3A90803F95617E3F2806933FD692933F5C86593FA5688D3FB7B86D3F6C75773FDD6F613F66598F3FA571753F0A9D763FF2D9773FD9B06D3F21257A3F54A18C3F06CF5B3FB062823F81AB713F7D8E903F36497E3F52C1843FF0BB703F4E14623F",
      torch_tensor_40_32_torch.float32: "0x040000007243563EFE2B41BFEC1259BFCE33493F2C6FAE3E114663BECC1EDCBD2E0F533FB20210BF055A893E76C6C13C0D070FBECBD8933F712C03BF8FB5AE3E6FE899BFA362093F9950893E258EA23F77F060BFCF7C0CBE37F1693FB67B9BBF2879ADBF880C3FBF4170633F710C0440F932363FC5FFA7BD44336C3E370E423FA069EC3F91AFBCBF3C860DBFDAFB3D3FBFDBDFBE3A541F40925E7A3F5ECF9D3FE3DCE63F926339BE6E849FBF42C22E3F9C03DDBF45E98EBF0B9B7A3F569A5D3EBD8E25C04CBD3EBE9459373F48EE313F1BA612BF13BBD83EEC1D0CC0730A173FB2F396BF2A621ABE9969ABBF11B278BFC4BE77BF8F5AE1BE23EBACBE667508C0F622293FA15B8DBEF5AD4DBEED4CF93D0D62C63F7489F8BE8EE16ABF31FDA23DA62C7BBEC7AAC6BD99EDA4BF8472A83F2A5B97BF73D73C3FA3D58ABF5DA1DA3DC9FF8D3D965C7D3F17AEF3BF7016A63B0956263F0E9822BF464C54BFA2C797BEF23A283F20AD90BF02D095BFF848913F1004D3BFBBB7FF3D03468E3ECBAD2A3E9543F33DB78A4EBF4C9E8C3F66D484BFEFA8643FB3958B3E8BA9A93F721D58BD095FCF3FA4A962BFC1254D3F9F32FDBD72822B3F15FC024055C1AD3F428352BFA2D982BF31DAB5BEE3C18ABF1B371DBF40A37DBC692666BFC1FFDB3FEFE694BF6E4520BF57F234BF7C57BC3F887F08BE651D223EE0B8CEBEA2E339BFAA88044049EC963F49AE06C09940583FE12DAF3F034B953F985EB13FB4FC7ABFDDDD0BBE852E29BF3CC4D83F00D917BFCDDF433F55FA77BDA6AB4E3F056FC2BEBA8F0CBE57A43BBF75CEFEBD906AD53D7CD1B63E0560353ED2F305BF66CFA13F7EFF61BF2C30B73E74FD38BFC53F8C3F7F07133F45E33B3E525DA7BF15A6403FFB3CD93F1DA7BB3E1CCF1BBF9350E6BE0C66C1BF927513BF9E77FF3E278E72BF87140C3F1843CEBEC025DB3E707389BF822B973FF5F5593F3422E5BD6E3838BF884F1BBBE7F19B3F55A0103FA63C853E274EC6BE57EDA33E42D108403A07F7BEBD62603ECBE03EBF3EAA83BC055C42BE2889DD3F830607BFBAF81EBFC8359BBE8301A53E030DEABEE04299BE29B24F3E92AB0B3E51470DC0B7C34B3FC1EE763F31450FC0821F463E4585FBBDC564BDBDD761ADBD107B413FB6CC9F3C0E6E0FBF2F09A9BE0DE5C73F4204813F5F1D043FF29A883F69A057BF222A46BF6156D23FADEAF0BF188EED3F5DC6983FFADEE23FB0B5703FFC82843DE0E15C3E6805513E5083DDBEB23014BFD828D73ED95E20BFC161A2BECD56B1BFB51C17BEFB7889BFA1AA943FDCCF4C3ED047A93D1ED0E5BFB06042BF716944BF107EA7BF44AAF23F8A31523FFA4FBB3EEADB0C3EC49395BF4E09FC3E905B4E3FEEB80040D4EA833FD86A02BF754EBA3F653766BED0DD05BD6EF65DBE67BB54BFF2F88E3FDBF053BE7BAEE4BE1554793FAB034C3EA59EB23EA995E53EEFB08EBF69865E3DD635FA3E20B3BABFA4A1123F67B1DFBE5289673FFE58F23EA50C6F3F758A3DC057E319BE3CFC2C3E507208BD06769CBF4F94BB3FB308AE3E4895A6BF192285BFF68C83BF647D883E793C9CBF88637F3F10AAEB3E7228DCBF4654A23D46E4DBBDA1E516BF8B378CBE552A11BFFD29D63F154AA4BD89D5CC3F09A4803F3C88A83F1427253FC468CE3EF371E8BFEEEBAB3FC815D4BE19139ABF730865BD79220DBFFF7812C0F66E26BF6E34FE3B192F33BEFED39DBEC84F53BF038E8D3EA31AA73FEF53873E495A6EBEAD75933E2E5AA9BED0F3B93EF390983FB5BA143F8D3B95BC3B6E953EC3F65C3F678593BFA2F1AABEECC2A4BD664673BFD1CC8B3E4770123F5309353FDBDE7D3EC5A7543FC8A0073FD1651DBF10E05CBEE565D13EEB3A22BF756F463FE610F33F1A4B01BFC676CEBE8BE9EEBEAAF6AEBFC80FC7BF19FDF83FE7470F3F3691533F2BF0F73E97F7093F327B50BEF72CC43FC967363F604E09C0AF1F0C40032F44BF914A343E7C50B13FC969B33F5176CB3EF707543FA794A5BE10E45E3DB3C52CBF351EAC3FB193623E3788793F3106693FAAD98D3FFA9830BF281F4FBFAA91FDBDF5A5053F1C55F93E61C36DBF0E53DA3F8ABC853DA528D1BF9767883E12FF383F215CA53FA0BA33BFD17580BFACDF163E0E24A23E70B8A3BE574440BFD30FCABD49D1303F8ECD353F81381EBF5BE9A53E005E5A3FE15ACB3FFEC81ABF2F8204BFDF1E563E06D5183F2A4400BFF7918A3FDC2F913D6EC27EBE66F59A3EFEB1813F5E1494BFDF63A43F616A34BE8A01EE3F7643263F1404B4BF9853D53FDED2893F172EEC3F8F15A7BF5E77383F34640C3F5047D73F6508183FB303A63E980B1F3FAF8DBA3F4BADA2BEFC5702C06FBB19BFE5DE6E3FAD9B8F3F2CBBDB3EDA410BBF341AC73DE05B53BF8EA64B3FB5B15C3F112D89BF146B0C3CFEE67CBF9DF6BFBE366772BFB486FCBE9120C5BF16E581BF1A40223FFADC01BEB33C4A3E1B85633F4D2A9A3F7C541A3E2123C83E37C37FBDAC8787BEF55D4ABFF9EB16BF6BB686BF1B87993F37B899BFB0ED803F17F5023DB656EB3C0276413F97BD2A3F8D81EA3F6CD034C0C58322405EB188BF69CC3A3F34CBF03E981F653F71FAD2BD66B7A3BEAB0F47BE501DE3BD40D82140624507BF6B4395BE59B58ABF8FB8F43FC35DB3BE32A2ABBF6E42843F59279F3F960C11BF925CF43EA404A1BF6949F33DFD64E63E7FDEC6BFF4E20FBED0ACB2BFA169833F52A6133E0F3C983F60F8E53FA82FFE3EB0381EBF8F07C2BD6EEE5A3EB0E661BD9FBE593F11B717C03675C83FDED1843FD300623EAE76C03F18CE8EBDFA9F09BFD472CABF90082EBEC93D0BBD4ABE5CBF3E59B83FC8169F3EDC4D71BD1F37A83F107FC5BD190F613F49702BBE39275E3F895A443FD8F39B3F4BE05C3FB30A8EBDAE75F23EF3EF833F1A31C93D5A588ABF40C13FBE56919ABE9FC415BF2D7E20BF7880603F1CA3AABF52435EBFF0BA8DBFE0C24EBFFAAB23C04E79AA3F835E88BF4EDA1ABFF7FC7B3E90298FBE1E6838BF9FC0B53FDF7DFC3EC272A6BFA85C9CBFBF71163F2BCED03D50E8B73F4E59DE3FA4F788BF3FA2014061B4513F3876A5BEC2C89B3F9911523EDA47ABBE9818063E7C08353F9140CF3F6FE9E3BDCE4833BF9810853F430B7DBFBEA2893FE93551BF99C1803F04565DC035060F40AF7EDE3DA05DEFBF46F288BFD2B5173E0FCC25BEA52AE0BFD5789CBFBD9CB4BE80D3613F2A51D5BDC2F20B3F91D60AC0C40B93BE688F083FCEC34F3EC7E19ABEE2799BBFF347993F7C378E3E6C6C96BF3422CCBED819523FD31CCF3F523562BF0F70B33EA846B3BE7CBE99BF164AF43E701A3E3F850E7D3D4BD71FBF6115FE3EDC76D23F1A05BF3EDAE006BFE8839F3F95697D3F355950BF2AED52BE5F9EBF3F7FAC853D657D31BF318E8C3CA571F03F70D33DBD76E62DBE004930BD08EB803C7D98DDBE03FAFABE1BEC19BFBAD5873F3CA7DABFB58BD33EEFFC883FE939C33FFCD662BFBB753A3F84A358BFDC1F7DBF350A22BE607C97BF8527A9BF87FD084021CE08C068501ABF661FF23FDEF6F4BD30A9AE3FC1FFCFBE941FF2BE2D65D7BF7F031ABFA1C71E3FB3F3E83EC2EA8DBFA201823FD59F963F857B70BFD5DE78BF046738BECDA5B4BF27EA99BF9E3EAFBEF3A7DC3FBB63B53F76F77DBFF78613C0AECB3B3F9564033F5E932BC0EFB00CBFE3FD9DBF2D945C3F8EE3FF3D216D3FC0233228BE78CDFABEE8D684BF38EDB8BF4B5400BF608D1DBF7F831DBF8E60B7BFB9F12FBF289207BF258695BF2591ABBEEC602A3F3F06C8BFEF0CABBF5AFD2CBFA7C0243FBC262C3EDE2501BFB1B0F53D8727E83E20C4BDBEAB1BC3BEE28DD33F65981FBF1ABF57BD2E50B83EDD0CB0BCF946E3BF087FE33E36FB5A3FD4568E3FD1A0E23ED603D1BFB9DE32C0101957BF2D978E3FA72CA03E69992ABF23CC663DE06B1ABF5564B4BE17688C3F00278FBE5361393F8AEA11407E379EBF0F4408C077BF74BF5B2FC03FD0478ABF2C455BBED04010BECA59BCBEA3E4E5BED047A5BE924A6F3ECE708A3F685DEABEAB8AA1BDECEB12BF8AA80A3EA7C8C83E45B730BF77D550BFFCBE60BE6DD1643F08A488BE1E83AA3F46319ABF9573F4BE389631BF187368BF1CC687BF48261CBF3949C8BE69F7383EF1B4ABBF9EE1F13F95910A408BA9D4BF0C2E91BF92DE823DA9528DBF2277BFBE35F812BF65E1AABFED94BD3FFBBE1EBE9836493FF1D415BE64456F3C3F5E913F8832A23E69C1BF3EDA5782BE07934BBFEBE50D3FA8C002BF66B0A13E0FE4DEBF107784BF9992B83F3D1A57BEB79BEE3D0C1C5BBF1DD975BF84B4D13F5B90853E874050BF8E3FCBBF9A16F73ECF3260BE44E7F03F0EE587BF194904BE173BB03F482B6F3FC61687BF7FEB653F53ED20C0CB89423FCAC289BE2CF0A5BF231FBE3E96521CBF04B6F6BEED72553F6133D6BBD5B9C2BD98ADFCBEC13C9F3E605D9E3E15A829BE5E8C483F8E7F753E534055BACB624E3F005AF43EFEE60DC0145F12C0D962843F1CD8AFBFD656613FE98B463FE6D8833F9C3E5D3FF400B4BF41D7463F7C7BD33EC20017BFD1BAC3BF61A973BE8A43BABD2935ED3E1AB4973EEEFD89BFE78902C0D1E92F3F24331B3F2C5029BF392C8F3F2E4AE53E7F2D233DF8FF36BFB0FB4D3EE0F714BFE01284BD4E04203F9B305FBFC4BF5D3F3BE8AB3EB6C71B3F22E0B9BEB136EBBFB5450ABF4F9D6FBFBCA4933D9AEBF7BEACC8C5BC2B3812BEEE0C843FD55C92BE8D76CDBFD63E1640853116BF1A4242BE2D5B1D3FBFE2423F977F973FAC5485BD83405E3F64D9E2BF09336D3F71FBDABF84A1E6BF58148F3F215A5D3E6BC841BE17600D40F8F73ABF95BF863F60B8803E879D893E53CB0940F82D363FC5266EBF16A26CBFFDD7F6BD429D8CBD54D7803F3EEA8CBFEA8B88BFF88A82BF56C2D1BFDAF8B13FC6462FBFCCF8E13ED542963F2D3A303E951E5EBE954C623FC652B2BEE13545C0A5E9A9BF6B744D3EFF72AFBF5E6D04C0E37E44BEC6D9F8BEA04E95BD105DD8BF1BCEFA3E0358F83EC6B5013F5B6C3E3FCBBFCFBE7BF7073F84E316409C41BDBF5285FF3FC9DEAFBEE456BD3F7D1A8ABF5218943FC7A2BBBE92F7CFBE90964ABF09BA80BFFC9097BE3DB99ABF51D939BF2AD6C5BCDC3953BFA878FB3ED6BECF3D7AAA25BF6F09C13DAAF516BF233AB63F5A900F3F7C491F3FBA3101C0E56AA8BEC15D0FBFD7AE873F1C450A3FD6085A3F0AAFDFBC00FB87BFC361D33E555E5E3F225150BF5CFC253E70CB92BF408FAF3FCDC695BFD3F46F3F91B8B0BF546BFC3FD5ED043F786B89BE44A4B2BE1389CB3F4BCC1A40C88E7ABF4C3E50BF4D43F1BF9717FBBD30A9A83E843F0A3FDA7CD6BF4B8217BF720347BF5AD4B63E0381B7BF1C2BB1BE041D68BF23FF2ABFC9581B3F7E3A9E3F3C0003BFDFCC8FBF64CB91BEC3A39C3EFEB9863E0770D93B6C3CD63FF05455BF8DFEDE3DA63D7BBFE3E3A0BF12481C3F94DCC1BE76FE8BBE5B0EB2BE77F1773FB4722240D2ACB3BE7A79803FCF185E3FBDB8F23FA6CBBDBE1A4F9DBE7B0C323ED3ECD3BD23F5C93C4CDD39BE57BABEBFFDF4D83FDA92F4BEC63B21BF6394B8BEE8019EBEB3E7A33F9EAD48BE3D44B33E66132CBF9E2B2140598D783FB395AEBFAF8130BF5943133D96EC123F8FDAC8BED2FFC73E18DAB23F9D03C5BE02A63EBF753E643FBB9A163FB8F3BE3F3F70F2BF94399E3FFF85D93EFCADA8BE912AECBF9487A23FA5C3033CA676B73E48E7D53D1ED217BF8371E13E2F7879BEC79D833F9B0645BE0AE9AC3FDE4D863FA25886BF6F9623BF3B2AFABEEBF0963F9343D2BF89F911BF26EF7E3F46DF943F2D08B43F4AFCDA3E89FEF03D64D4D3BE8072A6BEC95452BE7B643EBF2954553F9C3D403F93259F3F76167FBED6E3DB3FA86FBEBE99B0933FE44474BFFD311740538672BF30238BBDB87401BFCF44FA3FD91442BEAB8D0A3FDC37453E3E305FBE85C0243F7CADF7BFAEC420406C50DDBE7956AE3D454DB7BF7E3D51BE4F08ECBEBB4F93BFF3BB15409BF0753F473BD0BF11627D3F3BDA20BF5064A43FD1EE9B3E8EC61CBF9070CFBFD0B1DD3DFC38003E9D8095BED2DB7BBE1E408C3F586ECC3FFFD9703F2CB8BE3DBBEB52BFDB56BC3B9A7064BE293E2B3F2379DABFE3ADD33E207FABBF095B8B3FEE6CF33EB0DC9BBF657D283F107017406F1349BF69AD48BF34A760BE338809BF7D83CE3F12FA4F3F8601E8BDF0BEC13FB49BAC3E23A57EBEE3E600C0919C733DDCEA5D3F66769E3DB8AFD73D9F12DABF85D96A3F4F6E40BF66686FBFE53573BF68922FBFFD8315BFE655B63EA3EC283FD3B7E2BD70AA9F3C01991DBF308F123F43551F3E48083D3EC62EC5BE518381BEFD59213F5C86803FFD1F5D3FE66731BFA1ECA6BFEED3BA3F3F66A93F312B193F73BB843E37CC72BFA56051BE35829EBF768839C0A2D64DBF5828F3BE4050923FAB5FC2BD80CD8ABF07756B3F385874BDDEAB883F270FD8BE3E1FD2BD6E9F71BFFD9A99BF89EA08C06E8D1D3F13648EBFCF2E093FE5B62D3F9390D53D8D1B163D02ED6ABF271DD03EE3F6FFBED161253F4574743F6EAAD8BEF21D673FC15AD33FE26E7CBF8AF2C63FC487413E5B808D3FC152B5BF179B373FAD3E24BFB099123F616993BFA62C3C4030EBD83E22D39A3FBCD1FABEEAD3A0BF6DA3C73FAED1403E7203A33FB78DFCBDD0D169BE57BD38BEA9E332BF322FCDBE46BF0B3F9572133FDD16CD3E8C6010BEF479CA3E16F85B3E607D46BFE7AC19BF7346BBBFEDEDEFBF17CDCABFCCBCB8BDAC72AEBF699E38BFBF97433F86B897BFF04E0D4067D0A4BF75C345BF5034313F0B58A53F094EF93E3D75EBBE1B1D313FB134393F5635F93EDA5C673F2FF310BE400F08BF58D5103E603F96BF2046AABF9F0CF8BE63E29DBD9C1F153F4F6BBCBEB728103F5B25923F53F6A7BFCE7A873EB3856FBF2ADE4B3F4033783E25B992BFBF4FDD3EA02E97BC5C29073FD1BD9FBF9097A23F08857CBFD4ACA63E8239613FB1878EBFA5CF193FA8153BBF4B4280BEBED90F3D6CA6FE3EB95600409F1AD73FFFC84B3F4FB54A3F97F3FFBED8F9933FA5AA12C03172563FE837A1BFF007993E2C659DBF56A4F53CCBF4B13F9CB4BD3FE10C51BFE966FF3E8160ECBE3E81E5BE29377A3D562F71BFA2CD733FDB37453FF99610BF39AA1D409B4E343FC63FA83DD969FA3F36EABCBE14245DBFA62FBBBF7C078E3EBDCFF53E"
    }
  }
#-}
