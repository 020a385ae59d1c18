//===- OwnEncodingTest.cpp - An encoding that the project lacks -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A dialect of this file's own brings two encodings. All that the project
// learns of them is the spec that they give; code, layouts and the reference
// follow.
//
//===----------------------------------------------------------------------===//

#include "ContractionCase.h"

#include "compress/Dialect/Compress/IR/Compress.h"

#include "mlir/IR/DialectImplementation.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

LogicalResult verifySpec(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                         function_ref<InFlightDiagnostic()> emitError) {
  llvm::Error error = verify(spec, shape);
  return error ? emitError() << llvm::toString(std::move(error)) : success();
}

/// Codes of three bits that stand for Fibonacci numbers, in blocks of 20, whose
/// scales are five-bit integers in turn.
class FibonacciAttr
    : public Attribute::AttrBase<FibonacciAttr, Attribute, AttributeStorage,
                                 VerifiableTensorEncoding::Trait,
                                 EncodingAttrInterface::Trait> {
public:
  using Base::Base;
  static constexpr StringLiteral name = "own.fibonacci";

  EncodingSpec getSpec() const {
    EncodingSpec scale;
    scale.kind = EncodingSpec::Kind::Affine;
    scale.code = NumberType::getUnsigned(5);
    scale.block = {1, 4};
    scale.scale = NumberType::getBF16();
    EncodingSpec spec;
    spec.kind = EncodingSpec::Kind::Codebook;
    spec.code = NumberType::getUnsigned(3);
    spec.table = {-5, -3, -2, -1, 1, 2, 3, 5};
    spec.block = {1, 20};
    spec.scale = Part(scale);
    return spec;
  }
  LogicalResult
  verifyEncoding(ArrayRef<int64_t> shape, Type,
                 function_ref<InFlightDiagnostic()> emitError) const {
    return verifySpec(getSpec(), shape, emitError);
  }
};

/// Five of every eleven values, as integers of seven bits with minima.
class FiveOfElevenAttr
    : public Attribute::AttrBase<FiveOfElevenAttr, Attribute, AttributeStorage,
                                 VerifiableTensorEncoding::Trait,
                                 EncodingAttrInterface::Trait> {
public:
  using Base::Base;
  static constexpr StringLiteral name = "own.five_of_eleven";

  EncodingSpec getSpec() const {
    EncodingSpec values;
    values.code = NumberType::getUnsigned(7);
    values.block = {2, 10};
    values.scale = NumberType::getF16();
    values.min = NumberType::getF32();
    EncodingSpec spec;
    spec.kind = EncodingSpec::Kind::NM;
    spec.n = 5;
    spec.m = 11;
    spec.values = Part(values);
    return spec;
  }
  LogicalResult
  verifyEncoding(ArrayRef<int64_t> shape, Type,
                 function_ref<InFlightDiagnostic()> emitError) const {
    return verifySpec(getSpec(), shape, emitError);
  }
};

class OwnDialect : public Dialect {
public:
  explicit OwnDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context, TypeID::get<OwnDialect>()) {
    addAttributes<FibonacciAttr, FiveOfElevenAttr>();
  }
  static StringRef getDialectNamespace() { return "own"; }

  Attribute parseAttribute(DialectAsmParser &parser, Type) const override {
    StringRef keyword;
    if (failed(parser.parseKeyword(&keyword)))
      return {};
    if (keyword == "fibonacci")
      return FibonacciAttr::get(getContext());
    return FiveOfElevenAttr::get(getContext());
  }
  void printAttribute(Attribute attribute,
                      DialectAsmPrinter &printer) const override {
    printer << (isa<FibonacciAttr>(attribute) ? "fibonacci" : "five_of_eleven");
  }
};

class OwnEncodingTest : public testing::Test {
protected:
  OwnEncodingTest() { registry.insert<OwnDialect>(); }

  void check(StringRef weights, StringRef activations) {
    for (Arrangement arrangement :
         {Arrangement::WeightRows, Arrangement::WeightColumns,
          Arrangement::WeightFirst})
      checkContraction(
          {"own", weights.str(), activations.str(), 43, 66, arrangement},
          registry);
  }

  DialectRegistry registry;
};

const char *kInt8 =
    "#quantized.affine<i8, block = [1, 32], scale = f32, sums = true>";

TEST_F(OwnEncodingTest, NumberFormatGetsCode) {
  check("#own.fibonacci", "");
  check("#own.fibonacci", kInt8);
}

TEST_F(OwnEncodingTest, StructureGetsCode) {
  check("#own.five_of_eleven", "");
  check("#own.five_of_eleven", kInt8);
}

} // namespace
