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
/// Walks an encoding in the order of its components and lays out each.
class LayoutBuilder {
public:
  LayoutBuilder(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                const PanelLayout *panel)
      : components(getComponents(spec, shape)), panel(panel) {}

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
    if (!panel)
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
      addPanelLoops(layout);
      unsigned red = panel->reductionDim;
      layout.loops.push_back({red, 1, shape[red]});
      layout.loops.push_back({panel->rowDim, 1, panel->rows});
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
    addPanelLoops(layout);
    unsigned red = panel->reductionDim;
    int64_t groups = 8 / width, chunk = 4 * groups;
    layout.loops.push_back(
        {red, 32, int64_t(llvm::divideCeil(shape[red], 32))});
    layout.loops.push_back({red, chunk, 32 / chunk});
    layout.loops.push_back({panel->rowDim, 1, panel->rows});
    layout.loops.push_back({red, 1, 4});
    layout.loops.push_back({red, 4, groups});
    layouts.push_back(std::move(layout));
  }

  /// A part with one value per block.
  void addPerBlock(ArrayRef<int64_t> shape, ArrayRef<int64_t> divisor) {
    if (!panel)
      return addCanonical(shape, divisor);
    ComponentLayout layout = makeLayout(shape, divisor);
    if (layout.width < 8)
      layout.width = 8;
    layout.bias = getBias();
    addPanelLoops(layout);
    unsigned red = panel->reductionDim, row = panel->rowDim;
    layout.loops.push_back(
        {red, divisor[red],
         int64_t(llvm::divideCeil(shape[red], divisor[red]))});
    bool onePerPanel =
        divisor[row] % panel->rows == 0 || divisor[row] >= shape[row];
    if (!onePerPanel)
      layout.loops.push_back({row, 1, panel->rows});
    layouts.push_back(std::move(layout));
    ++next;
  }

  /// [batch...][row / rows].
  void addPanelLoops(ComponentLayout &layout) {
    for (unsigned dim = 0; dim < layout.shape.size(); ++dim)
      if (dim != panel->rowDim && dim != panel->reductionDim)
        layout.loops.push_back({dim, layout.divisor[dim],
                                int64_t(llvm::divideCeil(
                                    layout.shape[dim], layout.divisor[dim]))});
    layout.loops.push_back(
        {panel->rowDim, panel->rows,
         int64_t(llvm::divideCeil(layout.shape[panel->rowDim], panel->rows))});
  }

  /// Signed codes are stored unsigned.
  int64_t getBias() const {
    NumberType number = getCurrent().number;
    bool biased =
        number.isInteger() && number.isSigned() && number.getBits() <= 8;
    return biased ? -number.getMin() : 0;
  }

  SmallVector<ComponentSpec> components;
  const PanelLayout *panel;
  unsigned next = 0;
};
} // namespace

static bool hasBlockStructure(const EncodingSpec &spec) {
  return spec.kind == Kind::Block ||
         (spec.values.isEncoding() &&
          hasBlockStructure(spec.values.getEncoding()));
}

bool mlir::compress::isPanelCompatible(const EncodingSpec &spec,
                                       ArrayRef<int64_t> shape,
                                       const PanelLayout &panel) {
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return false;
  return panel.rows >= 1 && panel.rowDim < shape.size() &&
         panel.reductionDim < shape.size() &&
         panel.rowDim != panel.reductionDim && !hasBlockStructure(spec);
}

SmallVector<ComponentLayout>
mlir::compress::getPanelLayouts(const EncodingSpec &spec,
                                ArrayRef<int64_t> shape,
                                const PanelLayout &panel) {
  assert(isPanelCompatible(spec, shape, panel) && "ask isPanelCompatible");
  LayoutBuilder builder(spec, shape, &panel);
  builder.addEncoding(spec, shape);
  return std::move(builder.layouts);
}

SmallVector<ComponentLayout>
mlir::compress::getCanonicalLayouts(const EncodingSpec &spec,
                                    ArrayRef<int64_t> shape) {
  LayoutBuilder builder(spec, shape, nullptr);
  builder.addEncoding(spec, shape);
  return std::move(builder.layouts);
}
