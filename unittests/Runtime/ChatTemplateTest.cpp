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

TEST(ChatTemplateTest, SyntaxErrorsNameTheLine) {
  std::pair<StringRef, StringRef> cases[] = {
      {"\n\n{% if true %}",
       "chat template, line 3: expected '{% endif %}' before the end of the "
       "template"},
      {"a\n{{ 1 + }}", "line 2: expected an expression, found '}}'"},
      {"{{ 1 ", "line 1: tag '{{' has no end"},
      {"{% if ", "line 1: tag '{%' has no end"},
      {"{{ 'abc }}", "a string has no end"},
      {"{{ '\\u12' }}", "bad escape in a string"},
      {"{{ '\\ud800' }}", "bad character in a string"},
      {"{# abc", "comment '{#' has no '#}'"},
      {"{{ a $ b }}", "unexpected character '$'"},
      {"{% include 'x' %}", "unknown statement 'include'; if, for, set, macro"},
      {"{% for 1 in x %}", "expected a name, found '1'"},
      {"{% for i of x %}", "expected 'in', found 'of'"},
      {"{% for i in x recursive %}", "recursive loops are not supported"},
      {"{{ (1 }}", "expected ')', found '}}'"},
      {"{{ 1 2 }}", "expected '}}', found '2'"},
      {"{% if 1 2 %}", "expected '%}', found '2'"},
      {"{% break %}", "'break' outside of a loop"},
      {"{{ 1 < 2 < 3 }}", "chained comparisons are not supported"},
      {"{{ 99999999999999999999 }}", "99999999999999999999 is too large"},
      {"{{ x[1:2:3:4] }}", "a slice has at most three bounds"},
      {"{{ x[] }}", "expected an index before ']'"}};
  for (auto [source, message] : cases)
    EXPECT_CONTAINS(get(source), message) << source.str();
}

TEST(ChatTemplateTest, RunTimeErrorsNameTheLine) {
  std::pair<StringRef, StringRef> cases[] = {
      {"a\n{{ x.y }}", "line 2: 'x' is undefined, so it has no field 'y'"},
      {"{{ x.y() }}", "'x' is undefined, so it has no method 'y'"},
      {"{{ x + 1 }}", "line 1: 'x' is undefined"},
      {"{{ 1 | nope }}", "unknown filter 'nope'"},
      {"{{ 1 is nope }}", "unknown test 'nope'"},
      {"{{ 1 is eq }}", "test 'eq' takes one argument"},
      {"{{ nope() }}", "unknown function 'nope'"},
      {"{{ 'a'.nope() }}", "strings have no method 'nope'"},
      {"{{ {}.nope() }}", "dictionaries have no method 'nope'"},
      {"{{ [].nope() }}", "a list has no method 'nope'"},
      {"{{ 1 + 'a' }}", "'+' is not defined for a number and a string"},
      {"{{ -'a' }}", "'-' is not defined for a string"},
      {"{{ 1 / 0 }}", "division by zero"},
      {"{{ 9223372036854775807 + 1 }}", "the result of '+' is too large"},
      {"{% set a.b = 1 %}", "is no namespace, so its fields cannot be set"},
      {"{% for i in 5 %}{% endfor %}", "a number cannot be looped over"},
      {"{% for i, j in [[1]] %}{% endfor %}", "2 names for 1 values"},
      {"{{ {1: 2} }}", "a dictionary's key is a number"},
      {"{{ [1]['x'] + [1][none] }}", "a list cannot be indexed by none"},
      {"{{ 'abc'['x':] }}", "a slice's bound is a string"},
      {"{{ 'abc'[::0] }}", "a slice's step is zero"},
      {"{{ (1)() }}", "only functions, methods and macros can be called"},
      {"{{ messages() }}", "'messages' is a list and cannot be called"},
      {"{{ range() }}", "'range' takes one to three numbers"},
      {"{{ range('a') }}", "'range' takes numbers, got a string"},
      {"{{ range(1, 2, 0) }}", "'range' has a step of zero"},
      {"{{ strftime_now() }}", "'strftime_now' takes a format"},
      {"{{ raise_exception() }}", "the template raises an error"},
      {"{{ namespace(1) }}", "'namespace' takes named values only"},
      {"{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}",
       "macro 'f' takes at most 1 arguments"},
      {"{% macro f(a) %}{% endmacro %}{{ f(b=2) }}",
       "macro 'f' has no parameter 'b'"},
      {"{{ 'a'.startswith(1) }}", "'startswith' needs a string, got a number"},
      {"{{ 'a' | replace('', 'b') }}", "'replace' needs a text to be replaced"},
      {"{{ 'a'.split('') }}", "'split' needs a separator that is not empty"},
      {"{{ 1 | tojson(indent=99) }}", "'tojson' needs an indent from 0 to 64"},
      {"{{ 1 | items }}", "'items' needs a dictionary, got a number"}};
  for (auto [source, message] : cases)
    EXPECT_CONTAINS(get(source), message) << source.str();
}

TEST(ChatTemplateTest, HostileTemplatesEnd) {
  auto repeat = [](StringRef text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i)
      result += text;
    return result;
  };
  EXPECT_CONTAINS(get("{{ " + repeat("(", 100000) + " }}"),
                  "the expression is nested too deeply");
  EXPECT_CONTAINS(get("{{ " + repeat("not ", 100000) + "1 }}"), "too deeply");
  EXPECT_CONTAINS(get("{{ 1" + repeat("+1", 100000) + " }}"),
                  "the expression has too many operators");
  EXPECT_CONTAINS(get(repeat("{% set x %}", 100000)),
                  "blocks are nested too deeply");
  EXPECT_CONTAINS(get("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"),
                  "the template recurses too deeply");
  EXPECT_CONTAINS(get("{% for i in range(99999) %}{% for j in range(99999) %}"
                      "{% endfor %}{% endfor %}"),
                  "runs for too long");
  EXPECT_CONTAINS(get("{{ range(1000000000) }}"),
                  "'range' has more than 100000 items");
  EXPECT_CONTAINS(get("{{ 'abcdefgh' * 1000000000 }}"),
                  "a string becomes too long");
  EXPECT_CONTAINS(get("{{ [1] * 1000000000 }}"), "a list becomes too long");
  EXPECT_CONTAINS(get("{% set s = 'abcdefgh' * 1000000 %}{% for i in range(9)"
                      " %}{{ s }}{% endfor %}"),
                  "the template prints too much");
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
  EXPECT_CONTAINS(getMessage(renderChat(*none, messages)),
                  "the model has no chat template");
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
