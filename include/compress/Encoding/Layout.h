//===- Layout.h - Where the parts of an encoded tensor lie ------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layout says in which order the elements of a component lie in memory. It
// is a list of loops over the logical dimensions, outermost first; a dimension
// may be split into several loops. Kernels read weights in such an order, so
// that their loads are contiguous; it is applied once, at compile time.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_ENCODING_LAYOUT_H
#define COMPRESS_ENCODING_LAYOUT_H

#include "compress/Encoding/Codec.h"

namespace mlir::compress {

/// One loop of a layout. The index along `dim` of the tensor whose number
/// format the component belongs to is the sum over its loops of (loop index *
/// stride).
struct LayoutLoop {
  unsigned dim;
  int64_t stride;
  int64_t extent;
  bool operator==(const LayoutLoop &o) const {
    return dim == o.dim && stride == o.stride && extent == o.extent;
  }
};

/// Where a component, or some of the bits of its codes, lie.
struct ComponentLayout {
  /// Name of the laid-out component, e.g. `codes.4` for the low four bits.
  std::string name;
  /// Index of the component among getComponents() of the encoding.
  unsigned source;
  /// The bits [shift, shift + width) of each code are stored here, after
  /// `bias` was added to the code (codes are stored unsigned: signed codes are
  /// biased by half their range). Whole floats and i32: shift = 0, width =
  /// their bits, bias = 0.
  unsigned shift = 0, width = 8;
  int64_t bias = 0;
  /// Loops from the outermost to the innermost. Elements are stored one after
  /// the other at `width` bits, the first in the lowest bits of a byte. Loop
  /// positions beyond the tensor's shape are padding and hold zero bits.
  llvm::SmallVector<LayoutLoop> loops;
  /// Per dimension of the tensor: the component's own index is the tensor's
  /// index divided by this. 1 for codes, the block's size for scales, that
  /// times the super-block's for the scales of scales. So a layout may repeat a
  /// scale, e.g. once per row of a block of several rows. Negative where a
  /// block spans a dimension whose size is not known.
  llvm::SmallVector<int64_t> divisor;
  /// The tensor's shape (of `values` inside a structure). Components that are
  /// not indexed by the tensor's dimensions (tables, orders, the index of a
  /// Block structure) have their own shape here.
  llvm::SmallVector<int64_t> shape;
  /// Every run of the innermost loop starts at a byte: the canonical form.
  bool alignedRows = false;

  /// Element of the stored array (u8 for codes) and number of elements.
  NumberType type = NumberType::getUnsigned(8);
  int64_t getElements() const;
  /// Both are -1 where a size is not known.
  int64_t getBytes() const;
  /// The same layout where so many bytes of the component's canonical form,
  /// `component`, are stored: no size is open any more.
  ComponentLayout getStored(const ComponentSpec &component,
                            int64_t bytes) const;
  /// Position, in stored elements, of an index into the tensor.
  int64_t getPosition(llvm::ArrayRef<int64_t> index) const;
  /// The bit at which the element at `position` begins: position * width, apart
  /// from aligned rows.
  int64_t getBit(int64_t position) const;
};

/// The shorthand by which contraction kernels want weights: panels of `rows`
/// values along the dimension that stays (`rowDim`), `interleave` values along
/// the contracted one (`reductionDim`) next to each other per row, codes
/// narrower than a byte split into planes of 4, 2 and 1 bits whose bytes hold
/// values that are whole groups of `interleave` apart.
///
/// Codes, per plane of w bits, over tiles of `rows` x 32 values:
///   [batch...][row / rows][red / 32][chunk][row % rows][red % 4] and within a
///   byte, 8 / w groups of 4: value red = 32 t + (chunk * (8 / w) + j) * 4 + r.
/// Whole floats: [batch...][row / rows][red][row % rows].
/// Per-block parts (scale, zero, min and what they nest): one value per row
///   [batch...][row / rows][block][row % rows], or one per panel where a block
///   spans whole panels; their codes take one byte each.
/// Planes are named `<component>.<width>`, also the single one of 8 bits; all
/// others keep the component's name. Tables, orders and what else is not
/// indexed by the tensor's dimensions stay canonical.
///
/// The values of block compressed rows are laid out as the matrix of the blocks
/// one above the other that they are: [block * height / rows] takes the place
/// of [batch...][row / rows], and how many there are depends on the data.
struct PanelLayout {
  int64_t rows = 16;
  unsigned rowDim = 0;
  unsigned reductionDim = 1;
  bool operator==(const PanelLayout &o) const {
    return rows == o.rows && rowDim == o.rowDim &&
           reductionDim == o.reductionDim;
  }
};

/// Whether block compressed rows of this tensor can be laid out in panels and
/// multiplied so: blocks along the last two dimensions, of whole panels times
/// multiples of 32, which the number format inside divides.
bool isPanelBlock(const EncodingSpec &spec, unsigned rank,
                  const PanelLayout &panel);

/// Whether the parts of `spec` can be laid out in panels: number formats, N:M
/// (its values and indices as dense tensors), Permuted around those, and block
/// compressed rows (isPanelBlock()).
bool isPanelCompatible(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                       const PanelLayout &panel);

/// Spells the shorthand out for every component of `spec`.
llvm::SmallVector<ComponentLayout>
getPanelLayouts(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                const PanelLayout &panel);

/// Positions that are scored side by side; a block of a key-value cache holds
/// as many, or those of a group.
constexpr int64_t kCacheBlock = 16;

/// Keys are read for the positions of a block side by side, values for columns.
enum class CacheSide { Keys, Values };

/// Positions that share parts of what keys or values of a cache are encoded
/// as: the first block size of `spec`, an encoding of positions x columns of
/// one head; 1 without blocks.
int64_t getCacheGroup(const EncodingSpec &spec);

/// Whether keys or values of `headDim` columns can be encoded so, with one
/// position to a block; or, of keys, with groups of positions, multiples of
/// kCacheBlock up to kMaxCacheGroup, and numbers of columns that divide
/// `headDim` or are all. The error says what can't be.
constexpr int64_t kMaxCacheGroup = 256;
llvm::Error verifyCacheEncoding(const EncodingSpec &spec, int64_t headDim,
                                CacheSide side);

/// How many positions of a sequence a cache keeps in f16 where keys have groups
/// of positions: those of four groups; 0 where the group is 1. Position p lies
/// at p modulo this number. So many tokens of one sequence can be computed
/// together that all of their groups fit in.
int64_t getRecentPositions(int64_t group);
/// The format of recent keys.
EncodingSpec getRecentSpec();

/// The shorthand by which attention wants keys or values: those of one head at
/// P consecutive positions, a tensor of P x `headDim`; P is the larger of
/// kCacheBlock and the group. Without groups, no byte holds codes of two
/// positions, so that positions are written independently. With w the bits of
/// a plane and g = 8 / w:
///   keys:   codes [P / 16][column / g][position % 16], bytes of g consecutive
///           columns; floats [P / 16][column][position % 16]; per block
///           [block][position], or with groups [block];
///   values: codes [position][column / 16 g][column % 16], bytes of g columns
///           that are 16 apart; floats [position][column]; per block
///           [position][block], or [position][column] where blocks are no
///           multiple of 16 columns. Columns are filled up to a multiple of 16.
/// Planes are named as those of panels. `spec` is a number format that
/// verifyCacheEncoding() accepts.
llvm::SmallVector<ComponentLayout>
getCacheLayouts(const EncodingSpec &spec, int64_t headDim, CacheSide side);

/// One head's keys or values of a block of positions in memory: the components
/// one after the other.
struct CacheBlockLayout {
  /// P of getCacheLayouts().
  int64_t positions = kCacheBlock;
  llvm::SmallVector<ComponentLayout> components;
  /// Where each component begins, in bytes; multiples of 16.
  llvm::SmallVector<int64_t> offsets;
  /// Size of the block, a multiple of 64.
  int64_t bytes = 0;
};
CacheBlockLayout getCacheBlockLayout(const EncodingSpec &spec, int64_t headDim,
                                     CacheSide side);

/// The layouts of the canonical (row-major, packed) form, as getComponents has
/// it.
llvm::SmallVector<ComponentLayout>
getCanonicalLayouts(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape);

/// Brings one component from the canonical form into a layout. `source` holds
/// the canonical bytes of component `spec`; `result` has layout.getBytes(), or
/// where that is not known, those of layout.getStored().
/// Near one nanosecond a code: models are laid out while the user waits.
void applyLayout(const ComponentSpec &spec, const ComponentLayout &layout,
                 llvm::ArrayRef<uint8_t> source,
                 llvm::MutableArrayRef<uint8_t> result);

/// Shape of a structure's `values`; a Block's number of rows is -1.
llvm::SmallVector<int64_t> getValuesShape(const EncodingSpec &spec,
                                          llvm::ArrayRef<int64_t> shape);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_LAYOUT_H
