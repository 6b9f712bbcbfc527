import type { Family } from './rule.ts'

/** Expressions that template engines, and what they run on, calculate. Sources: OWASP WSTG 4.7.18, CVE-2021-44228. */
export const template: Family = {
  category: 'template',
  view: 'text',
  hint: /\{\{|\{%|\$\{|#\{|<%|\*\{|@\{|~\{|__\w{3}|java\.|getruntime|\bt\(|\.class\b|getclass|freemarker|<#|#set|@\(|%\{|#_member|classloader/,
  rules: [
    {
      id: 'template.arithmetic',
      points: 45,
      inBody: 40,
      pattern:
        /(?:\{\{|\$\{\{?|#\{|\*\{|@\{|~\{|<%=|\{%|\{=|\{\{=|@\()[ \t"'(]{0,4}-?\d{1,9}["']?[ \t]{0,3}[*+/-][ \t]{0,3}["']?\d{1,9}["')]{0,3}[ \t]{0,3}(?:\}|%>|\)|\|)/,
      why: 'A sum whose answer proves that it is calculated',
      example: '<%= 7*7 %>',
    },
    {
      id: 'template.internals',
      points: 45,
      inBody: 35,
      pattern:
        /(?:\{\{|\{%|\$\{|#\{|<%)[^{}<>]{0,80}(?:__\w{3,16}|constructor|\bconfig(?: ?\}|\.items|\[|\.from_|\.secret)|\bself(?:\._|\[)|\brequest\.(?:application|environ|__)|lipsum|cycler|joiner|get_flashed|import os|popen|subprocess|system ?\(|exec ?\(|eval ?\(|\bfile\.(?:read|open)|_self\b|_context\b|settings\.secret|mainmodule|child_process|getclass|\.class\b|forname|java\.lang|getruntime|scriptengine|system\.(?:getenv|getproperty)|\bt\(|"freemarker)|\{\{ ?\['|\$\{\{<%/,
      why: 'Reaches what lies behind a template',
      example: '{{self.__init__}}',
    },
    {
      id: 'template.python-internals',
      points: 35,
      inBody: 20,
      pattern:
        /\.?__(?:class|mro|base|bases|subclasses|globals|builtins)__|\b__import__[ \t]{0,3}\(|\['__\w{3,14}__'\]/,
      why: 'Climbs through Python’s objects',
      example: "''.__class__.__bases__",
    },
    {
      id: 'template.jndi',
      points: 60,
      inBody: 50,
      pattern:
        /\$\{[ \t]{0,3}(?:jndi:|(?:lower|upper|env|sys|java|date|main|ctx|base64):|::-|\$\{)|\bjndi:(?:ldaps?|rmi|dns|iiop|corba|nds|http)/,
      why: 'Log4Shell (CVE-2021-44228)',
      example: '${jndi:dns://x.evil.example}',
    },
    {
      id: 'template.directive',
      points: 40,
      inBody: 30,
      pattern:
        /<#(?:assign|include|import)\b|#set[ \t]{0,3}\([ \t]{0,3}\$|[%$#@]\{[ \t]{0,3}\(?#_?\w{1,30}|\bclass\.(?:module\.)?classloader\b/,
      why: 'A directive of Freemarker, Velocity or OGNL, or a way to a class loader (CVE-2022-22965)',
      example: 'class.classloader.urls[0]',
    },
    {
      id: 'template.java',
      points: 40,
      inBody: 25,
      pattern:
        /\bjava\.(?:lang\.(?:runtime|processbuilder|class|system)\b|io\.file|net\.url)|\bgetruntime[ \t]{0,3}\(|\bprocessbuilder\b|freemarker\.template|\.getclass[ \t]{0,3}\(\)\.|#_memberaccess|\bognl\b|@java\.|javax\.script|\.forname[ \t]{0,3}\(/,
      why: 'Reaches Java behind an expression (CVE-2017-5638)',
      example: 'java.lang.runtime.getruntime()',
    },
  ],
}
