// linalg as StableHLO's ops lower to: dot_general with a batch, a softmax of reduce and broadcast_in_dim, a convolution
// of channels last, clamp. Written by hand; scripts/make-frontend-modules.py makes arguments and results.
#id3 = affine_map<(i, j, k) -> (i, j, k)>
#id4 = affine_map<(i, j, k, l) -> (i, j, k, l)>
#rows = affine_map<(i, j, k) -> (i, j)>
#none = affine_map<(i, j, k, l) -> ()>
#lhs = affine_map<(b, i, j, k) -> (b, i, k)>
#rhs = affine_map<(b, i, j, k) -> (b, k, j)>
#out = affine_map<(b, i, j, k) -> (b, i, j)>
module {
  func.func @dot_general(%x: tensor<2x3x4xf32>, %image: tensor<?x6x6x3xf32>) -> (tensor<2x3x5xf32>, tensor<?x3x3x3xf32>) {
    %values = arith.constant dense<
      [[[-1.0, -0.9375, -0.875, -0.8125, -0.75], [-0.6875, -0.625, -0.5625, -0.5, -0.4375], [-0.375, -0.3125, -0.25,
      -0.1875, -0.125], [-0.0625, 0.0, 0.0625, 0.125, 0.1875]], [[0.25, 0.3125, 0.375, 0.4375, 0.5], [0.5625, 0.625,
      0.6875, 0.75, 0.8125], [0.875, 0.9375, 1.0, 1.0625, 1.125], [1.1875, 1.25, 1.3125, 1.375, 1.4375]]]> : tensor<2x4x5xf32>
    %taps = arith.constant dense<
      [[[[-0.5, -0.46875, -0.4375], [-0.40625, -0.375, -0.34375], [-0.3125, -0.28125, -0.25]], [[-0.21875, -0.1875,
      -0.15625], [-0.125, -0.09375, -0.0625], [-0.03125, 0.0, 0.03125]]], [[[0.0625, 0.09375, 0.125], [0.15625,
      0.1875, 0.21875], [0.25, 0.28125, 0.3125]], [[0.34375, 0.375, 0.40625], [0.4375, 0.46875, 0.5], [0.53125,
      0.5625, 0.59375]]]]> : tensor<2x2x3x3xf32>
    %low = arith.constant dense<0.0> : tensor<f32>
    %high = arith.constant dense<6.0> : tensor<f32>
    %zero = arith.constant 0.0 : f32
    %lowest = arith.constant 0xFF800000 : f32

    %e0 = tensor.empty() : tensor<2x3x5xf32>
    %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
    %0 = linalg.generic {indexing_maps = [#lhs, #rhs, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%x, %values : tensor<2x3x4xf32>, tensor<2x4x5xf32>) outs(%f0 : tensor<2x3x5xf32>) {
    ^bb0(%a: f32, %b: f32, %sum: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %p, %sum : f32
      linalg.yield %s : f32
    } -> tensor<2x3x5xf32>
    %e1 = tensor.empty() : tensor<2x3xf32>
    %f1 = linalg.fill ins(%lowest : f32) outs(%e1 : tensor<2x3xf32>) -> tensor<2x3xf32>
    %1 = linalg.generic {indexing_maps = [#id3, #rows], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%0 : tensor<2x3x5xf32>) outs(%f1 : tensor<2x3xf32>) {
    ^bb0(%a: f32, %m: f32):
      %s = arith.maximumf %a, %m : f32
      linalg.yield %s : f32
    } -> tensor<2x3xf32>
    %2 = linalg.generic {indexing_maps = [#rows, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%1 : tensor<2x3xf32>) outs(%e0 : tensor<2x3x5xf32>) {
    ^bb0(%a: f32, %old: f32):
      linalg.yield %a : f32
    } -> tensor<2x3x5xf32>
    %3 = linalg.map {arith.subf} ins(%0, %2 : tensor<2x3x5xf32>, tensor<2x3x5xf32>) outs(%e0 : tensor<2x3x5xf32>)
    %4 = linalg.map {math.exp} ins(%3 : tensor<2x3x5xf32>) outs(%e0 : tensor<2x3x5xf32>)
    %f2 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<2x3xf32>) -> tensor<2x3xf32>
    %5 = linalg.reduce {arith.addf} ins(%4 : tensor<2x3x5xf32>) outs(%f2 : tensor<2x3xf32>) dimensions = [2]
    %6 = linalg.broadcast ins(%5 : tensor<2x3xf32>) outs(%e0 : tensor<2x3x5xf32>) dimensions = [2]
    %7 = linalg.map {arith.divf} ins(%4, %6 : tensor<2x3x5xf32>, tensor<2x3x5xf32>) outs(%e0 : tensor<2x3x5xf32>)

    %c0 = arith.constant 0 : index
    %n = tensor.dim %image, %c0 : tensor<?x6x6x3xf32>
    %e3 = tensor.empty(%n) : tensor<?x3x3x3xf32>
    %f3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<?x3x3x3xf32>) -> tensor<?x3x3x3xf32>
    %8 = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>}
        ins(%image, %taps : tensor<?x6x6x3xf32>, tensor<2x2x3x3xf32>) outs(%f3 : tensor<?x3x3x3xf32>) -> tensor<?x3x3x3xf32>
    %9 = linalg.generic {indexing_maps = [#none, #id4, #none, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        ins(%low, %8, %high : tensor<f32>, tensor<?x3x3x3xf32>, tensor<f32>) outs(%e3 : tensor<?x3x3x3xf32>) {
    ^bb0(%l: f32, %a: f32, %h: f32, %old: f32):
      %t = arith.maximumf %l, %a : f32
      %u = arith.minimumf %t, %h : f32
      linalg.yield %u : f32
    } -> tensor<?x3x3x3xf32>
    return %7, %9 : tensor<2x3x5xf32>, tensor<?x3x3x3xf32>
  }
}
