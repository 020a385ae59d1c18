//===- GGMLFormats.cpp - The block types of GGUF files as data --*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Left out are types that hold activations only (Q8_1, Q8_K), and those whose
// codes stand for several values at once (IQ1 to IQ3).
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/StorageFormats.h"

using namespace mlir::compress;
using llvm::ArrayRef;

// Positions are in bits.
static constexpr int64_t kByte = 8;

static EncodingSpec parseKnown(llvm::StringRef text) {
  return llvm::cantFail(parseEncoding(text));
}

/// One element after the other, each `width` bits.
static BlockField makeRun(unsigned count, unsigned width, int64_t byte) {
  return {0, count, 0, width, byte * kByte, {{count, width}}};
}

/// A float (or other whole element) of 16 bits for the whole block.
static BlockComponent makeHalf(unsigned component, int64_t byte,
                               uint32_t flip = 0) {
  return {component, 1, flip, {makeRun(1, 16, byte)}};
}

/// The nibbles of 32 values in 16 bytes: the first half of the values in the
/// low nibbles, the second in the high ones.
static BlockField makeNibbles(int64_t byte) {
  return {0, 32, 0, 4, byte * kByte, {{16, kByte}, {2, 4}}};
}

/// The fifth bits of 32 values in 4 bytes of their own, in the values' order.
static BlockField makeFifthBits(int64_t byte) {
  return {0, 32, 4, 1, byte * kByte, {{32, 1}}};
}

/// The bits of 256 values at which 32 bytes come round again and again: values
/// l, l + 32, l + 64, ... have theirs in byte l, one above the other, until the
/// byte is full; then the next 32 bytes follow.
static BlockField makeStacked(unsigned shift, unsigned width, int64_t byte) {
  int64_t perByte = 8 / width;
  return {0,
          256,
          shift,
          width,
          byte * kByte,
          {{32, kByte}, {perByte, width}, {8 / perByte, 32 * kByte}}};
}

/// A type whose blocks are single plain elements.
static StorageFormat makePlain(llvm::StringRef name, uint32_t ggmlType,
                               NumberType number) {
  unsigned bits = number.getBits();
  return {name,
          ggmlType,
          1,
          bits / 8,
          parseKnown("float<" + number.str() + ">"),
          {{0, 1, 0, {makeRun(1, bits, 0)}}},
          Rounding::GGML};
}

static StorageFormat makeQ4_0() {
  return {"Q4_0",
          2,
          32,
          18,
          parseKnown("affine<i4, block = [1, 32], scale = f16>"),
          // Stored with 8 added, which in four bits flips the top one.
          {{0, 32, 0x8, {makeNibbles(2)}}, makeHalf(1, 0)},
          Rounding::GGML};
}

static StorageFormat makeQ4_1() {
  return {"Q4_1",
          3,
          32,
          20,
          parseKnown("affine<ui4, block = [1, 32], scale = f16, min = f16>"),
          {{0, 32, 0, {makeNibbles(4)}}, makeHalf(1, 0), makeHalf(2, 2)},
          Rounding::GGML};
}

static StorageFormat makeQ5_0() {
  return {"Q5_0",
          6,
          32,
          22,
          parseKnown("affine<i5, block = [1, 32], scale = f16>"),
          {{0, 32, 0x10, {makeNibbles(6), makeFifthBits(2)}}, makeHalf(1, 0)},
          Rounding::GGML};
}

static StorageFormat makeQ5_1() {
  return {"Q5_1",
          7,
          32,
          24,
          parseKnown("affine<ui5, block = [1, 32], scale = f16, min = f16>"),
          {{0, 32, 0, {makeNibbles(8), makeFifthBits(4)}},
           makeHalf(1, 0),
           makeHalf(2, 2)},
          Rounding::GGML};
}

static StorageFormat makeQ8_0() {
  return {"Q8_0",
          8,
          32,
          34,
          parseKnown("affine<i8, block = [1, 32], scale = f16>"),
          {{0, 32, 0, {makeRun(32, 8, 2)}}, makeHalf(1, 0)},
          Rounding::GGML};
}

/// The eight 6-bit scales or minima of a K-quant in 12 bytes: the first four in
/// the low 6 bits of four bytes of their own (`own`); of the others, the low
/// nibble in bytes that scales and minima share (`shift` tells the half), and
/// the upper two bits above the first four.
static BlockComponent makeSixBits(unsigned component, int64_t own,
                                  int64_t shared, int64_t shift) {
  return {component,
          8,
          0,
          {{0, 4, 0, 6, own * kByte, {{4, kByte}}},
           {4, 4, 0, 4, shared * kByte + shift, {{4, kByte}}},
           {4, 4, 4, 2, own * kByte + 6, {{4, kByte}}}}};
}

static StorageFormat makeQ2_K() {
  return {"Q2_K",
          10,
          256,
          84,
          parseKnown("affine<ui2, block = [1, 16], "
                     "scale = affine<ui4, block = [1, 16], scale = f16>, "
                     "min = affine<ui4, block = [1, 16], scale = f16>>"),
          // Scales in the low nibbles, minima in the high ones. The minimum is
          // subtracted there; a negated scale is the same, exactly.
          {{0, 256, 0, {makeStacked(0, 2, 16)}},
           {1, 16, 0, {{0, 16, 0, 4, 0, {{16, kByte}}}}},
           makeHalf(2, 80),
           {3, 16, 0, {{0, 16, 0, 4, 4, {{16, kByte}}}}},
           makeHalf(4, 82, 0x8000)}};
}

static StorageFormat makeQ3_K() {
  // Sixteen scales: the low nibbles in 8 bytes, the upper two bits in 4.
  BlockField lowScales = {0, 16, 0, 4, 96 * kByte, {{8, kByte}, {2, 4}}};
  BlockField highScales = {0, 16, 4, 2, 104 * kByte, {{4, kByte}, {4, 2}}};
  return {"Q3_K",
          11,
          256,
          110,
          parseKnown("affine<i3, block = [1, 16], "
                     "scale = affine<i6, block = [1, 16], scale = f16>>"),
          // The third bits are set where nothing is subtracted.
          {{0, 256, 0x4, {makeStacked(0, 2, 32), makeStacked(2, 1, 0)}},
           {1, 16, 0x20, {lowScales, highScales}},
           makeHalf(2, 108)}};
}

/// Q4_K, and Q5_K, which has fifth bits in front of the nibbles.
static StorageFormat makeWithMinima(llvm::StringRef name, uint32_t ggmlType,
                                    llvm::StringRef code, int64_t fifthBytes) {
  // Each 32 bytes hold 64 values: low nibbles the first 32, high ones the rest.
  BlockComponent codes = {0, 256, 0, {makeStacked(0, 4, 16 + fifthBytes)}};
  if (fifthBytes)
    codes.fields.push_back(makeStacked(4, 1, 16));
  return {name,
          ggmlType,
          256,
          unsigned(16 + fifthBytes + 128),
          parseKnown(("affine<" + code +
                      ", block = [1, 32], "
                      "scale = affine<ui6, block = [1, 8], scale = f16>, "
                      "min = affine<ui6, block = [1, 8], scale = f16>>")
                         .str()),
          // The minimum is subtracted, as in Q2_K.
          {codes, makeSixBits(1, 4, 12, 0), makeHalf(2, 0),
           makeSixBits(3, 8, 12, 4), makeHalf(4, 2, 0x8000)}};
}

static StorageFormat makeQ6_K() {
  // Per 128 values: value 64 a + 32 b + l has its low nibble in byte 32 b + l,
  // half a, and its upper bits in byte l, at 2 (2 a + b).
  BlockField low = {
      0, 256, 0, 4, 0, {{32, kByte}, {2, 32 * kByte}, {2, 4}, {2, 64 * kByte}}};
  return {"Q6_K",
          14,
          256,
          210,
          parseKnown("affine<i6, block = [1, 16], "
                     "scale = affine<i8, block = [1, 16], scale = f16>>"),
          {{0, 256, 0x20, {low, makeStacked(4, 2, 128)}},
           {1, 16, 0, {makeRun(16, 8, 192)}},
           makeHalf(2, 208)}};
}

static StorageFormat makeIQ4_NL() {
  return {"IQ4_NL",
          20,
          32,
          18,
          parseKnown("codebook<\"iq4_nl\", block = [1, 32], scale = f16>"),
          {{0, 32, 0, {makeNibbles(2)}}, makeHalf(1, 0)}};
}

static StorageFormat makeIQ4_XS() {
  BlockField nibbles = {0, 256,       0,
                        4, 8 * kByte, {{16, kByte}, {2, 4}, {8, 16 * kByte}}};
  return {
      "IQ4_XS",
      23,
      256,
      136,
      parseKnown("codebook<\"iq4_nl\", block = [1, 32], "
                 "scale = affine<i6, block = [1, 8], scale = f16>>"),
      {{0, 256, 0, {nibbles}},
       {1,
        8,
        0x20,
        {{0, 8, 0, 4, 4 * kByte, {{8, 4}}}, {0, 8, 4, 2, 2 * kByte, {{8, 2}}}}},
       makeHalf(2, 0)}};
}

/// Codes 0, 1, 2 and, where two bits hold it, 3 stand for -1, 0, 1 and 2: the
/// zero point is always 1.
static EncodingSpec getTernary(int64_t block) {
  return parseKnown("affine<ui2, block = [1, " + std::to_string(block) +
                    "], scale = f16, zero = ui2>");
}
static BlockComponent makeConstantOne(unsigned component) {
  return {component, 1, 1, {}};
}

static StorageFormat makeTQ1_0() {
  BlockComponent codes = {0, 256, 0, {}};
  codes.radixFields = {
      {0, 3, 5, 0, 32}, {160, 3, 5, 32, 16}, {240, 3, 4, 48, 4}};
  return {"TQ1_0",
          34,
          256,
          54,
          getTernary(256),
          {codes, makeHalf(1, 52), makeConstantOne(2)},
          Rounding::GGML};
}

static StorageFormat makeTQ2_0() {
  return {"TQ2_0",
          35,
          256,
          66,
          getTernary(256),
          {{0, 256, 0, {makeStacked(0, 2, 0)}},
           makeHalf(1, 64),
           makeConstantOne(2)},
          Rounding::GGML};
}

// E2M1 as a codebook, since ggml's table has no negative zero. E8M0's code 255
// is NaN by the OCP's specification, and 2^128 in ggml.
static StorageFormat makeMXFP4() {
  return {"MXFP4",
          39,
          32,
          17,
          parseKnown("codebook<\"e2m1\", block = [1, 32], scale = f8E8M0FNU>"),
          {{0, 32, 0, {makeNibbles(1)}}, {1, 1, 0, {makeRun(1, 8, 0)}}},
          Rounding::GGML};
}

// Scales are E4M3 without sign: their top bits are zero. Code 127 is NaN, and 0
// in ggml; no program writes either.
static StorageFormat makeNVFP4() {
  BlockField nibbles = {0, 64,        0,
                        4, 4 * kByte, {{8, kByte}, {2, 4}, {4, 8 * kByte}}};
  return {"NVFP4",
          40,
          64,
          36,
          parseKnown("codebook<\"e2m1\", block = [1, 16], scale = f8E4M3FN>"),
          {{0, 64, 0, {nibbles}}, {1, 4, 0, {makeRun(4, 8, 0)}}}};
}

static StorageFormat makeQ1_0() {
  return {
      "Q1_0",
      41,
      128,
      18,
      parseKnown("codebook<array<f32: -1, 1>, block = [1, 128], scale = f16>"),
      {{0, 128, 0, {makeRun(128, 1, 2)}}, makeHalf(1, 0)}};
}

static StorageFormat makeQ2_0() {
  return {"Q2_0",
          42,
          64,
          18,
          getTernary(64),
          {{0, 64, 0, {makeRun(64, 2, 2)}}, makeHalf(1, 0), makeConstantOne(2)},
          Rounding::GGML};
}

ArrayRef<StorageFormat> mlir::compress::getStorageFormats() {
  static const std::vector<StorageFormat> formats = {
      makePlain("F32", 0, NumberType::getF32()),
      makePlain("F16", 1, NumberType::getF16()),
      makeQ4_0(),
      makeQ4_1(),
      makeQ5_0(),
      makeQ5_1(),
      makeQ8_0(),
      makeQ2_K(),
      makeQ3_K(),
      makeWithMinima("Q4_K", 12, "ui4", /*fifthBytes=*/0),
      makeWithMinima("Q5_K", 13, "ui5", /*fifthBytes=*/32),
      makeQ6_K(),
      makeIQ4_NL(),
      makeIQ4_XS(),
      makePlain("BF16", 30, NumberType::getBF16()),
      makeTQ1_0(),
      makeTQ2_0(),
      makeMXFP4(),
      makeNVFP4(),
      makeQ1_0(),
      makeQ2_0()};
  return formats;
}
