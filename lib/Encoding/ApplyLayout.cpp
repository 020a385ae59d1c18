//===- ApplyLayout.cpp - Brings components into a layout --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/Layout.h"

#include "Numbers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir::compress;
using llvm::ArrayRef;
using llvm::MutableArrayRef;
using llvm::SmallVector;

/// Calls `body` for each iteration of a nest of loops; `index` is the tensor's
/// index meanwhile.
template <typename Body>
static void forEach(ArrayRef<LayoutLoop> loops, MutableArrayRef<int64_t> index,
                    Body &&body) {
  if (loops.empty())
    return body();
  const LayoutLoop &loop = loops.front();
  int64_t before = index[loop.dim];
  for (int64_t i = 0; i < loop.extent; ++i, index[loop.dim] += loop.stride)
    forEach(loops.drop_front(), index, body);
  index[loop.dim] = before;
}

namespace {
/// Applies one layout. The loops are cut into three groups:
///  * outer ones, which walk over rows of the component in ascending order: for
///    each of their iterations the rows needed are unpacked to one element per
///    byte (the window), so that a large tensor never is as a whole;
///  * middle ones;
///  * a tile of inner ones, whose elements lie at the same distances from the
///    first in every iteration: a table, made once, is all that a tile needs.
class LayoutApplier {
public:
  LayoutApplier(const ComponentSpec &spec, const ComponentLayout &layout,
                ArrayRef<uint8_t> source, MutableArrayRef<uint8_t> result)
      : layout(layout), source(source), result(result),
        bits(spec.number.getBits()), shape(spec.logicalShape),
        rank(layout.shape.size()) {
    columns = shape.back();
    sourceRowBytes = getRowBytes(columns, bits);
    stride.assign(rank, 1);
    for (int64_t dim = rank - 2; dim >= 0; --dim)
      stride[dim] = stride[dim + 1] * shape[dim + 1];
  }

  void run() {
    if (layout.getElements() == 0)
      return;
    if (!chooseTile())
      return runSlow();
    makeTable();
    SmallVector<int64_t> index(rank, 0);
    ArrayRef<LayoutLoop> loops(layout.loops);
    uint8_t *out = result.data();
    forEach(loops.take_front(numOuter), index, [&] {
      loadWindow(index);
      forEach(loops.slice(numOuter, firstInner - numOuter), index, [&] {
        writeTile(index, out);
        out += tileElements * layout.width / 8;
      });
    });
  }

private:
  /// Whether the loops have a tile; sets the groups' limits.
  bool chooseTile() {
    ArrayRef<LayoutLoop> loops(layout.loops);
    if (!llvm::isPowerOf2_32(layout.width) || layout.width > 32 ||
        (bits > 8 && layout.width != bits) || (bits <= 8 && layout.width > 8))
      return false;
    firstInner = loops.size();
    while (firstInner > 0 &&
           tileElements * loops[firstInner - 1].extent <= kTileLimit)
      tileElements *= loops[--firstInner].extent;
    if (tileElements * layout.width % 8 != 0)
      return false;
    // The distances are the same only if a tile starts where a block does.
    for (const LayoutLoop &loop : loops.take_front(firstInner))
      if (loop.stride % layout.divisor[loop.dim] != 0)
        return false;
    while (numOuter < firstInner && loops[numOuter].dim + 1 < rank &&
           (numOuter == 0 || loops[numOuter - 1].dim < loops[numOuter].dim))
      ++numOuter;
    return true;
  }

  void makeTable() {
    SmallVector<int64_t> index(rank, 0);
    last.assign(rank, 0);
    forEach(ArrayRef<LayoutLoop>(layout.loops).drop_front(firstInner), index,
            [&] {
              offsets.push_back(getOffset(index));
              for (unsigned dim = 0; dim < rank; ++dim) {
                distances.push_back(index[dim]);
                last[dim] = std::max(last[dim], index[dim]);
              }
            });
    perByte = layout.width < 8 ? 8 / layout.width : 1;
    quads = layout.width <= 8 && tileElements % (4 * perByte) == 0;
    for (int64_t i = 0; quads && i < tileElements; i += 4 * perByte)
      for (int64_t j = 0; j < perByte; ++j)
        for (int64_t k = 1; k < 4; ++k)
          quads &= offsets[i + k * perByte + j] == offsets[i + j] + k;
  }

  /// Number of the component's element for a tensor's index.
  int64_t getOffset(ArrayRef<int64_t> index) const {
    int64_t offset = 0;
    for (unsigned dim = 0; dim < rank; ++dim)
      offset += index[dim] / layout.divisor[dim] * stride[dim];
    return offset;
  }

  //===--------------------------------------------------------------------===//
  // The window
  //===--------------------------------------------------------------------===//

  /// Unpacks the rows that the remaining loops touch. Whole elements of 16 or
  /// 32 bits are read from the source instead.
  void loadWindow(ArrayRef<int64_t> base) {
    if (bits > 8)
      return;
    int64_t first = 0, end = 0;
    for (unsigned dim = 0; dim + 1 < rank; ++dim) {
      int64_t reach = base[dim];
      for (const LayoutLoop &loop :
           ArrayRef<LayoutLoop>(layout.loops).drop_front(numOuter))
        if (loop.dim == dim)
          reach += (loop.extent - 1) * loop.stride;
      reach = std::min(reach, layout.shape[dim] - 1);
      if (base[dim] > reach)
        return; // Padding throughout.
      int64_t rowStride = stride[dim] / columns;
      first += base[dim] / layout.divisor[dim] * rowStride;
      end += reach / layout.divisor[dim] * rowStride;
    }
    ++end;
    windowStart = first * columns;
    window.resize((end - first) * columns);
    for (int64_t row = first; row < end; ++row)
      unpackRow(source.data() + row * sourceRowBytes, bits, columns,
                window.data() + (row - first) * columns);
    uint8_t bias = uint8_t(layout.bias);
    uint8_t codeMask = llvm::maskTrailingOnes<uint8_t>(bits);
    uint8_t mask = llvm::maskTrailingOnes<uint8_t>(layout.width);
    for (uint8_t &code : window)
      code = uint8_t((uint8_t(code + bias) & codeMask) >> layout.shift) & mask;
  }

  //===--------------------------------------------------------------------===//
  // Tiles
  //===--------------------------------------------------------------------===//

  void writeTile(ArrayRef<int64_t> base, uint8_t *out) const {
    bool full = true;
    for (unsigned dim = 0; dim < rank; ++dim)
      full &= base[dim] + last[dim] < layout.shape[dim];
    if (bits > 16)
      return writeElements<uint32_t>(base, full, out);
    if (bits > 8)
      return writeElements<uint16_t>(base, full, out);
    const uint8_t *codes = window.data() + (getOffset(base) - windowStart);
    if (!full)
      return writeRagged(base, codes, out);
    switch (layout.width) {
    case 1:
      return writeCodes<1>(codes, out);
    case 2:
      return writeCodes<2>(codes, out);
    case 4:
      return writeCodes<4>(codes, out);
    default:
      return writeCodes<8>(codes, out);
    }
  }

  template <unsigned Width>
  void writeCodes(const uint8_t *codes, uint8_t *out) const {
    constexpr int64_t count = 8 / Width;
    const int64_t *offset = offsets.data();
    if (!quads) {
      for (int64_t i = 0; i < tileElements; i += count) {
        unsigned byte = 0;
        for (int64_t j = 0; j < count; ++j)
          byte |= unsigned(codes[offset[i + j]]) << (j * Width);
        *out++ = uint8_t(byte);
      }
      return;
    }
    // Four neighbouring bytes at once: a code never crosses into the next.
    for (int64_t i = 0; i < tileElements; i += 4 * count, out += 4) {
      uint32_t word = 0, part;
      for (int64_t j = 0; j < count; ++j) {
        std::memcpy(&part, codes + offset[i + j], sizeof(part));
        word |= part << (j * Width);
      }
      std::memcpy(out, &word, sizeof(word));
    }
  }

  bool isInside(ArrayRef<int64_t> base, int64_t element) const {
    const int64_t *distance = distances.data() + element * rank;
    for (unsigned dim = 0; dim < rank; ++dim)
      if (base[dim] + distance[dim] >= layout.shape[dim])
        return false;
    return true;
  }

  void writeRagged(ArrayRef<int64_t> base, const uint8_t *codes,
                   uint8_t *out) const {
    for (int64_t i = 0; i < tileElements; i += perByte) {
      unsigned byte = 0;
      for (int64_t j = 0; j < perByte; ++j)
        if (isInside(base, i + j))
          byte |= unsigned(codes[offsets[i + j]]) << (j * layout.width);
      *out++ = uint8_t(byte);
    }
  }

  template <typename Element>
  void writeElements(ArrayRef<int64_t> base, bool full, uint8_t *out) const {
    const uint8_t *in = source.data() + getOffset(base) * sizeof(Element);
    for (int64_t i = 0; i < tileElements; ++i) {
      Element element = 0;
      if (full || isInside(base, i))
        std::memcpy(&element, in + offsets[i] * sizeof(Element),
                    sizeof(Element));
      std::memcpy(out + i * sizeof(Element), &element, sizeof(Element));
    }
  }

  //===--------------------------------------------------------------------===//
  // Any layout
  //===--------------------------------------------------------------------===//

  void runSlow() {
    std::fill(result.begin(), result.end(), 0);
    SmallVector<int64_t> index(rank, 0);
    int64_t position = 0;
    forEach(layout.loops, index, [&] {
      int64_t bit = layout.getBit(position++);
      for (unsigned dim = 0; dim < rank; ++dim)
        if (index[dim] >= layout.shape[dim])
          return;
      int64_t offset = getOffset(index);
      uint64_t code =
          unpackBits(source.data() + offset / columns * sourceRowBytes, bits,
                     offset % columns);
      code = (code + uint64_t(layout.bias)) &
             llvm::maskTrailingOnes<uint64_t>(bits);
      code = (code >> layout.shift) &
             llvm::maskTrailingOnes<uint64_t>(layout.width);
      code <<= bit % 8;
      for (uint8_t *byte = result.data() + bit / 8; code; code >>= 8)
        *byte++ |= uint8_t(code);
    });
  }

  static constexpr int64_t kTileLimit = 1024;

  const ComponentLayout &layout;
  ArrayRef<uint8_t> source;
  MutableArrayRef<uint8_t> result;
  unsigned bits;
  /// The component's own shape, and its strides in elements.
  ArrayRef<int64_t> shape;
  SmallVector<int64_t> stride;
  unsigned rank;
  int64_t columns, sourceRowBytes;

  size_t numOuter = 0, firstInner = 0;
  int64_t tileElements = 1, perByte = 1;
  /// Per element of a tile: distance from the first, in the component and (rank
  /// numbers each) in the tensor; the largest of the latter.
  std::vector<int64_t> offsets, distances;
  SmallVector<int64_t> last;
  /// Whether each four bytes of the result come from four neighbours each.
  bool quads = false;

  std::vector<uint8_t> window;
  int64_t windowStart = 0;
};
} // namespace

void mlir::compress::applyLayout(const ComponentSpec &spec,
                                 const ComponentLayout &layout,
                                 ArrayRef<uint8_t> source,
                                 MutableArrayRef<uint8_t> result) {
  if (layout.alignedRows) {
    assert(source.size() == result.size() && "the form is the same");
    std::copy(source.begin(), source.end(), result.begin());
    return;
  }
  assert(int64_t(result.size()) == layout.getBytes() && "wrong length");
  LayoutApplier(spec, layout, source, result).run();
}
