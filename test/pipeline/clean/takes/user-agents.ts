const IOS = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const IPAD = 'Mozilla/5.0 (iPad; CPU OS 15_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';
const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)';
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';

/** User agents as they are sent, with platform, system and browser as a person sees them. */
export const PEOPLE: readonly (readonly [agent: string, platform: string, os: string, browser: string])[] = [
  [`${IOS} Version/26.6.1 Mobile/15E148 Safari/604.1`, 'mobile', 'ios', 'safari'],
  [`${IOS} CriOS/154.0.8037.55 Mobile/15E148 Safari/604.1`, 'mobile', 'ios', 'chrome'],
  [`${IOS} FxiOS/156.1 Mobile/15E148 Safari/604.1`, 'mobile', 'ios', 'firefox'],
  [`${IOS} EdgiOS/150.0.4078.81 Version/26.0 Mobile/15E148 Safari/604.1`, 'mobile', 'ios', 'edge'],
  [`${IOS} Version/26.1 Mobile/15E148 Safari/604.1 OPT/6.7.3`, 'mobile', 'ios', 'opera'],
  [`${IOS} GSA/439.4.980558000 Mobile/15E148 Safari/604.1`, 'mobile', 'ios', 'other'],
  [`${IOS} Mobile/15E148 MicroMessenger/8.0.49(0x1800312b) NetType/WIFI Language/zh_CN`, 'mobile', 'ios', 'wechat'],
  [`${IOS} Mobile/15E148 Instagram 300.0.0.0`, 'mobile', 'ios', 'other'],
  [`${IPAD} CriOS/99.0.4844.47 Mobile/15E148 Safari/604.1`, 'tablet', 'ios', 'chrome'],
  [`${IPAD} Version/15.2 Mobile/15E148 Safari/604.1`, 'tablet', 'ios', 'safari'],
  [`${ANDROID} Chrome/138.0.0.0 Mobile Safari/537.36`, 'mobile', 'android', 'chrome'],
  [`${ANDROID} SamsungBrowser/30.0 Chrome/143.0.0.0 Mobile Safari/537.36`, 'mobile', 'android', 'samsung'],
  [`${ANDROID} Chrome/150.0.0.0 Mobile Safari/537.36 EdgA/150.0.0.0`, 'mobile', 'android', 'edge'],
  [`${ANDROID} Chrome/150.0.0.0 Mobile Safari/537.36 OPR/76.2.4027.73374`, 'mobile', 'android', 'opera'],
  ['Mozilla/5.0 (Android 16; Mobile; rv:156.0) Gecko/156.0 Firefox/156.0', 'mobile', 'android', 'firefox'],
  ['Mozilla/5.0 (Android 16; Tablet; rv:156.0) Gecko/156.0 Firefox/156.0', 'tablet', 'android', 'firefox'],
  [
    'Mozilla/5.0 (Linux; Android 15; V2302 Build/AP3A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/153.0.8010.36 Mobile Safari/537.36',
    'mobile',
    'android',
    'other',
  ],
  [
    'Mozilla/5.0 (Linux; Android 11; KFTUWI) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/152.0.7977.120 Safari/537.36',
    'tablet',
    'android',
    'chrome',
  ],
  [
    'Mozilla/5.0 (Linux; U; Android 13; zh-CN; PHB110) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/15.5.8.1318 Mobile Safari/537.36',
    'mobile',
    'android',
    'other',
  ],
  [
    'Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.48 Mobile Safari/537.36',
    'mobile',
    'android',
    'chrome',
  ],
  [
    'Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16',
    'mobile',
    'android',
    'opera',
  ],
  [`${WINDOWS} Chrome/153.0.0.0 Safari/537.36`, 'desktop', 'windows', 'chrome'],
  [`${WINDOWS} Chrome/154.0.0.0 Safari/537.36 Edg/154.0.0.0`, 'desktop', 'windows', 'edge'],
  [`${WINDOWS} Chrome/151.0.0.0 Safari/537.36 OPR/135.0.0.0`, 'desktop', 'windows', 'opera'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:156.0) Gecko/20100101 Firefox/156.0', 'desktop', 'windows', 'firefox'],
  ['Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko', 'desktop', 'windows', 'ie'],
  [`${MAC}/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15`, 'desktop', 'macos', 'safari'],
  [`${MAC}/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36`, 'desktop', 'macos', 'chrome'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:156.0) Gecko/20100101 Firefox/156.0',
    'desktop',
    'macos',
    'firefox',
  ],
  [`${LINUX} Chrome/145.0.0.0 Safari/537.36`, 'desktop', 'linux', 'chrome'],
  ['Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:154.0) Gecko/20100101 Firefox/154.0', 'desktop', 'linux', 'firefox'],
  [
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36',
    'desktop',
    'chromeos',
    'chrome',
  ],
];

/** Crawlers and other programs. */
export const PROGRAMS: readonly string[] = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)',
  'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)',
  'Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
  'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
  'AdsBot-Google (+http://www.google.com/adsbot.html)',
];
