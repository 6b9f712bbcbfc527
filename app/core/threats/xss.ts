import type { Family } from './rule.ts'

// Events that fire by themselves or by moving the mouse, and those that pages have of their own.
const SELF_FIRING =
  'on(?:abort|animation|auxclick|before|begin|blur|canplay|close|contextmenu|copy|cut|dblclick|drag|drop|durationchange|end|error|focus|fullscreen|hashchange|invalid|key|load|lost|got|message|mouse|page|paste|play|pointer|popstate|progress|reset|resize|scroll|seek|select|show|start|storage|suspend|toggle|touch|transition|unhandled|unload|volume|wheel|webkit|repeat|finish|bounce|activate)[a-z]{0,20}'

/** Cross-site scripting. Sources: OWASP WSTG 4.7.1 and 4.7.2, OWASP's XSS filter evasion cheat sheet, PortSwigger's cheat sheet. */
export const xss: Family = {
  category: 'xss',
  view: 'flat',
  hint: /<[ /]{0,3}[a-z!?]|script\s{0,9}:|\bon[a-z]{3,24}\s{0,9}=|alert|confirm|prompt|eval|document|window|location|cookie|innerhtml|fromcharcode|settimeout|setinterval|atob|import|expression|moz-binding|data:|[[\]()!+]{20}|adw-|srcdoc|constructor|fetch|reflect|throw|print\s?\(|\[\s?['"`/]/,
  rules: [
    {
      id: 'xss.script-tag',
      points: 45,
      inBody: 20,
      pattern: /<[ /]{0,3}(?:[a-z]{1,9}:)?script(?:[^a-z0-9-]|$)/,
      why: 'A script element',
      example: '<script>',
    },
    {
      id: 'xss.script-content',
      points: 30,
      inBody: 20,
      pattern:
        /<[ /]{0,3}(?:[a-z]{1,9}:)?script(?:[ /"'][^<>]{0,100})?>[^<]{0,40}(?:alert|confirm|prompt|print|eval|document|fetch|location|cookie|atob|import|fromcharcode|xmlhttp|new image|window|top|self|parent|\$\.|on[a-z]{3,12} ?=|throw|\\|var |`)/,
      why: 'A script element that does something',
      example: '<script>alert(1)</script>',
    },
    {
      id: 'xss.script-source',
      points: 30,
      inBody: 15,
      pattern:
        /<[ /]{0,3}(?:[a-z]{1,9}:)?script[ /][^<>]{0,60}(?:src|href) ?= ?["'`]? ?(?:https?:|\/\/|\\\\|data:|javascript:|\/\\)/,
      why: 'A script from another address',
      example: '<svg><script href=data:,alert(1) />',
    },
    {
      id: 'xss.event-handler',
      points: 45,
      inBody: 30,
      pattern: new RegExp(`<[a-z!/][^<>]{0,160}[ /"'\`]${SELF_FIRING} ?= ?[^ <>]`),
      why: 'An element with an event handler that fires by itself',
      example: '<svg onload=alert(1)>',
    },
    {
      id: 'xss.page-handler',
      points: 45,
      inBody: 15,
      pattern: /<[a-z!/][^<>]{0,160}[ /"'`]on(?:change|click|input|search|submit|formdata) ?= ?[^ <>]/,
      why: 'An element with an event handler',
      example: '<button onclick=alert(1)>x</button>',
    },
    {
      id: 'xss.broken-attribute',
      points: 40,
      inBody: 30,
      pattern: new RegExp(
        `["'\`] ?[ /][^<>"'\`]{0,60}\\b(?:${SELF_FIRING}|onclick|onchange|oninput|onsubmit) ?= ?["'\`]?[a-z(\\[\`$/!+-]`,
      ),
      why: 'An event handler behind a quote that ends the attribute',
      example: "' onclick='alert(1)",
    },
    {
      id: 'xss.script-address',
      points: 45,
      inBody: 30,
      pattern:
        /j ?a ?v ?a ?s ?c ?r ?i ?p ?t ?:(?:\/\/|[ (!~+-]{0,3}[\w$.]{1,40} ?[(=.`[]|[([{%!+~\\-]|`\$)|\b(?:vbscript|livescript|mocha) ?:[ (]{0,2}[a-z(]/,
      why: 'An address that is a script',
      example: 'vbscript:msgbox(1)',
    },
    {
      id: 'xss.page-in-address',
      points: 40,
      inBody: 30,
      pattern:
        /\bdata ?: ?(?:text\/(?:html|javascript|xml)|application\/(?:javascript|x-javascript|xhtml|xml)|image\/svg\+xml[^,<>]{0,30},[^<>]{0,20}(?:<|%3c|phn2|pd94))/,
      why: 'An address that is a page',
      example: '"data:text/html;base64,phnjcmlwdd4=">',
    },
    {
      id: 'xss.framing-element',
      points: 40,
      inBody: 30,
      pattern: /<[ /]{0,2}(?:iframe|base)[ /]/,
      why: 'An element that loads something',
      example: '<iframe src=javascript:alert(1)>',
    },
    {
      id: 'xss.plugin-element',
      points: 40,
      inBody: 30,
      pattern:
        /<[ /]{0,2}(?:object|embed|applet|frameset|frame|bgsound|layer|isindex|portal|foreignobject|xss)[ /][^>|]/,
      why: 'An element that loads something, and that no text has any more',
      example: '<applet code=x></applet>',
    },
    {
      id: 'xss.markup',
      points: 20,
      inBody: 5,
      pattern:
        /<[ /]{0,2}(?:svg|math|xml|img|video|audio|body|html|style|link|meta|input|form|button|details|marquee|template|textarea|keygen|table|a|div|select|noscript|title|plaintext)[ />][^<>]{0,200}(?:>|on\w{3,20} ?=|src|href|style|xlink|http-equiv|$)/,
      why: 'HTML where none belongs',
      example: '<img src=x>',
    },
    {
      id: 'xss.srcdoc',
      points: 20,
      inBody: 30,
      pattern:
        /\bsrcdoc ?= ?|<(?:meta|base)[^<>]{0,60}(?:http-equiv ?= ?["']?(?:refresh|set-cookie|link)|href ?= ?["']?(?:https?:|\/\/))|<link[^<>]{0,60}rel ?= ?["']?import/,
      why: 'A page within the page, or one that sends elsewhere',
      example: '<iframe srcdoc="x">',
    },
    {
      id: 'xss.dialog-call',
      points: 35,
      inBody: 15,
      pattern:
        /\b(?:alert|confirm|prompt)(?: ?\)| ?['"`] ?\])?(?:\?\.)? ?\((?:["'`/)]|\w{1,30}[).('"`])|\bprint ?\( ?\)|\b(?:alert|confirm|prompt)\.(?:call|apply|bind)|\b(?:apply|map|foreach|call|then|tostring|valueof) ?[(=:] ?(?:alert|confirm|prompt|eval)\b/,
      why: 'A call that opens a dialog',
      example: 'confirm(1)',
    },
    {
      id: 'xss.proof-call',
      points: 35,
      inBody: 30,
      pattern:
        /\b(?:alert|confirm|prompt|print)(?: ?\)| ?['"`] ?\])?(?:\?\.)? ?(?:\( ?(?:\d{1,9} ?\)|document\b|window\b|location\b|self\b|top\b|origin\b|string\.|["'`/]xss)|`(?:\d{1,9}|xss|\$\{[^`]{1,30}\})`)/,
      why: 'The call that proves that a script runs',
      example: 'alert(document.cookie)',
    },
    {
      id: 'xss.page-access',
      points: 35,
      inBody: 10,
      pattern:
        /\bdocument ?(?:\.|\[ ?["'`]) ?(?:cookie|write|domain|location|body|forms|documentelement|url|referrer|queryselector|getelementby)|\b(?:window|self|top|parent|this|globalthis|frames)(?: ?\[ ?["'`/]|\.(?:location|name\b ?[;,)]|open ?\(|onerror|alert|eval))|\blocation ?(?:=|\.(?:href|hash|replace|assign|search))|\blocalstorage\.|\.innerhtml ?=/,
      why: 'Reads or changes the page',
      example: 'document.cookie',
    },
    {
      id: 'xss.code-from-text',
      points: 35,
      inBody: 15,
      pattern:
        /\beval ?\(|\bfunction ?\( ?["'`]|\bnew function ?\(|\bset(?:timeout|interval) ?\( ?["'`]|\bstring ?\. ?fromcharcode|\batob ?\(|\bimport ?\( ?["'`]|\bconstructor ?[.[(] ?["'`(]?(?:constructor|["'`])|\bunescape ?\(|\breflect\.|\bonerror ?= ?\w{1,20} ?[;,}]/,
      why: 'Makes code of text',
      example: '"+eval(name)+"',
    },
    {
      id: 'xss.broken-string',
      points: 40,
      inBody: 30,
      pattern:
        /^[^"'`<> ]{0,24}["'`] ?[)\]} ]{0,4}[-+;,*/^|&%?:=<>]{1,3} ?[({[! ]{0,3}(?:alert|confirm|prompt|print|eval|fetch|import|document|window|top|self|this|parent|location|settimeout|function|new |throw|onerror|open|name)\b ?[(.=[`{\\]/,
      why: 'A call behind a quote that ends the string',
      example: "';alert(1)//",
    },
    {
      id: 'xss.style-script',
      points: 35,
      inBody: 30,
      pattern:
        /[:/*] ?expression ?\(|-moz-binding|\bbehaviou?r ?: ?url ?\(|<style[^<>]{0,60}>[^<]{0,60}(?:@import|expression|javascript|url ?\( ?["']?(?:javascript|data:text|\/\/|https?:))|style ?= ?["'`][^"'`<>]{0,80}(?:expression|javascript:|url ?\( ?["']?(?:javascript|data:text))/,
      why: 'A style that is a script',
      example: '"width:expression(alert(1))">',
    },
    {
      id: 'xss.symbols-only',
      points: 40,
      inBody: 30,
      pattern: /[[\]()!+ ]{24}|\$=~\[\]/,
      why: 'JavaScript written in brackets alone',
      example: '[][(![]+[])[+[]]+([![]]+[][[]])[+!+[]+[+[]]]]',
    },
    {
      id: 'xss.utf-7',
      points: 40,
      inBody: 35,
      pattern: /[+ ]adw-[^ ]{0,12}(?:script|img|svg|iframe|a|body)/,
      why: 'A tag in UTF-7',
      example: '+adw-img src=x+ad4-',
    },
  ],
}
