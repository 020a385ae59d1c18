//===- CheckpointFormats.cpp - Weights of quantized checkpoints -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where integers lie and what they stand for follows
//  * compressed-tensors (quantization/quant_args.py, compressors/pack_quantized
//    and compressors/naive_quantized; 2024 to 2026);
//  * AutoGPTQ and GPTQModel (nn_modules/qlinear; 2023 to 2026), whose first
//    checkpoints stored zero points less one;
//  * AutoAWQ (awq/utils/packing_utils.py, 2023), whose order of nibbles suits
//    a kernel for GPUs.
//
//===----------------------------------------------------------------------===//

#include "CheckpointFormats.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::compress;

static constexpr unsigned kAnyBits[] = {1, 2, 3, 4, 5, 6, 7, 8};
static constexpr unsigned kGPTQBits[] = {2, 3, 4, 8};
static constexpr unsigned kAWQBits[] = {4};
static constexpr unsigned kFloatBits[] = {8};
static constexpr uint8_t kAWQOrder[] = {0, 2, 4, 6, 1, 3, 5, 7};

static constexpr StringLiteral kCompressedTensors = "compressed-tensors";

static std::vector<CheckpointFormat> describeCompressedTensors() {
  CheckpointFormat packed;
  packed.name = packed.word = "pack-quantized";
  packed.method = kCompressedTensors;
  packed.codes = {"weight_packed", ElementType::I32, IntegerField::Offset, {}};
  packed.codes.mayBePadded = true;
  packed.zeros = packed.codes;
  packed.zeros.suffix = "weight_zero_point";
  packed.zeros.packing.axis = 0;
  packed.scales = "weight_scale";
  packed.groups = "weight_g_idx";
  packed.sizes = "weight_shape";
  packed.bits = kAnyBits;
  packed.anyBlock = true;

  CheckpointFormat integers = packed;
  integers.name = integers.word = "int-quantized";
  IntegerPacking bytes;
  bytes.wordBits = 8;
  bytes.padded = true;
  integers.codes = {"weight", ElementType::I8, IntegerField::Signed, bytes};
  integers.zeros = integers.codes;
  integers.zeros.suffix = "weight_zero_point";
  integers.sizes = "";

  CheckpointFormat floats = integers;
  floats.name = floats.word = "float-quantized";
  floats.codes.word = ElementType::F8E4M3FN;
  floats.zeros.suffix = "";
  floats.groups = "";
  floats.bits = kFloatBits;
  return {packed, integers, floats};
}

static std::vector<CheckpointFormat> describeGPTQ() {
  CheckpointFormat second;
  second.name = "gptq-v2";
  second.method = "gptq";
  second.word = "gptq_v2";
  second.codes = {"qweight", ElementType::I32, IntegerField::Unsigned, {}};
  second.codes.packing.transposed = true;
  second.zeros = second.codes;
  second.zeros.suffix = "qzeros";
  second.zeros.packing.axis = 0;
  second.scales = "scales";
  second.scalesTransposed = true;
  second.groups = "g_idx";
  second.bits = kGPTQBits;
  second.alwaysZeros = true;

  CheckpointFormat first = second;
  first.name = first.word = "gptq";
  first.zeros.field = IntegerField::LessOne;
  return {first, second};
}

static CheckpointFormat describeAWQ() {
  CheckpointFormat format;
  format.name = format.method = "awq";
  format.word = "gemm";
  format.codes = {"qweight", ElementType::I32, IntegerField::Unsigned, {}};
  format.codes.packing.transposed = true;
  format.codes.packing.axis = 0;
  format.codes.packing.order = kAWQOrder;
  format.zeros = format.codes;
  format.zeros.suffix = "qzeros";
  format.scales = "scales";
  format.scalesTransposed = true;
  format.bits = kAWQBits;
  format.alwaysZeros = true;
  return format;
}

ArrayRef<CheckpointFormat> mlir::compress::getCheckpointFormats() {
  static const std::vector<CheckpointFormat> formats = [] {
    std::vector<CheckpointFormat> all = describeCompressedTensors();
    append_range(all, describeGPTQ());
    all.push_back(describeAWQ());
    return all;
  }();
  return formats;
}

Expected<const CheckpointFormat *>
mlir::compress::findCheckpointFormat(StringRef name) {
  std::string known;
  for (const CheckpointFormat &format : getCheckpointFormats()) {
    if (format.name == name)
      return &format;
    known += (known.empty() ? "" : ", ") + format.name.str();
  }
  return makeError("unknown format '" + name + "'; there are " + known);
}

int64_t mlir::compress::getFieldMin(IntegerField field, unsigned bits) {
  switch (field) {
  case IntegerField::Signed:
  case IntegerField::Offset:
    return -(int64_t(1) << (bits - 1));
  case IntegerField::Unsigned:
    return 0;
  case IntegerField::LessOne:
    return 1;
  }
  llvm_unreachable("covered switch");
}

unsigned mlir::compress::getFieldBits(const CheckpointIntegers &integers,
                                      unsigned bits) {
  return integers.packing.wordBits == 8 ? 8 : bits;
}

int64_t mlir::compress::fieldToInteger(IntegerField field, unsigned bits,
                                       uint8_t stored) {
  stored &= maskTrailingOnes<uint8_t>(bits);
  // Two's complement is offset binary with the top bit exchanged.
  if (field == IntegerField::Signed)
    stored ^= 1 << (bits - 1);
  return stored + getFieldMin(field, bits);
}

uint8_t mlir::compress::integerToField(IntegerField field, unsigned bits,
                                       int64_t integer) {
  int64_t stored = integer - getFieldMin(field, bits);
  if (field == IntegerField::Signed)
    stored = integer;
  return static_cast<uint8_t>(stored);
}
