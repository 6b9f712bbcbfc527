import { Parser } from 'htmlparser2'
import { describe, expect, test } from 'vitest'
import { emojiOf } from '../../app/core/emoji.ts'
import { isSafeLink } from '../../app/core/links.ts'
import { safeHtml } from '../../app/core/safe-html.ts'

interface Element {
  name: string
  attributes: Record<string, string>
}

/** Elements and attributes of a piece of HTML, as a parser sees them. */
function parsed(html: string) {
  const elements: Element[] = []
  const other: string[] = []
  const parser = new Parser({
    onopentag: (name, attributes) => elements.push({ name, attributes }),
    oncomment: (text) => other.push(text),
    onprocessinginstruction: (name) => other.push(name),
  })
  parser.end(html)
  return { elements, other }
}

const ELEMENTS =
  'a b blockquote br caption code del div em h1 h2 h3 h4 h5 h6 hr i ins li mark ol p pre s small span strong sub sup table tbody td tfoot th thead tr u ul'
const NAMES = ELEMENTS.split(' ')
const REL = 'noopener noreferrer nofollow ugc'
// Whatever a browser makes of HTML, it makes it of this: text without "<", tags without attributes, and links.
const HARMLESS = new RegExp(
  `^(?:[^<>]|</?(?:${NAMES.join('|')})(?: /)?>|<a href="(?:https?://|mailto:|/(?!/))[^"<>\\\\\\s]*" rel="${REL}">)*$`,
)

/** As the parser sees it. */
const isHarmless = ({ name, attributes: { href, rel, ...other } }: Element) =>
  NAMES.includes(name) &&
  Object.keys(other).length === 0 &&
  (href === undefined ? rel === undefined : name === 'a' && /^(https?:\/\/|mailto:|\/(?![/\\]))/.test(href))

const VECTORS = [
  '<script>alert(1)</script>',
  '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<<script>alert(1);//<</script>',
  '<script/x>alert(1)</script>',
  '<script\u0009>alert(1)</script >',
  '<img src=x onerror=alert(1)>',
  '<img src="javascript:alert(1)">',
  '<img src=`x` onerror=alert(1)>',
  '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
  '<img/src/onerror=alert(1)>',
  '<image src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg/onload=alert(1)//',
  '<svg><script>alert(1)</script></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<svg><style><img src=x onerror=alert(1)></style></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  '<math><a xlink:href="javascript:alert(1)">x</a></math>',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<style>@import "//evil.example/x.css";</style>',
  '<style><!--</style><script>alert(1)//--></script>',
  '<link rel=stylesheet href=//evil.example/x.css>',
  '<p style="background:url(javascript:alert(1))">x</p>',
  '<p style="position:fixed;inset:0">x</p>',
  '<p class="modal" id="login" name="x" data-action="click">x</p>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href=" javascript:alert(1)">x</a>',
  '<a href="java\tscript:alert(1)">x</a>',
  '<a href="java\nscript:alert(1)">x</a>',
  '<a href="&#106;avascript:alert(1)">x</a>',
  '<a href="&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A&#x61&#x6C&#x65&#x72&#x74&#x28&#x31&#x29">x</a>',
  '<a href="javascript&colon;alert(1)">x</a>',
  '<a href="javascript&NewLine;:alert(1)">x</a>',
  '<a href="\u0001javascript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="file:///etc/passwd">x</a>',
  '<a href="blob:https://example.com/1">x</a>',
  '<a href="view-source:https://example.com">x</a>',
  '<a href="//evil.example">x</a>',
  '<a href="/\\evil.example">x</a>',
  '<a href="\\\\evil.example">x</a>',
  '<a href="/\t/evil.example">x</a>',
  '<a href="https:evil.example">x</a>',
  '<a href="https://ok.example" onclick="alert(1)" target="_blank" style="x" ping="//evil.example">x</a>',
  '<a href="https://ok.example" rel="opener">x</a>',
  '<a href=\'https://ok.example/"onmouseover="alert(1)\'>x</a>',
  '<a href="https://ok.example/?a=1&quot;&gt;&lt;script&gt;alert(1)">x</a>',
  '<a <!-- --> href="javascript:alert(1)">x</a>',
  '<base href="//evil.example/"><a href="/x">x</a>',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<iframe><img src=x onerror=alert(1)></iframe>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="//evil.example/x.swf">',
  '<applet code="x"></applet>',
  '<frameset onload=alert(1)><frame src="javascript:alert(1)"></frameset>',
  '<form action="javascript:alert(1)"><input type=submit></form>',
  '<input autofocus onfocus=alert(1)>',
  '<button formaction="javascript:alert(1)">x</button>',
  '<isindex type=image src=1 onerror=alert(1)>',
  '<select><option><script>alert(1)</script></select>',
  '<textarea><img src=x onerror=alert(1)></textarea>',
  '<textarea></textarea><script>alert(1)</script>',
  '<title><img src=x onerror=alert(1)></title>',
  '<template><script>alert(1)</script></template>',
  '<xmp><script>alert(1)</script></xmp>',
  '<plaintext><script>alert(1)</script>',
  '<noembed><img src=x onerror=alert(1)></noembed>',
  '<listing>&lt;img src=x onerror=alert(1)&gt;</listing>',
  '<video><source onerror=alert(1)></video>',
  '<audio src=x onerror=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<marquee onstart=alert(1)>x</marquee>',
  '<body onload=alert(1)>',
  '<html><head><script>alert(1)</script></head></html>',
  '<table background="javascript:alert(1)"><tr><td onmouseover=alert(1)>x</td></tr></table>',
  '<div onpointerenter=alert(1)>x</div>',
  '<b onmouseover\n=\nalert(1)>x</b>',
  '<p/onclick=alert(1)>x</p>',
  '<custom-element onclick=alert(1)>x</custom-element>',
  '<!--<img src="--><img src=x onerror=alert(1)//">',
  '<!--><script>alert(1)</script>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?xml version="1.0"?><script>alert(1)</script>',
  '<!DOCTYPE html><script>alert(1)</script>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<p>a</p><script>alert(1)',
  '<a href="https://ok.example',
  '</p><script>alert(1)</script><p>',
  '<p\u0000onclick=alert(1)>x</p>',
  '\uFF1Cscript\uFF1Ealert(1)\uFF1C/script\uFF1E',
  "<%<!--'%><script>alert(1);</script -->",
]

describe('HTML of others', () => {
  test(`is harmless, whichever of ${VECTORS.length} attacks it is`, () => {
    expect(VECTORS.length).toBeGreaterThanOrEqual(60)
    for (const vector of VECTORS) {
      const html = safeHtml(vector)
      const { elements, other } = parsed(html)
      const kept = { vector, html, other, harmful: elements.filter((element) => !isHarmless(element)) }
      expect(kept).toEqual({ vector, html: expect.stringMatching(HARMLESS), other: [], harmful: [] })
      expect(safeHtml(html)).toBe(html)
    }
  })

  test('keeps what people write', () => {
    const html =
      '<h2>Plan</h2><p>We <b>ship</b> on <em>Monday</em>,<br />see <code>x &lt; y</code></p><ul><li>one</li></ul>'
    expect(safeHtml(html)).toBe(html)
    expect(safeHtml('<a href="/products/1">here</a>')).toBe(`<a href="/products/1" rel="${REL}">here</a>`)
    expect(safeHtml('<a href="https://example.com/?a=1&amp;b=2" target="_blank">there</a>')).toBe(
      `<a href="https://example.com/?a=1&amp;b=2" rel="${REL}">there</a>`,
    )
    expect(safeHtml('<a href="mailto:jane@example.com">mail</a>')).toContain('href="mailto:jane@example.com"')
    expect(safeHtml('<p>a</p><script>b</script><img src="x">')).toBe('<p>a</p>')
  })

  test.for(['<b>', '<a href="', '<!--', '<', '<ul><li>', '&#x6A;'])('leaves nothing harmful of many %j', (part) => {
    expect(safeHtml(part.repeat(2000))).toMatch(HARMLESS)
  })
})

describe('a link', () => {
  test.for(['https://example.com/a?b=c#d', 'http://localhost:8000', '/files/1', '/'])('may lead to %s', (address) => {
    expect(isSafeLink(address)).toBe(true)
  })
  test.for([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'data:text/html,x',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '\thttps://example.com',
    'https:evil.example',
    'https:///evil.example',
    'ftp://example.com',
    'files/1',
    '',
    'https://',
    'blob:https://example.com',
  ])('may not lead to %j', (address) => {
    expect(isSafeLink(address)).toBe(false)
  })
})

describe('an emoji', () => {
  test.for([
    ['👍', '👍'],
    ['❤️', '❤️'],
    ['❤', '❤️'],
    ['👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦'],
    ['👍🏽', '👍🏽'],
    ['🇩🇪', '🇩🇪'],
    ['🏴󠁧󠁢󠁷󠁬󠁳󠁿', '🏴󠁧󠁢󠁷󠁬󠁳󠁿'],
    ['1️⃣', '1️⃣'],
  ] as const)('%s is kept as %s', ([text, emoji]) => {
    expect(emojiOf(text)).toBe(emoji)
  })
  test.for(['', 'a', '1', '#', '👍👍', '👍 ', ' 👍', 'smile', '<', '\u200D', '\uFE0F', '🇩', '👍'.repeat(40), '\0'])(
    '%j is none',
    (text) => {
      expect(emojiOf(text)).toBeUndefined()
    },
  )
})
