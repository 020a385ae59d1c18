//===- FrontendTest.cpp - What modules compute before and after -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reference evaluates a module as its front end wrote it and as the
// pipeline leaves it: both have to give the same numbers.
//
//===----------------------------------------------------------------------===//

#include "compress/InitAllDialects.h"
#include "compress/Pipelines/FrontendPipeline.h"
#include "compress/Reference/Evaluator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace mlir::compress;

namespace {

class FrontendTest : public testing::Test {
protected:
  FrontendTest() {
    DialectRegistry registry;
    mlir::registerAllDialects(registry);
    compress::registerAllDialects(registry);
    context.appendDialectRegistry(registry);
  }

  /// Parses a module whose function is called `f`.
  void load(StringRef text) {
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << text.str();
  }

  LogicalResult runPipeline() {
    PassManager pm(&context);
    buildFrontendPipeline(pm);
    return pm.run(*module);
  }

  HostTensor random(ArrayRef<int64_t> shape) {
    std::vector<float> values(ShapedType::getNumElements(shape));
    std::normal_distribution<float> draw;
    for (float &value : values)
      value = draw(generator);
    return HostTensor::getF32(&context, shape, values);
  }

  std::vector<double> call(ArrayRef<RuntimeValue> arguments) {
    llvm::Expected<SmallVector<RuntimeValue>> results =
        Evaluator(*module, ParameterSource()).call("f", arguments);
    if (!results) {
      ADD_FAILURE() << llvm::toString(results.takeError());
      return {};
    }
    std::vector<double> values;
    for (const RuntimeValue &result : *results) {
      const auto &tensor = std::get<HostTensor>(result);
      for (int64_t i = 0; i < tensor.getNumElements(); ++i)
        values.push_back(tensor.get(i).number);
    }
    return values;
  }

  /// Runs the pipeline, and compares what the module computes. Sums of up to a
  /// hundred values of magnitude 1 round to f32 once, after sums in double.
  void expectSame(ArrayRef<RuntimeValue> arguments) {
    std::vector<double> before = call(arguments);
    ASSERT_TRUE(succeeded(runPipeline()));
    std::vector<double> after = call(arguments);
    ASSERT_EQ(before.size(), after.size());
    ASSERT_FALSE(before.empty());
    for (size_t i = 0; i < before.size(); ++i)
      EXPECT_NEAR(before[i], after[i], 1e-5 * (1 + std::abs(before[i])))
          << "at " << i;
  }

  template <typename Op> unsigned count() {
    unsigned found = 0;
    module->walk([&](Op) { ++found; });
    return found;
  }

  /// Convolutions become products: of the op `name` on tensors of these types,
  /// with these attributes.
  void testConvolution(StringRef name, StringRef attributes, StringRef input,
                       StringRef filter, StringRef output,
                       ArrayRef<int64_t> inputShape,
                       ArrayRef<int64_t> filterShape,
                       ArrayRef<int64_t> outputShape) {
    load(("func.func @f(%x: " + input + ", %w: " + filter + ", %y: " + output +
          ") -> " + output + " {\n  %0 = linalg." + name + " " + attributes +
          " ins(%x, %w : " + input + ", " + filter + ") outs(%y : " + output +
          ") -> " + output + "\n  return %0 : " + output + "\n}")
             .str());
    ASSERT_TRUE(module);
    expectSame({random(inputShape), random(filterShape), random(outputShape)});
    unsigned left = 0;
    module->walk([&](linalg::LinalgOp op) {
      left +=
          linalg::isaConvolutionOpInterface(op) && op.getNumDpsInputs() == 2;
    });
    EXPECT_EQ(left, 0u);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::mt19937 generator{7};
};

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

TEST_F(FrontendTest, ConvolutionOfChannelsFirst) {
  testConvolution("conv_2d_nchw_fchw",
                  "{dilations = dense<[2, 1]> : tensor<2xi64>, strides = "
                  "dense<[1, 2]> : tensor<2xi64>}",
                  "tensor<?x3x9x9xf32>", "tensor<5x3x3x2xf32>",
                  "tensor<?x5x5x4xf32>", {2, 3, 9, 9}, {5, 3, 3, 2},
                  {2, 5, 5, 4});
}

TEST_F(FrontendTest, ConvolutionOfChannelsLast) {
  testConvolution("conv_2d_nhwc_hwcf",
                  "{dilations = dense<1> : tensor<2xi64>, strides = dense<2> : "
                  "tensor<2xi64>}",
                  "tensor<1x7x?x3xf32>", "tensor<3x3x3x4xf32>",
                  "tensor<1x3x?x4xf32>", {1, 7, 9, 3}, {3, 3, 3, 4},
                  {1, 3, 4, 4});
}

TEST_F(FrontendTest, ConvolutionOfOneDimension) {
  testConvolution("conv_1d_ncw_fcw",
                  "{dilations = dense<3> : tensor<1xi64>, strides = dense<1> : "
                  "tensor<1xi64>}",
                  "tensor<2x4x11xf32>", "tensor<6x4x3xf32>",
                  "tensor<2x6x5xf32>", {2, 4, 11}, {6, 4, 3}, {2, 6, 5});
}

TEST_F(FrontendTest, ConvolutionOfThreeDimensions) {
  testConvolution("conv_3d_ndhwc_dhwcf",
                  "{dilations = dense<1> : tensor<3xi64>, strides = dense<1> : "
                  "tensor<3xi64>}",
                  "tensor<1x4x4x4x2xf32>", "tensor<2x2x2x2x3xf32>",
                  "tensor<1x3x3x3x3xf32>", {1, 4, 4, 4, 2}, {2, 2, 2, 2, 3},
                  {1, 3, 3, 3, 3});
}

TEST_F(FrontendTest, ConvolutionWithoutChannels) {
  testConvolution("conv_2d", "", "tensor<6x?xf32>", "tensor<3x2xf32>",
                  "tensor<4x?xf32>", {6, 8}, {3, 2}, {4, 7});
}

TEST_F(FrontendTest, DepthwiseConvolution) {
  testConvolution("depthwise_conv_2d_nhwc_hwc",
                  "{dilations = dense<1> : tensor<2xi64>, strides = dense<1> : "
                  "tensor<2xi64>}",
                  "tensor<2x5x5x4xf32>", "tensor<3x3x4xf32>",
                  "tensor<2x3x3x4xf32>", {2, 5, 5, 4}, {3, 3, 4}, {2, 3, 3, 4});
}

TEST_F(FrontendTest, ConvolutionOfGroups) {
  testConvolution("conv_2d_ngchw_gfchw",
                  "{dilations = dense<1> : tensor<2xi64>, strides = dense<1> : "
                  "tensor<2xi64>}",
                  "tensor<?x2x3x5x5xf32>", "tensor<2x4x3x3x3xf32>",
                  "tensor<?x2x4x3x3xf32>", {2, 2, 3, 5, 5}, {2, 4, 3, 3, 3},
                  {2, 2, 4, 3, 3});
}

TEST_F(FrontendTest, PoolingStays) {
  load(R"mlir(
    func.func @f(%x: tensor<?x3x8x8xf32>, %y: tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32> {
      %window = tensor.empty() : tensor<2x2xf32>
      %0 = linalg.pooling_nchw_max {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>}
        ins(%x, %window : tensor<?x3x8x8xf32>, tensor<2x2xf32>) outs(%y : tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32>
      return %0 : tensor<?x3x4x4xf32>
    }
  )mlir");
  expectSame({random({2, 3, 8, 8}), random({2, 3, 4, 4})});
  EXPECT_EQ(count<linalg::PoolingNchwMaxOp>(), 1u);
}

TEST_F(FrontendTest, PaddingOfAllSides) {
  load(R"mlir(
    func.func @f(%x: tensor<?x5xf32>) -> tensor<?x8xf32> {
      %v = arith.constant -1.5 : f32
      %0 = tensor.pad %x low[2, 1] high[0, 2] {
      ^bb0(%i: index, %j: index):
        tensor.yield %v : f32
      } : tensor<?x5xf32> to tensor<?x8xf32>
      return %0 : tensor<?x8xf32>
    }
  )mlir");
  expectSame({random({3, 5})});
  EXPECT_EQ(count<tensor::PadOp>(), 0u);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

TEST_F(FrontendTest, ProductOfSeveralDimensions) {
  // As dot_general lowers: two dimensions each of batch and k, three of m.
  load(R"mlir(
    #x = affine_map<(b, c, m, n, o, p, k, l) -> (b, c, m, n, o, k, l)>
    #w = affine_map<(b, c, m, n, o, p, k, l) -> (b, c, p, k, l)>
    #y = affine_map<(b, c, m, n, o, p, k, l) -> (b, c, m, n, o, p)>
    func.func @f(%x: tensor<2x?x2x1x3x4x2xf32>, %w: tensor<2x?x5x4x2xf32>, %y: tensor<2x?x2x1x3x5xf32>) -> tensor<2x?x2x1x3x5xf32> {
      %0 = linalg.generic {indexing_maps = [#x, #w, #y],
          iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
        ins(%x, %w : tensor<2x?x2x1x3x4x2xf32>, tensor<2x?x5x4x2xf32>) outs(%y : tensor<2x?x2x1x3x5xf32>) {
      ^bb0(%a: f32, %b: f32, %s: f32):
        %p = arith.mulf %a, %b : f32
        %t = arith.addf %s, %p : f32
        linalg.yield %t : f32
      } -> tensor<2x?x2x1x3x5xf32>
      return %0 : tensor<2x?x2x1x3x5xf32>
    }
  )mlir");
  expectSame({random({2, 3, 2, 1, 3, 4, 2}), random({2, 3, 5, 4, 2}),
              random({2, 3, 2, 1, 3, 5})});
  module->walk([&](linalg::LinalgOp op) {
    if (linalg::isaContractionOpInterface(op)) {
      EXPECT_EQ(op.getNumLoops(), 4u);
    }
  });
}

TEST_F(FrontendTest, ProductOfTransposedAndBroadcast) {
  load(R"mlir(
    func.func @f(%x: tensor<?x7x6xf32>, %w: tensor<4x6xf32>) -> tensor<?x7x4xf32> {
      %zero = arith.constant 0.0 : f32
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?x7x6xf32>
      %t = tensor.empty() : tensor<6x4xf32>
      %b = tensor.empty(%n) : tensor<?x6x4xf32>
      %e = tensor.empty(%n) : tensor<?x7x4xf32>
      %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x7x4xf32>) -> tensor<?x7x4xf32>
      %0 = linalg.transpose ins(%w : tensor<4x6xf32>) outs(%t : tensor<6x4xf32>) permutation = [1, 0]
      %1 = linalg.broadcast ins(%0 : tensor<6x4xf32>) outs(%b : tensor<?x6x4xf32>) dimensions = [0]
      %2 = linalg.batch_matmul ins(%x, %1 : tensor<?x7x6xf32>, tensor<?x6x4xf32>) outs(%init : tensor<?x7x4xf32>) -> tensor<?x7x4xf32>
      return %2 : tensor<?x7x4xf32>
    }
  )mlir");
  expectSame({random({3, 7, 6}), random({4, 6})});
  EXPECT_EQ(count<linalg::TransposeOp>() + count<linalg::BroadcastOp>(), 0u);
  EXPECT_EQ(count<linalg::GenericOp>(), 1u);
}

//===----------------------------------------------------------------------===//
// Elementwise ops and reads
//===----------------------------------------------------------------------===//

TEST_F(FrontendTest, ChainsBroadcastsAndSizesOfOne) {
  // A softmax with its sums kept as dimensions of size 1, and a chain before.
  load(R"mlir(
    #i = affine_map<(a, b, c) -> (a, b, c)>
    #o = affine_map<(a, b, c) -> (a, b, 0)>
    func.func @f(%x: tensor<?x3x5xf32>, %v: tensor<5xf32>) -> tensor<?x3x5xf32> {
      %zero = arith.constant 0.0 : f32
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?x3x5xf32>
      %e = tensor.empty(%n) : tensor<?x3x5xf32>
      %b = linalg.broadcast ins(%v : tensor<5xf32>) outs(%e : tensor<?x3x5xf32>) dimensions = [0, 1]
      %0 = linalg.add ins(%x, %b : tensor<?x3x5xf32>, tensor<?x3x5xf32>) outs(%e : tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
      %1 = linalg.exp ins(%0 : tensor<?x3x5xf32>) outs(%e : tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
      %s = tensor.empty(%n) : tensor<?x3x1xf32>
      %f = linalg.fill ins(%zero : f32) outs(%s : tensor<?x3x1xf32>) -> tensor<?x3x1xf32>
      %2 = linalg.generic {indexing_maps = [#i, #o], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%1 : tensor<?x3x5xf32>) outs(%f : tensor<?x3x1xf32>) {
      ^bb0(%a: f32, %t: f32):
        %u = arith.addf %a, %t : f32
        linalg.yield %u : f32
      } -> tensor<?x3x1xf32>
      %3 = linalg.generic {indexing_maps = [#i, #o, #i], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%1, %2 : tensor<?x3x5xf32>, tensor<?x3x1xf32>) outs(%e : tensor<?x3x5xf32>) {
      ^bb0(%a: f32, %t: f32, %old: f32):
        %u = arith.divf %a, %t : f32
        linalg.yield %u : f32
      } -> tensor<?x3x5xf32>
      return %3 : tensor<?x3x5xf32>
    }
  )mlir");
  expectSame({random({2, 3, 5}), random({5})});
}

TEST_F(FrontendTest, RowsOfATable) {
  load(R"mlir(
    func.func @f(%table: tensor<6x4xf32>, %ids: tensor<?x2xi32>) -> tensor<?x2x4xf32> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %ids, %c0 : tensor<?x2xi32>
      %e = tensor.empty(%n) : tensor<?x2x4xf32>
      %0 = linalg.generic {
        indexing_maps = [affine_map<(b, t, d) -> (b, t)>, affine_map<(b, t, d) -> (b, t, d)>],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%ids : tensor<?x2xi32>) outs(%e : tensor<?x2x4xf32>) {
      ^bb0(%id: i32, %old: f32):
        %row = arith.index_cast %id : i32 to index
        %column = linalg.index 2 : index
        %value = tensor.extract %table[%row, %column] : tensor<6x4xf32>
        linalg.yield %value : f32
      } -> tensor<?x2x4xf32>
      return %0 : tensor<?x2x4xf32>
    }
  )mlir");
  expectSame({random({6, 4}),
              HostTensor::getI32(&context, {3, 2}, {5, 0, 1, 1, 4, 2})});
  EXPECT_EQ(count<lm::GatherRowsOp>(), 1u);
}

TEST_F(FrontendTest, LayerNormOfManySteps) {
  // As torch-mlir writes it: the variance in f64, sums with dimensions of size
  // 1, the mean once more in f32, through a reshape.
  load(R"mlir(
    #i = affine_map<(a, b, c) -> (a, b, c)>
    #o = affine_map<(a, b, c) -> (a, b, 0)>
    #v = affine_map<(a, b, c) -> (c)>
    func.func @f(%flat: tensor<?x16xf32>, %g: tensor<16xf32>, %h: tensor<16xf32>) -> tensor<?x3x16xf32> {
      %c0 = arith.constant 0 : index
      %c3 = arith.constant 3 : index
      %zero = arith.constant 0.0 : f32
      %zero64 = arith.constant 0.0 : f64
      %sixteen = arith.constant 16.0 : f32
      %sixteen64 = arith.constant 16.0 : f64
      %epsilon = arith.constant 1.0e-3 : f64
      %m = tensor.dim %flat, %c0 : tensor<?x16xf32>
      %n = arith.divsi %m, %c3 : index
      %x = tensor.expand_shape %flat [[0, 1], [2]] output_shape [%n, 3, 16] : tensor<?x16xf32> into tensor<?x3x16xf32>
      %e = tensor.empty(%n) : tensor<?x3x16xf32>
      %e64 = tensor.empty(%n) : tensor<?x3x16xf64>
      %r = tensor.empty(%n) : tensor<?x3x1xf32>
      %r64 = tensor.empty(%n) : tensor<?x3x1xf64>
      %f = linalg.fill ins(%zero : f32) outs(%r : tensor<?x3x1xf32>) -> tensor<?x3x1xf32>
      %f64 = linalg.fill ins(%zero64 : f64) outs(%r64 : tensor<?x3x1xf64>) -> tensor<?x3x1xf64>
      %0 = linalg.generic {indexing_maps = [#i, #i], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%x : tensor<?x3x16xf32>) outs(%e64 : tensor<?x3x16xf64>) {
      ^bb0(%a: f32, %old: f64):
        %t = arith.extf %a : f32 to f64
        linalg.yield %t : f64
      } -> tensor<?x3x16xf64>
      %1 = linalg.generic {indexing_maps = [#i, #o], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%0 : tensor<?x3x16xf64>) outs(%f64 : tensor<?x3x1xf64>) {
      ^bb0(%a: f64, %s: f64):
        %t = arith.addf %a, %s : f64
        linalg.yield %t : f64
      } -> tensor<?x3x1xf64>
      %2 = linalg.generic {indexing_maps = [#o, #i], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%1 : tensor<?x3x1xf64>) outs(%r64 : tensor<?x3x1xf64>) {
      ^bb0(%a: f64, %old: f64):
        %t = arith.divf %a, %sixteen64 : f64
        linalg.yield %t : f64
      } -> tensor<?x3x1xf64>
      %3 = linalg.generic {indexing_maps = [#i, #o, #i], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%0, %2 : tensor<?x3x16xf64>, tensor<?x3x1xf64>) outs(%e64 : tensor<?x3x16xf64>) {
      ^bb0(%a: f64, %b: f64, %old: f64):
        %d = arith.subf %a, %b : f64
        %t = arith.mulf %d, %d : f64
        linalg.yield %t : f64
      } -> tensor<?x3x16xf64>
      %4 = linalg.generic {indexing_maps = [#i, #o], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%3 : tensor<?x3x16xf64>) outs(%f64 : tensor<?x3x1xf64>) {
      ^bb0(%a: f64, %s: f64):
        %t = arith.addf %a, %s : f64
        linalg.yield %t : f64
      } -> tensor<?x3x1xf64>
      %5 = linalg.generic {indexing_maps = [#i, #o], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x : tensor<?x3x16xf32>) outs(%f : tensor<?x3x1xf32>) {
      ^bb0(%a: f32, %s: f32):
        %t = arith.addf %a, %s : f32
        linalg.yield %t : f32
      } -> tensor<?x3x1xf32>
      %6 = linalg.generic {indexing_maps = [#i, #o, #o, #v, #v, #i], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%x, %5, %4, %g, %h : tensor<?x3x16xf32>, tensor<?x3x1xf32>, tensor<?x3x1xf64>, tensor<16xf32>, tensor<16xf32>)
        outs(%e : tensor<?x3x16xf32>) {
      ^bb0(%a: f32, %s: f32, %q: f64, %w: f32, %b: f32, %old: f32):
        %mean = arith.divf %s, %sixteen : f32
        %variance = arith.divf %q, %sixteen64 : f64
        %v = arith.addf %variance, %epsilon : f64
        %root = math.rsqrt %v : f64
        %scale = arith.truncf %root : f64 to f32
        %d = arith.subf %a, %mean : f32
        %t = arith.mulf %d, %scale : f32
        %u = arith.mulf %t, %w : f32
        %y = arith.addf %u, %b : f32
        linalg.yield %y : f32
      } -> tensor<?x3x16xf32>
      return %6 : tensor<?x3x16xf32>
    }
  )mlir");
  expectSame({random({6, 16}), random({16}), random({16})});
  EXPECT_EQ(count<lm::LayerNormOp>(), 1u);
  EXPECT_EQ(count<linalg::GenericOp>(), 0u);
}

TEST_F(FrontendTest, ReadsOfPartsStay) {
  // The body reads the first rows only: the table's rows are no loop's range.
  load(R"mlir(
    func.func @f(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %0 = linalg.generic {
        indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        outs(%y : tensor<?x4xf32>) {
      ^bb0(%old: f32):
        %i = linalg.index 0 : index
        %j = linalg.index 1 : index
        %value = tensor.extract %x[%i, %j] : tensor<?x4xf32>
        linalg.yield %value : f32
      } -> tensor<?x4xf32>
      return %0 : tensor<?x4xf32>
    }
  )mlir");
  expectSame({random({5, 4}), random({2, 4})});
  EXPECT_EQ(count<tensor::ExtractOp>(), 1u);
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// The names that the function's arguments and results give to sizes.
static std::string getNames(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  auto func = *module.getOps<func::FuncOp>().begin();
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    stream << func.getArgAttr(i, "compress.sizes") << " ";
  stream << "->";
  for (unsigned i = 0; i < func.getNumResults(); ++i)
    stream << " " << func.getResultAttr(i, "compress.sizes");
  return text;
}

TEST_F(FrontendTest, SizesThatCancel) {
  // As torch-mlir flattens a batch and unflattens it again.
  load(R"mlir(
    func.func @f(%x: tensor<?x7x4xf32>, %z: tensor<?x7x4xf32>) -> tensor<?x7x4xf32> {
      %c0 = arith.constant 0 : index
      %c7 = arith.constant 7 : index
      %zero = arith.constant 0 : i64
      %n = tensor.dim %x, %c0 : tensor<?x7x4xf32>
      %m = tensor.dim %z, %c0 : tensor<?x7x4xf32>
      %flat = affine.apply affine_map<()[s] -> (s * 7)>()[%n]
      %back = arith.divsi %flat, %c7 : index
      %same = arith.cmpi eq, %m, %back : index
      cf.assert %same, "mismatched size for broadcast"
      %wide = arith.index_cast %flat : index to i64
      %positive = arith.cmpi sge, %wide, %zero : i64
      cf.assert %positive, "negative values not allowed in new dimensions"
      %e = tensor.empty(%back) : tensor<?x7x4xf32>
      %0 = linalg.add ins(%x, %z : tensor<?x7x4xf32>, tensor<?x7x4xf32>) outs(%e : tensor<?x7x4xf32>) -> tensor<?x7x4xf32>
      return %0 : tensor<?x7x4xf32>
    }
  )mlir");
  expectSame({random({3, 7, 4}), random({3, 7, 4})});
  EXPECT_EQ(getNames(*module),
            R"(["s0", "", ""] ["s0", "", ""] -> ["s0", "", ""])");
}

} // namespace
