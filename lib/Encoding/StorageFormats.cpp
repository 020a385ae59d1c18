//===- StorageFormats.cpp - Moving the bits of block types ------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/StorageFormats.h"

#include "Numbers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir::compress;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;
using llvm::MutableArrayRef;

const StorageFormat *mlir::compress::findStorageFormat(uint32_t ggmlType) {
  for (const StorageFormat &format : getStorageFormats())
    if (format.ggmlType == ggmlType)
      return &format;
  return nullptr;
}

const StorageFormat *mlir::compress::findStorageFormat(llvm::StringRef name) {
  for (const StorageFormat &format : getStorageFormats())
    if (format.name == name)
      return &format;
  return nullptr;
}

static Part withRank(const Part &part, unsigned rank);

/// Puts ones before the block sizes, at every level.
static EncodingSpec withRank(EncodingSpec spec, unsigned rank) {
  if (!spec.block.empty()) {
    int64_t last = spec.block.back();
    spec.block.assign(rank, 1);
    spec.block.back() = last;
  }
  spec.scale = withRank(spec.scale, rank);
  spec.min = withRank(spec.min, rank);
  return spec;
}

static Part withRank(const Part &part, unsigned rank) {
  return part.isEncoding() ? Part(withRank(part.getEncoding(), rank)) : part;
}

EncodingSpec StorageFormat::getEncoding(unsigned rank) const {
  return withRank(matrixEncoding, rank);
}

Expected<int64_t> StorageFormat::getBytes(ArrayRef<int64_t> shape) const {
  if (shape.empty())
    return makeError("a tensor of type " + name + " has no dimensions");
  if (Error error = checkStatic(shape))
    return error;
  if (shape.back() % valuesPerBlock != 0)
    return makeError(
        "type " + name + " has blocks of " + llvm::Twine(valuesPerBlock) +
        " values, which do not divide rows of " + llvm::Twine(shape.back()));
  int64_t bytes = shape.back() / valuesPerBlock;
  bool overflow = llvm::MulOverflow<int64_t>(bytes, bytesPerBlock, bytes);
  for (int64_t size : shape.drop_back())
    overflow |= bool(llvm::MulOverflow(bytes, size, bytes));
  if (overflow)
    return makeError("a tensor of shape " + strShape(shape) +
                     " is larger than memory can be");
  return bytes;
}

//===----------------------------------------------------------------------===//
// Moving bits
//===----------------------------------------------------------------------===//

namespace {
/// Consecutive elements whose bits are the same distance apart.
struct BitRun {
  unsigned firstElement, count;
  int64_t start, step;
  unsigned shift, width;
};

/// Moves the bits of one component, between a block and a row of codes that
/// take one byte each. The fields are spelled out as runs once; in most runs an
/// element's bits lie in the byte behind the last one's, and eight are moved at
/// a time.
class CodeMover {
public:
  explicit CodeMover(const BlockComponent &component)
      : flip(component.flip), radixFields(component.radixFields) {
    for (const BlockField &field : component.fields)
      for (unsigned i = 0; i < field.count; i += field.digits[0].extent)
        runs.push_back({field.firstElement + i,
                        unsigned(field.digits[0].extent), getPosition(field, i),
                        field.digits[0].step, field.shift, field.width});
  }

  void unpack(const uint8_t *block, unsigned count, uint8_t *codes) const {
    std::memset(codes, int(flip), count);
    for (const BitRun &run : runs) {
      uint64_t mask = llvm::maskTrailingOnes<uint8_t>(run.width);
      uint8_t *out = codes + run.firstElement;
      unsigned i = 0;
      if (isDense(run))
        for (; i + 8 <= run.count; i += 8) {
          uint64_t word;
          unpackRow(block + (run.start + i * run.step) / 8, run.width, 8,
                    reinterpret_cast<uint8_t *>(&word));
          store(out + i, load(out + i) ^ (word << run.shift));
        }
      if (run.step == 8)
        for (; i + 8 <= run.count; i += 8) {
          uint64_t bits = load(block + run.start / 8 + i) >> run.start % 8;
          store(out + i, load(out + i) ^ ((bits & mask * kEach) << run.shift));
        }
      for (; i < run.count; ++i) {
        int64_t bit = run.start + i * run.step;
        out[i] ^= uint8_t((block[bit / 8] >> bit % 8 & mask) << run.shift);
      }
    }
    for (const RadixField &field : radixFields)
      unpackDigits(field, block, codes);
  }

  /// The bits of `block` are zero before.
  void pack(const uint8_t *codes, uint8_t *block) const {
    for (const BitRun &run : runs) {
      uint64_t mask = llvm::maskTrailingOnes<uint8_t>(run.width);
      const uint8_t *in = codes + run.firstElement;
      unsigned i = 0;
      if (isDense(run))
        for (; i + 8 <= run.count; i += 8) {
          uint64_t word = (load(in + i) ^ flip * kEach) >> run.shift;
          packRow(reinterpret_cast<uint8_t *>(&word), run.width, 8,
                  block + (run.start + i * run.step) / 8);
        }
      if (run.step == 8)
        for (; i + 8 <= run.count; i += 8) {
          uint8_t *bytes = block + run.start / 8 + i;
          uint64_t bits = (load(in + i) ^ flip * kEach) >> run.shift;
          store(bytes, load(bytes) | ((bits & mask * kEach) << run.start % 8));
        }
      for (; i < run.count; ++i) {
        int64_t bit = run.start + i * run.step;
        block[bit / 8] |=
            uint8_t(((in[i] ^ flip) >> run.shift & mask) << bit % 8);
      }
    }
    for (const RadixField &field : radixFields)
      packDigits(field, codes, block);
  }

  /// The first of `codes` that a block can't hold.
  std::optional<unsigned> findMisfit(ArrayRef<uint8_t> codes) const {
    if (runs.empty() && radixFields.empty())
      for (unsigned i = 0; i < codes.size(); ++i)
        if (codes[i] != flip)
          return i;
    for (const RadixField &field : radixFields)
      for (unsigned i = 0; i < field.digits * field.bytes; ++i)
        if ((codes[field.firstElement + i] ^ flip) >= field.radix)
          return field.firstElement + i;
    return std::nullopt;
  }

private:
  static constexpr uint64_t kEach = 0x0101010101010101;

  void unpackDigits(const RadixField &field, const uint8_t *block,
                    uint8_t *codes) const {
    for (unsigned byte = 0; byte < field.bytes; ++byte) {
      unsigned fraction = block[field.firstByte + byte];
      uint8_t *out = codes + field.firstElement + byte;
      for (unsigned i = 0; i < field.digits; ++i, out += field.bytes) {
        unsigned product = fraction * field.radix;
        *out ^= uint8_t(product >> 8);
        fraction = product & 0xFF;
      }
    }
  }

  void packDigits(const RadixField &field, const uint8_t *codes,
                  uint8_t *block) const {
    for (unsigned byte = 0; byte < field.bytes; ++byte) {
      // As many digits as there are numbers for in a byte.
      unsigned number = 0, numbers = 1;
      const uint8_t *in = codes + field.firstElement + byte;
      for (unsigned i = 0; numbers * field.radix <= 256; ++i) {
        unsigned digit = i < field.digits ? in[i * field.bytes] ^ flip : 0;
        number = number * field.radix + digit;
        numbers *= field.radix;
      }
      block[field.firstByte + byte] =
          uint8_t(llvm::divideCeil(number * 256, numbers));
    }
  }

  static uint64_t load(const uint8_t *bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof(word));
    return word;
  }
  static void store(uint8_t *bytes, uint64_t word) {
    std::memcpy(bytes, &word, sizeof(word));
  }

  /// Whether the run is a packed row of its own bytes.
  static bool isDense(const BitRun &run) {
    return run.step == run.width && run.width < 8 && run.start % 8 == 0;
  }

  static int64_t getPosition(const BlockField &field, unsigned element) {
    int64_t position = field.start;
    for (const BlockField::Digit &digit : field.digits) {
      position += element % digit.extent * digit.step;
      element /= digit.extent;
    }
    assert(element == 0 && "the digits' extents multiply to the count");
    assert(position % 8 + field.width <= 8 && "codes lie in one byte each");
    return position;
  }

  std::vector<BitRun> runs;
  unsigned flip;
  ArrayRef<RadixField> radixFields;
};

/// Moves one component of a tensor, row by row. Codes of up to 8 bits are
/// packed densely in the component; wider elements are whole bytes.
class ComponentMover {
public:
  ComponentMover(const StorageFormat &format, const BlockComponent &block,
                 const ComponentSpec &spec)
      : format(format), block(block), name(spec.name),
        bits(spec.number.getBits()), columns(spec.logicalShape.back()),
        rows(getNumRows(spec.logicalShape)),
        blocksPerRow(columns / block.elementsPerBlock),
        rowBytes(getRowBytes(columns, bits)) {}

  void unpack(const uint8_t *blocks, MutableArrayRef<uint8_t> bytes) const {
    if (bits > 8)
      return unpackWide(blocks, bytes);
    CodeMover mover(block);
    std::vector<uint8_t> codes(columns);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t i = 0; i < blocksPerRow; ++i, blocks += format.bytesPerBlock)
        mover.unpack(blocks, block.elementsPerBlock,
                     codes.data() + i * block.elementsPerBlock);
      packRow(codes.data(), bits, columns, bytes.data() + row * rowBytes);
    }
  }

  Error pack(ArrayRef<uint8_t> bytes, uint8_t *blocks) const {
    if (bits > 8) {
      packWide(bytes, blocks);
      return Error::success();
    }
    CodeMover mover(block);
    std::vector<uint8_t> codes(columns);
    for (int64_t row = 0; row < rows; ++row) {
      unpackRow(bytes.data() + row * rowBytes, bits, columns, codes.data());
      for (int64_t i = 0; i < blocksPerRow;
           ++i, blocks += format.bytesPerBlock) {
        auto inBlock = ArrayRef(codes).slice(i * block.elementsPerBlock,
                                             block.elementsPerBlock);
        if (std::optional<unsigned> misfit = mover.findMisfit(inBlock))
          return makeError("type " + format.name + " can't hold code " +
                           llvm::Twine(unsigned(inBlock[*misfit])) +
                           " of component `" + name + "`, row " +
                           llvm::Twine(row) + ", column " +
                           llvm::Twine(i * block.elementsPerBlock + *misfit));
        mover.pack(inBlock.data(), blocks);
      }
    }
    return Error::success();
  }

private:
  /// Wide elements: one whole, byte-aligned element per block.
  const BlockField &getWideField() const {
    const BlockField &field = block.fields.front();
    assert(block.elementsPerBlock == 1 && block.fields.size() == 1 &&
           field.width == bits && field.start % 8 == 0 &&
           "elements wider than a byte are whole");
    return field;
  }

  void unpackWide(const uint8_t *blocks, MutableArrayRef<uint8_t> bytes) const {
    const uint8_t *from = blocks + getWideField().start / 8;
    uint8_t *to = bytes.data();
    if (isPlain())
      return void(std::memcpy(to, from, bytes.size()));
    for (int64_t i = 0, e = rows * columns; i < e; ++i) {
      copyWide(from, to);
      from += format.bytesPerBlock;
      to += bits / 8;
    }
  }

  void packWide(ArrayRef<uint8_t> bytes, uint8_t *blocks) const {
    const uint8_t *from = bytes.data();
    uint8_t *to = blocks + getWideField().start / 8;
    if (isPlain())
      return void(std::memcpy(to, from, bytes.size()));
    for (int64_t i = 0, e = rows * columns; i < e; ++i) {
      copyWide(from, to);
      from += bits / 8;
      to += format.bytesPerBlock;
    }
  }

  /// Whether the blocks are nothing but the elements.
  bool isPlain() const {
    return format.bytesPerBlock == bits / 8 && block.flip == 0;
  }

  void copyWide(const uint8_t *from, uint8_t *to) const {
    uint32_t element = 0;
    std::memcpy(&element, from, bits / 8);
    element ^= block.flip;
    std::memcpy(to, &element, bits / 8);
  }

  const StorageFormat &format;
  const BlockComponent &block;
  llvm::StringRef name;
  unsigned bits;
  int64_t columns, rows, blocksPerRow, rowBytes;
};
} // namespace

Expected<llvm::SmallVector<ComponentData>>
mlir::compress::unpackBlocks(const StorageFormat &format,
                             ArrayRef<int64_t> shape,
                             ArrayRef<uint8_t> blocks) {
  Expected<int64_t> bytes = format.getBytes(shape);
  if (!bytes)
    return bytes.takeError();
  if (*bytes != int64_t(blocks.size()))
    return makeError("a tensor of shape " + strShape(shape) + " and type " +
                     format.name + " has " + llvm::Twine(*bytes) +
                     " bytes, but " + llvm::Twine(blocks.size()) +
                     " are there");
  auto specs = getComponents(format.getEncoding(shape.size()), shape);
  llvm::SmallVector<ComponentData> components(specs.size());
  for (const BlockComponent &component : format.components) {
    const ComponentSpec &spec = specs[component.component];
    ComponentData &data = components[component.component];
    data.resize(spec.getBytes());
    if (!blocks.empty())
      ComponentMover(format, component, spec).unpack(blocks.data(), data);
  }
  return components;
}

Expected<std::vector<uint8_t>>
mlir::compress::packBlocks(const StorageFormat &format, ArrayRef<int64_t> shape,
                           ArrayRef<ArrayRef<uint8_t>> components) {
  Expected<int64_t> bytes = format.getBytes(shape);
  if (!bytes)
    return bytes.takeError();
  auto specs = getComponents(format.getEncoding(shape.size()), shape);
  if (specs.size() != components.size())
    return makeError("type " + format.name + " has " +
                     llvm::Twine(specs.size()) + " components, " +
                     llvm::Twine(components.size()) + " were given");
  for (auto [spec, data] : llvm::zip_equal(specs, components))
    if (spec.getBytes() != int64_t(data.size()))
      return makeError("component `" + spec.name + "` of a tensor of shape " +
                       strShape(shape) + " and type " + format.name + " has " +
                       llvm::Twine(spec.getBytes()) + " bytes, but " +
                       llvm::Twine(data.size()) + " are there");
  std::vector<uint8_t> blocks(*bytes, 0);
  if (blocks.empty())
    return blocks;
  for (const BlockComponent &component : format.components)
    if (Error error =
            ComponentMover(format, component, specs[component.component])
                .pack(components[component.component], blocks.data()))
      return std::move(error);
  return blocks;
}

Expected<std::vector<uint8_t>>
mlir::compress::encodeBlocks(const StorageFormat &format,
                             ArrayRef<int64_t> shape, ArrayRef<float> values,
                             const EncodeInputs &inputs) {
  if (Expected<int64_t> bytes = format.getBytes(shape); !bytes)
    return bytes.takeError();
  Expected<llvm::SmallVector<ComponentData>> components =
      encode(format.getEncoding(shape.size()), shape, values, inputs);
  if (!components)
    return components.takeError();
  llvm::SmallVector<ArrayRef<uint8_t>> views(components->begin(),
                                             components->end());
  return packBlocks(format, shape, views);
}

Expected<std::vector<uint8_t>>
mlir::compress::encodeBlocks(const StorageFormat &format,
                             ArrayRef<int64_t> shape, ArrayRef<float> values) {
  EncodeInputs inputs;
  inputs.rounding = format.rounding;
  return encodeBlocks(format, shape, values, inputs);
}
