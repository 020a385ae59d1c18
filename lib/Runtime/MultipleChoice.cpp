//===- MultipleChoice.cpp - Questions with several answers ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Evaluation.h"

#include "TextChunks.h"

#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"
#include "compress/Support/MappedFile.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static Expected<MultipleChoiceQuestion> readQuestion(StringRef line,
                                                     StringRef place) {
  Expected<json::Value> value = parseJSON(line, place);
  if (!value)
    return value.takeError();
  MultipleChoiceQuestion question;
  question.place = place.str();
  json::Path::Root root("question");
  json::Path path(root);
  json::ObjectMapper mapper(*value, path);
  if (!mapper || !mapper.map("context", question.context) ||
      !mapper.map("choices", question.choices) ||
      !mapper.map("answer", question.answer))
    return makeFileError(place, toString(root.getError()));
  int64_t count = question.choices.size();
  if (count < 2)
    return makeFileError(place, "has " + Twine(count) +
                                    " choices; a question needs at least two");
  for (auto [index, choice] : enumerate(question.choices))
    if (choice.empty())
      return makeFileError(place, "choice " + Twine(index) + " is empty");
  if (question.answer < 0 || question.answer >= count)
    return makeFileError(place, "the answer is " + Twine(question.answer) +
                                    ", but choices are counted from 0 to " +
                                    Twine(count - 1));
  return question;
}

Expected<std::vector<MultipleChoiceQuestion>>
mlir::compress::readQuestions(StringRef path) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  std::vector<MultipleChoiceQuestion> questions;
  int64_t number = 0;
  for (StringRef rest = file->getText(); !rest.empty();) {
    auto [line, next] = rest.split('\n');
    rest = next;
    ++number;
    if (line.trim().empty())
      continue;
    Expected<MultipleChoiceQuestion> question =
        readQuestion(line, (path + ":" + Twine(number)).str());
    if (!question)
      return question.takeError();
    questions.push_back(std::move(*question));
  }
  if (questions.empty())
    return makeFileError(path, "has no questions; it should have a JSON object "
                               "with context, choices and answer per line");
  return questions;
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

/// Context and a choice as tokens.
static Expected<EncodedQuestion::Choice>
encodeChoice(const Tokenizer &tokenizer, ArrayRef<int32_t> context,
             const MultipleChoiceQuestion &question, StringRef text) {
  EncodedQuestion::Choice choice;
  choice.bytes = text.size();
  Expected<std::vector<int32_t>> tokens =
      tokenizer.encode(question.context + text.str());
  if (!tokens)
    return tokens.takeError();
  choice.tokens = std::move(*tokens);
  // What a tokenizer puts at the end of texts is not part of the choice.
  const TokenizerRules &rules = tokenizer.getRules();
  if (rules.addEos)
    choice.tokens.pop_back();
  auto meet = std::mismatch(context.begin(), context.end(),
                            choice.tokens.begin(), choice.tokens.end());
  choice.begin = meet.second - choice.tokens.begin();
  if (choice.begin == int64_t(choice.tokens.size()))
    return makeError("adds no token to the context");
  if (choice.begin == 0)
    return makeError("has no token before it, and the first one of a text is "
                     "not predicted; give a context");
  return choice;
}

Expected<EncodedQuestion>
mlir::compress::encodeQuestion(const Tokenizer &tokenizer,
                               const MultipleChoiceQuestion &question,
                               int64_t contextLength) {
  EncodedQuestion result;
  result.place = question.place;
  result.answer = question.answer;
  Expected<std::vector<int32_t>> context = tokenizer.encode(question.context);
  if (!context)
    return makeFileError(question.place, toString(context.takeError()));
  if (tokenizer.getRules().addEos)
    context->pop_back();
  for (auto [index, text] : enumerate(question.choices)) {
    Expected<EncodedQuestion::Choice> choice =
        encodeChoice(tokenizer, *context, question, text);
    if (!choice)
      return makeFileError(question.place, "choice " + Twine(index) + " " +
                                               toString(choice.takeError()));
    // The last token is predicted, not read.
    int64_t needed = choice->tokens.size() - 1;
    if (needed > contextLength)
      return makeFileError(question.place,
                           "choice " + Twine(index) + " needs a context of " +
                               Twine(needed) +
                               " tokens, but the model's holds " +
                               Twine(contextLength) + "; shorten the text");
    result.choices.push_back(std::move(*choice));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Scoring
//===----------------------------------------------------------------------===//

/// The log-likelihood of a choice. The sequence has its first `length` tokens
/// already, fewer than `begin`, and is extended.
static Expected<double> scoreChoice(Session &session,
                                    const EncodedQuestion::Choice &choice,
                                    int64_t length) {
  double sum = 0;
  ArrayRef<int32_t> tokens = ArrayRef(choice.tokens).drop_front(length);
  Extension extension{0, tokens.drop_back(), choice.begin - 1 - length};
  Error error = session.extend(
      extension, [&](size_t, int64_t token, ArrayRef<float> logits) {
        sum -= getNegativeLogLikelihood(logits, tokens[token + 1]);
        return Error::success();
      });
  if (error)
    return std::move(error);
  if (!std::isfinite(sum))
    return makeError("the log-likelihood is not a finite number; the model's "
                     "weights or its compression are broken");
  return sum;
}

/// The log-likelihoods of all choices.
static Expected<std::vector<double>>
scoreQuestion(Session &session, const EncodedQuestion &question) {
  // All choices share the tokens before the first that is scored; the last of
  // them predicts it, and is read again with each choice.
  int64_t shared = INT64_MAX;
  for (const EncodedQuestion::Choice &choice : question.choices)
    shared = std::min(shared, choice.begin - 1);
  if (Error error = session.truncate(0, 0))
    return std::move(error);
  Extension context{
      0, ArrayRef(question.choices.front().tokens).take_front(shared), shared};
  if (Error error =
          session.extend(context, [](size_t, int64_t, ArrayRef<float>) {
            return Error::success();
          }))
    return error;
  std::vector<double> scores;
  for (auto [index, choice] : enumerate(question.choices)) {
    if (Error error = session.truncate(0, shared))
      return std::move(error);
    Expected<double> score = scoreChoice(session, choice, shared);
    if (!score)
      return makeError("choice " + Twine(index) + ": " +
                       toString(score.takeError()));
    scores.push_back(*score);
  }
  return scores;
}

static int64_t getBest(ArrayRef<double> scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

Expected<MultipleChoiceResult>
mlir::compress::answerQuestions(Session &session,
                                ArrayRef<EncodedQuestion> questions,
                                function_ref<void()> onQuestion) {
  if (questions.empty())
    return makeError("there are no questions to answer");
  int64_t right = 0, rightPerByte = 0;
  for (const EncodedQuestion &question : questions) {
    Expected<std::vector<double>> scores = scoreQuestion(session, question);
    if (!scores)
      return makeFileError(question.place, toString(scores.takeError()));
    right += getBest(*scores) == question.answer;
    for (auto [score, choice] : zip_equal(*scores, question.choices))
      score /= choice.bytes;
    rightPerByte += getBest(*scores) == question.answer;
    onQuestion();
  }
  MultipleChoiceResult result;
  result.questions = questions.size();
  result.accuracy = double(right) / result.questions;
  result.accuracyPerByte = double(rightPerByte) / result.questions;
  result.standardError = getStandardError(right, right, result.questions);
  result.standardErrorPerByte =
      getStandardError(rightPerByte, rightPerByte, result.questions);
  return result;
}
