import type { Family } from './rule.ts'

// What an injected value begins with: a word or number of its own, and the quote and brackets that end the value. People's
// texts, and whole statements in notes, have more before their first `and`.
const VALUE = String.raw`^ ?[\w.@%*:-]{0,24}['"\x60]?[ )]{0,4}`
const OPERAND = String.raw`(?:\d{1,9}(?: ?[-+*/%] ?\d{1,9})?|'[^']{0,20}'|"[^"]{0,20}"|true|false|null)`
const COMPARES = String.raw`(?:=|<|>|!|like\b|rlike\b|regexp\b|between\b|in ?\(|is (?:not )?null)`

/** SQL injection. Sources: OWASP WSTG 4.7.5, PortSwigger's cheat sheet, what sqlmap sends. */
export const sqli: Family = {
  category: 'sqli',
  view: 'sql',
  hint: /select|sleep|benchmark|waitfor|dbms_|_schema|sqlite_|pg_|sys|xp_|sp_|@@|load_|outfile|dumpfile|xml|concat|cha?r\s?\(|0x|drop\s|truncate\s|delete\s|insert\s|update\s|alter\s|create\s|shutdown|declare\s|exec|having|\b(?:or|and|xor)\b[\s('"!~+]|\|\||&&|(?:order|group)\s{1,9}by|lo_|utl_|open|copy\s|case\s|mysql|master|all_t|user_t|['"`)\d;]\s{0,9}(?:--|#|\/\*|;|or\b|and\b|like|union|limit|div|mod|=)|--\s{0,3}$|\/\*|['"`] ?[-=<>^*/%&|+]/,
  rules: [
    {
      id: 'sqli.union-select',
      points: 45,
      inBody: 15,
      pattern:
        /union[ (]{1,4}(?:all |distinct )?[ (]{0,4}select(?: ?$|[ (]{1,3}(?:null\b|\d|\*|@|['"(]|0x|char|concat|distinct |all |top \d|[\w.]{1,30}\(|[\w.]{1,30},[\w@'"(]|[\w., ()*]{1,60}\bfrom [\w.$]{2}))/,
      why: 'Adds the rows of another query',
      example: 'x union all select username, password from users',
    },
    {
      id: 'sqli.union-behind-value',
      points: 10,
      inBody: 20,
      pattern: new RegExp(
        `${VALUE}union[ (]{1,4}(?:all |distinct )?[ (]{0,4}select[ (]{1,3}(?:null\\b|\\d|\\*|@|['"(]|[\\w.]{1,30}\\(|[\\w.]{1,30},[\\w@'"(]|[\\w., ()*]{1,60}\\bfrom [\\w.$]{2})`,
      ),
      why: 'A value, and another query right behind it',
      example: '1 union select 1',
    },
    {
      id: 'sqli.behind-value',
      points: 35,
      inBody: 30,
      pattern: new RegExp(
        `${VALUE}(?:(?:\\b(?:or|and|xor|having)|\\|\\||&&)[ (!~+-]{1,5}(?:not |binary )?(?:${OPERAND} ?${COMPARES}|[\\w.]{1,40} ?(?:(?:=|<>|!=|<|>|like|rlike|regexp|between) ?['"(\\d]|is not null|is null)|[\\w.]{2,40}\\(|exists ?\\(|\\(? ?select )|\\b(?:order|group) by \\d{1,4} ?(?:--|#|,|;|\\)|\\/|limit|asc|desc|$)|\\brlike |procedure analyse|\\(? ?case when|limit \\d{1,6} ?,? ?\\d{0,6} ?(?:into|procedure|union|--|#))`,
      ),
      why: 'A value, and SQL right behind it',
      example: "' or 1=1--",
    },
    {
      id: 'sqli.quoted-condition',
      points: 45,
      inBody: 35,
      pattern:
        /['"`][ )]{0,4}(?:or|and|xor|\|\||&&)[ (!~+-]{0,5}(?:not )?(?:['"`][^'"`]{0,24}['"`] ?(?:=|<|>|!|like |rlike |--|#)|\d{1,9}(?: ?[-+*/] ?\d{1,9})? ?(?:=|<|>|#|--|;|like|rlike|between|limit|$)|(?:true|false|null)(?: ?--|#|;|$| limit)|exists ?\()/,
      why: 'A condition without a column, behind a quote',
      example: "' or 'a'='a",
    },
    {
      id: 'sqli.quoted-comparison',
      points: 35,
      inBody: 0,
      pattern:
        /['"`][ )]{0,4}(?:or|and|xor|\|\||&&)[ (!~+-]{1,5}[\w.]{1,30} ?(?:(?:=|<|>|!=) ?['"`\d(]|like ['"`%]|is null|is not null|between \d|regexp )/,
      why: 'A condition behind a quote',
      example: "' and username like 'a%",
    },
    {
      id: 'sqli.tautology',
      points: 20,
      inBody: 10,
      pattern: new RegExp(
        `(?:\\b(?:or|and|xor|where|having|not|when)|\\|\\||&&)[ (!~+-]{1,5}${OPERAND} ?(?:=|<>|!=|<|>|like|rlike|between|is)[ ('"]{0,3}[\\d'"tn]`,
      ),
      why: 'A condition that is always, or never, true',
      example: 'id = 1 or 1=1',
    },
    {
      id: 'sqli.open-condition',
      points: 30,
      inBody: 20,
      pattern:
        /['"`)] {0,2}(?:or|and|xor|\|\||&&)[ (!~+-]{1,5}(?:\d{1,9}|true|false|null)(?: ?(?:--|#|;|\/\*)|$)|\d {0,2}(?:or|and|xor|\|\||&&)[ (!~+-]{1,5}(?:\d{1,9}|true|false|null) ?(?:--|#|\/\*)/,
      why: 'A condition of one word, and the rest cut off',
      example: "' or true--",
    },
    {
      id: 'sqli.comment-after-quote',
      points: 40,
      inBody: 35,
      pattern: /(?:['"]|^[\w@.-]{1,24}`) ?[);]{0,3} ?(?:--[\w +-]{0,10}|#[\w ]{0,6}|\/\*[\w ]{0,10})$/,
      why: 'A comment cuts off what follows the value',
      example: "admin'--",
    },
    {
      id: 'sqli.comment-at-end',
      points: 15,
      inBody: 15,
      pattern: /[\w)*] ?;? ?--[ +-]{0,3}$/,
      why: 'Ends in a comment',
      example: '(1) --',
    },
    {
      id: 'sqli.stacked-behind-value',
      points: 45,
      inBody: 35,
      pattern: new RegExp(
        `${VALUE}; ?(?:(?:drop|alter|create|truncate) (?:table|database|schema|user|view|index|function|login|role|procedure|trigger|extension)|truncate \\w|(?:insert|replace) into|delete from|update \\w{1,30} set|exec(?:ute)?[ (]|shutdown\\b|declare [@\\w]|waitfor |select[ (@]|call \\w|grant \\w|copy \\w|set @?\\w{1,30} ?=|begin\\b|commit\\b|rollback\\b|attach |vacuum|if\\b|use \\w|do \\$)`,
      ),
      why: 'A value, and a statement right behind it',
      example: '1; drop table users',
    },
    {
      id: 'sqli.stacked-statement',
      points: 40,
      inBody: 0,
      pattern:
        /['"`] ?\)?[ )]{0,3}; ?(?:(?:drop|alter|create|truncate) |insert into|delete from|update \w{1,30} set|exec(?:ute)?[ (]|shutdown\b|declare @|waitfor |select[ (@]|grant \w|copy \w)/,
      why: 'A statement behind a quote',
      example: "'; drop table users--",
    },
    {
      id: 'sqli.destructive-statement',
      points: 25,
      inBody: 0,
      pattern:
        /\b(?:(?:drop|truncate|alter) (?:table|database|schema|user|view|login|role)|delete from|insert into \w{1,30}|update \w{1,30} set) ?["`[\w(]/,
      why: 'A statement that changes or deletes',
      example: '1; drop table users',
    },
    {
      id: 'sqli.delay',
      points: 45,
      inBody: 30,
      pattern:
        /\bpg_sleep ?\(|\bwaitfor (?:delay|time) ?['"(@]|\bbenchmark ?\( ?\d{4,12} ?,|\bdbms_(?:pipe|lock|session)\.|\brandomblob ?\(|(?:\b(?:or|and|xor|if|select|rlike|when|then|else)\b|[,+*/^|&'-])[ (!]{0,4}(?:\d{1,4} ?[,=] ?)?[ (!]{0,2}(?:\d{1,4} ?[,=] ?\d{0,4} ?,? ?)?sleep ?\( ?\d/,
      why: 'Makes the database wait, to ask it yes or no',
      example: '1 or sleep(5)',
    },
    {
      id: 'sqli.catalogue',
      points: 25,
      inBody: 10,
      pattern:
        /\binformation_schema\b|\bpg_(?:catalog|shadow|user|tables|database|read_file|ls_dir)\b|\bsqlite_(?:master|schema|version)\b|\bsys(?:\.(?:objects|tables|columns|databases|user\$)|objects|columns|users)\b|\b(?:all_tables|all_tab_columns|user_tables|v\$version)\b|\bmysql\.user\b|\bmaster\.\.|@@(?:version|hostname|datadir|servername)\b/,
      why: 'Asks the database what there is',
      example: 'select table_name from information_schema.tables',
    },
    {
      id: 'sqli.server-function',
      points: 45,
      inBody: 30,
      pattern:
        /\bxp_(?:cmdshell|dirtree|regread|fileexist)\b|\bsp_(?:executesql|oacreate|configure)\b|\bload_file ?\(|\binto (?:out|dump)file\b|\butl_(?:http|inaddr|file)\b|\blo_(?:import|export) ?\(|\b(?:openrowset|opendatasource) ?\(|\bcopy [\w ()]{1,30} (?:from|to) program\b|\bload_extension ?\(/,
      why: 'Reaches files or programs through the database',
      example: "1; copy t from program 'id'",
    },
    {
      id: 'sqli.error-function',
      points: 40,
      inBody: 30,
      pattern:
        /\b(?:extractvalue|updatexml|gtid_subset|xmltype) ?\( ?[\w(']|\bfloor ?\( ?rand ?\(|\bexp ?\( ?~|\bconvert ?\( ?int ?, ?[(@c]|\bcast ?\( ?\(? ?(?:select|version|@@|chr)|\bconcat(?:_ws)? ?\( ?(?:0x|char ?\(|chr ?\(|@@|'?~)/,
      why: 'Makes an error that tells a value',
      example: 'extractvalue(1,concat(0x7e,version()))',
    },
    {
      id: 'sqli.guess-function',
      points: 35,
      inBody: 15,
      pattern:
        /\b(?:ascii|ord|hex|length|char_length|substr|substring|mid|left|strcmp|ifnull|count) ?\( ?\(? ?(?:substr|substring|mid|select|user ?\(|database ?\(|version ?\(|@@|\*\) ?from)|\bgroup_concat ?\(|\bif ?\( ?(?:\d{1,6} ?[=<>]|\(? ?select|ascii|ord|substr|user ?\()|\b(?:current_user|system_user|database|version|user) ?\( ?\) ?(?:[=<>,)|-]|like|from|#|$)/,
      why: 'Reads a value letter by letter',
      example: '1 and if(1=1,1,0)',
    },
    {
      id: 'sqli.subquery',
      points: 35,
      inBody: 5,
      pattern: /\( ?select [^()]{0,60}\b(?:from|case|count|user|version|password|null|\d)/,
      why: 'A query where a value belongs',
      example: '(select password from users)',
    },
    {
      id: 'sqli.begins-with-query',
      points: 20,
      inBody: 30,
      pattern: new RegExp(
        `(?:${VALUE}|['"\\x60] ?)(?:(?:=|<|>|\\|\\||&&|\\+|-|\\*|\\/|,|\\b(?:and|or|in|exists|not)\\b)[ (!~]{1,6}|[ (]{0,3}\\( ?)select(?:[ (]{1,3}(?:null\\b|\\d|\\*|@|['"(]|case )|[ (](?:distinct |all |top \\d{1,3} )?[\\w.]{1,30}(?:\\(|(?: ?, ?[\\w.*]{1,30}){0,4} from ))`,
      ),
      why: 'A query right behind the value, or instead of it',
      example: '1 and (select 1)',
    },
    {
      id: 'sqli.select-from',
      points: 25,
      inBody: 0,
      pattern:
        /\bselect [\w*@`",.()' -]{1,80} from [\w`"[.]{1,60}(?: where \w{1,30} ?[=<>l(]| limit \d| order by | union (?:all )?select|--|;|#|$)/,
      why: 'A whole query',
      example: 'select * from users--',
    },
    {
      id: 'sqli.case-when',
      points: 30,
      inBody: 10,
      pattern: /\bcase when ?\(? ?[^;]{1,40} then\b|\b(?:and|or|where) \w{1,20} (?:rlike|regexp) ?(?:binary )?['"(]/,
      why: 'Asks the database yes or no',
      example: 'case when 1=1 then 1 else 0 end',
    },
    {
      id: 'sqli.joined-string',
      points: 30,
      inBody: 15,
      pattern: /['"`] ?(?:\|\||\+) ?(?:\(|['"`] ?(?:\|\||\+|$)|chr ?\(|char ?\(|user\b|@@|utl_|dbms_)|['"`]\|\|['"`]/,
      why: 'Puts a string together from pieces',
      example: "'||(select 1)||'",
    },
    {
      id: 'sqli.letters-by-number',
      points: 35,
      inBody: 30,
      pattern:
        /\bchr?\(\d{1,3}\) ?(?:\|\||\+|,|&)|\bchar ?\( ?\d{1,3} ?, ?\d{1,3}|\bchar\(\d{1,3}\) ?(?:\|\||\+|,|&)|\b(?:un)?hex\( ?['"]?[0-9a-f]{4,64}/,
      why: 'Writes letters as numbers',
      example: 'chr(65)||chr(66)',
    },
    {
      id: 'sqli.quote-arithmetic',
      points: 30,
      inBody: 30,
      pattern: /^[\w@.]{0,24}['"`] ?(?:=|<|>|-|\^|\*|\/|%|&|\||like|regexp|rlike|div|mod)[ (]{0,2}(?:['"`(]|0$)/,
      why: 'Calculates with the value’s end',
      example: "admin'-'0",
    },
  ],
}
