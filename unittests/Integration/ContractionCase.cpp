//===- ContractionCase.cpp - Products to compile and check ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionCase.h"
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
    return {kBatch, n, k};
  default:
    return {n, k};
  }
}

Shape ContractionCase::getActivationShape(int64_t m) const {
  return arrangement == Arrangement::Batched ? Shape{kBatch, m, k}
                                             : Shape{m, k};
}

Shape ContractionCase::getResultShape(int64_t m) const {
  switch (arrangement) {
  case Arrangement::WeightFirst:
    return {n, m};
  case Arrangement::Batched:
    return {kBatch, m, n};
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
    return {"linalg.batch_matmul",
            " indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, "
            "affine_map<(b, m, n, k) -> (b, n, k)>, "
            "affine_map<(b, m, n, k) -> (b, m, n)>]"};
  }
  llvm_unreachable("all arrangements are named");
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
  StringRef activation = "%x";
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
    os << activation << ", %w : " << e << ", " << w;
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

namespace {
/// Compares results for every number of rows and threads.
struct Comparison {
  const ContractionCase &c;
  CompiledModule &module;
  bool exact;

  void run(function_ref<std::vector<float>(int64_t m)> makeActivations) {
    for (int64_t m : {1, 2, 5, 17}) {
      std::vector<float> x = makeActivations(m);
      auto expected = module.evaluate("f", c.getActivationShape(m), x);
      ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
      ASSERT_EQ(expected->magnitudes.size(), expected->values.size());
      for (int64_t threads : {1, 2}) {
        auto result = module.run("f", c.getActivationShape(m), x,
                                 c.getResultShape(m), threads);
        ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
        compare(*result, *expected, m, threads);
        if (testing::Test::HasFailure())
          return;
      }
    }
  }

  void compare(ArrayRef<float> result,
               const CompiledModule::Reference &expected, int64_t m,
               int64_t threads) {
    int wrong = 0;
    for (size_t i = 0; i < result.size() && wrong < 3; ++i) {
      double bound = exact ? 0 : std::ldexp(expected.magnitudes[i], -18);
      if (std::abs(double(result[i]) - expected.values[i]) <= bound)
        continue;
      ++wrong;
      ADD_FAILURE() << (exact ? "integers, " : "") << "m = " << m
                    << ", threads = " << threads << ", element " << i << ": "
                    << result[i] << ", expected " << expected.values[i];
    }
  }
};
} // namespace

void test::checkContraction(const ContractionCase &c,
                            const DialectRegistry &registry) {
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
  Comparison{c, **module, /*exact=*/false}.run([&](int64_t m) {
    return makeRandomValues(c.getActivationShape(m), m, /*isWeight=*/false,
                            /*positive=*/false);
  });
  if (testing::Test::HasFailure())
    return;

  std::optional<HostTensor> integers = makeIntegerTensor(type, 2);
  if (!integers)
    return; // A table whose entries are not integers.
  ASSERT_FALSE(bool((*module)->bind({{"w", *integers}})));
  Comparison{c, **module, /*exact=*/true}.run([&](int64_t m) {
    return makeIntegerActivations(c.getActivationShape(m), c.activations, m);
  });
}
