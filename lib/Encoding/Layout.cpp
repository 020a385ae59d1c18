//===- Layout.cpp - Where the parts of an encoded tensor lie ----*- C++ -*-===//
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

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;
using llvm::ArrayRef;
using llvm::SmallVector;

//===----------------------------------------------------------------------===//
// ComponentLayout
//===----------------------------------------------------------------------===//

int64_t ComponentLayout::getElements() const {
  int64_t elements = 1;
  for (const LayoutLoop &loop : loops) {
    if (loop.extent < 0)
      return -1;
    elements *= loop.extent;
  }
  return elements;
}

int64_t ComponentLayout::getBytes() const {
  int64_t elements = getElements();
  if (elements <= 0)
    return elements;
  if (!alignedRows || loops.empty())
    return llvm::divideCeil(elements * width, 8);
  int64_t run = loops.back().extent;
  return elements / run * getRowBytes(run, width);
}

ComponentLayout ComponentLayout::getStored(const ComponentSpec &component,
                                           int64_t bytes) const {
  ComponentLayout stored = *this;
  if (getElements() >= 0)
    return stored;
  // What depends on the data is the first dimension.
  ArrayRef<int64_t> own = component.logicalShape;
  unsigned bits = component.number.getBits();
  int64_t count = own.size() == 1 ? bytes * 8 / bits
                                  : bytes / getRowBytes(own.back(), bits);
  for (int64_t size : own.drop_front().drop_back(own.size() > 1))
    count /= size;
  int64_t size = count * divisor.front();
  stored.shape.front() = size;
  for (LayoutLoop &loop : stored.loops)
    if (loop.extent < 0)
      loop.extent = size / loop.stride;
  return stored;
}

int64_t ComponentLayout::getPosition(ArrayRef<int64_t> index) const {
  int64_t position = 0;
  for (const LayoutLoop &loop : loops)
    position =
        position * loop.extent + index[loop.dim] / loop.stride % loop.extent;
  return position;
}

int64_t ComponentLayout::getBit(int64_t position) const {
  if (!alignedRows || loops.empty())
    return position * width;
  int64_t run = loops.back().extent;
  return position / run * getRowBytes(run, width) * 8 + position % run * width;
}

//===----------------------------------------------------------------------===//
// From encodings to layouts
//===----------------------------------------------------------------------===//

namespace {
/// The order of the elements of components that are not canonical.
class ElementOrder {
public:
  virtual ~ElementOrder() = default;
  /// Adds the loops of a plane of codes of at most 8 bits.
  virtual void addCodeLoops(ComponentLayout &layout) const = 0;
  /// Adds the loops of whole floats, one per value.
  virtual void addFloatLoops(ComponentLayout &layout) const = 0;
  /// Adds the loops of a part with one value per block.
  virtual void addBlockLoops(ComponentLayout &layout) const = 0;
};

/// The shorthand of PanelLayout.
class PanelOrder : public ElementOrder {
public:
  explicit PanelOrder(const PanelLayout &panel) : panel(panel) {}

  void addCodeLoops(ComponentLayout &layout) const override {
    addPanelLoops(layout);
    unsigned red = panel.reductionDim;
    int64_t groups = 8 / layout.width, chunk = 4 * groups;
    layout.loops.push_back(
        {red, 32, int64_t(llvm::divideCeil(layout.shape[red], 32))});
    layout.loops.push_back({red, chunk, 32 / chunk});
    layout.loops.push_back({panel.rowDim, 1, panel.rows});
    layout.loops.push_back({red, 1, 4});
    layout.loops.push_back({red, 4, groups});
  }

  void addFloatLoops(ComponentLayout &layout) const override {
    addPanelLoops(layout);
    unsigned red = panel.reductionDim;
    layout.loops.push_back({red, 1, layout.shape[red]});
    layout.loops.push_back({panel.rowDim, 1, panel.rows});
  }

  void addBlockLoops(ComponentLayout &layout) const override {
    addPanelLoops(layout);
    unsigned red = panel.reductionDim, row = panel.rowDim;
    int64_t size = layout.divisor[red], height = layout.divisor[row];
    layout.loops.push_back(
        {red, size, int64_t(llvm::divideCeil(layout.shape[red], size))});
    bool isOneBlock = layout.shape[row] >= 0 && height >= layout.shape[row];
    bool onePerPanel = height % panel.rows == 0 || isOneBlock;
    if (!onePerPanel)
      layout.loops.push_back({row, 1, panel.rows});
  }

private:
  /// [batch...][row / rows].
  void addPanelLoops(ComponentLayout &layout) const {
    for (unsigned dim = 0; dim < layout.shape.size(); ++dim)
      if (dim != panel.rowDim && dim != panel.reductionDim)
        layout.loops.push_back({dim, layout.divisor[dim],
                                int64_t(llvm::divideCeil(
                                    layout.shape[dim], layout.divisor[dim]))});
    int64_t height = layout.shape[panel.rowDim];
    int64_t count =
        height < 0 ? -1 : int64_t(llvm::divideCeil(height, panel.rows));
    layout.loops.push_back({panel.rowDim, panel.rows, count});
  }

  const PanelLayout panel;
};

/// The shorthand of getCacheLayouts(). Dimension 0 are the positions of a
/// block, 1 the columns of a head.
class CacheOrder : public ElementOrder {
public:
  explicit CacheOrder(CacheSide side) : side(side) {}

  void addCodeLoops(ComponentLayout &layout) const override {
    int64_t groups = 8 / layout.width, columns = layout.shape[1];
    if (side == CacheSide::Keys) {
      addGroups(layout);
      layout.loops.append(
          {{1, groups, int64_t(llvm::divideCeil(columns, groups))},
           {0, 1, kCacheBlock},
           {1, 1, groups}});
      return;
    }
    int64_t chunk = kLanes * groups;
    layout.loops = {{0, 1, kCacheBlock},
                    {1, chunk, int64_t(llvm::divideCeil(columns, chunk))},
                    {1, 1, kLanes},
                    {1, kLanes, groups}};
  }

  void addFloatLoops(ComponentLayout &layout) const override {
    if (side != CacheSide::Keys)
      return addColumns(layout);
    addGroups(layout);
    layout.loops.append({{1, 1, layout.shape[1]}, {0, 1, kCacheBlock}});
  }

  void addBlockLoops(ComponentLayout &layout) const override {
    int64_t columns = layout.shape[1], size = layout.divisor[1];
    LayoutLoop blocks = {1, size, int64_t(llvm::divideCeil(columns, size))};
    if (layout.divisor[0] > 1)
      layout.loops = {blocks};
    else if (side == CacheSide::Keys)
      layout.loops = {blocks, {0, 1, kCacheBlock}};
    else if (size % kLanes == 0 || size >= columns)
      layout.loops = {{0, 1, kCacheBlock}, blocks};
    else
      addColumns(layout);
  }

private:
  /// Columns that are read side by side.
  static constexpr int64_t kLanes = 16;

  /// Groups of positions have kCacheBlock after kCacheBlock of them.
  static void addGroups(ComponentLayout &layout) {
    int64_t positions = layout.shape[0];
    if (positions > kCacheBlock)
      layout.loops.push_back({0, kCacheBlock, positions / kCacheBlock});
  }

  static void addColumns(ComponentLayout &layout) {
    layout.loops = {
        {0, 1, kCacheBlock},
        {1, kLanes, int64_t(llvm::divideCeil(layout.shape[1], kLanes))},
        {1, 1, kLanes}};
  }

  CacheSide side;
};

/// Walks an encoding in the order of its components and lays out each.
class LayoutBuilder {
public:
  /// `order` null: the canonical form.
  LayoutBuilder(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                const ElementOrder *order)
      : components(getComponents(spec, shape)), order(order) {}

  SmallVector<ComponentLayout> layouts;

  void addEncoding(const EncodingSpec &spec, ArrayRef<int64_t> shape) {
    switch (spec.kind) {
    case Kind::NM: {
      auto valuesShape = getValuesShape(spec, shape);
      addValues(spec.values, valuesShape);
      return addCodes(valuesShape);
    }
    case Kind::Block:
      addUnindexed();
      addUnindexed();
      return addValues(spec.values, getValuesShape(spec, shape));
    case Kind::Permuted:
      addUnindexed();
      return addValues(spec.values, shape);
    case Kind::Split:
      addValues(spec.values, shape);
      return addValues(spec.outliers, shape);
    default:
      addCodes(shape);
      SmallVector<int64_t> ones(shape.size(), 1);
      return addParts(spec, shape, ones, shape);
    }
  }

private:
  void addValues(const Part &values, ArrayRef<int64_t> shape) {
    if (values.isEncoding())
      return addEncoding(values.getEncoding(), shape);
    addCodes(shape);
  }

  /// The parts of a number format whose codes have `divisor` and lie on `grid`.
  void addParts(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                ArrayRef<int64_t> divisor, ArrayRef<int64_t> grid) {
    SmallVector<int64_t> partDivisor, partGrid;
    if (!spec.block.empty()) {
      partDivisor = resolveBlock(spec.block, grid);
      for (auto [size, outer] : llvm::zip_equal(partDivisor, divisor))
        size *= outer;
      partGrid = getBlockGrid(spec.block, grid);
    }
    for (const Part *part : {&spec.scale, &spec.zero, &spec.min}) {
      if (!*part)
        continue;
      addPerBlock(shape, partDivisor);
      if (part->isEncoding())
        addParts(part->getEncoding(), shape, partDivisor, partGrid);
    }
    if (hasStoredTable(spec))
      addUnindexed();
    if (spec.sums)
      addPerBlock(shape, partDivisor);
  }

  const ComponentSpec &getCurrent() const { return components[next]; }

  /// A layout of the current component, without loops.
  ComponentLayout makeLayout(ArrayRef<int64_t> shape,
                             ArrayRef<int64_t> divisor) {
    ComponentLayout layout;
    layout.name = getCurrent().name;
    layout.source = next;
    layout.width = getCurrent().number.getBits();
    layout.type = getCurrent().type;
    layout.shape.assign(shape.begin(), shape.end());
    layout.divisor.assign(divisor.begin(), divisor.end());
    return layout;
  }

  /// The canonical form of the current component.
  void addCanonical(ArrayRef<int64_t> shape, ArrayRef<int64_t> divisor) {
    ComponentLayout layout = makeLayout(shape, divisor);
    layout.alignedRows = true;
    for (auto [dim, size] : llvm::enumerate(getCurrent().logicalShape))
      layout.loops.push_back({unsigned(dim), divisor[dim], size});
    layouts.push_back(std::move(layout));
    ++next;
  }

  void addUnindexed() {
    SmallVector<int64_t> shape = getCurrent().logicalShape;
    SmallVector<int64_t> ones(shape.size(), 1);
    addCanonical(shape, ones);
  }

  /// The tensor's own codes or floats.
  void addCodes(ArrayRef<int64_t> shape) {
    SmallVector<int64_t> ones(shape.size(), 1);
    if (!order)
      return addCanonical(shape, ones);
    NumberType number = getCurrent().number;
    if (number.getBits() <= 8) {
      unsigned shift = 0;
      for (unsigned width : {8u, 4u, 2u, 1u}) {
        if (!(number.getBits() & width))
          continue;
        addPlane(shape, ones, width, shift);
        shift += width;
      }
    } else {
      ComponentLayout layout = makeLayout(shape, ones);
      order->addFloatLoops(layout);
      layouts.push_back(std::move(layout));
    }
    ++next;
  }

  void addPlane(ArrayRef<int64_t> shape, ArrayRef<int64_t> ones, unsigned width,
                unsigned shift) {
    ComponentLayout layout = makeLayout(shape, ones);
    layout.name += "." + std::to_string(width);
    layout.shift = shift;
    layout.width = width;
    layout.bias = getBias();
    order->addCodeLoops(layout);
    layouts.push_back(std::move(layout));
  }

  /// A part with one value per block.
  void addPerBlock(ArrayRef<int64_t> shape, ArrayRef<int64_t> divisor) {
    if (!order)
      return addCanonical(shape, divisor);
    ComponentLayout layout = makeLayout(shape, divisor);
    if (layout.width < 8)
      layout.width = 8;
    layout.bias = getBias();
    order->addBlockLoops(layout);
    layouts.push_back(std::move(layout));
    ++next;
  }

  /// Signed codes are stored unsigned.
  int64_t getBias() const {
    NumberType number = getCurrent().number;
    bool biased =
        number.isInteger() && number.isSigned() && number.getBits() <= 8;
    return biased ? -number.getMin() : 0;
  }

  SmallVector<ComponentSpec> components;
  const ElementOrder *order;
  unsigned next = 0;
};
} // namespace

static bool hasBlockStructure(const EncodingSpec &spec) {
  return spec.kind == Kind::Block || spec.kind == Kind::Split ||
         (spec.values.isEncoding() &&
          hasBlockStructure(spec.values.getEncoding()));
}

/// Whether a tensor of `shape` consists of whole blocks of `part`, whose number
/// does not depend on the tensor's size, at each level of nesting.
static bool hasWholeBlocks(const Part &part, ArrayRef<int64_t> shape) {
  if (!part.isEncoding())
    return true;
  const EncodingSpec &spec = part.getEncoding();
  if (!spec.isNumberFormat())
    return false;
  if (spec.block.empty())
    return true;
  SmallVector<int64_t> grid;
  for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(shape, spec.block))) {
    auto [size, block] = pair;
    // All columns of a block may share a scale, but not all blocks.
    bool isAll = block < 0 && i == 1;
    if (!isAll && (block <= 0 || size % block != 0))
      return false;
    grid.push_back(isAll ? 1 : size / block);
  }
  return hasWholeBlocks(spec.scale, grid) && hasWholeBlocks(spec.zero, grid) &&
         hasWholeBlocks(spec.min, grid);
}

bool mlir::compress::isPanelBlock(const EncodingSpec &spec, unsigned rank,
                                  const PanelLayout &panel) {
  return spec.kind == Kind::Block && rank >= 2 && panel.rowDim + 2 == rank &&
         panel.reductionDim + 1 == rank && spec.block[0] % panel.rows == 0 &&
         spec.block[1] % 32 == 0 && hasWholeBlocks(spec.values, spec.block);
}

bool mlir::compress::isPanelCompatible(const EncodingSpec &spec,
                                       ArrayRef<int64_t> shape,
                                       const PanelLayout &panel) {
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return false;
  if (isPanelBlock(spec, shape.size(), panel))
    return true;
  return panel.rows >= 1 && panel.rowDim < shape.size() &&
         panel.reductionDim < shape.size() &&
         panel.rowDim != panel.reductionDim && !hasBlockStructure(spec);
}

SmallVector<ComponentLayout>
mlir::compress::getPanelLayouts(const EncodingSpec &spec,
                                ArrayRef<int64_t> shape,
                                const PanelLayout &panel) {
  assert(isPanelCompatible(spec, shape, panel) && "ask isPanelCompatible");
  // The values of block compressed rows are a matrix.
  PanelLayout ofValues = panel;
  if (spec.kind == Kind::Block)
    ofValues = {panel.rows, /*rowDim=*/0, /*reductionDim=*/1};
  PanelOrder order(ofValues);
  LayoutBuilder builder(spec, shape, &order);
  builder.addEncoding(spec, shape);
  return std::move(builder.layouts);
}

int64_t mlir::compress::getCacheGroup(const EncodingSpec &spec) {
  return spec.block.size() == 2 ? spec.block[0] : 1;
}

llvm::Error mlir::compress::verifyCacheEncoding(const EncodingSpec &spec,
                                                int64_t headDim,
                                                CacheSide side) {
  if (!spec.isNumberFormat())
    return makeError("caches hold number formats, no structures");
  int64_t group = getCacheGroup(spec);
  if (group == 1)
    return verify(spec, {kCacheBlock, headDim});
  if (side == CacheSide::Values)
    return makeError("values are encoded token by token; blocks begin with 1, "
                     "not " +
                     llvm::Twine(group));
  if (group < 1 || group % kCacheBlock != 0 || group > kMaxCacheGroup)
    return makeError("blocks of keys have 1 position, or a multiple of " +
                     llvm::Twine(kCacheBlock) + " up to " +
                     llvm::Twine(kMaxCacheGroup) + ", not " +
                     llvm::Twine(group));
  int64_t columns = spec.block[1];
  if (columns > 0 && headDim % columns != 0)
    return makeError("blocks of several positions have a number of columns "
                     "that divides a head's " +
                     llvm::Twine(headDim) + ", not " + llvm::Twine(columns));
  return verify(spec, {group, headDim});
}

int64_t mlir::compress::getRecentPositions(int64_t group) {
  return group == 1 ? 0 : 4 * group;
}

EncodingSpec mlir::compress::getRecentSpec() {
  EncodingSpec spec;
  spec.kind = Kind::Float;
  spec.code = NumberType::getF16();
  return spec;
}

/// The positions of a block of a cache.
static int64_t getBlockPositions(const EncodingSpec &spec) {
  return std::max(kCacheBlock, getCacheGroup(spec));
}

SmallVector<ComponentLayout>
mlir::compress::getCacheLayouts(const EncodingSpec &spec, int64_t headDim,
                                CacheSide side) {
  assert(spec.isNumberFormat() && "caches hold numbers");
  CacheOrder order(side);
  int64_t shape[] = {getBlockPositions(spec), headDim};
  LayoutBuilder builder(spec, shape, &order);
  builder.addEncoding(spec, shape);
  return std::move(builder.layouts);
}

CacheBlockLayout mlir::compress::getCacheBlockLayout(const EncodingSpec &spec,
                                                     int64_t headDim,
                                                     CacheSide side) {
  CacheBlockLayout block;
  block.positions = getBlockPositions(spec);
  block.components = getCacheLayouts(spec, headDim, side);
  for (const ComponentLayout &component : block.components) {
    block.offsets.push_back(llvm::alignTo(block.bytes, 16));
    block.bytes = block.offsets.back() + component.getBytes();
  }
  block.bytes = llvm::alignTo(block.bytes, 64);
  return block;
}

SmallVector<ComponentLayout>
mlir::compress::getCanonicalLayouts(const EncodingSpec &spec,
                                    ArrayRef<int64_t> shape) {
  LayoutBuilder builder(spec, shape, nullptr);
  builder.addEncoding(spec, shape);
  return std::move(builder.layouts);
}
