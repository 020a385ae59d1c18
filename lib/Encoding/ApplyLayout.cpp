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
        rank(layout.shape.size()), loops(layout.loops) {
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
    ArrayRef<LayoutLoop> all(loops);
    uint8_t *out = result.data();
    forEach(all.take_front(numOuter), index, [&] {
      loadWindow(index);
      forEach(all.slice(numOuter, firstInner - numOuter), index, [&] {
        writeTile(index, out);
        out += tileElements * layout.width / 8;
      });
    });
  }

private:
  /// Whether the loops have a tile; sets the groups' limits.
  bool chooseTile() {
    if (!llvm::isPowerOf2_32(layout.width) || layout.width > 32 ||
        (bits > 8 && layout.width != bits) || (bits <= 8 && layout.width > 8))
      return false;
    if (layout.bias != 0 && (bits > 8 || layout.bias != 1 << (bits - 1)))
      return false;
    firstInner = loops.size();
    while (firstInner > 0 &&
           tileElements * loops[firstInner - 1].extent <= kTileLimit)
      tileElements *= loops[--firstInner].extent;
    splitLoop();
    if (tileElements * layout.width % 8 != 0)
      return false;
    // The distances are the same only if a tile starts where a block does,
    // along the dimensions that it extends in.
    auto [outer, inner] =
        std::make_pair(ArrayRef(loops).take_front(firstInner),
                       ArrayRef(loops).drop_front(firstInner));
    for (const LayoutLoop &loop : outer)
      if (loop.stride % layout.divisor[loop.dim] != 0 &&
          llvm::any_of(inner, [&](auto &o) { return o.dim == loop.dim; }))
        return false;
    while (numOuter < firstInner && loops[numOuter].dim + 1 < rank &&
           (numOuter == 0 || loops[numOuter - 1].dim < loops[numOuter].dim))
      ++numOuter;
    return true;
  }

  /// Gives the tile as much of the loop around it as divides it.
  void splitLoop() {
    if (firstInner == 0 || tileElements > kTileLimit)
      return;
    LayoutLoop &around = loops[firstInner - 1];
    int64_t factor = kTileLimit / tileElements;
    while (around.extent % factor != 0)
      --factor;
    if (factor == 1)
      return;
    LayoutLoop inner = {around.dim, around.stride, factor};
    around.stride *= factor;
    around.extent /= factor;
    loops.insert(loops.begin() + firstInner, inner);
    tileElements *= factor;
  }

  void makeTable() {
    SmallVector<int64_t> index(rank, 0);
    last.assign(rank, 0);
    forEach(ArrayRef(loops).drop_front(firstInner), index, [&] {
      offsets.push_back(getOffset(index));
      for (unsigned dim = 0; dim < rank; ++dim) {
        distances.push_back(index[dim]);
        last[dim] = std::max(last[dim], index[dim]);
      }
    });
    perByte = layout.width < 8 ? 8 / layout.width : 1;
    quads = layout.width <= 8 && hasRuns(4, perByte);
    strips = layout.width <= 8 && !quads && hasRuns(8, 4 * perByte);
  }

  /// Whether, in each run of `length` groups of elements, the elements at the
  /// same place of each group of `size` are neighbours in the component.
  bool hasRuns(int64_t length, int64_t size) const {
    if (tileElements % (length * size) != 0)
      return false;
    for (int64_t i = 0; i < tileElements; i += length * size)
      for (int64_t j = 0; j < size; ++j)
        for (int64_t k = 1; k < length; ++k)
          if (offsets[i + k * size + j] != offsets[i + j] + k)
            return false;
    return true;
  }

  /// Number of the component's element for a tensor's index.
  int64_t getOffset(ArrayRef<int64_t> index) const {
    int64_t offset = 0;
    for (unsigned dim = 0; dim < rank; ++dim)
      // Asking for 1 first: a division takes longer than all else here.
      offset += (layout.divisor[dim] == 1 ? index[dim]
                                          : index[dim] / layout.divisor[dim]) *
                stride[dim];
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
      for (const LayoutLoop &loop : ArrayRef(loops).drop_front(numOuter))
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
    pickBits();
  }

  /// From codes to the layout's bits of them, eight bytes at a time. Adding
  /// half the range, modulo the range, flips the highest bit.
  void pickBits() {
    constexpr uint64_t each = 0x0101010101010101;
    uint64_t mask = llvm::maskTrailingOnes<uint8_t>(layout.width) * each;
    uint64_t flip = uint64_t(layout.bias) * each;
    window.resize(llvm::alignTo(window.size(), 8));
    for (size_t i = 0; i < window.size(); i += 8) {
      uint64_t word;
      std::memcpy(&word, &window[i], 8);
      word = ((word ^ flip) >> layout.shift) & mask;
      std::memcpy(&window[i], &word, 8);
    }
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
    if (quads) // Four neighbouring bytes at once: no code crosses into the
               // next.
      for (int64_t i = 0; i < tileElements; i += 4 * count, out += 4)
        store(out, gather<uint32_t, Width>(codes, offset + i));
    else if (strips)
      for (int64_t i = 0; i < tileElements; i += 32 * count, out += 32)
        writeStrip<Width>(codes, offset + i, out);
    else
      for (int64_t i = 0; i < tileElements; i += count)
        *out++ = gather<uint8_t, Width>(codes, offset + i);
  }

  /// Eight words of four bytes, where byte k of all comes from neighbours.
  template <unsigned Width>
  static void writeStrip(const uint8_t *codes, const int64_t *offset,
                         uint8_t *out) {
    constexpr int64_t count = 8 / Width;
    uint8_t rows[4][8];
    for (unsigned k = 0; k < 4; ++k)
      store(rows[k], gather<uint64_t, Width>(codes, offset + k * count));
    for (unsigned i = 0; i < 8; ++i)
      for (unsigned k = 0; k < 4; ++k)
        out[4 * i + k] = rows[k][i];
  }

  /// Joins the codes of a byte; a wider word does it for its bytes' neighbours.
  template <typename Word, unsigned Width>
  static Word gather(const uint8_t *codes, const int64_t *offset) {
    Word word = 0, part;
    for (unsigned j = 0; j < 8 / Width; ++j) {
      std::memcpy(&part, codes + offset[j], sizeof(part));
      word = Word(word | part << (j * Width));
    }
    return word;
  }

  template <typename Word> static void store(uint8_t *bytes, Word word) {
    std::memcpy(bytes, &word, sizeof(word));
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

  /// The layout's, the one around the tile split.
  SmallVector<LayoutLoop> loops;
  size_t numOuter = 0, firstInner = 0;
  int64_t tileElements = 1, perByte = 1;
  /// Per element of a tile: distance from the first, in the component and (rank
  /// numbers each) in the tensor; the largest of the latter.
  std::vector<int64_t> offsets, distances;
  SmallVector<int64_t> last;
  /// Whether each four bytes of the result come from neighbours, or each fourth
  /// of 32.
  bool quads = false, strips = false;

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
  ComponentLayout stored = layout.getStored(spec, source.size());
  assert(int64_t(result.size()) == stored.getBytes() && "wrong length");
  LayoutApplier(spec, stored, source, result).run();
}
