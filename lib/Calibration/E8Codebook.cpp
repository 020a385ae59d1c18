//===- E8Codebook.cpp - Codes for eight weights from a lattice ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/VectorCodebook.h"

#include "Parallel.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

/// Vectors of 1/2, 3/2 and 5/2 as numbers ascend, the last one fastest.
static std::vector<Octet> listMagnitudes(float sumOfSquares, float largest) {
  std::vector<Octet> result;
  for (int number = 0; number < 6561; ++number) { // 3^8
    Octet x;
    float sum = 0, most = 0;
    for (int i = 7, digits = number; i >= 0; --i, digits /= 3) {
      x[i] = 0.5f + float(digits % 3);
      sum += x[i] * x[i];
      most = std::max(most, x[i]);
    }
    if (sum == sumOfSquares && most <= largest)
      result.push_back(x);
  }
  return result;
}

E8Codebook::E8Codebook() {
  // The smallest sum is that of eight halves; an even sum of coordinates makes
  // it grow in twos.
  for (float sum = 2; sum <= 10; sum += 2)
    append_range(magnitudes, listMagnitudes(sum, 2.5f));
  std::vector<Octet> more = listMagnitudes(12, 1.5f);
  more.resize(256 - magnitudes.size());
  append_range(magnitudes, more);
  for (const Octet &x : magnitudes) {
    float sum = 0;
    for (float value : x)
      sum += value;
    parity.push_back(float(int(sum) % 2));
  }
  coordinates.resize(8);
  for (int i = 0; i < 8; ++i)
    for (int k = 0; k < 256; ++k)
      coordinates[i][k] = magnitudes[k][i];
}

Octet E8Codebook::decode(uint16_t code) const {
  const Octet &magnitude = magnitudes[code & 255];
  float shift = code >> 15 ? -0.25f : 0.25f;
  // Each minus changes the sum by an odd number.
  bool isMinus = parity[code & 255] != 0;
  Octet x;
  for (int i = 0; i < 7; ++i) {
    bool bit = code >> (8 + i) & 1;
    isMinus ^= bit;
    x[i] = (bit ? -magnitude[i] : magnitude[i]) + shift;
  }
  x[7] = (isMinus ? -magnitude[7] : magnitude[7]) + shift;
  return x;
}

/// For given magnitudes the best signs are those of `x`; if their number has
/// the wrong parity, the one that costs least is turned. Squared distances of
/// all 256, by loops over them that are vectorized.
static void getDistances(const Octet &x,
                         ArrayRef<std::array<float, 256>> coordinates,
                         ArrayRef<float> parity, float *distance) {
  float turning[256];
  unsigned minuses = 0;
  std::fill_n(distance, 256, 0.0f);
  std::fill_n(turning, 256, INFINITY);
  for (int i = 0; i < 8; ++i) {
    float size = std::fabs(x[i]);
    const std::array<float, 256> &coordinate = coordinates[i];
    minuses += x[i] < 0;
    for (int k = 0; k < 256; ++k) {
      float difference = size - coordinate[k], cost = 4 * size * coordinate[k];
      distance[k] += difference * difference;
      turning[k] = cost < turning[k] ? cost : turning[k];
    }
  }
  float odd = float(minuses % 2);
  for (int k = 0; k < 256; ++k)
    distance[k] += parity[k] == odd ? 0 : turning[k];
}

/// Signs that getDistances() had in mind.
static unsigned chooseSigns(const Octet &x, const Octet &magnitude,
                            bool isOdd) {
  unsigned signs = 0, turned = 0;
  float least = INFINITY;
  for (unsigned i = 0; i < 8; ++i) {
    signs |= unsigned(x[i] < 0) << i;
    if (float cost = std::fabs(x[i]) * magnitude[i]; cost < least) {
      least = cost;
      turned = i;
    }
  }
  return bool(popcount(signs) % 2) == isOdd ? signs : signs ^ 1u << turned;
}

uint16_t E8Codebook::encode(const Octet &x) const {
  float least = INFINITY;
  unsigned bestShift = 0, best = 0;
  std::array<Octet, 2> shifted;
  for (unsigned shift = 0; shift < 2; ++shift) {
    for (int i = 0; i < 8; ++i)
      shifted[shift][i] = x[i] - (shift ? -0.25f : 0.25f);
    float distance[256];
    getDistances(shifted[shift], coordinates, parity, distance);
    for (unsigned k = 0; k < 256; ++k)
      if (distance[k] < least) {
        least = distance[k];
        bestShift = shift;
        best = k;
      }
  }
  unsigned signs =
      chooseSigns(shifted[bestShift], magnitudes[best], parity[best] != 0);
  return uint16_t(bestShift << 15 | (signs & 127) << 8 | best);
}

/// Codes of a row under one scale; returns the squared error.
static double encodeRow(const E8Codebook &book, ArrayRef<float> row,
                        float scale, MutableArrayRef<uint16_t> codes) {
  double error = 0;
  for (size_t first = 0; first < row.size(); first += 8) {
    Octet x;
    for (int i = 0; i < 8; ++i)
      x[i] = row[first + i] / scale;
    codes[first / 8] = book.encode(x);
    Octet y = book.decode(codes[first / 8]);
    for (int i = 0; i < 8; ++i)
      error += std::pow(double(row[first + i]) - double(y[i] * scale), 2);
  }
  return error;
}

static void searchScale(const E8Codebook &book, ArrayRef<float> row,
                        unsigned steps, float &scale,
                        MutableArrayRef<uint16_t> codes) {
  double squares = 0;
  for (float value : row)
    squares += double(value) * double(value);
  double size = std::sqrt(squares / double(row.size()));
  std::vector<uint16_t> tried(codes.size());
  double least = INFINITY;
  scale = 0;
  for (unsigned i = 0; i < steps; ++i) {
    // Points have a root mean square of about 1.1.
    double factor = 0.6 + 0.6 * (i + 0.5) / steps;
    float candidate = float(size * factor);
    if (candidate == 0)
      return; // The row is zero, and so are values of scale 0.
    double error = encodeRow(book, row, candidate, tried);
    if (error >= least)
      continue;
    least = error;
    scale = candidate;
    copy(tried, codes.begin());
  }
}

Expected<std::vector<float>> mlir::compress::decodeE8(ArrayRef<uint16_t> codes,
                                                      ArrayRef<float> scales,
                                                      int64_t rows,
                                                      int64_t columns) {
  if (columns % 8 != 0 || int64_t(codes.size()) != rows * columns / 8 ||
      int64_t(scales.size()) != rows)
    return makeError("e8p: " + Twine(codes.size()) + " codes and " +
                     Twine(scales.size()) + " scales do not fit " +
                     Twine(rows) + " x " + Twine(columns) + " weights");
  E8Codebook book;
  std::vector<float> values;
  values.reserve(rows * columns);
  for (int64_t i = 0, e = int64_t(codes.size()); i < e; ++i)
    for (float value : book.decode(codes[i]))
      values.push_back(value * scales[i / (columns / 8)]);
  return values;
}

Expected<VectorCodes> mlir::compress::quantizeToE8(MatrixRef weights,
                                                   unsigned steps,
                                                   unsigned threads) {
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  if (weights.columns % 8 != 0 || steps < 1)
    return makeError("e8p: rows of " + Twine(weights.columns) +
                     " weights and " + Twine(steps) +
                     " scales to try; there must be a multiple of 8, and 1 or "
                     "more");
  E8Codebook book;
  VectorCodes result;
  int64_t perRow = weights.columns / 8;
  result.codes.resize(weights.rows * perRow);
  result.scales.resize(weights.rows);
  parallelFor(weights.rows, threads, [&](int64_t row) {
    searchScale(book, weights.getRow(row), steps, result.scales[row],
                MutableArrayRef(result.codes).slice(row * perRow, perRow));
  });
  Expected<std::vector<float>> values =
      decodeE8(result.codes, result.scales, weights.rows, weights.columns);
  if (!values)
    return values.takeError();
  result.values = std::move(*values);
  return result;
}
