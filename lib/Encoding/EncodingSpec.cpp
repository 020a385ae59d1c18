//===- EncodingSpec.cpp - Encodings and their stored parts ------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/EncodingSpec.h"

#include "Numbers.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir::compress;

Part::Part(EncodingSpec encoding)
    : encoding(std::make_shared<const EncodingSpec>(std::move(encoding))) {}

bool Part::operator==(const Part &other) const {
  if (isEncoding() && other.isEncoding())
    return *encoding == *other.encoding;
  return isEncoding() == other.isEncoding() && number == other.number;
}

bool EncodingSpec::operator==(const EncodingSpec &other) const {
  return kind == other.kind && code == other.code && block == other.block &&
         scale == other.scale && zero == other.zero && min == other.min &&
         narrow == other.narrow && sums == other.sums && table == other.table &&
         tableName == other.tableName && n == other.n && m == other.m &&
         values == other.values && outliers == other.outliers;
}

llvm::SmallVector<int64_t>
mlir::compress::getBlockGrid(llvm::ArrayRef<int64_t> block,
                             llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> grid;
  for (auto [size, extent] : llvm::zip_equal(block, shape)) {
    if (size == -1)
      grid.push_back(1); // Also over a dimension of size 0 or not yet known.
    else
      grid.push_back(extent < 0 ? -1 : llvm::divideCeil(extent, size));
  }
  return grid;
}

int64_t ComponentSpec::getBytes() const {
  int64_t bytes = type.getBits() / 8;
  for (int64_t size : shape) {
    if (size < 0)
      return -1;
    bytes *= size;
  }
  return bytes;
}

//===----------------------------------------------------------------------===//
// Components
//===----------------------------------------------------------------------===//

unsigned mlir::compress::getNumComponents(const Part &part) {
  if (part.isEncoding())
    return getNumComponents(part.getEncoding());
  return part.isNumber() ? 1 : 0;
}

unsigned mlir::compress::getNumComponents(const EncodingSpec &spec) {
  switch (spec.kind) {
  case EncodingSpec::Kind::NM:
  case EncodingSpec::Kind::Permuted:
    return 1 + getNumComponents(spec.values);
  case EncodingSpec::Kind::Block:
    return 2 + getNumComponents(spec.values);
  case EncodingSpec::Kind::Split:
    return getNumComponents(spec.values) + getNumComponents(spec.outliers);
  default:
    return 1 + getNumComponents(spec.scale) + getNumComponents(spec.zero) +
           getNumComponents(spec.min) + unsigned(hasStoredTable(spec)) +
           unsigned(spec.sums);
  }
}

static ComponentSpec makeComponent(const llvm::Twine &name, NumberType number,
                                   llvm::ArrayRef<int64_t> shape) {
  ComponentSpec component;
  component.name = name.str();
  component.number = number;
  component.logicalShape.assign(shape.begin(), shape.end());
  component.shape = component.logicalShape;
  component.type = number;
  unsigned bits = number.getBits();
  if (bits <= 8)
    component.type = NumberType::getUnsigned(8);
  if (bits < 8 && component.shape.back() >= 0)
    component.shape.back() = getRowBytes(component.shape.back(), bits);
  return component;
}

namespace {
/// Collects the components of a tree, with the dotted path to the current node.
class ComponentLister {
public:
  llvm::SmallVector<ComponentSpec> components;

  void listEncoding(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                    const std::string &prefix) {
    switch (spec.kind) {
    case EncodingSpec::Kind::NM: {
      auto valuesShape = getValuesShape(spec, shape);
      listPart(spec.values, valuesShape, prefix + "values");
      add(prefix + "index", getIndexType(spec), valuesShape);
      return;
    }
    case EncodingSpec::Kind::Block: {
      int64_t blockRows = getNumBlockRows(spec, shape);
      auto i32 = NumberType::getSigned(32);
      add(prefix + "offset", i32, {blockRows < 0 ? -1 : blockRows + 1});
      add(prefix + "column", i32, {-1});
      listPart(spec.values, getValuesShape(spec, shape), prefix + "values");
      return;
    }
    case EncodingSpec::Kind::Permuted:
      add(prefix + "order", NumberType::getSigned(32), {shape.back()});
      listPart(spec.values, shape, prefix + "values");
      return;
    case EncodingSpec::Kind::Split:
      listPart(spec.values, shape, prefix + "base");
      listPart(spec.outliers, shape, prefix + "outliers");
      return;
    default:
      return listNumberFormat(spec, shape, prefix);
    }
  }

private:
  void listNumberFormat(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                        const std::string &prefix) {
    add(prefix + "codes", spec.code, shape);
    llvm::SmallVector<int64_t> grid;
    if (!spec.block.empty())
      grid = getBlockGrid(spec.block, shape);
    listPart(spec.scale, grid, prefix + "scale");
    listPart(spec.zero, grid, prefix + "zero");
    listPart(spec.min, grid, prefix + "min");
    if (hasStoredTable(spec))
      add(prefix + "table", NumberType::getF32(),
          {int64_t(1) << spec.code.getBits()});
    if (spec.sums)
      add(prefix + "sums", NumberType::getSigned(32), grid);
  }

  void listPart(const Part &part, llvm::ArrayRef<int64_t> shape,
                const std::string &name) {
    if (part.isEncoding())
      listEncoding(part.getEncoding(), shape, name + ".");
    else if (part.isNumber())
      add(name, part.getNumber(), shape);
  }

  void add(const llvm::Twine &name, NumberType number,
           llvm::ArrayRef<int64_t> shape) {
    components.push_back(makeComponent(name, number, shape));
  }
};
} // namespace

llvm::SmallVector<ComponentSpec>
mlir::compress::getComponents(const EncodingSpec &spec,
                              llvm::ArrayRef<int64_t> shape) {
  ComponentLister lister;
  lister.listEncoding(spec, shape, "");
  return std::move(lister.components);
}

//===----------------------------------------------------------------------===//
// Structures
//===----------------------------------------------------------------------===//

Part mlir::compress::makeOutlierRows(Part values) {
  if (!values.isNumber())
    return values;
  EncodingSpec rows;
  rows.kind = EncodingSpec::Kind::Block;
  rows.block = {1, 1};
  rows.values = std::move(values);
  return rows;
}

bool mlir::compress::hasStoredTable(const EncodingSpec &spec) {
  return spec.kind == EncodingSpec::Kind::Codebook && spec.table.empty();
}

NumberType mlir::compress::getIndexType(const EncodingSpec &spec) {
  return NumberType::getUnsigned(std::max(1u, llvm::Log2_64_Ceil(spec.m)));
}

int64_t mlir::compress::getNumBlockRows(const EncodingSpec &spec,
                                        llvm::ArrayRef<int64_t> shape) {
  if (llvm::is_contained(shape.drop_back(), -1))
    return -1;
  int64_t rows = shape[shape.size() - 2];
  return getNumElements(shape.drop_back(2)) *
         llvm::divideCeil(rows, spec.block[0]);
}

llvm::SmallVector<int64_t>
mlir::compress::getValuesShape(const EncodingSpec &spec,
                               llvm::ArrayRef<int64_t> shape) {
  if (spec.kind == EncodingSpec::Kind::Block)
    return {-1, spec.block[1]};
  llvm::SmallVector<int64_t> values(shape);
  if (spec.kind == EncodingSpec::Kind::NM && values.back() >= 0)
    values.back() = llvm::divideCeil(values.back(), spec.m) * spec.n;
  return values;
}
