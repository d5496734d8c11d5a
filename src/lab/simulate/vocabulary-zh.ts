/** The simulated shop in Chinese: category by category, product by product, property by property as in English. */
import type { Names, Words } from './vocabulary.js';

const WATERPROOF: Names = ['防水', '防雨', '防泼水'];
const LIGHT: Names = ['轻便', '超轻', '轻量'];
const WARM: Names = ['保暖', '加绒', '加厚'];
const CHEAP: Names = ['平价', '特价', '实惠'];
const SMALL: Names = ['小巧', '迷你', '小型'];
const QUIET: Names = ['静音', '低噪', '无声'];
const WIRELESS: Names = ['无线', '充电式', '蓝牙'];
const ORGANIC: Names = ['有机', '天然', '环保'];
const CHILDREN: Names = ['儿童', '童款', '小孩'];
const LUXURY: Names = ['高端', '奢华', '高档'];
const WOODEN: Names = ['实木', '木质', '橡木'];
const FOLDING: Names = ['折叠', '可折叠', '便携折叠'];
const STURDY: Names = ['结实', '耐用', '坚固'];
const FAST: Names = ['快速', '高速', '急速'];
const LEATHER: Names = ['真皮', '牛皮', '皮质'];
const VINTAGE: Names = ['复古', '怀旧', '经典'];

const names = (...all: string[]): Names => all;

export const CHINESE: Words = {
  categories: [
    {
      name: '鞋靴',
      products: [
        names('跑步鞋', '慢跑鞋', '运动跑鞋'),
        names('登山靴', '徒步靴', '登山鞋'),
        names('凉拖鞋', '人字拖', '沙滩鞋'),
        names('商务皮鞋', '正装鞋', '牛津鞋'),
        names('雨靴', '雨鞋', '橡胶水鞋'),
        names('居家拖鞋', '室内拖鞋', '毛毡拖鞋'),
      ],
      properties: [WATERPROOF, LIGHT, WARM, LEATHER, CHILDREN, CHEAP, LUXURY],
    },
    {
      name: '服装',
      products: [
        names('冬季大衣', '派克服', '羽绒服'),
        names('毛衣', '针织衫', '套头衫'),
        names('T恤', '纯棉短袖', '短袖上衣'),
        names('牛仔裤', '丹宁裤', '蓝色牛仔长裤'),
        names('晚礼服', '长礼服', '宴会连衣裙'),
        names('袜子', '短袜', '长筒袜'),
      ],
      properties: [WATERPROOF, WARM, ORGANIC, VINTAGE, CHILDREN, CHEAP, LUXURY],
    },
    {
      name: '厨具',
      products: [
        names('意式咖啡机', '咖啡机', '浓缩咖啡机'),
        names('平底锅', '煎锅', '不粘锅'),
        names('搅拌机', '榨汁机', '破壁机'),
        names('电水壶', '烧水壶', '电热水壶'),
        names('主厨刀', '菜刀', '厨房刀具'),
        names('饭盒', '便当盒', '保鲜餐盒'),
      ],
      properties: [SMALL, QUIET, FAST, STURDY, LUXURY, CHEAP],
    },
    {
      name: '家具',
      products: [
        names('沙发', '三人沙发', '客厅沙发'),
        names('书桌', '写字台', '办公桌'),
        names('办公椅', '转椅', '电脑椅'),
        names('书架', '书柜', '置物架'),
        names('床架', '双人床', '大床'),
        names('落地灯', '立式台灯', '阅读灯'),
      ],
      properties: [WOODEN, FOLDING, SMALL, STURDY, VINTAGE, LEATHER, CHEAP],
    },
    {
      name: '数码',
      products: [
        names('耳机', '头戴式耳机', '耳麦'),
        names('笔记本电脑', '手提电脑', '超极本'),
        names('音箱', '扬声器', '音响'),
        names('手机充电器', '电源适配器', 'USB充电头'),
        names('平板电脑', '触屏阅读器', '电子书阅读器'),
        names('键盘', '机械键盘', '打字键盘'),
      ],
      properties: [WIRELESS, LIGHT, FAST, QUIET, SMALL, WATERPROOF, LUXURY],
    },
    {
      name: '户外',
      products: [
        names('帐篷', '露营帐篷', '圆顶帐'),
        names('双肩包', '背包', '徒步包'),
        names('睡袋', '木乃伊睡袋', '露营睡袋'),
        names('水壶', '运动水杯', '户外水瓶'),
        names('头灯', '头戴式手电', '露营灯'),
        names('露营炉', '燃气炉', '便携灶具'),
      ],
      properties: [WATERPROOF, LIGHT, WARM, FOLDING, STURDY, CHILDREN],
    },
    {
      name: '玩具',
      products: [
        names('积木', '拼装积木', '叠叠方块'),
        names('桌游', '家庭棋盘游戏', '桌面游戏'),
        names('毛绒玩具', '泰迪熊', '布娃娃'),
        names('拼图', '图画拼图', '千片拼图'),
        names('玩具火车', '火车模型', '轨道火车套装'),
        names('娃娃屋', '迷你小屋', '过家家房子'),
      ],
      properties: [WOODEN, ORGANIC, CHILDREN, VINTAGE, CHEAP, STURDY],
    },
    {
      name: '园艺',
      products: [
        names('割草机', '剪草机', '草坪修剪机'),
        names('花园水管', '浇水软管', '灌溉管'),
        names('庭院桌', '户外桌', '露台桌'),
        names('花盆', '种植盆', '栽花盆'),
        names('烧烤炉', '木炭烤炉', '烤肉架'),
        names('修枝剪', '园艺剪刀', '树篱剪'),
      ],
      properties: [WIRELESS, QUIET, STURDY, FOLDING, WOODEN, SMALL],
    },
  ],
  brands: ['北原', '海登 &amp; Co', '微风', '罗望子', 'Kestrel 红隼', '青山', '小日子', '琉璃', '千羽', '鹿野'],
  phrases: [
    '两天内发货。',
    '本店实测一整季。',
    '两年质保。',
    '顾客最爱。',
    '小批量制作。',
    '现有五种颜色。',
    '清洁保养简单。',
    '日常必备。',
  ],
  countries: ['CN', 'CN', 'CN', 'TW', 'HK', 'SG'],
  currency: 'CNY',
  unitsPerEuro: 8,
  title: (properties, product, brand) => `${brand} ${properties.join('')}${product}`,
  description: (properties, product, phrase) => `${properties.join('、')}${product}。${phrase}`,
  query: (properties, product) => `${properties.join('')}${product}`,
};
