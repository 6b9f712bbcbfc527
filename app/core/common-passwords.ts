/** Passwords of eight characters and more that guessers try first, in lower case. Shorter ones are refused anyway. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
  00000000 000000000 0000000000 01234567 012345678 0123456789 0987654321 09876543 10203040 101010101 11111111 111111111
  1111111111 11112222 11223344 1122334455 112233445566 11235813 12121212 1212121212 12131415 123123123 1231231234
  12312312 123321123 12341234 1234512345 12344321 12345678 123456789 1234567890 12345678910 123456789a 123456789q
  12345678a 12345678q 1234567a 1234567q 1234567890a 1234qwer 12345qwert 123456qwerty 123456ab 123456abc 12345abc
  1234abcd 123qweasd 123qweasdzxc 123qwe123 123abc123 123654789 13131313 13579246 1357924680 135792468 14141414
  147258369 147852369 1470258369 159357456 159753456 159951159 1a2b3c4d 1a2b3c4d5e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y
  1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1qaz1qaz 20202020 21212121 22222222 222222222 23232323 23456789 24682468 25252525
  31415926 314159265 321321321 33333333 333333333 44444444 55555555 555555555 66666666 666666666 741852963 77777777
  777777777 7777777777 789456123 7894561230 87654321 88888888 888888888 8888888888 963852741 987654321 9876543210
  98765432 99999999 999999999 9999999999
  a1234567 a12345678 a123456789 a1b2c3d4 a1b2c3d4e5 aa123456 aaaaaaaa aaaaaaaaaa aaaa1111 abc12345 abc123456
  abc123abc abcd1234 abcd12345 abcdefgh abcdefghi abcdef123 abcde12345 admin123 admin1234 admin12345 admin123456
  admin@123 adminadmin administrator alexander alexandra amanda123 andrew123 angel123 apple123 arsenal1 asasasas
  asd12345 asd123asd asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdqwe123 ashley123 aszx1234 australia
  babygirl babygirl1 barcelona baseball baseball1 basketball batman123 beautiful benjamin bestfriend bigdaddy
  blink182 blessed1 bonjour1 brandon1 butterfly butterfly1 caroline changeit changeme changeme1 changeme123 charlie1
  charlie123 charlotte cheese123 chelsea1 chelsea123 chocolate chocolate1 christian christine christopher christmas
  cocacola computer computer1 cookie123 corvette cristina danielle daniel123 dallas123 database default1 demo1234
  demo12345 demodemo diamond1 dolphin1 dolphins dragon12 dragon123 drowssap einstein elephant elizabeth emmanuel
  estrella everton1 facebook facebook1 fantasia ferrari1 fluffy123 football football1 football123 forever1 forever21
  freedom1 freedom123 friends1 friendship fuckyou1 fuckyou2 fuckyou123 gabriela gangster gateway1 gfhjkm123 giovanni
  godisgood godzilla google123 greenday guest123 hannah123 harley123 hello123 hello1234 hellohello helloworld
  hellokitty hollywood hunter123 iloveyou iloveyou1 iloveyou12 iloveyou123 iloveyou2 iloveyou3 iloveu123 internet
  internet1 isabella jackson1 jasmine1 jennifer jennifer1 jessica1 jessica123 jesus123 jesuschrist johnjohn jonathan
  jordan123 jordan23 juventus katherine killer123 kimberly kristina lalalala lebron23 leonardo letmein1 letmein12
  letmein123 letmein! lifehack linkedin liverpool liverpool1 login123 lovelove loveme123 loveyou1 lovers123 manchester
  manager1 manager123 margarita marlboro maradona marseille martin123 master12 master123 matthew1 maverick melissa1
  mercedes metallica metallic michael1 michael123 michelle michelle1 microsoft midnight mitchell monkey12 monkey123
  mortgage mustang1 mypassword mypassword1 myspace1 nathalie naruto123 newpassword nicholas nicole123 nintendo
  nirvana1 nopassword november october1 oliver123 overlord pa$$w0rd pa55word paradise passpass passw0rd passw0rd1
  passwort password password! password0 password00 password01 password1 password1! password11 password12 password123
  password1234 password12345 password2 password3 password7 password99 patricia peaches1 peanut123 perfect1 personal
  phoenix1 pineapple platinum playboy1 playstation pokemon1 pokemon123 politics portugal postgres postgresql precious
  princesa princess princess1 princess123 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsx12 qazwsx123 qazwsxedc qazxswedc
  qqqqqqqq qwe12345 qwe123456 qwe123qwe qweasdzx qweasdzxc qwer1234 qwer12345 qwerasdf qwert123 qwert12345 qwerty12
  qwerty123 qwerty1234 qwerty12345 qwerty123456 qwertyui qwertyuiop qwertyuiop1 qwertz123 qwertzui qwertzuiop
  rachel123 rainbow1 realmadrid rebecca1 redskins remember restaurant richard1 robert123 rockstar1 ronaldo7 root1234
  rootroot samantha samantha1 samsung1 samsung123 santiago sapphire savannah scarface scooter1 scorpion secret12
  secret123 secret1234 secretsecret security senha123 september sergey123 shadow12 shadow123 shannon1 skywalker
  slipknot snickers snowball soccer12 soccer123 something spiderman spiderman1 spongebob sporting starcraft starwars
  starwars1 startrek steelers stephanie strawberry student1 student123 summer123 sunflower sunshine sunshine1
  super123 superman superman1 superman123 superstar superuser supervisor sweetheart swordfish teacher1 temp1234
  temporal temppass tennis123 test1234 test12345 test123456 testing1 testing123 testpass testtest thailand theman123
  thomas123 thunder1 tigger123 tinkerbell tottenham trinidad trustno1 trustno1! undertaker unicorn1 user1234 username
  valentina vanessa1 veronica victoria victoria1 volleyball warcraft warhammer welcome! welcome1 welcome12 welcome123
  welcome1234 whatever whatever1 william1 winston1 winter123 woaini1314 wordpass xxxxxxxx yankees1 yellow123 yourmom1
  youtube1 zaq12wsx zaq1zaq1 zaqwsxcde zxcvbnm1 zxcvbnm123 zxcvbnma zxczxczxc zzzzzzzz
  `
    .trim()
    .split(/\s+/),
)
