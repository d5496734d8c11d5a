/**
 * Coarse classes of a user agent: a first match in a short table. No library of thousands of devices: what it makes of a
 * text changes from release to release, and with it a column under one and the same id.
 */
type Classes<Name extends string> = readonly (readonly [pattern: RegExp, name: Name | null])[];

export const PLATFORMS = ['mobile', 'tablet', 'desktop', 'other'] as const;
export const SYSTEMS = ['ios', 'android', 'windows', 'macos', 'linux', 'chromeos', 'other'] as const;
export const BROWSERS = ['chrome', 'safari', 'firefox', 'edge', 'opera', 'samsung', 'ie', 'wechat', 'other'] as const;

/** Televisions and consoles: no class of their own. */
const SCREENS =
  /\b(?:smart-?tv|googletv|appletv|hbbtv|netcast|bravia|roku|crkey|aft[a-z]{1,4}|web0s|playstation|nintendo|xbox)\b|\btizen\b(?!.*\bmobile\b)|\bandroid tv\b/i;

const PLATFORM: Classes<(typeof PLATFORMS)[number]> = [
  [SCREENS, 'other'],
  [
    /\b(?:ipad|tablet|playbook|kindle|silk)\b|\bkf[a-z]{3,5}\b.*\bbuild\b|\bsm-t\d{3}|^(?=.*\bandroid\b)(?!.*\b(?:mobi|opera mini\b))/i,
    'tablet',
  ],
  [/\bmobi|\b(?:iphone|ipod|windows phone|iemobile|blackberry|bb10|opera mini|symbian|series60|kaios)\b/i, 'mobile'],
  [/\b(?:windows nt|windows 9\d|macintosh|cros|x11|linux)\b/i, 'desktop'],
];

const SYSTEM: Classes<(typeof SYSTEMS)[number]> = [
  [/\b(?:windows phone|iemobile|tizen|web0s|kaios|openharmony|playstation|nintendo)\b/i, null],
  [/\b(?:iphone|ipad|ipod)\b/i, 'ios'],
  [/\bandroid\b/i, 'android'],
  [/\bwindows\b/i, 'windows'],
  [/\bcros\b/i, 'chromeos'],
  [/\b(?:macintosh|mac os x|mac_powerpc)\b/i, 'macos'],
  [/\b(?:linux|x11|ubuntu|fedora)\b/i, 'linux'],
];

const BROWSER: Classes<(typeof BROWSERS)[number]> = [
  [/\bmicromessenger\//i, 'wechat'],
  // Browsers inside apps, and browsers that call themselves Chrome, Safari or Firefox beside their own name.
  [
    /\b(?:fban|fbav|fb_iab|instagram|snapchat|pinterest|musical_ly|bytedancewebview|tiktok|weibo|alipayclient|line|gsa|duckduckgo|ddg|qq|qqbrowser|mqqbrowser|ucbrowser|ubrowser|ucweb|yabrowser|vivaldi|huaweibrowser|heytapbrowser|vivobrowser|miuibrowser|quark|baiduboxapp|bidubrowser|whale|brave|silk|puffin|maxthon|seamonkey|palemoon|focus|klar|electron|phantomjs|headlesschrome|twitter|linkedinapp|kakaotalk|naver|coc_coc_browser|sogoumobilebrowser|metasr|lbbrowser|360se|qihoobrowser)\b/i,
    null,
  ],
  [/\b(?:edg|edga|edgios|edge)\//i, 'edge'],
  [/\b(?:opr|opios|opt|opx|opera)\b/i, 'opera'],
  [/\bsamsungbrowser\//i, 'samsung'],
  [/\b(?:firefox|fxios)\//i, 'firefox'],
  [/\bmsie \d|\btrident\//i, 'ie'],
  [/; wv\)|\bversion\/4\.0 chrome\//i, null],
  [/\b(?:chrome|crios|chromium)\//i, 'chrome'],
  [/\bandroid\b/i, null],
  [/\bversion\/.*\bsafari\//i, 'safari'],
];

/** Programs: crawlers, previews of links, monitors, libraries. Cubot makes phones. */
const BOT =
  /(?<!cu)bot\b|(?<!cu)bot[/_-]|bots\b|crawl|spider|slurp|archiver|scrap(?:y|er)|facebookexternalhit|meta-external|mediapartners|adsbot|apis-google|google-(?:inspectiontool|read-aloud|extended|safety)|googleother|\(compatible; (?!msie|konqueror)|preview|whatsapp\/|embedly|feed(?:fetcher|ly|burner)|\bfetch(?:er)?\b|pingdom|uptime|monitor|lighthouse|page ?speed|headless|phantomjs|selenium|puppeteer|playwright|validator|scanner|\bcurl\/|\bwget\/|python-|\bpython\/|urllib|aiohttp|\bhttpx\/|go-http-client|\bjava\/|apache-httpclient|libwww|\bperl\b|\bruby\b|\bphp\/|guzzle|node-fetch|\baxios\/|postman|insomnia|http[-_ ]?client|\bchatgpt|claude-|perplexity|index(?:er|ing)|\bsearch\/|checker|\bsurvey|httrack|httpunit|\bokhttp\/\S+$|\bwww\.|https?:\/\//i;

export const platformOf = (agent: string): string => first(PLATFORM, agent);
export const systemOf = (agent: string): string => first(SYSTEM, agent);
export const browserOf = (agent: string): string => first(BROWSER, agent);
/** True for a user agent that says it is a crawler or another program. */
export const isBot = (agent: string): boolean => BOT.test(agent);

function first(classes: Classes<string>, agent: string): string {
  return classes.find(([pattern]) => pattern.test(agent))?.[1] ?? 'other';
}
