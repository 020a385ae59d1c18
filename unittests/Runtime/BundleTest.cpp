//===- BundleTest.cpp - Tests of loading bundles --------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Generation.h"
#include "compress/Support/Hash.h"
#include "compress/Support/MappedFile.h"
#include "compress/Support/Output.h"
#include "compress/Support/Safetensors.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

/// Writes a bundle of the toy model into a folder of its own.
class BundleTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(sys::fs::createUniqueDirectory("bundle", folder));
    manifest = getToyManifest();
    manifest.targets = {{sys::getProcessTriple(), "", {}, "code.so"}};
    manifest.tokenizer = "tokenizer.safetensors";
    ASSERT_FALSE(sys::fs::copy_file(COMPRESS_TEST_CODE, getPath("code.so")));
    writeParameters();
    cantFail(cantFail(Tokenizer::create(getToyTokenizerModel()))
                 ->write(getPath("tokenizer.safetensors")));
    for (StringRef name : {"code.so", "parameters-0.safetensors"}) {
      MappedFile file = cantFail(MappedFile::open(getPath(name)));
      manifest.files.push_back({name.str(), static_cast<int64_t>(file.size()),
                                sha256(file.getBytes())});
    }
    writeManifest();
  }

  void TearDown() override { sys::fs::remove_directories(folder); }

  std::string getPath(StringRef name) const {
    SmallString<128> path(folder);
    sys::path::append(path, name);
    return std::string(path);
  }

  void write(StringRef name, StringRef text) {
    cantFail(writeFile(getPath(name), text));
  }

  void writeManifest() {
    write("manifest.json", formatv("{0:2}", manifest.toJSON()).str());
  }

  void writeParameters() {
    SafetensorsWriter writer = cantFail(SafetensorsWriter::create(
        getPath("parameters-0.safetensors"),
        {{"seed", ElementType::I32, {1}}, {"table", ElementType::F32, {64}}}));
    uint8_t seed[4] = {kToySeed};
    cantFail(writer.append(seed));
    ArrayRef<float> table = getToyTable();
    cantFail(writer.append(
        ArrayRef(reinterpret_cast<const uint8_t *>(table.data()), 256)));
    cantFail(writer.commit());
  }

  /// The message of loading the bundle as it is now.
  std::string getLoadMessage(bool verifyHashes = false) {
    BundleOptions options;
    options.verifyHashes = verifyHashes;
    return getMessage(loadBundle(folder, options));
  }

  SmallString<128> folder;
  Manifest manifest;
};

TEST_F(BundleTest, RunsLikeTheProgramInMemory) {
  BundleOptions options;
  options.verifyHashes = true;
  std::unique_ptr<Program> program = cantFail(loadBundle(folder, options));
  ASSERT_TRUE(program->getTokenizer());
  EXPECT_EQ(program->getParameterBytes(), 4 + 256);
  for (const void *parameter : program->getParameters())
    EXPECT_EQ(reinterpret_cast<uintptr_t>(parameter) % 64, 0u);
  std::unique_ptr<Session> session = makeToySession(*program, 2);
  GenerationOptions generation;
  generation.maxTokens = 20;
  generation.ignoreEndOfText = true;
  std::vector<int32_t> prompt = {3, 1, 4};
  GenerationResult result =
      cantFail(generate(*session, program->getTokenizer(), prompt, generation,
                        [](size_t, StringRef) {}));
  EXPECT_EQ(result.sequences[0].tokens, continueToy(prompt, 20));
}

TEST_F(BundleTest, MissingPartsAreNamed) {
  EXPECT_CONTAINS(getMessage(loadBundle(getPath("nope"))),
                  "is not a bundle: no such folder");
  sys::fs::remove(getPath("tokenizer.safetensors"));
  EXPECT_CONTAINS(getLoadMessage(), "tokenizer.safetensors");
  sys::fs::remove(getPath("code.so"));
  EXPECT_CONTAINS(getLoadMessage(), "code.so: cannot be read");
  sys::fs::remove(getPath("manifest.json"));
  EXPECT_CONTAINS(getLoadMessage(), "is not a bundle: it has no manifest.json");
}

TEST_F(BundleTest, BrokenManifestsAreRefused) {
  write("manifest.json", "{ \"format\": ");
  EXPECT_CONTAINS(getLoadMessage(), "manifest.json");
  write("manifest.json", "[]");
  EXPECT_CONTAINS(getLoadMessage(), "expected object");
}

TEST_F(BundleTest, DamagedFilesAreFound) {
  std::string path = getPath("parameters-0.safetensors");
  std::string bytes = cantFail(MappedFile::open(path)).getText().str();
  bytes.back() ^= 1;
  write("parameters-0.safetensors", bytes);
  EXPECT_CONTAINS(getLoadMessage(/*verifyHashes=*/true),
                  "the bundle is damaged, copy");
  EXPECT_TRUE(!!loadBundle(folder));
  write("parameters-0.safetensors", bytes.substr(0, bytes.size() - 1));
  EXPECT_CONTAINS(getLoadMessage(), "bytes, the manifest says");
}

TEST_F(BundleTest, MissingSymbolsAndKeysAreNamed) {
  manifest.functions[0].name = "subtract";
  writeManifest();
  EXPECT_CONTAINS(
      getLoadMessage(),
      "has no symbol compress_subtract, which the manifest's functions need");
  manifest = getToyManifest();
  manifest.targets = {{sys::getProcessTriple(), "", {}, "code.so"}};
  manifest.parameters[1].key = "chair";
  writeManifest();
  EXPECT_CONTAINS(getLoadMessage(),
                  "has no tensor 'chair', which the manifest names");
}

TEST_F(BundleTest, ParametersMustBeAligned) {
  std::string header = R"({"seed":{"dtype":"I32","shape":[1],"data_offsets":)"
                       R"([0,4]},"table":{"dtype":"F32","shape":[64],)"
                       R"("data_offsets":[4,260]}})";
  std::string file(8, '\0');
  file[0] = header.size();
  write("parameters-0.safetensors", file + header + std::string(260, '\0'));
  manifest.files.clear();
  writeManifest();
  EXPECT_CONTAINS(getLoadMessage(), "does not start at a multiple of 64 bytes");
}

TEST_F(BundleTest, OtherFilesAreNoCode) {
  manifest.files.clear();
  writeManifest();
  sys::fs::remove(getPath("code.so"));
  write("code.so", "not an object file");
  EXPECT_CONTAINS(getLoadMessage(), "cannot be loaded");
}

TEST_F(BundleTest, BrokenTokenizersAreRefused) {
  write("tokenizer.safetensors", "{}");
  EXPECT_CONTAINS(getLoadMessage(), "tokenizer.safetensors: ");
}

TEST_F(BundleTest, TokenizersMayBeJSON) {
  manifest.tokenizer = "mine.json";
  writeManifest();
  write("mine.json", formatv("{0}", getToyTokenizerModel().toJSON()).str());
  std::unique_ptr<Program> program = cantFail(loadBundle(folder));
  EXPECT_EQ(program->getTokenizer()->find("b"), 4);
  write("mine.json", "{}");
  EXPECT_CONTAINS(getLoadMessage(), "mine.json: ");
  TokenizerModel model = getToyTokenizerModel();
  model.byteFallback = true;
  write("mine.json", formatv("{0}", model.toJSON()).str());
  EXPECT_CONTAINS(getLoadMessage(), "mine.json: tokenizer: byte 0x00 has no");
}

TEST_F(BundleTest, TheFirstUsableTargetIsTaken) {
  manifest.targets.insert(
      manifest.targets.begin(),
      {sys::getProcessTriple(), "", {"+no-such-feature"}, "missing.so"});
  writeManifest();
  EXPECT_TRUE(!!loadBundle(folder));
  manifest.targets.pop_back();
  writeManifest();
  EXPECT_CONTAINS(getLoadMessage(),
                  "missing.so needs no-such-feature; compile the model with");
}

TEST(TargetTest, TriplesAndFeaturesDecide) {
  StringMap<bool> features;
  features["avx2"] = true;
  features["avx512f"] = false;
  std::vector<TargetInfo> targets = {
      {"aarch64-unknown-linux-gnu", "", {}, "arm.so"},
      {"x86_64-unknown-linux-gnu", "", {"+avx2", "+avx512f"}, "v4.so"},
      {"x86_64-pc-linux-gnu", "", {"+avx2", "-avx512f"}, "v3.so"},
      {"x86_64-unknown-linux-gnu", "", {}, "v1.so"}};
  StringRef triple = "x86_64-unknown-linux-gnu";
  EXPECT_EQ(cantFail(selectTarget(targets, triple, features)), 2u);
  EXPECT_EQ(cantFail(selectTarget(targets, "aarch64-unknown-linux-gnu", {})),
            0u);
  features["avx512f"] = true;
  EXPECT_EQ(cantFail(selectTarget(targets, triple, features)), 1u);
  std::string message =
      getMessage(selectTarget(ArrayRef(targets).take_front(3), triple, {}));
  EXPECT_CONTAINS(message, "arm.so needs aarch64-linux");
  EXPECT_CONTAINS(message, "v4.so needs avx2, avx512f");
  EXPECT_CONTAINS(message, "v3.so needs avx2");
}

} // namespace
