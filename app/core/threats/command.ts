import type { Family } from './rule.ts'

/** What a shell starts and attackers want. */
export const PROGRAMS =
  'cat|tac|head|tail|less|more|nl|ls|dir|id|who|whoami|uname|wget|curl|nc|ncat|netcat|bash|sh|zsh|ping|nslookup|dig|host|sleep|rm|chmod|chown|python[23]?|perl|php|ruby|node|powershell|cmd|type|echo|ifconfig|ipconfig|netstat|ps|env|printenv|touch|kill|tftp|ftp|telnet|ssh|scp|find|grep|awk|sed|base64|xxd|mkfifo|mknod|socat|busybox|net|systeminfo|tasklist|reg|certutil|bitsadmin|set|hostname|ip|w|pwd|timeout|systemctl|reboot|shutdown|crontab|useradd|mail|openssl|tar|vi|sudo|su'

/** Commands of a shell. Source: OWASP WSTG 4.7.12. */
export const command: Family = {
  category: 'command',
  view: 'text',
  hint: /[;|&`\n]\s{0,9}[\w/]|\$[({i]|\/bin\/|\/dev\/tcp|\(\) ?\{|powershell|cmd|\bnc\b|whoami|rm\s{1,9}-|passthru|shell_exec|system ?\(|popen|proc_open|phpinfo|\$_|<\?|<%|\/\?\?|[a-z](?:''|"")[a-z]|^ ?\/(?:usr|bin|sbin)|>_\[|w\\h/,
  rules: [
    {
      id: 'command.with-argument',
      points: 40,
      inBody: 15,
      pattern: new RegExp(
        `(?:^|[;|&\\n\`(])[ \\t]{0,4}(?:/(?:usr/)?s?bin/)?(?:${PROGRAMS})(?:\\.exe)?(?:[ \\t]{1,4}|\\$\\{?ifs\\}?(?:\\$\\d)?|<|\\{)["']?(?:/|-[a-z]|--[a-z]|\\.\\.?/|~|\\$|\\*|https?:|\\d{1,3}\\.\\d|c:|\\\\\\\\|%\\w{1,20}%)`,
      ),
      why: 'A program and what it is to work on',
      example: '; cat /etc/passwd',
    },
    {
      id: 'command.behind-value',
      points: 40,
      inBody: 30,
      pattern: new RegExp(
        `^[\\w.@:/-]{0,40}['")]{0,2}[ \\t]{0,2}(?:[;|&\\n]|&&|\\|\\|)[ \\t]{0,4}(?:/(?:usr/)?s?bin/)?(?:cat|ls|dir|dig|whoami|uname|wget|curl|nc|ncat|ping|nslookup|sleep|ifconfig|ipconfig|netstat|printenv|systeminfo|tasklist|powershell|rm|chmod|chown|kill|touch|python[23]?|perl|php|ruby|bash|sh)(?:\\.exe)?(?:[ \\t]{0,4}(?:[;&#)"'\`]|$)|[ \\t]{1,4}(?:/|-\\w|https?:|\\d|c:|[\\w-]{1,40}\\.[a-z]))`,
      ),
      why: 'A program behind a short value',
      example: '1; whoami',
    },
    {
      id: 'command.id-behind-value',
      points: 35,
      inBody: 30,
      pattern:
        /(?:["'\d)]|^[\w.-]{0,30})[ \t]{0,3}(?:[;|&\n]|&&|\|\|)[ \t]{0,3}(?:id|dir|ps|w|env|pwd|set|who|hostname|ver)[ \t]{0,3}(?:[;|&#]|$)/,
      why: 'A program of few letters behind a short value',
      example: 'file.txt||id',
    },
    {
      id: 'command.substitution',
      points: 40,
      inBody: 25,
      pattern:
        /\$\([ \t]{0,3}(?:id|whoami|uname|hostname|ls|ps|env|sleep \d|cat (?:<|\/|\$)|curl |wget |ping |nslookup |dig |bash|sh |nc |base64|expr|printf|python|perl)/,
      why: 'A command in a command',
      example: 'x $(whoami)',
    },
    {
      id: 'command.backticks',
      points: 40,
      inBody: 5,
      pattern:
        /`[ \t]{0,3}(?:id|whoami|uname|hostname|ls|ps|env|pwd|sleep \d|cat |curl |wget |ping |nslookup |dig |nc |bash|sh )[^`]{0,60}`[ \t]{0,3}(?:$|[;|&"')])/,
      why: 'A command in backticks',
      example: 'x `whoami`',
    },
    {
      id: 'command.alone',
      points: 20,
      inBody: 30,
      pattern:
        /^[\w.@-]{0,24}[ \t;|&"']{0,3}(?:`[ \t]{0,3}(?:id|whoami|uname|hostname|ls|ps|env|pwd|sleep \d|cat |curl |wget |ping |nslookup |dig |nc |bash|sh )[^`]{0,60}`|\$\([^()]{1,60}\)|\/(?:usr\/)?s?bin\/\w{1,20})["']?[ \t]{0,3}$/,
      why: 'A command and nothing else',
      example: '`whoami`',
    },
    {
      id: 'command.field-separator',
      points: 35,
      inBody: 35,
      pattern:
        /\$\{?ifs\b|\{(?:cat|ls|curl|wget|nc|bash|sh|ping|echo|sleep),|\b[a-z]{1,4}(?:''|"")[a-z]{1,6} \/|\bc\\?a\\t \/|\$@[a-z]|\bw\\ho|\/\?{2,4}\/[\w?]{0,4}\?/,
      why: 'A command that hides its spaces or letters',
      example: 'cat${ifs}users',
    },
    {
      id: 'command.reverse-shell',
      points: 50,
      inBody: 35,
      pattern:
        /\/dev\/(?:tcp|udp)\/|\bn(?:c|cat|etcat)(?:\.exe)?[ \t]{1,4}(?:-\w{1,6}[ \t]{1,4}){0,3}-\w{0,3}[ec]\w{0,3}[ \t]{1,4}\/?|\bmkfifo[ \t]{1,4}\/tmp|\b(?:bash|sh)[ \t]{1,4}-i\b|\bsocat[ \t]{1,4}\S{0,20}exec:|\bpowershell(?:\.exe)?[ \t]{1,4}(?:-\w{1,20}[ \t]{1,4}\w{0,12}[ \t]{0,4}){0,3}-(?:e|en|enc|encodedcommand|nop|w|c|command|ep)\b|\bcmd(?:\.exe)?[ \t]{1,4}\/[ck]\b|\biex[ \t]{0,2}\(/,
      why: 'A shell for somebody elsewhere',
      example: 'cmd.exe /c dir',
    },
    {
      id: 'command.shellshock',
      points: 60,
      inBody: 50,
      pattern: /\(\)[ \t]{0,4}\{[ \t]{0,4}(?::|_|\w{1,9}=)?[^{}]{0,12};?[ \t]{0,4}\}[ \t]{0,4};|>_\[\$\(/,
      why: 'Shellshock (CVE-2014-6271)',
      example: '() { :;}; echo vulnerable',
    },
    {
      id: 'command.program-path',
      points: 20,
      inBody: 5,
      pattern:
        /\/(?:usr\/)?s?bin\/(?:ba|z|da|k|c|tc)?sh\b|\/(?:usr\/)?s?bin\/(?:cat|ls|id|nc|ping|wget|curl|python|perl|uname|whoami|sleep)\b|\bcmd\.exe\b|\brm[ \t]{1,4}-(?:rf|fr|r)[ \t]{1,4}[/~*]/,
      why: 'A program by its path',
      example: '/bin/bash',
    },
    {
      id: 'command.php',
      points: 45,
      inBody: 30,
      pattern:
        /<\?(?:php\b|=|[ \t\n]{1,3}(?:system|exec|eval|echo|passthru))|<%[ \t]{0,3}(?:eval|execute|runtime|response\.write)|\b(?:passthru|shell_exec|proc_open|pcntl_exec|popen|system|exec|assert|call_user_func|file_get_contents|preg_replace)[ \t]{0,3}\([ \t]{0,3}(?:\$_(?:get|post|request|cookie|server)|["'](?:id|whoami|ls|cat|uname|dir|cmd|ping|curl|wget|nc|\/))|\$_(?:get|post|request|cookie|server)\[|\bphpinfo\(\)/,
      why: 'A program in PHP or the like',
      example: "system('id')",
    },
  ],
}
