//===- TokenizerTablesTest.cpp - Tests of tokenizers in files -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/MappedFile.h"
#include "compress/Support/Output.h"
#include "compress/Support/Safetensors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstring>

using namespace llvm;
using namespace mlir::compress;

namespace {

/// An archive in memory, to be changed and written again.
struct Archive {
  struct Table {
    SafetensorsWriter::Declaration declaration;
    std::vector<uint8_t> data;
  };
  std::vector<Table> tables;
  SafetensorsWriter::Metadata metadata;

  Table &find(StringRef name) {
    return *llvm::find_if(tables, [&](const Table &table) {
      return table.declaration.name == name;
    });
  }
  void erase(StringRef name) {
    llvm::erase_if(tables, [&](const Table &table) {
      return table.declaration.name == name;
    });
  }
  /// Sets an element of four bytes; counts from the end if negative.
  void set(StringRef name, int64_t index, int32_t value) {
    std::vector<uint8_t> &data = find(name).data;
    int64_t at = index < 0 ? data.size() + index * 4 : index * 4;
    std::memcpy(data.data() + at, &value, 4);
  }
  void resize(StringRef name, int64_t count) {
    Table &table = find(name);
    table.declaration.shape[0] = count;
    table.data.resize(
        *countBytes(table.declaration.type, table.declaration.shape));
  }
};

class TokenizerTablesTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(sys::fs::createUniqueDirectory("tables", folder));
    path = folder;
    sys::path::append(path, "tokenizer.safetensors");
    model.preTokenizer = {{"x+", SplitStep::Behavior::MergedWithNext, true}};
    model.chatTemplate = "{{ 'ü' }}";
    writeModel();
  }
  void TearDown() override { sys::fs::remove_directories(folder); }

  void writeModel() {
    cantFail(cantFail(Tokenizer::create(model))->write(path));
  }

  /// Merges instead of scores.
  void mergeByRank() {
    model.merging = TokenizerModel::Merging::ByRank;
    model.scores.clear();
    for (StringRef token : {"ab", "abc"}) {
      model.tokens.push_back(token.str());
      model.types.push_back(TokenType::Normal);
    }
    StringRef lines[] = {"a b", "ab c"};
    cantFail(model.setMerges(ArrayRef(lines)));
    model.preTokenizer.clear();
    writeModel();
  }

  void change(function_ref<void(Archive &)> edit) {
    Archive archive;
    {
      SafetensorsFile file = cantFail(SafetensorsFile::open(path));
      for (const SafetensorsTensor &tensor : file.getTensors())
        archive.tables.push_back(
            {{tensor.name, tensor.type, tensor.shape}, tensor.data.vec()});
      for (const auto &entry : file.getMetadata())
        archive.metadata[entry.first().str()] = entry.second;
    }
    edit(archive);
    std::vector<SafetensorsWriter::Declaration> declarations;
    for (const Archive::Table &table : archive.tables)
      declarations.push_back(table.declaration);
    SafetensorsWriter writer = cantFail(
        SafetensorsWriter::create(path, declarations, archive.metadata));
    for (const Archive::Table &table : archive.tables)
      cantFail(writer.append(table.data));
    cantFail(writer.commit());
  }

  std::string getMessageAfter(function_ref<void(Archive &)> edit) {
    writeModel();
    change(edit);
    std::string message = getMessage(Tokenizer::open(path));
    EXPECT_CONTAINS(message, "tokenizer.safetensors: ");
    return message;
  }

  SmallString<128> folder, path;
  TokenizerModel model = getToyTokenizerModel();
};

TEST_F(TokenizerTablesTest, KeepEverything) {
  std::unique_ptr<Tokenizer> tokenizer = cantFail(Tokenizer::open(path));
  TokenizerModel copy = cantFail(tokenizer->getModel());
  EXPECT_EQ(copy.toJSON(), model.toJSON());
  EXPECT_EQ(tokenizer->getRules().chatTemplate, model.chatTemplate);
  EXPECT_EQ(tokenizer->size(), kToyVocabulary);
  EXPECT_EQ(tokenizer->find("b"), 4);
  EXPECT_EQ(tokenizer->find("ab"), std::nullopt);
  EXPECT_EQ(tokenizer->getSpelling(30), "<0xC3>");
  EXPECT_EQ(tokenizer->getText(30), "\xC3");
  EXPECT_EQ(tokenizer->getSpelling(-1), "");
  EXPECT_EQ(tokenizer->getSpelling(32), "");
}

TEST_F(TokenizerTablesTest, MergesKeepTheirRanks) {
  mergeByRank();
  std::unique_ptr<Tokenizer> tokenizer = cantFail(Tokenizer::open(path));
  EXPECT_EQ(cantFail(tokenizer->getModel()).merges, model.merges);
  EncodeOptions options;
  options.addBos = false;
  EXPECT_EQ(cantFail(tokenizer->encode("cabcab", options)),
            (std::vector<int32_t>{5, 33, 32}));
}

TEST_F(TokenizerTablesTest, TheFirstOfEqualTokensIsTaken) {
  model.tokens[9] = "a";
  model.tokens[2] = "a";
  writeModel();
  std::unique_ptr<Tokenizer> tokenizer = cantFail(Tokenizer::open(path));
  EXPECT_EQ(tokenizer->find("a"), 2);
  EncodeOptions options;
  options.addBos = false;
  // Token 2 is the unknown one, which text is not merged to.
  EXPECT_EQ(cantFail(tokenizer->encode("a", options)), std::vector<int32_t>{3});
}

TEST_F(TokenizerTablesTest, WordsAreFoundWithTheirPrefix) {
  model.spelling = TokenizerModel::Spelling::Words;
  model.merging = TokenizerModel::Merging::LongestMatch;
  model.preTokenizer = SplitStep::getBert();
  model.scores.clear();
  model.tokens[4] = "##b";
  model.tokens[5] = "##bc";
  writeModel();
  std::unique_ptr<Tokenizer> tokenizer = cantFail(Tokenizer::open(path));
  EncodeOptions options;
  options.addBos = false;
  EXPECT_EQ(cantFail(tokenizer->encode("abcb abb b d", options)),
            (std::vector<int32_t>{3, 5, 4, 3, 4, 4, 2, 6}));
}

TEST_F(TokenizerTablesTest, OtherFilesAreRefused) {
  EXPECT_CONTAINS(getMessageAfter([](Archive &a) { a.metadata.clear(); }),
                  "expected format 'compress-tokenizer-tables', version 1; got "
                  "'', version ''; compile the model again");
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.metadata["version"] = "2"; }),
      "version '2'");
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.metadata["rules"] = "{"; }),
      "is not JSON");
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.metadata["rules"] = "{}"; }),
      "spelling");
  EXPECT_CONTAINS(getMessageAfter([](Archive &a) { a.erase("merges"); }),
                  "has no table 'merges' of the form that a tokenizer needs");
  EXPECT_CONTAINS(getMessageAfter([](Archive &a) {
                    a.find("byte_ids").declaration.type = ElementType::F32;
                  }),
                  "has no table 'byte_ids' of the form");
  EXPECT_CONTAINS(getMessageAfter([](Archive &a) {
                    a.find("merges").declaration.shape = {0, 2};
                  }),
                  "has no table 'merges' of the form");
}

TEST_F(TokenizerTablesTest, TablesAreAligned) {
  std::string bytes = cantFail(MappedFile::open(path)).getText().str();
  uint64_t header;
  std::memcpy(&header, bytes.data(), 8);
  bytes.insert(8 + header, " ");
  ++header;
  std::memcpy(bytes.data(), &header, 8);
  cantFail(writeFile(path, bytes));
  EXPECT_CONTAINS(getMessage(Tokenizer::open(path)),
                  "table 'spelling.begins' is not aligned; compile the model");
}

TEST_F(TokenizerTablesTest, NothingLiesOutside) {
  // All that look-ups use as an index, at both ends of its range.
  for (StringRef name : {"spelling.slots", "piece.slots", "byte_ids"})
    for (int32_t value : {-2, 32})
      EXPECT_CONTAINS(
          getMessageAfter([&](Archive &a) { a.set(name, -1, value); }),
          name.str() + " has a number that is not from -1 to 31; the tokenizer "
                       "is damaged, copy or compile the bundle again");
  EXPECT_CONTAINS(getMessageAfter([](Archive &a) { a.set("specials", 0, 32); }),
                  "specials has a number that is not from 0 to 31");
  for (uint8_t type : {0, 7})
    EXPECT_CONTAINS(
        getMessageAfter([&](Archive &a) { a.find("types").data[9] = type; }),
        "types has a number that is not from 1 to 6");
  std::string begins = "spelling.begins are not 33 ascending numbers from 0";
  for (std::pair<int, int> entry :
       {std::pair(0, 1), {7, 1000}, {-1, 0}, {5, -1}})
    EXPECT_CONTAINS(getMessageAfter([&](Archive &a) {
                      a.set("spelling.begins", entry.first, entry.second);
                    }),
                    begins);
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.resize("spelling.begins", 32); }),
      begins);
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.set("text.begins", -1, 1 << 20); }),
      "text.begins are not 33 ascending numbers");
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.set("special.begins", -1, 9); }),
      "special.begins are not 257 ascending numbers from 0 to 3");
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.resize("byte_ids", 255); }),
      "byte_ids has 255 elements, expected 256");
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.resize("score.ranks", 31); }),
      "score.ranks has 31 elements, expected 32");
  EXPECT_CONTAINS(getMessageAfter([](Archive &a) { a.resize("types", 0); }),
                  "the vocabulary is empty");
}

TEST_F(TokenizerTablesTest, MergesStayWithinTheVocabulary) {
  mergeByRank();
  EXPECT_CONTAINS(getMessageAfter([](Archive &a) { a.set("merges", 5, 34); }),
                  "merges has a number that is not from 0 to 33");
  EXPECT_CONTAINS(
      getMessageAfter([](Archive &a) { a.set("merge.slots", 0, 2); }),
      "merge.slots has a number that is not from -1 to 1");
}

TEST_F(TokenizerTablesTest, SpecialTokensHaveTexts) {
  EXPECT_CONTAINS(getMessageAfter([](Archive &a) {
                    // Token 0, <s>, gives its text to the next one.
                    a.set("text.begins", 1, 0);
                  }),
                  "token 0 of specials has no text");
}

TEST_F(TokenizerTablesTest, RulesNameTokensThatThereAre) {
  std::string message = getMessageAfter([](Archive &a) {
    std::string &rules = a.metadata["rules"];
    rules.replace(rules.find("\"bos\":0"), 7, "\"bos\":99");
  });
  EXPECT_CONTAINS(message, "bos is 99, but the vocabulary has 32 tokens");
}

TEST_F(TokenizerTablesTest, DamagedSlotsEndLookUps) {
  change([](Archive &a) {
    for (int i = 0; i < 32; ++i)
      a.set("spelling.slots", i, 3);
    a.resize("piece.slots", 0);
    a.resize("spelling.slots", 32);
  });
  std::unique_ptr<Tokenizer> tokenizer = cantFail(Tokenizer::open(path));
  EXPECT_EQ(tokenizer->find("b"), std::nullopt);
  EXPECT_EQ(tokenizer->find("a"), 3);
  EXPECT_EQ(cantFail(tokenizer->encode("b")), (std::vector<int32_t>{0, 2}));
}

TEST_F(TokenizerTablesTest, ModelsOfDamagedTablesAreVerified) {
  change([](Archive &a) { a.find("spelling.bytes").data[20] = 0xFF; });
  EXPECT_CONTAINS(getMessage(cantFail(Tokenizer::open(path))->getModel()),
                  "is not UTF-8");
}

} // namespace
