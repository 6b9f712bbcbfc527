import { PROGRAMS } from './command.ts'

// Most texts are harmless, and to hold each against every rule would take longer than to serve it. So one pass over the text,
// here, says whether there is anything in it that a rule could begin with; only then are the rules asked.
//
// It says by hand what the patterns of the rules have in common, which no code could read from them. A new rule, or a new
// alternative of one, needs a sign here: without it the rule is never asked, and nothing tells. What keeps the two together is
// tests/unit/threats/corpus.test.ts: each rule's example, and an attack of the corpus that this rule alone finds, get through.
// Words that are in many harmless texts are no sign: `drop table users` is let through behind a value only.
//
// Every alternative begins with a sign (what must stand before it is looked back at), so that between signs a text is passed
// over as quickly as it can be read.

const CALLS =
  'alert|confirm|prompt|print|eval|function|settimeout|setinterval|fromcharcode|atob|import|constructor|unescape|apply|call|bind|map|foreach|then|fetch|expression|url|sleep|benchmark|randomblob|load_file|lo_import|lo_export|openrowset|opendatasource|load_extension|extractvalue|updatexml|gtid_subset|xmltype|floor|exp|convert|cast|concat|concat_ws|ascii|ord|hex|unhex|length|char_length|substr|substring|mid|left|strcmp|ifnull|count|group_concat|if|current_user|system_user|database|version|user|chr|char|passthru|shell_exec|proc_open|pcntl_exec|popen|system|exec|assert|call_user_func|file_get_contents|preg_replace|phpinfo|write|__import__|getruntime|getclass|forname|set|find[a-z]{0,9}|drop|insert[a-z]{0,9}|remove[a-z]{0,9}|update[a-z]{0,9}|delete[a-z]{0,9}|while|doc|name|position|last|string-length|iex|exists|t|throw|open|replace|assign|search|ldap|eval'
// A rule looks for `ver` behind a value. With what it works on it is no program's name: "Ver https://…" is Spanish.
const STARTED = `${PROGRAMS}|ver`

const SIGNS: readonly [first: string, pattern: string][] = [
  // a value that ends, and what SQL, JavaScript, a shell or an attribute may have behind it
  [
    String.raw`'"\x60`,
    String.raw`['"\x60][\s)\]}]{0,4}(?:(?:or|and|xor|union|having|like|order|group|limit|rlike|regexp|div|mod|where)\b|\|\||&&|--|[#;|=<>^*/%&+,:?!-]|on[a-z]{3}|\/\*|$)`,
  ],
  [String.raw`'"\x60`, String.raw`['"\x60][ /][^<>"'\x60]{0,60}\bon[a-z]{3,24} ?=`],
  [String.raw`'"`, String.raw`(?:''|"")[a-z]`],
  [String.raw`\x60`, String.raw`\x60(?:\s{0,3}(?:${STARTED})\b|(?<=(?:alert|confirm|prompt|print)\x60))`],
  // elements, entities, declarations
  [String.raw`<`, String.raw`<[\s/]{0,3}[a-z!?%#]`],
  // calls
  [String.raw`\(`, String.raw`\((?<=(?:${CALLS})['"\])\s?.]{0,4}\()`],
  [String.raw`\(`, String.raw`\(\s?(?:select\b|[|&!]|\)\s?\{)`],
  [String.raw`)*`, String.raw`[)*][\s]{0,3}[()|&!]`],
  // expressions
  [String.raw`\$`, String.raw`\$(?:[({@]|_?[a-z]{2}|=~)`],
  [String.raw`\{`, String.raw`\{(?:[{%=]|[a-z]{2,5},|\s{0,4}["']?\$|onerror)`],
  [String.raw`#*@~%`, String.raw`[#*@~%]\{`],
  [String.raw`@`, String.raw`@(?:\(|@|java)`],
  [String.raw`#`, String.raw`#(?:set|_m|exec)`],
  [String.raw`_`, String.raw`__(?:class|mro|base|sub|glob|built|import|init|proto)`],
  [String.raw`\[`, String.raw`\[\s?["'\x60/$]`],
  [String.raw`\]`, String.raw`\](?:\s?\(|\[)`],
  [String.raw`\[\]()!+`, String.raw`[\])(!+[][[\]()!+ ]{19}`],
  // statements and commands behind a value
  [
    String.raw`;`,
    String.raw`;\s{0,4}(?:drop|alter|create|truncate|insert|delete|update|exec|shutdown|declare|waitfor|select|call|grant|copy|set|begin|commit|rollback|attach|vacuum|if|use|do|${STARTED})\b`,
  ],
  [String.raw`;|&\n`, String.raw`[;|&\n]\s{0,4}(?:\/(?:usr\/)?s?bin\/)?(?:${STARTED})\b`],
  [String.raw`|&`, String.raw`[|&]{2}\s?\(?\s?['"\w]`],
  [String.raw`=`, String.raw`=(?<=(?:[\d'")]|true|null)\s{0,3}=)\s{0,3}['"(\dtfn]`],
  [String.raw`=`, String.raw`=(?<=\bon[a-z]{3,24}\s?=)`],
  [String.raw`=`, String.raw`=(?<=(?:location|innerhtml|srcdoc|onerror)\s?=)`],
  [String.raw`=<>!|&+*/,(~-`, String.raw`[=<>!|&+*/,(~-]\s{0,5}select\b`],
  [String.raw`<>`, String.raw`[<>](?<=\d\s?[<>])\s?\d`],
  [String.raw`-`, String.raw`--\s{0,4}[+-]{0,2}\s{0,3}$`],
  [String.raw`#`, String.raw`#(?=[\w ]{0,6}$)`],
  [String.raw`\/`, String.raw`\/\*`],
  [String.raw`-`, String.raw`-(?<=\badw-)`],
  [String.raw`-`, String.raw`-moz-binding`],
  [
    String.raw`-`,
    String.raw`-(?:r|i|e|c|nop|enc|command)\b(?<=(?:rm|sh|nc|ncat|netcat|powershell|powershell\.exe)\s{1,4}-[a-z]{1,8})`,
  ],
  // paths and addresses
  [String.raw`\.`, String.raw`\.\.[/\\;.\0]`],
  [String.raw`\.`, String.raw`\.\.$`],
  [String.raw`/\\`, String.raw`[/\\]\.\.$`],
  [
    String.raw`/\\`,
    String.raw`[/\\](?:etc|proc|var|home|root|windows|winnt|web-inf|s?bin|usr|dev|metadata|\?\?|computemetadata|latest)\b`,
  ],
  [String.raw`\/`, String.raw`\/\?\?`],
  [String.raw`\/`, String.raw`\/(?<=(?:windows|winnt)\/)`],
  [
    String.raw`\.`,
    String.raw`\.(?:ini|ssh|aws|exe|class|getclass|forname|cookie|write|domain|location|body|forms|url|open|onerror|alert|eval|href|hash|assign|innerhtml|name|classloader|prototype|nip|xip|sslip|254)\b`,
  ],
  [
    String.raw`\.`,
    String.raw`\.(?<=(?:document|window|self|top|parent|this|globalthis|frames|location|localstorage|reflect|string|java|utl_http|dbms_pipe|dbms_lock|dbms_session|metadata|class|ldap)\.)[a-z]`,
  ],
  [String.raw`\.`, String.raw`\.(?<=\bmaster\.)\.`],
  [String.raw`\.`, String.raw`\.(?:oast|interact|burpcollab|oastify|dnslog|ceye|requestbin|bash_h|mysql_h|psql_h)`],
  [String.raw`_`, String.raw`_(?:history|schema)|_(?<=\b(?:xp|sp|dbms|id|pg|lo|utl)_)`],
  [
    String.raw`:`,
    String.raw`:(?<=(?:s ?c ?r ?i ?p ?t|data|livescript|mocha|php|file|expect|phar|zip|glob|gopher|dict|netdoc|jar|jndi|behaviou?r) ?:)`,
  ],
  [String.raw`:`, String.raw`::(?:node|\*|text|comment)`],
  [String.raw`:`, String.raw`:\/\/(?:0x|2130|0177|0\.0|\[|127\.|[^/\s@]{0,40}@|[\w.-]{1,60}\.(?:xip|nip|sslip))`],
  // words that say enough without any sign, by a letter of theirs that is rare
  [String.raw`u`, String.raw`union`],
  [String.raw`w`, String.raw`waitfor|w(?<=\bcase w)hen`],
  [String.raw`k`, String.raw`k(?<=\brlik)e\b|k(?<=\bmk)fifo|k(?<=\bfreemark)er`],
  [String.raw`f`, String.raw`f(?<=(?:out|dump)f)ile`],
  [String.raw`y`, String.raw`y(?<=prototy)pe`],
  [String.raw`b`, String.raw`b(?<=processb)uilder`],
  [String.raw`-`, String.raw`-(?<=web-)inf`],
  // what is written for nobody to see
  [String.raw`\0-\x08\x0e-\x1f\x7f`, String.raw`[\0-\x08\x0e-\x1f\x7f]`],
  [
    String.raw`\r\n\u560a\u560d\u010a\u010d`,
    String.raw`[\r\n\u560a\u560d\u010a\u010d]\s{0,4}(?:set-cookie|location|content-|x-[a-z]|refresh|access-control|link|transfer|connection|host|cookie|authorization|cache|last-mod|http\/|get |post |put |delete |head |options |b?cc|to:|subject|reply-to|from|mime|\{|\[?(?:info|warn|error|debug|fatal|critical)|\d{4}-)`,
  ],
]

/** By the character that it begins with: what to look for there. */
const BY_SIGN: (RegExp | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const patterns = SIGNS.filter(([first]) => new RegExp(`[${first}]`).test(String.fromCharCode(code)))
  return patterns.length === 0 ? undefined : new RegExp(patterns.map(([, pattern]) => pattern).join('|'), 'y')
})
/** Characters that end a line once somebody has taken their lower byte for the whole. */
const CARELESS: ReadonlySet<number> = new Set([0x010a, 0x010d, 0x560a, 0x560d])

function hasSign(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 127) {
      if (CARELESS.has(code)) return true
      continue
    }
    const sign = BY_SIGN[code]
    if (sign === undefined) continue
    sign.lastIndex = at
    if (sign.test(text)) return true
  }
  return false
}

const PROGRAM_FIRST = String.raw`(?:\/(?:usr\/)?s?bin\/)?(?:${STARTED})(?:\.exe)?\s{1,4}["']?(?:\/|-|\.|~|\$|\*|http|\d|c:|\\|%)`
/** What stands at the beginning: a value, and SQL behind it; a program; a path. */
const BEGINNING = new RegExp(
  String.raw`^\s{0,4}(?:[\w.@%*:-]{0,24}['"\x60]?[\s)]{0,4}(?:(?:or|and|xor|where|having|order|group|limit|rlike|procedure|union|case)\b|\|\||&&)|\(?\s?case when|${PROGRAM_FIRST}|[\w.@:/-]{0,40}['")]{0,2}\s{0,2}[;|&\n]\s{0,4}(?:${STARTED})\b|\/(?:usr|bin|sbin)|\.\.?\/|\$|"?\$)`,
)

/** Whether a rule could find something: `text` is decoded and in small letters. */
export function isSuspect(text: string): boolean {
  return hasSign(text) || BEGINNING.test(text)
}
