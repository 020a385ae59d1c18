//===- LayoutTest.cpp - Tests of layouts ------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include "compress/Encoding/Layout.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// Random bytes for every component of an encoding; layouts move bits without
/// knowing what they mean.
Components makeComponents(llvm::ArrayRef<ComponentSpec> specs, unsigned seed) {
  std::mt19937 random(seed);
  Components components;
  for (const ComponentSpec &spec : specs) {
    ComponentData data(spec.getBytes());
    for (uint8_t &byte : data)
      byte = uint8_t(random());
    components.push_back(std::move(data));
  }
  return components;
}

uint64_t readBits(llvm::ArrayRef<uint8_t> bytes, int64_t first, unsigned bits) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bits; ++i)
    value |= uint64_t(bytes[(first + i) / 8] >> ((first + i) % 8) & 1) << i;
  return value;
}

/// The bits of the canonical component that a layout stores for an index.
uint64_t getExpected(const ComponentSpec &spec, const ComponentLayout &layout,
                     llvm::ArrayRef<uint8_t> source,
                     llvm::ArrayRef<int64_t> index) {
  unsigned bits = spec.number.getBits();
  int64_t row = 0;
  for (size_t dim = 0; dim + 1 < index.size(); ++dim)
    row = row * spec.logicalShape[dim] + index[dim] / layout.divisor[dim];
  int64_t first = row * ((spec.logicalShape.back() * bits + 7) / 8) * 8 +
                  index.back() / layout.divisor.back() * bits;
  uint64_t code = readBits(source, first, bits) + uint64_t(layout.bias);
  code &= (uint64_t(1) << bits) - 1;
  return code >> layout.shift & ((uint64_t(1) << layout.width) - 1);
}

/// Checks each element of the tensor, and that all else is zero.
void checkLayout(const ComponentSpec &spec, const ComponentLayout &open,
                 llvm::ArrayRef<uint8_t> source) {
  ComponentLayout layout = open.getStored(spec, source.size());
  std::vector<uint8_t> result(layout.getBytes(), 0xEE);
  applyLayout(spec, open, source, result);
  std::vector<bool> used(result.size() * 8, false);
  Shape index(layout.shape.size(), 0);
  int64_t elements = count(layout.shape);
  for (int64_t i = 0; i < elements; ++i) {
    for (int64_t dim = int64_t(index.size()) - 1, rest = i; dim >= 0; --dim) {
      index[dim] = rest % layout.shape[dim];
      rest /= layout.shape[dim];
    }
    int64_t bit = layout.getBit(layout.getPosition(index));
    ASSERT_LE(bit + layout.width, int64_t(result.size()) * 8);
    ASSERT_EQ(readBits(result, bit, layout.width),
              getExpected(spec, layout, source, index))
        << layout.name << " element " << i;
    std::fill_n(used.begin() + bit, layout.width, true);
  }
  for (size_t bit = 0; bit < used.size(); ++bit)
    if (!used[bit] && !layout.alignedRows)
      ASSERT_EQ(readBits(result, bit, 1), 0u) << layout.name << " bit " << bit;
}

const char *const kSpecs2D[] = {
    "affine<i4, block = [1, 32], scale = f16>",
    "affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, 8], scale = "
    "f16>, min = affine<ui6, block = [1, 8], scale = f16>>",
    "affine<i6, block = [1, 16], scale = affine<i8, block = [1, 16], scale = "
    "f16>>",
    "affine<i8, block = [1, -1], scale = f32, zero = i8, sums>",
    "affine<i1, block = [-1, -1], scale = f32>",
    "affine<i2, block = [32, 32], scale = bf16>",
    "affine<ui3, block = [24, 8], scale = f16, zero = ui4>",
    "affine<i5, block = [4, 16], scale = f16>",
    "affine<ui7, block = [48, 1], scale = f16, min = bf16>",
    "float<f8E4M3FN, block = [128, 128], scale = f32>",
    "float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>",
    "float<f16>",
    "float<bf16>",
    "float<f32>",
    "codebook<nf4, block = [1, 64], scale = codebook<dynamic8, block = [1, "
    "256], scale = f32, min = f32>>",
    "codebook<ui2, block = [1, 8], scale = f16>",
    "nm<2 : 4, values = affine<i8, block = [1, -1], scale = f32>>",
    "nm<3 : 8, values = affine<i4, block = [1, 32], scale = f16>>",
    "nm<1 : 2, values = f16>",
    "permuted<values = affine<i4, block = [1, 32], scale = f16>>",
    "permuted<values = nm<2 : 4, values = bf16>>",
};

void checkAll(llvm::StringRef text, llvm::ArrayRef<int64_t> shape,
              const PanelLayout &panel) {
  SCOPED_TRACE(text.str() + " rows " + std::to_string(panel.rows) + " dim " +
               std::to_string(panel.rowDim));
  EncodingSpec spec = parse(text);
  ASSERT_EQ(message(verify(spec, shape)), "");
  ASSERT_TRUE(isPanelCompatible(spec, shape, panel));
  auto specs = getComponents(spec, shape);
  Components components = makeComponents(specs, unsigned(count(shape)));
  llvm::SmallVector<unsigned> widths(specs.size(), 0);
  for (const ComponentLayout &layout : getPanelLayouts(spec, shape, panel)) {
    checkLayout(specs[layout.source], layout, components[layout.source]);
    widths[layout.source] += layout.width;
  }
  // The planes of a code hold all of its bits.
  for (auto [width, component] : llvm::zip_equal(widths, specs))
    EXPECT_GE(width, component.number.getBits()) << component.name;
  auto canonical = getCanonicalLayouts(spec, shape);
  ASSERT_EQ(canonical.size(), specs.size());
  for (const ComponentLayout &layout : canonical) {
    EXPECT_EQ(layout.getBytes(), specs[layout.source].getBytes());
    checkLayout(specs[layout.source], layout, components[layout.source]);
  }
}

TEST(Layout, PanelsOfMatrices) {
  const Shape shapes[] = {{16, 32}, {48, 96}, {17, 33}, {5, 70}, {40, 8}};
  for (const char *text : kSpecs2D)
    for (const Shape &shape : shapes)
      for (int64_t rows : {16, 8, 6}) {
        checkAll(text, shape, {rows, 0, 1});
        checkAll(text, shape, {rows, 1, 0});
      }
}

TEST(Layout, LargeEnoughForManyTiles) {
  for (const char *text : kSpecs2D)
    checkAll(text, {72, 320}, {16, 0, 1});
  checkAll(kSpecs2D[0], {321, 72}, {16, 1, 0});
}

TEST(Layout, BatchesOfMatrices) {
  for (const char *text :
       {"affine<i4, block = [1, 1, 32], scale = f16>",
        "affine<i6, block = [2, 4, 16], scale = affine<ui4, block = [1, 2, 2], "
        "scale = f16>>",
        "affine<i8, block = [-1, 1, -1], scale = f32, sums>", "float<f16>",
        "nm<2 : 4, values = affine<i3, block = [1, 1, 8], scale = f16>>"})
    for (Shape shape : {Shape{3, 16, 64}, Shape{2, 19, 45}, Shape{19, 3, 37}})
      for (auto [row, reduction] :
           {std::make_pair(1u, 2u), std::make_pair(2u, 1u),
            std::make_pair(0u, 2u)})
        checkAll(text, shape, {16, row, reduction});
}

TEST(Layout, BlockCompressedRows) {
  constexpr int64_t kStored = 5;
  for (const char *text :
       {"block<[16, 32], values = affine<i4, block = [1, 32], scale = f16>>",
        "block<[32, 64], values = affine<i8, block = [1, -1], scale = f32>>",
        "block<[16, 256], values = affine<ui4, block = [1, 32], scale = "
        "affine<ui6, block = [1, 8], scale = f16>, min = affine<ui6, block = "
        "[1, 8], scale = f16>>>",
        "block<[16, 32], values = affine<i5, block = [16, 16], scale = f32>>",
        "block<[32, 32], values = affine<i8, block = [8, 32], scale = f16>>",
        "block<[48, 32], values = f16>"}) {
    SCOPED_TRACE(text);
    EncodingSpec spec = parse(text);
    Shape shape = {80, 300};
    ASSERT_TRUE(isPanelCompatible(spec, shape, {16, 0, 1}));
    auto specs = getComponents(spec, shape);
    auto layouts = getPanelLayouts(spec, shape, {16, 0, 1});
    // Where which blocks are stored is told stays as it is.
    EXPECT_TRUE(layouts[0].alignedRows && layouts[1].alignedRows);
    EXPECT_LT(layouts[2].getBytes(), 0);
    std::mt19937 random(1);
    for (const ComponentLayout &layout : llvm::drop_begin(layouts, 2)) {
      const ComponentSpec &component = specs[layout.source];
      int64_t rows = kStored * spec.block[0] / layout.divisor[0];
      int64_t bits =
          component.logicalShape[1] * int64_t(component.number.getBits());
      ComponentData data(rows * ((bits + 7) / 8));
      for (uint8_t &byte : data)
        byte = uint8_t(random());
      EXPECT_EQ(layout.getStored(component, data.size()).shape,
                Shape({kStored * spec.block[0], spec.block[1]}));
      checkLayout(component, layout, data);
    }
  }
}

TEST(Layout, BlocksThatPanelsCannotHold) {
  for (const char *text :
       {"block<[8, 32], values = f16>", "block<[16, 16], values = f16>",
        "block<[16, 32], values = affine<i4, block = [1, 24], scale = f16>>",
        "block<[16, 32], values = affine<i4, block = [-1, 32], scale = f16>>",
        "block<[16, 32], values = nm<2 : 4, values = f16>>",
        "permuted<values = block<[16, 32], values = f16>>"})
    EXPECT_FALSE(isPanelCompatible(parse(text), {64, 64}, {16, 0, 1})) << text;
  EXPECT_FALSE(isPanelCompatible(parse("block<[16, 32], values = f16>"),
                                 {64, 64}, {16, 1, 0}));
}

TEST(Layout, ShapeOfPanels) {
  EncodingSpec spec = parse("affine<i6, block = [32, 32], scale = f16>");
  auto layouts = getPanelLayouts(spec, {64, 64}, {16, 0, 1});
  ASSERT_EQ(layouts.size(), 3u);
  EXPECT_EQ(layouts[0].name, "codes.4");
  EXPECT_EQ(layouts[0].shift, 0u);
  EXPECT_EQ(layouts[0].bias, 32);
  EXPECT_EQ(layouts[0].getBytes(), 64 * 64 / 2);
  EXPECT_EQ(layouts[1].name, "codes.2");
  EXPECT_EQ(layouts[1].shift, 4u);
  EXPECT_EQ(layouts[1].getBytes(), 64 * 64 / 4);
  // A block of 32 rows spans whole panels of 16: one scale per panel.
  EXPECT_EQ(layouts[2].name, "scale");
  EXPECT_EQ(layouts[2].getElements(), 4 * 2);
  // A block of 8 rows does not: one scale per row.
  spec.block = {8, 32};
  EXPECT_EQ(getPanelLayouts(spec, {64, 64}, {16, 0, 1})[2].getElements(),
            4 * 2 * 16);
}

TEST(Layout, FourBitPanelsAsDocumented) {
  // Value k of row r holds code (r + k) % 16.
  Shape shape = {16, 32};
  ComponentData codes(16 * 16);
  for (int row = 0; row < 16; ++row)
    for (int k = 0; k < 32; ++k)
      codes[row * 16 + k / 2] |= uint8_t((row + k) % 16) << (k % 2 * 4);
  EncodingSpec spec = parse("affine<ui4, block = [1, 32], scale = f16>");
  auto layout = getPanelLayouts(spec, shape, {16, 0, 1})[0];
  std::vector<uint8_t> result(layout.getBytes());
  applyLayout(getComponents(spec, shape)[0], layout, codes, result);
  for (int chunk = 0; chunk < 4; ++chunk)
    for (int byte = 0; byte < 64; ++byte) {
      int row = byte / 4, low = chunk * 8 + byte % 4, high = low + 4;
      EXPECT_EQ(result[chunk * 64 + byte],
                (row + low) % 16 | ((row + high) % 16) << 4);
    }
}

TEST(Layout, OtherLoopsThanPanels) {
  // Column-major, three-bit fields and a scale repeated across a block's edge.
  EncodingSpec spec = parse("affine<ui6, block = [3, 1], scale = f16>");
  Shape shape = {7, 5};
  auto specs = getComponents(spec, shape);
  Components components = makeComponents(specs, 1);
  ComponentLayout codes = getCanonicalLayouts(spec, shape)[0];
  codes.alignedRows = false;
  codes.loops = {{1, 1, 5}, {0, 1, 9}};
  checkLayout(specs[0], codes, components[0]);
  codes.shift = 2;
  codes.width = 3;
  checkLayout(specs[0], codes, components[0]);
  ComponentLayout scale = getCanonicalLayouts(spec, shape)[1];
  scale.alignedRows = false;
  scale.loops = {{0, 2, 4}, {1, 1, 5}, {0, 1, 2}};
  checkLayout(specs[1], scale, components[1]);
}

TEST(Layout, PanelCompatibility) {
  EncodingSpec dense = parse("float<f16>");
  EXPECT_TRUE(isPanelCompatible(dense, {4, 4}, {16, 0, 1}));
  EXPECT_FALSE(isPanelCompatible(dense, {4}, {16, 0, 1}));
  EXPECT_FALSE(isPanelCompatible(dense, {4, 4}, {16, 1, 1}));
  EXPECT_FALSE(isPanelCompatible(dense, {4, 4}, {0, 0, 1}));
  EXPECT_FALSE(isPanelCompatible(dense, {-1, 4}, {16, 0, 1}));
  EXPECT_FALSE(isPanelCompatible(parse("block<[2, 2], values = f16>"), {4, 4},
                                 {16, 0, 1}));
  EXPECT_FALSE(
      isPanelCompatible(parse("permuted<values = block<[2, 2], values = f16>>"),
                        {4, 4}, {16, 0, 1}));
}

/// Bytes that hold bits of the elements of a position.
std::vector<bool> findBytes(const ComponentLayout &layout, int64_t position) {
  std::vector<bool> bytes(layout.getBytes(), false);
  for (int64_t column = 0; column < layout.shape[1]; ++column) {
    int64_t bit = layout.getBit(layout.getPosition({position, column}));
    std::fill(bytes.begin() + bit / 8,
              bytes.begin() + (bit + layout.width + 7) / 8, true);
  }
  return bytes;
}

TEST(Layout, CachesKeepPositionsApart) {
  for (const char *text :
       {"affine<i8, block = [1, 32], scale = f16>",
        "affine<ui4, block = [1, 32], scale = f16, min = f16>",
        "affine<i3, block = [1, 6], scale = bf16>",
        "affine<i7, block = [1, -1], scale = f32, zero = i8>",
        "affine<i1, block = [1, 8], scale = f32>", "float<f16>",
        "float<f8E4M3FN, block = [1, 16], scale = f32>"})
    for (int64_t headDim : {1, 20, 64, 80, 128})
      for (CacheSide side : {CacheSide::Keys, CacheSide::Values}) {
        SCOPED_TRACE(text + std::string(" columns ") + std::to_string(headDim));
        EncodingSpec spec = parse(text);
        Shape shape = {kCacheBlock, headDim};
        auto specs = getComponents(spec, shape);
        Components components = makeComponents(specs, unsigned(headDim));
        CacheBlockLayout block = getCacheBlockLayout(spec, headDim, side);
        EXPECT_EQ(block.bytes % 64, 0);
        int64_t end = 0;
        for (auto [layout, offset] :
             llvm::zip_equal(block.components, block.offsets)) {
          EXPECT_GE(offset, end);
          end = offset + layout.getBytes();
          checkLayout(specs[layout.source], layout, components[layout.source]);
          std::vector<bool> seen(layout.getBytes(), false);
          for (int64_t position = 0; position < kCacheBlock; ++position)
            for (auto [i, isUsed] :
                 llvm::enumerate(findBytes(layout, position)))
              if (isUsed) {
                EXPECT_FALSE(seen[i]) << layout.name << " byte " << i;
                seen[i] = true;
              }
        }
        EXPECT_GE(block.bytes, end);
      }
}

TEST(Layout, CacheBlocksAsDocumented) {
  auto layout = [](const char *text, CacheSide side) {
    return getCacheLayouts(parse(text), 64, side)[0];
  };
  // Plain numbers: [column][position] and [position][column].
  EXPECT_EQ(layout("float<f16>", CacheSide::Keys).getPosition({3, 5}), 83);
  EXPECT_EQ(layout("float<f16>", CacheSide::Values).getPosition({3, 5}), 197);
  // Four bits: two columns a byte, neighbours of keys, 16 apart of values.
  const char *four = "affine<ui4, block = [1, 32], scale = f16>";
  EXPECT_EQ(layout(four, CacheSide::Keys).getPosition({3, 5}),
            2 * (32 + 3) + 1);
  EXPECT_EQ(layout(four, CacheSide::Values).getPosition({3, 21}),
            2 * (96 + 5) + 1);
  EXPECT_EQ(layout(four, CacheSide::Values).getPosition({3, 37}),
            2 * (96 + 16 + 5));
}

TEST(Layout, CacheGroups) {
  for (const char *text :
       {"affine<ui4, block = [32, 1], scale = f16, min = f16>",
        "affine<i8, block = [16, 4], scale = f32>",
        "affine<i3, block = [48, -1], scale = bf16, zero = i8>",
        "float<f16, block = [64, 2], scale = f32>"})
    for (int64_t headDim : {4, 20, 64, 128}) {
      SCOPED_TRACE(text + std::string(" columns ") + std::to_string(headDim));
      EncodingSpec spec = parse(text);
      llvm::cantFail(verifyCacheEncoding(spec, headDim, CacheSide::Keys));
      Shape shape = {getCacheGroup(spec), headDim};
      auto specs = getComponents(spec, shape);
      Components components = makeComponents(specs, unsigned(headDim));
      CacheBlockLayout block =
          getCacheBlockLayout(spec, headDim, CacheSide::Keys);
      EXPECT_EQ(block.positions, shape[0]);
      EXPECT_EQ(block.bytes % 64, 0);
      int64_t end = 0;
      for (auto [layout, offset] :
           llvm::zip_equal(block.components, block.offsets)) {
        EXPECT_GE(offset, end);
        end = offset + layout.getBytes();
        checkLayout(specs[layout.source], layout, components[layout.source]);
        // One scale for all positions, as many bytes as the encoding says.
        if (layout.source != 0)
          EXPECT_EQ(layout.getBytes(), specs[layout.source].getBytes());
      }
      EXPECT_GE(block.bytes, end);
    }
}

TEST(Layout, CacheGroupsAsDocumented) {
  EncodingSpec spec =
      parse("affine<ui4, block = [32, 1], scale = f16, min = f16>");
  EXPECT_EQ(getCacheGroup(spec), 32);
  EXPECT_EQ(getRecentPositions(32), 128);
  EXPECT_EQ(getCacheGroup(parse("float<f16>")), 1);
  EXPECT_EQ(getRecentPositions(1), 0);
  CacheBlockLayout block = getCacheBlockLayout(spec, 64, CacheSide::Keys);
  // [position / 16][column / 2][position % 16], two columns a byte.
  EXPECT_EQ(block.components[0].getPosition({19, 5}),
            2 * (32 * 16 + 2 * 16 + 3) + 1);
  EXPECT_EQ(block.components[1].getPosition({19, 5}), 5);
  // 4 bits and, for 32 numbers, 4 bytes: 5 bits.
  EXPECT_EQ(block.bytes, 32 * 64 * 5 / 8);
}

TEST(Layout, CacheEncodingsThatCantBe) {
  auto message = [](const char *text, CacheSide side) {
    llvm::Error error = verifyCacheEncoding(parse(text), 64, side);
    EXPECT_TRUE(bool(error)) << text;
    return llvm::toString(std::move(error));
  };
  EXPECT_EQ(
      message("affine<i8, block = [32, 1], scale = f16>", CacheSide::Values),
      "values are encoded token by token; blocks begin with 1, not 32");
  for (const char *group : {"8", "24", "-1", "512"})
    EXPECT_EQ(message(("affine<i8, block = [" + std::string(group) +
                       ", 1], scale = f16>")
                          .c_str(),
                      CacheSide::Keys),
              "blocks of keys have 1 position, or a multiple of 16 up to 256, "
              "not " +
                  std::string(group));
  EXPECT_EQ(
      message("affine<i8, block = [16, 5], scale = f16>", CacheSide::Keys),
      "blocks of several positions have a number of columns that divides "
      "a head's 64, not 5");
  EXPECT_EQ(message("block<[16, 1], values = f16>", CacheSide::Keys),
            "caches hold number formats, no structures");
  EXPECT_NE(message("affine<i8, block = [32], scale = f16>", CacheSide::Keys)
                .find("dimensions"),
            std::string::npos);
}

TEST(Layout, CanonicalSizesThatDependOnData) {
  auto layouts =
      getCanonicalLayouts(parse("block<[2, 2], values = f16>"), {4, 4});
  ASSERT_EQ(layouts.size(), 3u);
  EXPECT_EQ(layouts[0].getBytes(), 12);
  EXPECT_EQ(layouts[1].getBytes(), -1);
  EXPECT_EQ(layouts[2].getBytes(), -1);
}

} // namespace
