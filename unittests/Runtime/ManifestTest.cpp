//===- ManifestTest.cpp - Tests of manifests ------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Manifest.h"

using namespace llvm;
using namespace mlir::compress;

static Manifest makeManifest() {
  Manifest manifest = getToyManifest();
  manifest.targets = {
      {"x86_64-unknown-linux-gnu", "znver3", {"+avx2"}, "code-x86-64-v3.so"}};
  manifest.files = {{"code-x86-64-v3.so", 7, std::string(64, 'a')}};
  manifest.tokenizer = "tokenizer.json";
  manifest.parameters[0].isGathered = true;
  manifest.ledger = json::Array{"entry"};
  manifest.options = json::Object{{"scheme", "f32"}};
  return manifest;
}

/// The message for a manifest with a change.
static std::string getMessageAfter(function_ref<void(json::Object &)> change) {
  json::Value value = makeManifest().toJSON();
  change(*value.getAsObject());
  return getMessage(Manifest::fromJSON(value, "bundle/manifest.json"));
}

static json::Object &getStep(json::Object &manifest) {
  return *manifest.getObject("functions")->getObject("step");
}

namespace {

TEST(ManifestTest, JSONKeepsEverything) {
  json::Value value = makeManifest().toJSON();
  Manifest copy = cantFail(Manifest::fromJSON(value, "m"));
  EXPECT_EQ(copy.toJSON(), value);
  ASSERT_TRUE(copy.find("step"));
  EXPECT_TRUE(copy.find("step")->arguments[4].isCache);
  EXPECT_EQ(copy.find("step")->results[0].shape[0].symbol, "w");
  EXPECT_EQ(copy.find("step")->results[0].shape[1].size, kToyVocabulary);
  EXPECT_EQ(copy.find("nope"), nullptr);
  EXPECT_TRUE(copy.parameters[0].isGathered);
  EXPECT_EQ(copy.targets[0].features, std::vector<std::string>{"+avx2"});
}

TEST(ManifestTest, CacheAndTokenizerMayBeMissing) {
  Manifest manifest = makeManifest();
  manifest.cache.reset();
  manifest.tokenizer.clear();
  Manifest copy = cantFail(Manifest::fromJSON(manifest.toJSON(), "m"));
  EXPECT_FALSE(copy.cache);
  EXPECT_EQ(copy.tokenizer, "");
}

TEST(ManifestTest, OtherVersionsAreRefused) {
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) { m["format"] = "x"; }),
                  "bundle/manifest.json: format is 'x'");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) { m["version"] = 1; }),
                  "version 1 of the format, expected 2");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) { m["abi"] = 99; }),
                  "version 99 of the ABI, this runtime has 3");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) { m.erase("abi"); }),
                  "abi");
}

TEST(ManifestTest, BadFieldsAreNamed) {
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) {
                    (*m.getObject("model"))["layers"] = -1;
                  }),
                  "model.layers");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) {
                    (*m.getObject("cache"))["key_block_bytes"] = 96;
                  }),
                  "expected a multiple of 64 at manifest.cache."
                  "key_block_bytes");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) {
                    (*m.getObject("cache"))["value_block_bytes"] = 0;
                  }),
                  "cache.value_block_bytes");
  // A group that is no multiple of 16, one without recent positions, with too
  // few of them, and such positions without a group.
  for (auto [group, recent, bytes] : {std::array{24, 96, 64},
                                      {32, 0, 64},
                                      {32, 32, 64},
                                      {32, 80, 64},
                                      {32, 128, 0},
                                      {32, 128, 65},
                                      {1, 64, 64},
                                      {0, 0, 0}})
    EXPECT_CONTAINS(getMessageAfter([&, group = group, recent = recent,
                                     bytes = bytes](json::Object &m) {
                      json::Object &cache = *m.getObject("cache");
                      cache["key_group"] = group;
                      cache["recent_positions"] = recent;
                      cache["recent_block_bytes"] = bytes;
                    }),
                    "expected 1, or a multiple of 16 with recent positions, a "
                    "larger multiple of it, in blocks of a multiple of 64 "
                    "bytes at manifest.cache.key_group");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) {
                    m.getObject("cache")->erase("type");
                  }),
                  "cache.type");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) {
                    (*m.getArray("targets"))[0].getAsObject()->erase("triple");
                  }),
                  "targets[0].triple");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) {
                    (*(*m.getArray("targets"))[0].getAsObject())["library"] =
                        "../evil.so";
                  }),
                  "targets[0].library");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) {
                    (*(*m.getArray("parameters"))[1].getAsObject())["file"] =
                        "/etc/passwd";
                  }),
                  "parameters[1].file");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) {
                    (*(*m.getArray("files"))[0].getAsObject())["sha256"] = "a";
                  }),
                  "files[0].sha256");
  EXPECT_CONTAINS(
      getMessageAfter([](json::Object &m) { m["tokenizer"] = ".."; }),
      "tokenizer");
  EXPECT_CONTAINS(getMessageAfter([](json::Object &m) { m["functions"] = 1; }),
                  "functions");
  EXPECT_CONTAINS(
      getMessage(Manifest::fromJSON(nullptr, "bundle/manifest.json")),
      "expected object");
}

TEST(ManifestTest, BadSignaturesAreNamed) {
  EXPECT_CONTAINS(
      getMessageAfter([](json::Object &m) { getStep(m).erase("results"); }),
      "functions.step.results");
  auto getResult = [](json::Object &m) -> json::Object & {
    return *(*getStep(m).getArray("results"))[0].getAsObject();
  };
  EXPECT_CONTAINS(getMessageAfter([&](json::Object &m) {
                    getResult(m)["shape"] = json::Array{-2};
                  }),
                  "functions.step.results[0].shape[0]");
  EXPECT_CONTAINS(getMessageAfter([&](json::Object &m) {
                    getResult(m)["shape"] = json::Array{1, 1, 1, 1, 1, 1, 1};
                  }),
                  "at most 6");
  EXPECT_CONTAINS(
      getMessageAfter([&](json::Object &m) { getResult(m).erase("element"); }),
      "functions.step.results[0].element");
}

} // namespace
