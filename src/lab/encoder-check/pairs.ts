/** Three texts of a shop: two that mean nearly the same, and one that means something else. */
export type Triple = readonly [text: string, right: string, wrong: string];

/**
 * Product titles and queries, by language: an encoder that reads a language puts each right pair above its wrong one.
 * Right pairs share the thing and few of the words; wrong ones are as long and as plain. `zh-mixed` are titles as Chinese
 * shops write them, with English brands, full-width forms and sizes.
 */
export const PAIRS: Readonly<Record<string, readonly Triple[]>> = {
  en: [
    ['red dress', 'crimson evening gown', 'electric screwdriver'],
    ["men's running shoes", 'jogging sneakers for men', 'stainless steel frying pan'],
    ['laptop 15 inch', 'notebook computer with 15" screen', 'garden hose 30 m'],
    ['raincoat for children', 'kids waterproof jacket', 'mechanical keyboard'],
    ['hotel near the beach', 'seaside resort', 'winter tyres'],
    ['dog food', 'dry kibble for puppies', 'wireless headphones'],
  ],
  zh: [
    ['红色连衣裙', '红色长裙', '电动螺丝刀'],
    ['男士跑步鞋', '男款慢跑运动鞋', '不锈钢炒锅'],
    ['笔记本电脑 15寸', '15.6英寸手提电脑', '花园浇水软管'],
    ['儿童雨衣', '小孩防水雨披', '机械键盘'],
    ['海边酒店', '海景度假宾馆', '冬季轮胎'],
    ['狗粮', '幼犬干粮', '无线耳机'],
    ['婴儿纸尿裤', '宝宝尿不湿', '登山背包'],
    ['手机壳', '手机保护套', '电饭煲'],
  ],
  'zh-mixed': [
    ['Nike 跑步鞋 男', '耐克 男子运动跑鞋 Air Zoom', '美的 空气炸锅 5L'],
    ['iPhone 15 Pro Max 手机壳', '苹果15 Pro Max 磁吸保护套 MagSafe', 'adidas 羽绒服 女 XL'],
    ['ＳＯＮＹ　无线降噪耳机', 'Sony/索尼 WH-1000XM5 头戴式蓝牙耳机', 'Philips 电动牙刷 刷头'],
    ['ThinkPad X1 笔记本电脑 16G', '联想 ThinkPad 商务本 16GB+512G SSD', 'Pampers 纸尿裤 L码'],
    ['LEGO 积木 星球大战', '乐高 Star Wars 拼装玩具', 'SK-II 神仙水 230ml'],
    ['USB-C 充电器 65W', '65W Type-C 快充头', "Levi's 501 牛仔裤"],
  ],
  ja: [
    ['赤いワンピース', '赤色のドレス', '電動ドライバー'],
    ['子供用レインコート', 'キッズ 雨合羽', '機械式キーボード'],
    ['海の近くのホテル', '海辺の宿', '冬用タイヤ'],
    ['男性用 腕時計', 'メンズウォッチ 時計', '炊飯器'],
    ['無線イヤホン', 'ワイヤレスイヤフォン', '登山用リュック'],
    ['子犬の餌', '幼犬用 ドッグフード', '文庫本'],
  ],
  ko: [
    ['빨간 원피스', '레드 드레스', '전동 드라이버'],
    ['남성 운동화', '남자 러닝화', '스테인리스 프라이팬'],
    ['어린이 우비', '아동용 비옷', '기계식 키보드'],
    ['바닷가 호텔', '해변 리조트', '겨울용 타이어'],
    ['무선 이어폰', '블루투스 이어버드', '등산 배낭'],
    ['강아지 사료', '애견 먹이', '소설책'],
  ],
  de: [
    ['rotes Kleid', 'rotes Abendkleid für Damen', 'Akkuschrauber'],
    ['Laufschuhe Herren', 'Joggingschuhe für Männer', 'Bratpfanne aus Edelstahl'],
    ['Regenjacke für Kinder', 'wasserdichte Kinderjacke', 'mechanische Tastatur'],
    ['Hotel am Strand', 'Unterkunft direkt am Meer', 'Winterreifen'],
    ['kabellose Kopfhörer', 'Bluetooth Ohrhörer', 'Wanderrucksack'],
    ['Hundefutter', 'Trockenfutter für Welpen', 'Taschenbuch'],
  ],
  fr: [
    ['robe rouge', 'robe de soirée bordeaux', 'perceuse électrique'],
    ['chaussures de course homme', 'baskets de jogging pour hommes', 'poêle en inox'],
    ['imperméable pour enfant', 'veste de pluie fillette', 'clavier mécanique'],
    ['hôtel près de la plage', 'résidence en bord de mer', 'pneus hiver'],
    ['casque sans fil', 'écouteurs Bluetooth', 'sac à dos de randonnée'],
    ['nourriture pour chien', 'croquettes pour chiots', 'livre de poche'],
  ],
  es: [
    ['vestido rojo', 'traje de noche rojo', 'destornillador eléctrico'],
    ['zapatillas de correr hombre', 'calzado deportivo para correr', 'sartén de acero'],
    ['impermeable infantil', 'chubasquero para niños', 'teclado mecánico'],
    ['hotel cerca de la playa', 'alojamiento junto al mar', 'neumáticos de invierno'],
    ['auriculares inalámbricos', 'cascos bluetooth', 'mochila de montaña'],
    ['comida para perros', 'pienso para cachorros', 'novela de bolsillo'],
  ],
  pt: [
    ['vestido vermelho', 'vestido de festa encarnado', 'parafusadeira elétrica'],
    ['tênis de corrida masculino', 'sapatilhas para correr homem', 'frigideira de aço'],
    ['capa de chuva infantil', 'casaco impermeável para crianças', 'teclado mecânico'],
    ['hotel perto da praia', 'pousada à beira-mar', 'pneus de inverno'],
    ['fones de ouvido sem fio', 'auscultadores Bluetooth', 'mochila de trilha'],
    ['comida para cachorro', 'ração para cães', 'livro de bolso'],
  ],
  ru: [
    ['красное платье', 'алое вечернее платье', 'электрическая отвёртка'],
    ['мужские кроссовки для бега', 'беговая обувь для мужчин', 'стальная сковорода'],
    ['детский дождевик', 'непромокаемая куртка для ребёнка', 'механическая клавиатура'],
    ['отель у моря', 'гостиница рядом с пляжем', 'зимние шины'],
    ['беспроводные наушники', 'блютуз гарнитура', 'походный рюкзак'],
    ['корм для собак', 'еда для щенков', 'роман в мягкой обложке'],
  ],
  ar: [
    ['فستان أحمر', 'ثوب سهرة أحمر', 'مفك كهربائي'],
    ['حذاء جري رجالي', 'أحذية رياضية للرجال', 'مقلاة فولاذية'],
    ['معطف مطر للأطفال', 'سترة أطفال مقاومة للماء', 'لوحة مفاتيح ميكانيكية'],
    ['فندق قرب الشاطئ', 'منتجع على البحر', 'إطارات شتوية'],
    ['سماعات لاسلكية', 'سماعة بلوتوث', 'حقيبة ظهر للتخييم'],
    ['طعام كلاب', 'غذاء للجراء', 'رواية'],
  ],
  hi: [
    ['लाल पोशाक', 'लाल रंग की ड्रेस', 'बिजली का पेचकस'],
    ['पुरुषों के दौड़ने के जूते', 'मर्दों के लिए रनिंग शूज़', 'स्टील की कड़ाही'],
    ['बच्चों का रेनकोट', 'बच्चों की बरसाती', 'मैकेनिकल कीबोर्ड'],
    ['समुद्र के पास होटल', 'समुद्र तट पर रिसॉर्ट', 'सर्दियों के टायर'],
    ['वायरलेस हेडफ़ोन', 'ब्लूटूथ ईयरफोन', 'ट्रेकिंग बैग'],
    ['कुत्ते का खाना', 'पिल्लों का आहार', 'उपन्यास'],
  ],
  id: [
    ['gaun merah', 'baju pesta warna merah', 'obeng listrik'],
    ['sepatu lari pria', 'sneakers joging laki-laki', 'wajan baja'],
    ['jas hujan anak', 'jaket anti air untuk anak-anak', 'papan ketik mekanik'],
    ['hotel dekat pantai', 'penginapan tepi laut', 'ban musim dingin'],
    ['earphone nirkabel', 'headset bluetooth', 'tas gunung'],
    ['makanan anjing', 'pakan anak anjing', 'novel'],
  ],
};
