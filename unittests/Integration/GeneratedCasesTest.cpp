//===- GeneratedCasesTest.cpp - Pairs of properties, all of them ----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Products are drawn until every pair of properties that can meet in one
// (number format and block, block and activations, ...) has been seen at least
// once. Each is compiled and compared with the reference; a refusal fails.
//
//===----------------------------------------------------------------------===//

#include "ContractionCase.h"

#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

#include <random>
#include <set>

using namespace mlir;
using namespace mlir::compress::test;

namespace {

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

/// A number format as the attributes spell it, without what is per block.
struct Format {
  const char *kind;
  const char *code;
  /// Zero points that can be stored beside these codes; null: none.
  const char *zero;
  bool isPlain() const { return !*kind; }
  bool isFloat() const { return StringRef(kind) == "float"; }
  bool isAffine() const { return StringRef(kind) == "affine"; }
  bool isUnsigned() const { return isAffine() && *code == 'u'; }
};

const Format kFormats[] = {
    {"", "f32", nullptr},
    {"float", "f16", nullptr},
    {"float", "bf16", nullptr},
    {"float", "f8E4M3FN", nullptr},
    {"float", "f8E5M2", nullptr},
    {"float", "f4E2M1FN", nullptr},
    {"affine", "i2", "i8"},
    {"affine", "i3", "i8"},
    {"affine", "i4", "i8"},
    {"affine", "i5", "i8"},
    {"affine", "i6", "i8"},
    {"affine", "i7", "i8"},
    {"affine", "i8", "i8"},
    {"affine", "ui1", "ui1"},
    {"affine", "ui2", "ui2"},
    {"affine", "ui3", "ui8"},
    {"affine", "ui4", "ui4"},
    {"affine", "ui5", "f16"},
    {"affine", "ui8", "ui8"},
    {"codebook", "\"nf4\"", nullptr},
    {"codebook", "\"iq4_nl\"", nullptr},
    {"codebook", "\"e2m1\"", nullptr},
    {"codebook", "array<f32: -1.0, 1.0>", nullptr},
    {"codebook", "array<f32: -2.0, 0.0, 1.0, 3.0>", nullptr},
    {"codebook", "array<f32: -9.0, -4.0, -2.0, -1.0, 0.0, 1.0, 3.0, 8.0>",
     nullptr},
};

/// Block sizes over the last two dimensions; 0: no blocks, -1: all.
const int64_t kBlocks[][2] = {{0, 0},  {1, -1},  {1, 16},  {1, 24},
                              {1, 32}, {1, 64},  {1, 128}, {1, 256},
                              {32, 1}, {16, 16}, {-1, -1}};

enum ScaleKind {
  F32,
  F16,
  BF16,
  F8E4M3,
  F8E5M2,
  F8E8M0,
  NestedUI4,
  NestedI6,
  NestedUI6,
  NestedI8,
  kScales
};
enum OffsetKind { NoOffset, Zero, Min, NestedMin, NestedUI4Min, kOffsets };
enum StructureKind { Dense, NM24, NM14, NM38, Blocks, Permuted, kStructures };

const int64_t kShapes[][2] = {{64, 64},  {48, 96}, {43, 37}, {33, 130},
                              {20, 258}, {1, 40},  {16, 32}, {24, 512}};

/// Encodings of activations; BLOCK stands for the blocks of leading dimensions.
const char *kActivations[] = {
    "",
    "affine<i8, block = [BLOCK, -1], scale = f32, narrow = true, sums = true>",
    "affine<i8, block = [BLOCK, -1], scale = f16>",
    "affine<i8, block = [BLOCK, 32], scale = f32, narrow = true, sums = true>",
    "affine<i8, block = [BLOCK, 32], scale = f16, narrow = true>",
    "affine<i8, block = [BLOCK, 16], scale = bf16>",
    "affine<i8, block = [BLOCK, 64], scale = f32, sums = true>",
    "affine<ui8, block = [BLOCK, 32], scale = f32, zero = ui8>",
    "affine<i4, block = [BLOCK, 32], scale = f32>",
    "float<f16>",
};

enum Axis {
  FormatAxis,
  BlockAxis,
  ScaleAxis,
  OffsetAxis,
  StructureAxis,
  ShapeAxis,
  ArrangementAxis,
  ActivationAxis,
  TargetAxis,
  kAxes
};

template <typename T, size_t N> constexpr int sizeOf(const T (&)[N]) {
  return N;
}

const int kSizes[kAxes] = {
    sizeOf(kFormats),   sizeOf(kBlocks),      kScales,
    kOffsets,           kStructures,          sizeOf(kShapes),
    /*arrangements=*/4, sizeOf(kActivations),
    /*targets=*/2};

using Choice = std::array<int, kAxes>;

//===----------------------------------------------------------------------===//
// From a choice to a case
//===----------------------------------------------------------------------===//

/// Whether the choice says something that an encoding can say. What has no
/// scale counts as having the first kind of it.
bool isValid(const Choice &choice) {
  const Format &format = kFormats[choice[FormatAxis]];
  bool hasBlocks = choice[BlockAxis] != 0;
  int offset = choice[OffsetAxis], structure = choice[StructureAxis];
  if (!hasBlocks && (choice[ScaleAxis] != 0 || offset != NoOffset))
    return false;
  if (format.isPlain())
    return !hasBlocks && structure == Dense;
  if (!hasBlocks && !format.isFloat())
    return false;
  if (offset == Zero && !format.zero)
    return false;
  if (offset != NoOffset && format.isFloat())
    return false;
  // Minima of one sign; those of codes that begin below zero have both.
  if (offset == NestedUI4Min && !format.isUnsigned())
    return false;
  return true;
}

/// Sets what other values leave no choice: few random choices are valid, and
/// hardly any with plain weights.
void repair(Choice &choice) {
  const Format &format = kFormats[choice[FormatAxis]];
  if (format.isPlain()) {
    choice[BlockAxis] = 0;
    choice[StructureAxis] = Dense;
  }
  if (choice[BlockAxis] == 0) {
    choice[ScaleAxis] = 0;
    choice[OffsetAxis] = NoOffset;
  }
}

std::string joinSizes(ArrayRef<int64_t> sizes) {
  std::string text = "[";
  for (auto [i, size] : llvm::enumerate(sizes))
    text += (i ? ", " : "") + std::to_string(size);
  return text + "]";
}

SmallVector<int64_t> fillUp(int64_t rank, ArrayRef<int64_t> lastTwo) {
  SmallVector<int64_t> sizes(rank, lastTwo.front() < 0 ? -1 : 1);
  sizes[rank - 2] = lastTwo[0];
  sizes[rank - 1] = lastTwo[1];
  return sizes;
}

/// Blocks of `size` blocks along a row, or of the whole tensor.
std::string getNested(StringRef code, int64_t rank, int64_t size) {
  SmallVector<int64_t> block =
      size < 0 ? fillUp(rank, {-1, -1}) : fillUp(rank, {1, size});
  return ("#quantized.affine<" + code + ", block = " + joinSizes(block) +
          ", scale = f16>")
      .str();
}

std::string getScale(int kind, int64_t rank) {
  switch (kind) {
  case F32:
    return "f32";
  case F16:
    return "f16";
  case BF16:
    return "bf16";
  case F8E4M3:
    return "f8E4M3FN";
  case F8E5M2:
    return "f8E5M2";
  case F8E8M0:
    return "f8E8M0FNU";
  case NestedUI4:
    return getNested("ui4", rank, 16);
  case NestedI6:
    return getNested("i6", rank, 8);
  case NestedUI6:
    return getNested("ui6", rank, 8);
  default:
    return getNested("i8", rank, -1);
  }
}

std::string getNumbers(const Choice &choice, int64_t rank) {
  const Format &format = kFormats[choice[FormatAxis]];
  std::string text =
      std::string("#quantized.") + format.kind + "<" + format.code;
  const auto &block = kBlocks[choice[BlockAxis]];
  if (choice[BlockAxis] != 0) {
    text += ", block = " + joinSizes(fillUp(rank, block)) +
            ", scale = " + getScale(choice[ScaleAxis], rank);
    if (choice[OffsetAxis] == Zero)
      text += std::string(", zero = ") + format.zero;
    else if (choice[OffsetAxis] == Min)
      text += ", min = f16";
    else if (choice[OffsetAxis] == NestedMin)
      text += ", min = " + getNested("i8", rank, 8);
    else if (choice[OffsetAxis] == NestedUI4Min)
      text += ", min = " + getNested("ui4", rank, 16);
  }
  return text + ">";
}

std::string getWeights(const Choice &choice, int64_t rank) {
  const Format &format = kFormats[choice[FormatAxis]];
  if (format.isPlain())
    return "";
  bool isBlocks = choice[StructureAxis] == Blocks;
  std::string numbers = getNumbers(choice, isBlocks ? 2 : rank);
  // Structures of plain numbers name just the number.
  std::string values =
      choice[BlockAxis] == 0 ? std::string(format.code) : numbers;
  switch (choice[StructureAxis]) {
  case NM24:
    return "#sparse.nm<2 : 4, values = " + values + ">";
  case NM14:
    return "#sparse.nm<1 : 4, values = " + values + ">";
  case NM38:
    return "#sparse.nm<3 : 8, values = " + values + ">";
  case Blocks:
    return "#sparse.block<[16, 32], values = " + values + ">";
  case Permuted:
    return "#compress.permuted<" + numbers + ">";
  default:
    return numbers;
  }
}

std::string getActivations(const Choice &choice, int64_t rank) {
  std::string text = kActivations[choice[ActivationAxis]];
  if (text.empty())
    return text;
  size_t at = text.find("BLOCK");
  if (at != std::string::npos)
    text.replace(at, 5, rank == 3 ? "1, 1" : "1");
  return "#quantized." + text;
}

ContractionCase makeCase(const Choice &choice) {
  ContractionCase c;
  c.arrangement = Arrangement(choice[ArrangementAxis]);
  int64_t rank = c.arrangement == Arrangement::Batched ? 3 : 2;
  c.n = kShapes[choice[ShapeAxis]][0];
  c.k = kShapes[choice[ShapeAxis]][1];
  c.weights = getWeights(choice, rank);
  c.activations = getActivations(choice, rank);
  // Every processor that runs the tests has AVX2.
  c.target = choice[TargetAxis] ? "x86-64-v3" : "native";
  c.name = c.target;
  return c;
}

//===----------------------------------------------------------------------===//
// Choosing
//===----------------------------------------------------------------------===//

/// Draws choices until all pairs are covered.
class PairwiseGenerator {
public:
  explicit PairwiseGenerator(unsigned seed) : random(seed) { findPairs(); }

  std::vector<Choice> generate(size_t atLeast) {
    std::vector<Choice> choices;
    while (!missing.empty() || choices.size() < atLeast) {
      Choice choice = drawBest();
      for (const Pair &pair : getPairs(choice))
        missing.erase(pair);
      choices.push_back(choice);
    }
    return choices;
  }

private:
  /// Two axes and a value of each.
  using Pair = std::array<int, 4>;

  static std::vector<Pair> getPairs(const Choice &choice) {
    std::vector<Pair> pairs;
    for (int a = 0; a < kAxes; ++a)
      for (int b = a + 1; b < kAxes; ++b)
        pairs.push_back({a, choice[a], b, choice[b]});
    return pairs;
  }

  Choice draw() {
    Choice choice;
    do {
      for (int axis = 0; axis < kAxes; ++axis)
        choice[axis] = random() % kSizes[axis];
      repair(choice);
    } while (!isValid(choice));
    return choice;
  }

  /// A choice that has a given pair, or nothing where none of many has.
  std::optional<Choice> drawWith(const Pair &pair) {
    auto has = [&](const Choice &choice) {
      return choice[pair[0]] == pair[1] && choice[pair[2]] == pair[3];
    };
    for (int attempt = 0; attempt < 2000; ++attempt) {
      Choice choice;
      for (int axis = 0; axis < kAxes; ++axis)
        choice[axis] = random() % kSizes[axis];
      choice[pair[0]] = pair[1];
      choice[pair[2]] = pair[3];
      repair(choice);
      if (has(choice) && isValid(choice))
        return choice;
    }
    return std::nullopt;
  }

  /// All pairs that can meet.
  void findPairs() {
    for (int a = 0; a < kAxes; ++a)
      for (int b = a + 1; b < kAxes; ++b)
        for (int x = 0; x < kSizes[a]; ++x)
          for (int y = 0; y < kSizes[b]; ++y)
            if (drawWith({a, x, b, y}))
              missing.insert({a, x, b, y});
  }

  /// Of some choices, the one with the most missing pairs.
  Choice drawBest() {
    Choice best = draw();
    long most = -1;
    for (int attempt = 0; attempt < 60; ++attempt) {
      Choice choice;
      if (missing.empty()) {
        choice = draw();
      } else {
        auto it = missing.begin();
        std::advance(it, random() % missing.size());
        choice = *drawWith(*it);
      }
      long count = llvm::count_if(getPairs(choice), [&](const Pair &pair) {
        return missing.count(pair) != 0;
      });
      if (count > most) {
        most = count;
        best = choice;
      }
    }
    return best;
  }

  std::mt19937 random;
  std::set<Pair> missing;
};

/// The pairs alone need some fewer.
constexpr size_t kCases = 400;

std::vector<ContractionCase> generateCases() {
  std::vector<ContractionCase> cases;
  for (const Choice &choice : PairwiseGenerator(/*seed=*/22).generate(kCases))
    cases.push_back(makeCase(choice));
  return cases;
}

class GeneratedCasesTest : public testing::TestWithParam<ContractionCase> {};

TEST_P(GeneratedCasesTest, AgreesWithReference) {
  checkContraction(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Pairwise, GeneratedCasesTest,
                         testing::ValuesIn(generateCases()));

TEST(GeneratedCasesTest, CoversAllPairs) {
  EXPECT_GE(generateCases().size(), kCases);
}

} // namespace
