//===- EvaluatorTest.cpp - Functions, loops, constants and parameters -----===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EvaluatorTest.h"

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Dialect/Sparse/IR/Sparse.h"
#include "compress/Support/Error.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace mlir::compress;
using testing::Test;

//===----------------------------------------------------------------------===//
// Fixture
//===----------------------------------------------------------------------===//

EvaluatorTest::EvaluatorTest() {
  context.loadDialect<
      affine::AffineDialect, arith::ArithDialect, cf::ControlFlowDialect,
      CompressDialect, func::FuncDialect, linalg::LinalgDialect, lm::LMDialect,
      math::MathDialect, memref::MemRefDialect, ml_program::MLProgramDialect,
      quantized::QuantizedDialect, scf::SCFDialect, sparse::SparseDialect,
      tensor::TensorDialect>();
}

void EvaluatorTest::load(StringRef text) {
  module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module) << text.str();
}

llvm::Expected<SmallVector<RuntimeValue>>
EvaluatorTest::call(ArrayRef<RuntimeValue> arguments) {
  return Evaluator(*module, source, options).call("f", arguments);
}

/// Reads the only result as an array of numbers.
template <typename T, typename Convert>
static std::vector<T>
getArray(llvm::Expected<SmallVector<RuntimeValue>> results, Convert convert) {
  if (!results) {
    ADD_FAILURE() << llvm::toString(results.takeError());
    return {};
  }
  if (results->size() != 1) {
    ADD_FAILURE() << results->size() << " results";
    return {};
  }
  if (auto *scalar = std::get_if<Scalar>(&results->front()))
    return {convert(*scalar)};
  const auto &tensor = std::get<HostTensor>(results->front());
  std::vector<T> values;
  for (int64_t i = 0; i < tensor.getNumElements(); ++i)
    values.push_back(convert(tensor.get(i)));
  return values;
}

std::vector<double> EvaluatorTest::floats(ArrayRef<RuntimeValue> arguments) {
  return getArray<double>(call(arguments),
                          [](const Scalar &s) { return s.number; });
}

std::vector<int64_t> EvaluatorTest::integers(ArrayRef<RuntimeValue> arguments) {
  return getArray<int64_t>(call(arguments),
                           [](const Scalar &s) { return s.integer; });
}

HostTensor EvaluatorTest::tensor(ArrayRef<RuntimeValue> arguments) {
  auto results = call(arguments);
  if (results)
    return std::get<HostTensor>(results->front());
  ADD_FAILURE() << llvm::toString(results.takeError());
  return HostTensor(RankedTensorType::get({0}, Float32Type::get(&context)));
}

void EvaluatorTest::expectError(StringRef part,
                                ArrayRef<RuntimeValue> arguments) {
  auto results = call(arguments);
  if (results) {
    ADD_FAILURE() << "no error, expected: " << part.str();
    return;
  }
  std::string message = llvm::toString(results.takeError());
  EXPECT_NE(message.find(part.str()), std::string::npos) << message;
}

Type EvaluatorTest::type(StringRef text) {
  Type result = parseType(text, &context);
  EXPECT_TRUE(result) << text.str();
  return result;
}

namespace {

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

TEST_F(EvaluatorTest, CallsFunctions) {
  load(R"(
    func.func private @double(%x: i32) -> (i32, i32) {
      %0 = arith.addi %x, %x : i32
      return %0, %x : i32, i32
    }
    func.func @f(%x: i32) -> i32 {
      %0:2 = func.call @double(%x) : (i32) -> (i32, i32)
      %1:2 = func.call @double(%0#0) : (i32) -> (i32, i32)
      %2 = arith.subi %1#0, %0#1 : i32
      return %2 : i32
    })");
  EXPECT_EQ(integers({integer("i32", 5)}), std::vector<int64_t>{15});
}

TEST_F(EvaluatorTest, ChecksCalls) {
  load("func.func @f(%x: i32) -> i32 { return %x : i32 }");
  expectError("@f takes 1 arguments, got 0");
  expectError("a value of type i32 can't be i64", {integer("i64", 1)});
  expectError("a value of type i32 can't be tensor<1xi32>", {i32({1}, {1})});
  Evaluator evaluator(*module);
  auto results = evaluator.call("g", {});
  ASSERT_FALSE(bool(results));
  EXPECT_EQ(llvm::toString(results.takeError()),
            "the module has no function @g");
}

TEST_F(EvaluatorTest, ChecksSizesOfArguments) {
  load("func.func @f(%x: tensor<?x3xf32>) -> tensor<?x3xf32> { return %x : "
       "tensor<?x3xf32> }");
  EXPECT_EQ(floats({f32({1, 3}, {1, 2, 3})}), (std::vector<double>{1, 2, 3}));
  expectError("can't be tensor<1x2xf32>", {f32({1, 2}, {1, 2})});
  expectError("can't be tensor<1x3xi32>", {i32({1, 3}, {1, 2, 3})});
}

TEST_F(EvaluatorTest, RefusesWhatItDoesNotKnow) {
  load(R"(
    func.func @f(%x: i32) -> i32 {
      cf.br ^bb1(%x : i32)
    ^bb1(%y: i32):
      return %y : i32
    })");
  expectError("only a function with one block is evaluated",
              {integer("i32", 5)});
  load(R"(
    func.func @f(%x: i32) -> i32 {
      %0 = memref.alloc() : memref<4xi32>
      return %x : i32
    })");
  expectError("results are numbers of at most 64 bits, ranked tensors",
              {integer("i32", 5)});
  load(R"(
    func.func @f(%x: i32) -> i32 {
      %0 = math.ipowi %x, %x : i32
      return %0 : i32
    })");
  expectError("'math.ipowi': the reference evaluator does not know this op",
              {integer("i32", 5)});
}

//===----------------------------------------------------------------------===//
// Branches and loops
//===----------------------------------------------------------------------===//

TEST_F(EvaluatorTest, RunsLoops) {
  load(R"(
    func.func @f(%n: index) -> (index) {
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %0:2 = scf.for %i = %c1 to %n step %c2 iter_args(%a = %c1, %b = %c2) -> (index, index) {
        %1 = arith.muli %a, %i : index
        scf.yield %b, %1 : index, index
      }
      %1 = arith.subi %0#0, %0#1 : index
      return %1 : index
    })");
  // (1, 2) -> (2, 1 * 1) -> (1, 2 * 3) -> (6, 1 * 5)
  EXPECT_EQ(integers({integer("index", 6)}), std::vector<int64_t>{1});
  EXPECT_EQ(integers({integer("index", 1)}), std::vector<int64_t>{-1});
}

TEST_F(EvaluatorTest, ChecksSteps) {
  load(R"(
    func.func @f(%step: index) {
      %c1 = arith.constant 1 : index
      scf.for %i = %c1 to %c1 step %step {
      }
      return
    })");
  expectError("the step must be positive, got 0", {integer("index", 0)});
}

TEST_F(EvaluatorTest, TakesBranches) {
  load(R"(
    func.func @f(%c: i1, %x: i32) -> i32 {
      %0 = scf.if %c -> i32 {
        %1 = arith.addi %x, %x : i32
        scf.yield %1 : i32
      } else {
        scf.yield %x : i32
      }
      scf.if %c {
        %2 = arith.divsi %x, %0 : i32
      }
      return %0 : i32
    })");
  EXPECT_EQ(integers({integer("i1", 1), integer("i32", 4)}),
            std::vector<int64_t>{8});
  EXPECT_EQ(integers({integer("i1", 0), integer("i32", 4)}),
            std::vector<int64_t>{4});
}

TEST_F(EvaluatorTest, AppliesAffineMaps) {
  load(R"(
    func.func @f(%a: index, %b: index) -> tensor<3xindex> {
      %0 = affine.apply affine_map<(d0)[s0] -> (d0 * 3 + s0 floordiv 2)>(%a)[%b]
      %1 = affine.min affine_map<(d0, d1) -> (d0, d1 - 1)>(%a, %b)
      %2 = affine.max affine_map<(d0, d1) -> (d0, d1 - 1)>(%a, %b)
      %3 = tensor.from_elements %0, %1, %2 : tensor<3xindex>
      return %3 : tensor<3xindex>
    })");
  EXPECT_EQ(integers({integer("index", 5), integer("index", 7)}),
            (std::vector<int64_t>{18, 5, 6}));
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

TEST_F(EvaluatorTest, ReadsConstants) {
  load(R"(
    func.func @f() -> tensor<2x2xf16> {
      %0 = arith.constant dense<[[1.0, -0.5], [0.1, 2.0]]> : tensor<2x2xf16>
      return %0 : tensor<2x2xf16>
    })");
  // The f16 nearest to 0.1 is 1638.0 / 16384 = 0.0999755859375.
  EXPECT_EQ(floats(), (std::vector<double>{1, -0.5, 0.0999755859375, 2}));
  load(R"(
    func.func @f() -> tensor<3xi8> {
      %0 = arith.constant dense<-7> : tensor<3xi8>
      return %0 : tensor<3xi8>
    })");
  EXPECT_EQ(integers(), (std::vector<int64_t>{-7, -7, -7}));
  load(R"(
    func.func @f() -> tensor<2xi1> {
      %0 = arith.constant dense<[true, false]> : tensor<2xi1>
      return %0 : tensor<2xi1>
    })");
  EXPECT_EQ(integers(), (std::vector<int64_t>{-1, 0}));
}

TEST_F(EvaluatorTest, ReadsResources) {
  const char *text = R"(
    func.func @f() -> tensor<2xf32> {
      %%0 = arith.constant dense_resource<values> : tensor<2xf32>
      return %%0 : tensor<2xf32>
    }
    {-# dialect_resources: { builtin: { values: "0x%s" } } #-})";
  char buffer[400];
  snprintf(buffer, sizeof(buffer), text, "040000000000803f000000c0");
  load(buffer);
  EXPECT_EQ(floats(), (std::vector<double>{1, -2}));
  snprintf(buffer, sizeof(buffer), text, "040000000000803f");
  load(buffer);
  expectError("the resource does not have the 8 bytes of its type");
}

TEST_F(EvaluatorTest, RefusesOtherConstants) {
  load(R"(
    func.func @f() -> tensor<4xf32> {
      %0 = arith.constant sparse<[[1]], [2.0]> : tensor<4xf32>
      return %0 : tensor<4xf32>
    })");
  expectError("only dense values are evaluated");
  load(R"(
    ml_program.global private @w(7 : i32) : tensor<4xf32>
    func.func @f() -> tensor<4xf32> {
      %0 = ml_program.global_load_const @w : tensor<4xf32>
      return %0 : tensor<4xf32>
    })");
  expectError("only dense values are evaluated");
  load(R"(
    ml_program.global private @w(dense<1.0> : tensor<2xf32>) : tensor<4xf32>
    func.func @f() -> tensor<4xf32> {
      %0 = ml_program.global_load_const @w : tensor<4xf32>
      return %0 : tensor<4xf32>
    })");
  expectError("the value's type is not that of its elements");
  load(R"(
    ml_program.global private @w(1.0 : f32) : f32
    func.func @f() -> f32 {
      %0 = ml_program.global_load_const @w : f32
      return %0 : f32
    })");
  expectError("@w is no global of a tensor type");
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

const char *const parameterModule = R"(
  ml_program.global private @w(#compress.parameter<"a.gguf", "w">) : tensor<1x4xf32, #quantized.affine<i4, block = [1, 2], scale = f16>>
  func.func @f() -> tensor<1x4xf32> {
    %0 = ml_program.global_load_const @w : tensor<1x4xf32, #quantized.affine<i4, block = [1, 2], scale = f16>>
    %1 = compress.decode %0 : tensor<1x4xf32, #quantized.affine<i4, block = [1, 2], scale = f16>> to tensor<1x4xf32>
    return %1 : tensor<1x4xf32>
  })";

TEST_F(EvaluatorTest, AsksTheSourceForParameters) {
  load(parameterModule);
  expectError("the value of @w lies elsewhere and no source of parameters");
  // Codes -1, 7 | 2, -8 and the f16 scales 1 and 0.5.
  source = [](StringRef symbol, RankedTensorType type) {
    EXPECT_EQ(symbol, "w");
    return HostTensor::get(type, {{0x7f, 0x82}, {0x00, 0x3c, 0x00, 0x38}});
  };
  EXPECT_EQ(floats(), (std::vector<double>{-1, 7, 1, -4}));
  source = [](StringRef, RankedTensorType) -> llvm::Expected<HostTensor> {
    return makeError("a.gguf: tensor 'w' is cut off");
  };
  expectError("'ml_program.global': a.gguf: tensor 'w' is cut off");
  source = [&](StringRef, RankedTensorType) -> llvm::Expected<HostTensor> {
    return f32({2, 2}, {1, 2, 3, 4});
  };
  expectError("the source gave @w another shape or element type");
}

TEST_F(EvaluatorTest, EncodesWhatTheSourceGivesPlain) {
  load(parameterModule);
  source = [&](StringRef, RankedTensorType) -> llvm::Expected<HostTensor> {
    return f32({1, 4}, {7, -3.4f, 0, 0});
  };
  EXPECT_EQ(floats(), (std::vector<double>{7, -3, 0, 0}));
}

TEST_F(EvaluatorTest, KeepsParametersIfAsked) {
  load(parameterModule);
  int calls = 0;
  source = [&](StringRef, RankedTensorType) -> llvm::Expected<HostTensor> {
    ++calls;
    return f32({1, 4}, {1, 2, 3, 4});
  };
  for (bool keep : {false, true}) {
    calls = 0;
    options.keepParameters = keep;
    Evaluator evaluator(*module, source, options);
    for (int i = 0; i < 3; ++i)
      ASSERT_TRUE(bool(evaluator.call("f", {})));
    EXPECT_EQ(calls, keep ? 1 : 3);
  }
}

TEST_F(EvaluatorTest, EncodesWrittenValues) {
  load(R"(
    ml_program.global private @w(dense<[[7.0, -3.4, 1.0, 0.5]]> : tensor<1x4xf32>) : tensor<1x4xf32, #quantized.affine<i4, block = [1, 2], scale = f16>>
    func.func @f() -> (tensor<1x2xi8>, tensor<1x2xf16>) {
      %0 = ml_program.global_load_const @w : tensor<1x4xf32, #quantized.affine<i4, block = [1, 2], scale = f16>>
      %1:2 = compress.components %0 : tensor<1x4xf32, #quantized.affine<i4, block = [1, 2], scale = f16>> to tensor<1x2xi8>, tensor<1x2xf16>
      return %1#0, %1#1 : tensor<1x2xi8>, tensor<1x2xf16>
    })");
  auto results = call();
  ASSERT_TRUE(bool(results));
  // 7, -3 | 7, 4 (0.5 / (1/7) = 3.5, but f16(1/7) = 0.14282 gives 3.5009).
  EXPECT_EQ(std::get<HostTensor>((*results)[0]).getBytes(),
            (ArrayRef<uint8_t>{0xd7, 0x47}));
  EXPECT_EQ(std::get<HostTensor>((*results)[1]).getDoubles(),
            (std::vector<double>{1, 0.142822265625}));
}

} // namespace
