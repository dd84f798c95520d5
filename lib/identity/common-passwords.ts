/**
 * What people choose first when ten characters are asked for. A short list on purpose: the limit on
 * attempts does the rest.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `0123456789 0987654321 1122334455 1231231231 1234512345 123456789a 1234567890 12345678910 123456789q
  1234567891 123qwe123qwe 147258369a 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 9876543210
  987654321a a123456789 abc1234567 abcd123456 abcd1234567 abcdefghij abcdefghijk administrator
  administrator1 adminadmin admin12345 admin123456 asdf123456 asdfasdfasdf asdfghjkl1 asdfghjkl123
  asdfghjkl; baseball123 basketball basketball1 billhook123 billhookbillhook billing123 changeme12
  changeme123 changemenow chocolate1 computer123 correcthorsebatterystaple dragon12345 football123
  football12 hello12345 hello123456 helloworld helloworld1 iloveyou12 iloveyou123 iloveyou1234
  incorrect1 invitation letmein123 letmein1234 letmeinplease liverpool1 liverpool123 login12345
  manchester master12345 michael123 monkey12345 myp4ssw0rd mypassword mypassword1 mypassword123
  nopassword p@ssw0rd12 p@ssw0rd123 p@ssword123 pa55word123 pass123456 pass1234567 passw0rd12
  passw0rd123 passw0rd1234 password00 password01 password10 password11 password12 password123
  password1234 password12345 password123456 password2024 password2025 password2026 password321
  password99 passwordpassword princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc1 qazwsxedc123 qazwsxedcrfv
  qwer123456 qwerasdfzxcv qwerty1234 qwerty12345 qwerty123456 qwerty7890 qwertyqwerty qwertyuiop
  qwertyuiop1 qwertyuiop123 qwertyuiop[] qwertz1234 qwertzuiop root123456 samsung123 secret1234
  secret12345 starwars123 summer2024 summer2025 summer2026 sunshine12 sunshine123 superman12
  superman123 test123456 test1234567 testing123 testing1234 testtesttest thisisapassword trustno1trustno1
  unbelievable welcome123 welcome1234 welcome12345 whatever12 whatever123 winter2024 winter2025
  winter2026 zaq12wsxcde3 zxcvbnm123 zxcvbnm1234 zxcvbnm12345 zxcvbnmasdfghjkl`.split(/\s+/),
);
