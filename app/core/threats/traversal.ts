import type { Family } from './rule.ts'

/** Path traversal, and files that nobody asks an API for. Source: OWASP WSTG 4.5.1 and 4.7.11. */
export const traversal: Family = {
  category: 'traversal',
  view: 'slashes',
  hint: /\.\.|\/etc\b|\/proc\/|\/var\/|\/home\/|\/root\/|windows\/|system32|\.ini\b|web-inf|\.ssh|id_rsa|\.aws|_history|php:|file:|expect:|phar:|zip:|gopher:|dict:|jar:|netdoc:|glob:|\0|c:\//,
  rules: [
    {
      id: 'traversal.parent',
      points: 35,
      inBody: 5,
      pattern: /^\S{0,250}(?:^|[^.\w])\.\.(?:[/;]\S{0,250})?$/,
      why: 'One folder up',
      example: '../etc',
    },
    {
      id: 'traversal.parents',
      points: 25,
      inBody: 10,
      pattern: /\.\.;?\/{1,4}(?:\.\/){0,3}\.\.;?(?:\/|$)/,
      why: 'More than one folder up',
      example: '../../boot.ini',
    },
    {
      id: 'traversal.begins-with-parent',
      points: 10,
      inBody: 25,
      pattern: /^ ?(?:[\w:]{0,12}\/{0,3})?\.\.;?\/{1,4}(?:\.{1,2};?\/{1,4}){1,8}/,
      why: 'A value that begins with folders up',
      example: '/..\\..\\boot.ini',
    },
    {
      id: 'traversal.many-dots',
      points: 30,
      inBody: 15,
      pattern: /\.{3,8}\/{1,4}\.{1,8}\/|\.\.\.\.\/{1,4}|\.\.\/{0,2}\0/,
      why: 'Dots that become a folder up once a filter has removed some',
      example: '..../..../etc/passwd',
    },
    {
      id: 'traversal.system-file',
      points: 25,
      inBody: 20,
      pattern:
        /\/etc\/{1,4}(?:\.\/)?(?:passwd|shadow|group|hosts|issue|sudoers|crontab|hostname|ssh|ssl|mysql|nginx|apache2|httpd|fstab|resolv)|\/proc\/(?:self|version|cpuinfo|\d|net|cmdline)|\/var\/(?:log\/|www\/|lib\/mysql)|\/root\/\.|\/home\/\w{1,32}\/\.|(?:windows|winnt)\/{1,4}(?:system32|win\.ini|system\.ini|repair|php\.ini)|\b(?:win|boot|php|system)\.ini\b|\bweb-inf\b|\.ssh\/|\bid_rsa\b|\.aws\/|\.(?:bash|mysql|psql)_history/,
      why: 'A file of the system',
      example: 'x/etc/passwd',
    },
    {
      id: 'traversal.system-file-alone',
      points: 25,
      inBody: 15,
      pattern:
        /^ ?[^\s]{0,60}(?:\/etc\/|\/proc\/|\/var\/(?:log|www|lib)\/|\/root\/|\/home\/\w{1,32}\/\.|(?:windows|winnt)\/|\b(?:win|boot|php|system)\.ini|\.ssh\/|\.aws\/|_history|web-inf)[^\s]{0,60} ?$/,
      why: 'A path of the system and nothing else',
      example: '/etc/passwd',
    },
    {
      id: 'traversal.stream-address',
      points: 45,
      inBody: 30,
      pattern:
        /\b(?:php:\/{1,3}(?:input|filter|stdin|memory|temp)|expect:\/\/|phar:\/\/|zip:\/\/|glob:\/\/|gopher:\/\/|dict:\/\/|netdoc:|jar:(?:http|file)|file:\/{1,3}(?:etc|proc|var|root|windows|c:))/,
      why: 'An address of files or of other protocols',
      example: 'php://input',
    },
    {
      id: 'traversal.nul',
      points: 45,
      inBody: 20,
      pattern: /\0/,
      why: 'A NUL, which ends the text for C programs alone',
      example: 'users.json\u0000.png',
    },
    {
      id: 'traversal.name-with-nul',
      points: 5,
      inBody: 20,
      pattern: /^[\w./-]{1,100}\0/,
      why: 'A name of a file, and a NUL behind it',
      example: 'config.php\u0000',
    },
  ],
}
