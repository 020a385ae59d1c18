//===- ChatTemplateTest.cpp - Tests of chat templates ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ToyProgram.h"

#include "compress/Runtime/ChatTemplate.h"

using namespace llvm;
using namespace mlir::compress;

/// Runs a template over a short conversation.
static Expected<std::string> render(StringRef source, json::Object more = {}) {
  Expected<ChatTemplate> parsed = ChatTemplate::parse(source);
  if (!parsed)
    return parsed.takeError();
  json::Object variables{
      {"messages",
       json::Array{json::Object{{"role", "system"}, {"content", " Be brief. "}},
                   json::Object{{"role", "user"}, {"content", "Hi \"you\""}}}},
      {"add_generation_prompt", true},
      {"bos_token", "<s>"},
      {"eos_token", "</s>"}};
  for (auto &field : more)
    variables[field.first] = std::move(field.second);
  return parsed->render(variables);
}

static std::string get(StringRef source, json::Object more = {}) {
  Expected<std::string> result = render(source, std::move(more));
  return result ? *result : "ERROR " + toString(result.takeError());
}

namespace {

TEST(ChatTemplateTest, TurnsInTags) {
  EXPECT_EQ(get("{% for m in messages %}{{ '<|' + m['role'] + '|>' + "
                "m.content | trim + eos_token }}{% endfor %}"
                "{% if add_generation_prompt %}{{ '<|assistant|>' }}"
                "{% endif %}"),
            "<|system|>Be brief.</s><|user|>Hi \"you\"</s><|assistant|>");
}

TEST(ChatTemplateTest, SystemTextWithinTheFirstTurn) {
  StringRef source = R"({% if messages[0]['role'] == 'system' %}
  {% set rest = messages[1:] %}
  {% set system = messages[0]['content'] %}
{% else %}
  {% set rest = messages %}
  {% set system = false %}
{% endif %}
{% for message in rest -%}
  {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
    {{ raise_exception('turns must alternate') }}
  {%- endif -%}
  {% if loop.first and system -%}
    {% set content = '<<' + system.strip() + '>>' + message['content'] -%}
  {% else -%}
    {% set content = message['content'] -%}
  {% endif -%}
  {{ bos_token ~ '[' ~ content ~ ']' }}
{%- endfor %})";
  EXPECT_EQ(get(source), "<s>[<<Be brief.>>Hi \"you\"]");
  json::Array twice{json::Object{{"role", "user"}, {"content", "a"}},
                    json::Object{{"role", "user"}, {"content", "b"}}};
  EXPECT_CONTAINS(get(source, json::Object{{"messages", std::move(twice)}}),
                  "line 10: turns must alternate");
}

TEST(ChatTemplateTest, Whitespace) {
  // Tags take the line break after them and the blanks before them.
  EXPECT_EQ(get("a\n  {% if true %}\n  b\n  {% endif %}\nc\n"), "a\n  b\nc");
  EXPECT_EQ(get("a {%- if true -%} b {%- endif -%} c"), "abc");
  EXPECT_EQ(get("a {{- ' b ' -}} c"), "a b c");
  EXPECT_EQ(get("{# note #}\na {#- note -#} b"), "ab");
  EXPECT_EQ(get("  {%+ if true +%}\nx{% endif %}"), "  \nx");
  EXPECT_EQ(get("{{ 1 }}\n{{ 2 }}\r\n{{ 3 }}\n"), "1\n2\n3");
  EXPECT_EQ(get("{ {%if true%}}{%endif%} {"), "{ } {");
}

TEST(ChatTemplateTest, Expressions) {
  EXPECT_EQ(get("{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 2 ** 3 }}"), "7 9 8");
  EXPECT_EQ(get("{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 1e2 }}"),
            "-4 2 3.5 100.0");
  EXPECT_EQ(get("{{ 'a' ~ 1 ~ none ~ true }} {{ 'ab' * 2 }}"),
            "a1NoneTrue abab");
  EXPECT_EQ(get("{{ 1 < 2 and not 2 <= 1 or false }} {{ 0 or 'x' }}"),
            "True x");
  EXPECT_EQ(
      get("{{ 'b' in 'abc' }} {{ 4 not in [1, 2] }} {{ 'k' in {'k':1} }}"),
      "True True True");
  EXPECT_EQ(get("{{ 'yes' if 1 == 1.0 else 'no' }}{{ 'x' if false }}"), "yes");
  EXPECT_EQ(get("{{ [1, 'a', [none]] }} {{ {'k': 'v'} }}"),
            "[1, 'a', [None]] {'k': 'v'}");
  EXPECT_EQ(get("{{ [1,2,3,4][::-1] }}{{ [1,2,3][-2:] }}{{ 'hello'[1:3] }}"),
            "[4, 3, 2, 1][2, 3]el");
  EXPECT_EQ(get("{{ messages[-1].role }} {{ messages[9] is defined }}"),
            "user False");
  EXPECT_EQ(get("{{ 'it\\'s' \" joined\\n\" }}"), "it's joined\n");
}

TEST(ChatTemplateTest, FiltersTestsAndMethods) {
  EXPECT_EQ(get("{{ '  x ' | trim | upper }}{{ [1, 2] | length }}"), "X2");
  EXPECT_EQ(get("{{ {'a': [1, 'ü\"'], 'b': {}} | tojson }}"),
            "{\"a\": [1, \"ü\\\"\"], \"b\": {}}");
  EXPECT_EQ(get("{{ {'a': [1]} | tojson(indent=2) }}"),
            "{\n  \"a\": [\n    1\n  ]\n}");
  EXPECT_EQ(
      get("{{ messages | selectattr('role', 'equalto', 'user') | list "
          "| length }}{{ messages | map(attribute='role') | join('+') }}"),
      "1system+user");
  EXPECT_EQ(get("{{ [3,1] | first }}{{ [3,1] | last }}{{ nope | default(5) }}"),
            "315");
  EXPECT_EQ(get("{{ ['a', '', 'b'] | select | join }}{{ 'ab' | reverse }}"),
            "abba");
  EXPECT_EQ(get("{{ 'a-b'.split('-') }}{{ 'abc'.startswith('ab') }}"
                "{{ 'x y'.title().replace(' ', '') }}"),
            "['a', 'b']TrueXY");
  EXPECT_EQ(get("{% for k, v in {'b': 1, 'a': 2}.items() %}{{ k }}{{ v }}"
                "{% endfor %}"),
            "b1a2");
  EXPECT_EQ(get("{{ x is defined }}{{ none is none }}{{ 'a' is string }}"
                "{{ {} is mapping }}{{ 3 is odd }}{{ 1 is not number }}"),
            "FalseTrueTrueTrueTrueFalse");
  EXPECT_EQ(get("{{ '42' | int + 1 }}{{ '2.5' | float }}{{ 'x' | int(7) }}"),
            "432.57");
}

TEST(ChatTemplateTest, Statements) {
  EXPECT_EQ(get("{% for i in range(5) if i % 2 == 0 %}{{ loop.index }}:{{ i }}"
                "{{ ',' if not loop.last }}{% endfor %}"),
            "1:0,2:2,3:4");
  EXPECT_EQ(get("{% for i in [] %}x{% else %}none{% endfor %}"), "none");
  EXPECT_EQ(get("{% for i in range(9) %}{% if i == 1 %}{% continue %}"
                "{% elif i > 3 %}{% break %}{% endif %}{{ i }}{% endfor %}"),
            "023");
  // A loop's variables end with it, a namespace's fields do not.
  EXPECT_EQ(get("{% set n = namespace(a=0) %}{% set b = 0 %}"
                "{% for i in [1, 2] %}{% set n.a = n.a + i %}{% set b = i %}"
                "{% endfor %}{{ n.a }}{{ b }}"),
            "30");
  EXPECT_EQ(get("{% set t %}a{{ 1 }}{% endset %}[{{ t }}]"), "[a1]");
  EXPECT_EQ(get("{% macro f(a, b='y') %}{{ a }}{{ b }}{% endmacro %}"
                "{{ f(1) }}{{ f(b=2, a='x') }}"),
            "1yx2");
  EXPECT_EQ(get("{% generation %}kept{% endgeneration %}"), "kept");
}

TEST(ChatTemplateTest, ErrorsNameTheLine) {
  EXPECT_CONTAINS(get("a\n{{ x.y }}"), "line 2: 'x' is undefined");
  EXPECT_CONTAINS(get("\n\n{% if true %}"), "line 3: expected '{% endif %}'");
  EXPECT_CONTAINS(get("{{ 1 + }}"), "line 1: expected an expression");
  EXPECT_CONTAINS(get("{{ 1 "), "line 1: tag '{{' has no end");
  EXPECT_CONTAINS(get("{{ 'abc }}"), "a string has no end");
  EXPECT_CONTAINS(get("{# abc"), "comment '{#' has no '#}'");
  EXPECT_CONTAINS(get("{{ 1 | nope }}"), "unknown filter 'nope'");
  EXPECT_CONTAINS(get("{{ 1 is nope }}"), "unknown test 'nope'");
  EXPECT_CONTAINS(get("{{ nope() }}"), "unknown function 'nope'");
  EXPECT_CONTAINS(get("{{ 'a'.nope() }}"), "no method 'nope'");
  EXPECT_CONTAINS(get("{% include 'x' %}"), "unknown statement 'include'");
  EXPECT_CONTAINS(get("{{ 1 + 'a' }}"),
                  "'+' is not defined for a number and a string");
  EXPECT_CONTAINS(get("{{ 1 / 0 }}"), "division by zero");
  EXPECT_CONTAINS(get("{% break %}"), "outside of a loop");
  EXPECT_CONTAINS(get("{{ 1 < 2 < 3 }}"), "chained comparisons");
  EXPECT_CONTAINS(get("{{ a $ b }}"), "unexpected character '$'");
  EXPECT_CONTAINS(get("{{ 9223372036854775807 + 1 }}"), "too large");
  EXPECT_CONTAINS(get("{% set a.b = 1 %}"), "no namespace");
  EXPECT_CONTAINS(get("{% for i in 5 %}{% endfor %}"), "cannot be looped");
}

TEST(ChatTemplateTest, HostileTemplatesEnd) {
  auto repeat = [](StringRef text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i)
      result += text;
    return result;
  };
  EXPECT_CONTAINS(get("{{ " + repeat("(", 100000) + " }}"), "too deeply");
  EXPECT_CONTAINS(get("{{ " + repeat("not ", 100000) + "1 }}"), "too deeply");
  EXPECT_CONTAINS(get("{{ 1" + repeat("+1", 100000) + " }}"),
                  "too many operators");
  EXPECT_CONTAINS(get(repeat("{% if 1 %}", 100000)), "too deeply");
  EXPECT_CONTAINS(get("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"),
                  "recurses too deeply");
  EXPECT_CONTAINS(get("{% for i in range(99999) %}{% for j in range(99999) %}"
                      "{% endfor %}{% endfor %}"),
                  "runs for too long");
  EXPECT_CONTAINS(get("{{ range(1000000000) }}"), "more than 100000 items");
  EXPECT_CONTAINS(get("{{ 'abcdefgh' * 1000000000 }}"), "too long");
  EXPECT_CONTAINS(get("{% set n = namespace(l=[]) %}{% for i in range(9999) %}"
                      "{% set n.l = [n.l] %}{% endfor %}"),
                  "nested too deeply");
  EXPECT_CONTAINS(get("{% set n = namespace() %}{% set n.x = n %}"),
                  "namespace is put into");
}

TEST(ChatTemplateTest, EncodesAConversation) {
  TokenizerModel model = getToyTokenizerModel();
  std::vector<ChatMessage> messages = {{"user", "ab"}};
  std::unique_ptr<Tokenizer> none = cantFail(Tokenizer::create(model));
  EXPECT_CONTAINS(getMessage(renderChat(*none, messages)), "no chat template");
  using Ids = std::vector<int32_t>;
  // With or without the template's own, there is one beginning of text.
  for (StringRef begin : {"", "{{ bos_token }}"}) {
    model.chatTemplate =
        (begin + "{% for m in messages %}{{ m.content }}{{ eos_token }}"
                 "{% endfor %}")
            .str();
    std::unique_ptr<Tokenizer> tokenizer = cantFail(Tokenizer::create(model));
    EXPECT_EQ(cantFail(encodeChat(*tokenizer, messages)), Ids({0, 3, 4, 1}));
  }
}

} // namespace
