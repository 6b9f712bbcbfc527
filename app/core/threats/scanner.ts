import type { Family } from './rule.ts'

/** Programs that look for holes, by their names, and what they ask every server for. Source: their own documentation. */
export const scanner: Family = {
  category: 'scanner',
  view: 'text',
  hint: /(?:)/, // as quick as the rules are: they look at paths and at one header alone
  rules: [
    {
      id: 'scanner.program',
      points: 50,
      inBody: 0,
      only: ['header'],
      pattern:
        /\b(?:sqlmap|nikto|nmap|masscan|zgrab|nuclei|acunetix|netsparker|invicti|dirbuster|gobuster|ffuf|wfuzz|feroxbuster|dirsearch|dirb\b|wpscan|wp-scan|joomscan|droopescan|whatweb|arachni|w3af|openvas|nessus|qualys|jaeles|hydra|havij|zmeu|morfeus|fimap|skipfish|webinspect|appscan|commix|xsstrike|xsser|dalfox|projectdiscovery|naabu|subfinder|katana\/|detectify|interactsh|censysinspect|l9explore|l9tcpid|leakix|burp|zaproxy|owasp|vega\/|paros|grabber|grendel|golismero|sitecheck|webshag|brutus|bsqlbf|sqlninja|sqlsus|pangolin|absinthe|cgichk|whisker|retire\.js-scan|tplmap|crackmapexec|metasploit|medusa\/|patator|x-scan|n-stealth|libwww-perl\/[\d.]{1,6} scan|jorgee|muieblackcat|blackwidow|evilscanner|hello, world|sysscan|security ?scan|vuln(?:erability)? ?scan)/,
      why: 'The name of a program that looks for holes',
      example: 'commix/3.8',
    },
    {
      id: 'scanner.page-of-others',
      points: 35,
      inBody: 0,
      only: ['path'],
      pattern: /\.(?:php\d?|phtml|phps|aspx?|ashx|asmx|jspx?|jspa|cgi|cfm|do|action|nsf|axd)(?:[/;]|$)/,
      why: 'A page of another kind of server',
      example: '/shell.jsp',
    },
    {
      id: 'scanner.known-hole',
      points: 45,
      inBody: 0,
      only: ['path'],
      pattern:
        /\/(?:wp-(?:login|admin|content|includes|json|config|cron)|wordpress|xmlrpc|phpmyadmin|pma\b|myadmin|mysqladmin|adminer|cgi-bin|actuator|jmx-console|web-console|invoker\/|manager\/(?:html|status|text)|host-manager|hnap1|boaform|goform|setup\.cgi|vendor\/(?:phpunit|laravel)|_ignition|telescope\/|_profiler|debug\/(?:pprof|default|vars)|solr\/|jenkins|script\/|owa\/|ecp\/|autodiscover|remote\/login|remote\/fgt|dana-na|vpn\/\.\.|global-protect|sslvpn|struts|axis2|druid\/|nacos\/|geoserver|confluence|jira\/|server-status|server-info|nginx_status|phpinfo|info\.php|shell\b|cmd\b|webshell|c99|r57|eval-stdin|elfinder|filemanager|fckeditor|ckeditor|tinymce|joomla|drupal|magento|typo3|umbraco|sitecore|laravel|think(?:php|app)|_layouts|_vti_bin|_vti_pvt|crossdomain\.xml|clientaccesspolicy|trace\.axd|elmah\.axd|console\/(?:login|css)|wls-wsat|weblogic|hudson|kibana|_cat\/|_search|_all_dbs|_cluster|v2\/_catalog|api\/v1\/(?:pods|namespaces)|latest\/meta-data|\+cscoe\+|\+cscot\+|tmui\/|mgmt\/tm|portal\/redlion|sdk\b|evox|nmaplowercheck|sitecheck|getcmd|currentsetting\.htm|gponform|jsonws|reportserver)/,
      why: 'What scanners ask every server for',
      example: '/phpmyadmin/',
    },
    {
      id: 'scanner.hidden-file',
      points: 45,
      inBody: 0,
      only: ['path'],
      pattern:
        /\/\.(?:env|git|svn|hg|bzr|cvs|ht(?:access|passwd|group)|ds_store|aws|ssh|docker|npmrc|vscode|idea|bash|profile|s3cfg|ftpconfig|config|kube|circleci|travis|gitlab|htusers|remote-sync|sql|passwd)|\/(?:web\.config|composer\.(?:json|lock)|package(?:-lock)?\.json|yarn\.lock|dockerfile|docker-compose|gemfile|requirements\.txt|makefile|jenkinsfile|credentials|secrets?\.(?:json|ya?ml|txt)|config\.(?:json|ya?ml|inc|bak|old|php|js|ini|xml|rb|py)|settings\.py|appsettings|database\.(?:yml|sql)|parameters\.yml|id_[dr]sa|server\.(?:key|pem)|private\.key|swagger\.json$|web-inf|meta-inf)/,
      why: 'A file that was forgotten',
      example: '/.git/head',
    },
    {
      id: 'scanner.backup',
      points: 40,
      inBody: 0,
      only: ['path'],
      pattern:
        /\/[\w.-]{1,40}\.(?:sql|bak|old|orig|save|swp|swo|tar|tgz|gz|zip|rar|7z|dump|mdb|sqlite3?|db|log|inc|conf|cfg|ini|pem|key|pfx|p12|kdbx|war|jar|exe|dll|sh|bat|dist|backup|copy|tmp)(?:~|\.gz|\.zip|\.bz2)?$|\/[\w.-]{1,40}~$/,
      why: 'A backup that was forgotten',
      example: '/users.bak',
    },
  ],
}
