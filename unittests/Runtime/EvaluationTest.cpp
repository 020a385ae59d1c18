//===- EvaluationTest.cpp - Tests of comparisons and questions ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Evaluation.h"
#include "compress/Support/Output.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

using Tokens = std::vector<int32_t>;

static constexpr auto ignore = [] {};

/// What the other toy makes of a logit: the largest one, which every second
/// token has, is not the largest any more.
static float change(float logit) { return logit > 3.8f ? logit - 1 : logit; }

/// log(softmax) by its definition.
static std::vector<long double> getLogProbabilities(ArrayRef<float> logits) {
  long double sum = 0;
  for (float logit : logits)
    sum += std::exp(static_cast<long double>(logit));
  std::vector<long double> result;
  for (float logit : logits)
    result.push_back(logit - std::log(sum));
  return result;
}

static long double getExactDivergence(ArrayRef<float> reference,
                                      ArrayRef<float> logits) {
  long double sum = 0;
  for (auto [p, q] :
       zip_equal(getLogProbabilities(reference), getLogProbabilities(logits)))
    sum += std::exp(p) * (p - q);
  return sum;
}

namespace {

TEST(DivergenceTest, IsThatOfTheDefinition) {
  float a[] = {1, -2, 0.5, 3}, b[] = {0, 1, -1, 2.5};
  EXPECT_NEAR(getDivergence(a, b), double(getExactDivergence(a, b)), 1e-14);
  EXPECT_NEAR(getDivergence(b, a), double(getExactDivergence(b, a)), 1e-14);
  EXPECT_EQ(getDivergence(a, a), 0);
  float far[] = {1001, 998, 1000.5, 1003};
  EXPECT_NEAR(getDivergence(far, a), 0, 1e-12);
  // Impossible for the reference: no part in it. Impossible for the other one
  // alone: infinite.
  float half[] = {1, -INFINITY}, both[] = {1, 1};
  EXPECT_NEAR(getDivergence(half, both), std::log(2.0), 1e-14);
  EXPECT_FALSE(std::isfinite(getDivergence(both, half)));
  float nan[] = {NAN, 1};
  EXPECT_FALSE(std::isfinite(getDivergence(nan, both)));
}

TEST(QuantileTest, LiesBetweenNeighbours) {
  double sorted[] = {1, 2, 4, 8};
  EXPECT_EQ(getQuantile(sorted, 0), 1);
  EXPECT_EQ(getQuantile(sorted, 1), 8);
  EXPECT_EQ(getQuantile(sorted, 0.5), 3);
  EXPECT_NEAR(getQuantile(sorted, 0.9), 6.8, 1e-12);
  EXPECT_EQ(getQuantile(ArrayRef(sorted).take_front(1), 0.3), 1);
}

class EvaluationTest : public testing::Test {
protected:
  /// The toy with another table.
  std::unique_ptr<Program> makeProgram(const float *table) {
    ProgramParts parts;
    parts.manifest = getToyManifest();
    for (const ProgramFunction &function : program->getFunctions())
      parts.code.emplace_back(function.code, function.workspace);
    parts.parameters = {{program->getParameters()[0], 4, 1}, {table, 256, 64}};
    return cantFail(Program::create(std::move(parts)));
  }
  std::unique_ptr<Program> makeOther() {
    for (auto [value, changed] : zip_equal(getToyTable(), otherTable))
      changed = change(value);
    return makeProgram(otherTable);
  }

  Expected<DivergenceResult> compare(const Program &other,
                                     ArrayRef<int32_t> tokens, int64_t context,
                                     int64_t logitBytes = 1 << 20) {
    std::unique_ptr<Session> session = makeToySession(*program, 2);
    std::unique_ptr<Session> reference = makeToySession(other);
    PerplexityOptions options;
    options.context = context;
    options.beginningOfText = 0;
    chunks = 0;
    return computeDivergence(
        *session, *reference, tokens, options, [&] { ++chunks; }, logitBytes);
  }

  /// The questions of a file with this text.
  Expected<std::vector<MultipleChoiceQuestion>> read(StringRef text) {
    SmallString<128> path;
    cantFail(errorCodeToError(
        sys::fs::createTemporaryFile("questions", "jsonl", path)));
    FileRemover remover(path);
    cantFail(writeFile(path, text));
    return readQuestions(path);
  }

  Expected<EncodedQuestion> encode(StringRef context,
                                   std::vector<std::string> choices,
                                   int64_t answer = 0, int64_t length = 600) {
    MultipleChoiceQuestion question{"f:1", context.str(), std::move(choices),
                                    answer};
    return encodeQuestion(*tokenizer, question, length);
  }

  alignas(64) float otherTable[64];
  std::unique_ptr<Program> program = makeToyProgram();
  TokenizerModel model = getToyTokenizerModel();
  std::unique_ptr<Tokenizer> tokenizer = cantFail(Tokenizer::create(model));
  int64_t chunks = 0;
};

TEST_F(EvaluationTest, DivergenceOverAText) {
  std::unique_ptr<Program> other = makeOther();
  Tokens text;
  for (int64_t i = 0; i < 50; ++i)
    text.push_back((i * i * 3 + i) % kToyVocabulary);
  std::vector<double> expected;
  int64_t same = 0;
  for (int64_t chunk = 0; chunk < 2; ++chunk) {
    Tokens tokens(text.begin() + chunk * 21, text.begin() + (chunk + 1) * 21);
    tokens[0] = 0;
    for (int64_t i = 10; i < 20; ++i) {
      std::vector<float> logits =
          getToyLogits(ArrayRef(tokens).take_front(i + 1));
      auto others = llvm::to_vector_of<float>(map_range(logits, change));
      expected.push_back(getExactDivergence(others, logits));
      same += max_element(others) - others.begin() ==
              max_element(logits) - logits.begin();
    }
  }
  double mean = 0;
  for (double value : expected)
    mean += value / expected.size();
  double variance = 0;
  for (double value : expected)
    variance += (value - mean) * (value - mean) / (expected.size() - 1);
  llvm::sort(expected);
  // Logits are kept of all tokens of a chunk, of three, and of one.
  for (int64_t bytes : {1 << 20, 3 * 128 + 5, 1}) {
    DivergenceResult result = cantFail(compare(*other, text, 21, bytes));
    EXPECT_NEAR(result.mean, mean, 1e-12);
    EXPECT_NEAR(result.standardError, std::sqrt(variance / expected.size()),
                1e-12);
    EXPECT_NEAR(result.median, (expected[9] + expected[10]) / 2, 1e-12);
    EXPECT_NEAR(result.percentile99,
                expected[18] + 0.81 * (expected[19] - expected[18]), 1e-12);
    EXPECT_NEAR(result.maximum, expected.back(), 1e-12);
    EXPECT_EQ(result.sameTop, same / 20.0);
    EXPECT_EQ(chunks, 2);
    EXPECT_EQ(result.own.tokens, 20);
    std::unique_ptr<Session> session = makeToySession(*program);
    std::unique_ptr<Session> reference = makeToySession(*other);
    PerplexityOptions options;
    options.context = 21;
    options.beginningOfText = 0;
    auto none = [](const PerplexityResult &) {};
    EXPECT_EQ(
        result.own.perplexity,
        cantFail(computePerplexity(*session, text, options, none)).perplexity);
    EXPECT_EQ(result.reference.perplexity,
              cantFail(computePerplexity(*reference, text, options, none))
                  .perplexity);
  }
  EXPECT_GT(same, 0);
  EXPECT_LT(same, 20);
  EXPECT_GT(mean, 0.01);
}

TEST_F(EvaluationTest, AProgramDoesNotDivergeFromItself) {
  Tokens text(60, 7);
  DivergenceResult result = cantFail(compare(*program, text, 20));
  EXPECT_EQ(result.maximum, 0);
  EXPECT_EQ(result.sameTop, 1);
  EXPECT_EQ(result.sameTopError, 0);
}

TEST_F(EvaluationTest, ComparisonsThatMakeNoSense) {
  EXPECT_CONTAINS(getMessage(compare(*program, Tokens(5, 1), 20)),
                  "1 chunks of 20 need 20");
  ProgramParts parts;
  parts.manifest = getToyManifest();
  for (FunctionSignature &function : parts.manifest.functions)
    if (function.name == "step")
      function.results[0].shape[1].size = 16;
  for (const ProgramFunction &function : program->getFunctions())
    parts.code.emplace_back(function.code, function.workspace);
  for (const void *data : program->getParameters())
    parts.parameters.push_back({data, 4, 1});
  std::unique_ptr<Program> small = cantFail(Program::create(std::move(parts)));
  EXPECT_CONTAINS(getMessage(compare(*small, Tokens(50, 1), 20)),
                  "a model with 32 tokens can't be compared with one that has "
                  "16; both should be made from the same model");
  std::fill(std::begin(otherTable), std::end(otherTable), NAN);
  EXPECT_CONTAINS(
      getMessage(compare(*makeProgram(otherTable), Tokens(50, 1), 20)),
      "the other model: chunk 0, token 10: the model's logits are not finite");
  // One token in 64 is impossible; it is not the one that follows.
  llvm::copy(getToyTable(), otherTable);
  otherTable[3] = -INFINITY;
  std::unique_ptr<Program> impossible = makeProgram(otherTable);
  std::swap(program, impossible);
  EXPECT_CONTAINS(getMessage(compare(*impossible, Tokens(400, 1), 200)),
                  "the divergence is not finite");
}

TEST_F(EvaluationTest, QuestionsAreRead) {
  auto questions =
      cantFail(read("{\"context\": \"a b\", \"choices\": [\" c\", \"dd\"], "
                    "\"answer\": 1, \"id\": 7}\n\n"
                    "{\"context\": \"\", \"choices\": [\"x\", \"y\", \"z\"], "
                    "\"answer\": 0}\r\n"));
  ASSERT_EQ(questions.size(), 2u);
  EXPECT_EQ(questions[0].context, "a b");
  EXPECT_EQ(questions[0].choices[1], "dd");
  EXPECT_EQ(questions[0].answer, 1);
  EXPECT_EQ(questions[1].choices.size(), 3u);
  EXPECT_TRUE(StringRef(questions[1].place).ends_with(".jsonl:3"));
}

TEST_F(EvaluationTest, BrokenQuestionsAreNamed) {
  auto getMessageOf = [&](StringRef line) {
    return getMessage(read(("\n" + line).str()));
  };
  EXPECT_CONTAINS(getMessageOf("{\"context\": "), ".jsonl:2: is not JSON");
  EXPECT_CONTAINS(getMessageOf("[]"), ".jsonl:2: expected object");
  EXPECT_CONTAINS(getMessageOf(R"({"choices": ["a", "b"], "answer": 0})"),
                  "missing value at question.context");
  EXPECT_CONTAINS(
      getMessageOf(R"({"context": "", "choices": ["a"], "answer": 0})"),
      ".jsonl:2: has 1 choices; a question needs at least two");
  EXPECT_CONTAINS(
      getMessageOf(R"({"context": "", "choices": ["a", ""], "answer": 0})"),
      ".jsonl:2: choice 1 is empty");
  for (StringRef answer : {"-1", "2"})
    EXPECT_CONTAINS(
        getMessageOf(R"({"context": "", "choices": ["a", "b"], "answer": )" +
                     answer.str() + "}"),
        "the answer is " + answer.str() +
            ", but choices are counted from 0 to 1");
  EXPECT_CONTAINS(getMessage(read("\n \n")), "has no questions");
  EXPECT_FALSE(!!readQuestions("no-such-file.jsonl"));
}

TEST_F(EvaluationTest, ContextAndChoiceAreOneText) {
  EncodedQuestion question = cantFail(encode("ab", {"c", " de"}, 1));
  EXPECT_EQ(question.answer, 1);
  EXPECT_EQ(question.choices[0].tokens, (Tokens{0, 3, 4, 5}));
  EXPECT_EQ(question.choices[0].begin, 3);
  EXPECT_EQ(question.choices[0].bytes, 1);
  EXPECT_EQ(question.choices[1].tokens, (Tokens{0, 3, 4, 29, 6, 7}));
  EXPECT_EQ(question.choices[1].bytes, 3);
  // A token that reaches across the place where they meet is scored, and what
  // the tokenizer adds at the end is not.
  model.tokens.push_back("bc");
  model.types.push_back(TokenType::Normal);
  model.scores.push_back(1);
  model.addEos = true;
  tokenizer = cantFail(Tokenizer::create(model));
  question = cantFail(encode("ab", {"c", "d"}));
  EXPECT_EQ(question.choices[0].tokens, (Tokens{0, 3, 32}));
  EXPECT_EQ(question.choices[0].begin, 2);
  EXPECT_EQ(question.choices[1].tokens, (Tokens{0, 3, 4, 6}));
  EXPECT_EQ(question.choices[1].begin, 3);
}

TEST_F(EvaluationTest, QuestionsThatCannotBeScored) {
  EXPECT_CONTAINS(getMessage(encode("abc", {"d", "efg"}, 0, 5)),
                  "f:1: choice 1 needs a context of 6 tokens, but the model's "
                  "holds 5; shorten the text");
  model.addBos = false;
  tokenizer = cantFail(Tokenizer::create(model));
  EXPECT_CONTAINS(getMessage(encode("", {"a", "b"})),
                  "f:1: choice 0 has no token before it");
  EXPECT_EQ(cantFail(encode("c", {"a", "b"})).choices[0].begin, 1);
  // A tokenizer that leaves the choice out.
  model.preTokenizer = {{"a", SplitStep::Behavior::Removed, false}};
  tokenizer = cantFail(Tokenizer::create(model));
  EXPECT_CONTAINS(getMessage(encode("b", {"c", "a"})),
                  "f:1: choice 1 adds no token to the context");
  model.unknown.reset();
  tokenizer = cantFail(Tokenizer::create(model));
  EXPECT_CONTAINS(getMessage(encode("B", {"c", "d"})),
                  "f:1: tokenizer: byte 0x42 of the text has no token");
  EXPECT_CONTAINS(getMessage(encode("b", {"c", "D"})),
                  "f:1: choice 1 tokenizer: byte 0x44 of the text");
}

TEST_F(EvaluationTest, TheLikeliestChoiceIsTaken) {
  std::pair<StringRef, std::vector<std::string>> texts[] = {
      {"the quick", {" brown", " br", "x"}},
      {"", {"abc", "a", "longer text"}},
      {"lazy dogs", {"b", "bb", "bbb", "bbbb"}},
      {"one", {"same", "same"}},
      {"zz", {"qrst", "vw"}}};
  std::vector<EncodedQuestion> questions;
  int64_t right = 0, rightPerByte = 0;
  for (auto [index, text] : enumerate(texts)) {
    std::vector<double> sums, means;
    for (StringRef choice : text.second) {
      Tokens tokens =
          cantFail(tokenizer->encode(text.first.str() + choice.str()));
      long double sum = 0;
      for (size_t i = tokens.size() - choice.size(); i < tokens.size(); ++i)
        sum += getLogProbabilities(
            getToyLogits(ArrayRef(tokens).take_front(i)))[tokens[i]];
      sums.push_back(sum);
      means.push_back(sum / choice.size());
    }
    int64_t answer = index % 2;
    right += max_element(sums) - sums.begin() == answer;
    rightPerByte += max_element(means) - means.begin() == answer;
    questions.push_back(
        cantFail(encode(text.first, std::move(text.second), answer)));
  }
  std::unique_ptr<Session> session = makeToySession(*program, 2);
  int64_t calls = 0;
  MultipleChoiceResult result =
      cantFail(answerQuestions(*session, questions, [&] { ++calls; }));
  EXPECT_EQ(result.questions, 5);
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(result.accuracy, right / 5.0);
  EXPECT_EQ(result.accuracyPerByte, rightPerByte / 5.0);
  EXPECT_NE(right, rightPerByte);
  EXPECT_NEAR(result.standardError,
              std::sqrt(result.accuracy * (1 - result.accuracy) / 4), 1e-12);
  EXPECT_NEAR(
      result.standardErrorPerByte,
      std::sqrt(result.accuracyPerByte * (1 - result.accuracyPerByte) / 4),
      1e-12);
}

TEST_F(EvaluationTest, BrokenModelsAnswerNothing) {
  std::unique_ptr<Session> session = makeToySession(*program);
  EXPECT_CONTAINS(getMessage(answerQuestions(*session, {}, ignore)),
                  "there are no questions to answer");
  std::fill(std::begin(otherTable), std::end(otherTable), NAN);
  std::unique_ptr<Program> broken = makeProgram(otherTable);
  session = makeToySession(*broken);
  EncodedQuestion question = cantFail(encode("a", {"b", "c"}));
  EXPECT_CONTAINS(getMessage(answerQuestions(*session, question, ignore)),
                  "f:1: choice 0: the log-likelihood is not a finite number");
}

} // namespace
