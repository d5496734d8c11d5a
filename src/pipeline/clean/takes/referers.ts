/** Where a request may come from. */
export const REFERERS = ['search', 'social', 'mail', 'paid', 'internal', 'unknown'] as const;
type Kind = (typeof REFERERS)[number];

/**
 * Hosts by kind. A host stands for its subdomains, but for those that are named themselves; `NAME.*` for the name under any
 * ending of a country (`google.de`, `google.co.uk`). The large ones of each language, by hand: a list of thousands changes from release
 * to release, and with it a column under one and the same id.
 */
const HOSTS: Readonly<Record<Exclude<Kind, 'internal' | 'unknown'>, string>> = {
  mail: `mail.google.* gmail.com outlook.live.com outlook.office.com outlook.office365.com hotmail.com mail.live.com
    mail.yahoo.com mail.yahoo.co.jp mail.aol.com mail.qq.com mail.163.com mail.126.com mail.sina.com.cn mail.sohu.com
    mail.yandex.* mail.ru e.mail.ru mail.naver.com mail.daum.net proton.me mail.zoho.com webmail.* mail.gmx.net mail.gmx.com
    gmx.net web.de t-online.de orange.fr laposte.net libero.it mail.rediff.com icloud.com com.google.android.gm`,
  paid: `googleadservices.com doubleclick.net googlesyndication.com adservice.google.com bat.bing.com outbrain.com
    taboola.com criteo.com adnxs.com adform.net awin1.com tradedoubler.com linksynergy.com shareasale.com anrdoezrs.net
    dpbolvw.net jdoqocy.com kqzyfj.com tkqlhce.com partnerize.com zanox.com admitad.com cpro.baidu.com tanx.com
    amazon-adsystem.com teads.com smartadserver.com mgid.com revcontent.com`,
  social: `facebook.com fb.com fb.me messenger.com instagram.com threads.net threads.com twitter.com x.com t.co linkedin.com
    lnkd.in pinterest.* pin.it reddit.com redd.it tiktok.com snapchat.com youtube.com youtu.be tumblr.com discord.com
    whatsapp.com wa.me telegram.org t.me web.telegram.org vk.com ok.ru weibo.com weibo.cn t.cn douyin.com xiaohongshu.com
    xhslink.com zhihu.com bilibili.com douban.com tieba.baidu.com qzone.qq.com weixin.qq.com kuaishou.com renren.com
    line.me kakao.com story.kakao.com mixi.jp xing.com mastodon.social bsky.app quora.com medium.com flickr.com vimeo.com
    twitch.tv news.ycombinator.com com.facebook.katana com.instagram.android com.twitter.android com.linkedin.android
    com.pinterest com.reddit.frontpage com.tencent.mm com.sina.weibo com.zhiliaoapp.musically org.telegram.messenger`,
  search: `google.* bing.com yahoo.com search.yahoo.co.jp yahoo.co.jp duckduckgo.com baidu.com yandex.* ya.ru sogou.com so.com
    haosou.com sm.cn toutiao.com ecosia.org startpage.com qwant.com search.brave.com naver.com search.daum.net daum.net
    seznam.cz ask.com aol.com search.aol.com dogpile.com excite.com lycos.com metager.de metager.org swisscows.com mojeek.com
    kagi.com presearch.com petalsearch.com you.com perplexity.ai chatgpt.com chat.openai.com search.ch coccoc.com
    rambler.ru goo.ne.jp biglobe.ne.jp search.com webcrawler.com onet.pl wp.pl sapo.pt virgilio.it
    com.google.android.googlequicksearchbox com.google.android.gms`,
};
const KIND_OF = new Map<string, Kind>();
for (const [kind, hosts] of Object.entries(HOSTS))
  for (const host of hosts.split(/\s+/)) if (!KIND_OF.has(host)) KIND_OF.set(host, kind as Kind);

/** Endings of countries, to be taken off for `NAME.*`. */
const ENDING = /\.(?:com|(?:co|com|ne|or|org|net)\.[a-z]{2}|[a-z]{2})$/;
/** The host of an address; of an app, its name in reverse. */
const HOST = /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/)?(?:[^/?#@]*@)?([^/?#:]+)/;

/**
 * Where a request is from, by the host of its referer.
 * @param internal domains of one's own, each with its subdomains
 */
export function refererOf(internal: readonly string[]): (referer: string) => Kind {
  const own = internal.map((domain) => domain.toLowerCase());
  return (referer) => {
    const host = HOST.exec(referer.trim().toLowerCase())?.[1]?.replace(/\.$/, '') ?? '';
    if (own.some((domain) => host === domain || host.endsWith(`.${domain}`))) return 'internal';
    return kindOf(host);
  };
}

/** The kind of the longest ending of a host that has one. */
function kindOf(host: string): Kind {
  const labels = host.split('.');
  for (let from = 0; from < labels.length; from++) {
    const ending = labels.slice(from).join('.');
    const kind = KIND_OF.get(ending) ?? KIND_OF.get(ending.replace(ENDING, '.*'));
    if (kind) return kind;
  }
  return 'unknown';
}
