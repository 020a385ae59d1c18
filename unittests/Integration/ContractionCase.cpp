//===- ContractionCase.cpp - Products to compile and check ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionCase.h"

#include "EmulatedKernel.h"
#include "IntegerData.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

using Shape = SmallVector<int64_t>;

Shape ContractionCase::getWeightShape() const {
  switch (arrangement) {
  case Arrangement::WeightColumns:
    return {k, n};
  case Arrangement::Batched:
  case Arrangement::Experts:
    return {kBatch, n, k};
  default:
    return {n, k};
  }
}

Shape ContractionCase::getActivationShape(int64_t m) const {
  switch (arrangement) {
  case Arrangement::Batched:
    return {kBatch, m, k};
  case Arrangement::Experts:
    return {m, 1, k};
  default:
    return {m, k};
  }
}

Shape ContractionCase::getResultShape(int64_t m) const {
  switch (arrangement) {
  case Arrangement::WeightFirst:
    return {n, m};
  case Arrangement::Batched:
    return {kBatch, m, n};
  case Arrangement::Experts:
    return {m, 1, n};
  default:
    return {m, n};
  }
}

/// A tensor type; sizes below zero are dynamic.
static std::string typeOf(ArrayRef<int64_t> shape, StringRef encoding) {
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += (size < 0 ? "?" : std::to_string(size)) + "x";
  text += "f32";
  if (!encoding.empty())
    text += ", " + encoding.str();
  return text + ">";
}

/// The product's op and indexing maps, without types.
static std::pair<StringRef, StringRef> getProduct(Arrangement arrangement) {
  switch (arrangement) {
  case Arrangement::WeightRows:
    return {
        "linalg.matmul",
        " indexing_maps = [affine_map<(m, n, k) -> (m, k)>, "
        "affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]"};
  case Arrangement::WeightColumns:
    return {"linalg.matmul", ""};
  case Arrangement::WeightFirst:
    return {
        "linalg.matmul",
        " indexing_maps = [affine_map<(n, m, k) -> (n, k)>, "
        "affine_map<(n, m, k) -> (m, k)>, affine_map<(n, m, k) -> (n, m)>]"};
  case Arrangement::Batched:
  case Arrangement::Experts:
    return {"linalg.batch_matmul",
            " indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, "
            "affine_map<(b, m, n, k) -> (b, n, k)>, "
            "affine_map<(b, m, n, k) -> (b, m, n)>]"};
  }
  llvm_unreachable("all arrangements are named");
}

/// %numbers, tensor<?x1xi32>: the row's number modulo kBatch.
static std::string getExpertNumbers() {
  return R"(
  %none = tensor.empty(%m) : tensor<?x1xi32>
  %numbers = linalg.generic {
    indexing_maps = [affine_map<(m, j) -> (m, j)>],
    iterator_types = ["parallel", "parallel"]
  } outs(%none : tensor<?x1xi32>) {
  ^bb0(%old: i32):
    %row = linalg.index 0 : index
    %count = arith.constant )" +
         std::to_string(ContractionCase::kBatch) + R"( : index
    %rest = arith.remui %row, %count : index
    %number = arith.index_cast %rest : index to i32
    linalg.yield %number : i32
  } -> tensor<?x1xi32>
)";
}

std::string ContractionCase::getText() const {
  std::string w = typeOf(getWeightShape(), weights);
  std::string x = typeOf(getActivationShape(-1), "");
  std::string e = typeOf(getActivationShape(-1), activations);
  std::string y = typeOf(getResultShape(-1), "");
  auto [op, maps] = getProduct(arrangement);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "ml_program.global private @w(#compress.parameter<\"m\", \"w\">) : "
     << w << "\nfunc.func @f(%x: " << x << ") -> " << y << " {\n"
     << "  %w = ml_program.global_load_const @w : " << w << "\n"
     << "  %dim = arith.constant "
     << (arrangement == Arrangement::Batched ? 1 : 0) << " : index\n"
     << "  %m = tensor.dim %x, %dim : " << x << "\n";
  StringRef activation = "%x", weight = "%w";
  if (arrangement == Arrangement::Experts) {
    std::string gathered = typeOf({-1, n, k}, weights);
    os << getExpertNumbers() << "  %g = lm.gather_experts %w[%numbers] : " << w
       << "[tensor<?x1xi32>] -> " << gathered << "\n";
    weight = "%g";
    w = gathered;
  }
  if (!activations.empty()) {
    os << "  %e = compress.encode %x : " << x << " to " << e << "\n";
    activation = "%e";
  }
  os << "  %zero = arith.constant 0.0 : f32\n"
     << "  %empty = tensor.empty(%m) : " << y << "\n"
     << "  %init = linalg.fill ins(%zero : f32) outs(%empty : " << y << ") -> "
     << y << "\n  %y = " << op << maps << " ins(";
  if (arrangement == Arrangement::WeightFirst)
    os << "%w, " << activation << " : " << w << ", " << e;
  else
    os << activation << ", " << weight << " : " << e << ", " << w;
  os << ") outs(%init : " << y << ") -> " << y << "\n"
     << "  return %y : " << y << "\n}\n";
  return text;
}

void test::PrintTo(const ContractionCase &c, std::ostream *os) {
  *os << c.name << ", n = " << c.n << ", k = " << c.k << ", arrangement "
      << int(c.arrangement) << ", weights " << c.weights << ", activations "
      << c.activations << ", target " << c.target;
}

//===----------------------------------------------------------------------===//
// Checking
//===----------------------------------------------------------------------===//

/// Random values. Some blocks of weights are zero, so that block structures
/// have something to leave out; `positive`: no negative ones.
static std::vector<float> makeRandomValues(ArrayRef<int64_t> shape,
                                           unsigned seed, bool isWeight,
                                           bool positive) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(positive ? 0.1f : -1.0f, 1.0f);
  std::vector<float> values(*countElements(shape));
  for (auto [i, value] : llvm::enumerate(values)) {
    value = uniform(random);
    int64_t row = int64_t(i) / shape.back(), column = int64_t(i) % shape.back();
    if (isWeight && (row / 16 + column / 32) % 3 == 1)
      value = 0;
  }
  return values;
}

/// Unsigned codes without zero point or minimum hold one sign.
static bool holdsOneSign(const EncodingSpec &spec) {
  if (!spec.isNumberFormat())
    return spec.values.isEncoding() && holdsOneSign(spec.values.getEncoding());
  return spec.kind == EncodingSpec::Kind::Affine && !spec.code.isSigned() &&
         !spec.zero && !spec.min;
}

/// Whether docs/numerics.md says in which steps a product of these weights is
/// computed: it leaves out structures of values that have minima.
static bool hasDefinedOrder(const EncodingSpec &spec) {
  if (spec.isNumberFormat() || !spec.values.isEncoding())
    return true;
  const EncodingSpec &values = spec.values.getEncoding();
  return !values.min && hasDefinedOrder(values);
}

namespace {
using Values = std::vector<float>;
/// Computes the product of `m` rows of activations.
using Runner =
    std::function<llvm::Expected<Values>(int64_t m, ArrayRef<float> x)>;
/// Code for the parameters that the module is bound to, and what it is; the
/// code may come in several variants.
using RunnerMaker =
    function_ref<std::vector<std::pair<std::string, Runner>>(CompiledModule &)>;

/// Compares results for numbers of rows.
struct Comparison {
  const ContractionCase &c;
  CompiledModule &module;
  ArrayRef<int64_t> rows;
  RunnerMaker makeRunners;
  /// Whether the code adds up in the order of docs/numerics.md.
  bool isOrdered = false;
  bool exact = false;

  void run(function_ref<Values(int64_t m)> makeActivations) {
    std::vector<std::pair<std::string, Runner>> runners = makeRunners(module);
    for (int64_t m : rows) {
      Values x = makeActivations(m);
      auto expected = module.evaluate("f", c.getActivationShape(m), x);
      ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
      ASSERT_EQ(expected->magnitudes.size(), expected->values.size());
      auto ordered = module.evaluate("f", c.getActivationShape(m), x,
                                     Arithmetic::Generated);
      ASSERT_TRUE(bool(ordered)) << llvm::toString(ordered.takeError());
      for (auto &[what, runner] : runners) {
        llvm::Expected<Values> result = runner(m, x);
        ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
        compare(*result, *expected, m, what);
        if (isOrdered)
          EXPECT_EQ(*result, ordered->values) << "m = " << m << ", " << what;
        if (testing::Test::HasFailure())
          return;
      }
    }
  }

  void compare(ArrayRef<float> result,
               const CompiledModule::Reference &expected, int64_t m,
               StringRef what) {
    ASSERT_EQ(result.size(), expected.values.size());
    int wrong = 0;
    for (size_t i = 0; i < result.size() && wrong < 3; ++i) {
      double bound = exact ? 0 : std::ldexp(expected.magnitudes[i], -18);
      if (std::abs(double(result[i]) - expected.values[i]) <= bound)
        continue;
      ++wrong;
      ADD_FAILURE() << (exact ? "integers, " : "") << "m = " << m << ", "
                    << what.str() << ", element " << i << ": " << result[i]
                    << ", expected " << expected.values[i];
    }
  }
};
} // namespace

static void check(const ContractionCase &c, const DialectRegistry &registry,
                  ArrayRef<int64_t> rows, bool isCPU, RunnerMaker makeRunners) {
  SCOPED_TRACE(c.name + "\n" + c.getText());
  auto module = CompiledModule::create(c.getText(), c.target, registry);
  ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
  RankedTensorType type = (*module)->getParameterType("w");
  EncodingAttrInterface encoding = getEncoding(type);
  bool positive = encoding && holdsOneSign(encoding.getSpec());
  HostTensor values = HostTensor::getF32(
      type.getContext(), type.getShape(),
      makeRandomValues(type.getShape(), 1, /*isWeight=*/true, positive));
  if (encoding) {
    auto encoded = values.encode(type);
    ASSERT_TRUE(bool(encoded)) << llvm::toString(encoded.takeError());
    values = *encoded;
  }
  ASSERT_FALSE(bool((*module)->bind({{"w", values}})));
  Comparison comparison{c, **module, rows, makeRunners};
  comparison.isOrdered =
      isCPU && (!encoding || hasDefinedOrder(encoding.getSpec()));
  comparison.run([&](int64_t m) {
    return makeRandomValues(c.getActivationShape(m), m, /*isWeight=*/false,
                            /*positive=*/false);
  });
  if (testing::Test::HasFailure())
    return;

  std::optional<HostTensor> integers = makeIntegerTensor(type, 2);
  if (!integers)
    return; // A table whose entries are not integers.
  ASSERT_FALSE(bool((*module)->bind({{"w", *integers}})));
  comparison.exact = true;
  comparison.run([&](int64_t m) {
    return makeIntegerActivations(c.getActivationShape(m), c.activations, m);
  });
}

void test::checkContraction(const ContractionCase &c,
                            const DialectRegistry &registry) {
  check(c, registry, c.rows, true, [&](CompiledModule &module) {
    std::vector<std::pair<std::string, Runner>> runners;
    for (int64_t threads : {1, 2})
      runners.emplace_back("threads = " + std::to_string(threads),
                           [&, threads](int64_t m, ArrayRef<float> x) {
                             return module.run("f", c.getActivationShape(m), x,
                                               c.getResultShape(m), threads);
                           });
    return runners;
  });
}

/// The kernel for `m` rows at once, whose first row must be what it is alone.
static llvm::Expected<Values> runLanes(EmulatedKernel &kernel,
                                       const ContractionCase &c, int64_t m,
                                       ArrayRef<float> x) {
  auto all = kernel.run(c.getActivationShape(m), x, c.getResultShape(m));
  if (!all)
    return all;
  auto first = kernel.run(c.getActivationShape(1), x.take_front(c.k),
                          c.getResultShape(1));
  if (first)
    EXPECT_EQ(ArrayRef(*first), ArrayRef(*all).take_front(c.n));
  else
    return first;
  return all;
}

void test::checkContractionOnLanes(const ContractionCase &c) {
  check(c, DialectRegistry(), {1, 5}, false, [&](CompiledModule &module) {
    std::vector<std::pair<std::string, Runner>> runners;
    auto made = EmulatedKernel::create(module);
    if (!made) {
      ADD_FAILURE() << llvm::toString(made.takeError());
      return runners;
    }
    std::shared_ptr<EmulatedKernel> kernel = std::move(*made);
    runners.emplace_back("lanes", [&c, kernel](int64_t m, ArrayRef<float> x) {
      return runLanes(*kernel, c, m, x);
    });
    return runners;
  });
}
