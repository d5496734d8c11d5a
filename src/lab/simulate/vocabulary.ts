/**
 * The words of the simulated shop. A concept has several names, and query and title choose theirs apart from each other:
 * who compares letters misses matches that who compares meanings finds.
 */

/** Names of one concept. */
export type Names = readonly string[];

/** The texts of the simulated shop in one language; categories, products and properties stand in one order in all. */
export interface Words {
  readonly categories: readonly {
    readonly name: string;
    readonly products: readonly Names[];
    readonly properties: readonly Names[];
  }[];
  readonly brands: readonly string[];
  /** What a description says beside product and properties; it carries no meaning for clicks. */
  readonly phrases: readonly string[];
  /** Where people are. */
  readonly countries: readonly string[];
  readonly currency: string;
  readonly unitsPerEuro: number;
  readonly title: (properties: readonly string[], product: string, brand: string) => string;
  readonly description: (properties: readonly string[], product: string, phrase: string) => string;
  readonly query: (properties: readonly string[], product: string) => string;
}

export interface Category {
  readonly name: string;
  /** What is sold, each with a typical price in euros. */
  readonly products: readonly { readonly names: Names; readonly priceEur: number }[];
  /** Properties that its products can have. */
  readonly properties: readonly Names[];
}

const WATERPROOF: Names = ['waterproof', 'rainproof', 'water resistant'];
const LIGHT: Names = ['lightweight', 'ultralight', 'featherlight'];
const WARM: Names = ['warm', 'insulated', 'cosy'];
const CHEAP: Names = ['affordable', 'budget', 'inexpensive'];
const SMALL: Names = ['compact', 'small', 'space saving'];
const QUIET: Names = ['quiet', 'silent', 'noiseless'];
const WIRELESS: Names = ['wireless', 'cordless', 'bluetooth'];
const ORGANIC: Names = ['organic', 'natural', 'eco friendly'];
const CHILDREN: Names = ['kids', "children's", 'junior'];
const LUXURY: Names = ['premium', 'luxury', 'high end'];
const WOODEN: Names = ['wooden', 'solid oak', 'timber'];
const FOLDING: Names = ['folding', 'collapsible', 'foldable'];
const STURDY: Names = ['sturdy', 'heavy duty', 'robust'];
const FAST: Names = ['fast', 'quick', 'high speed'];
const LEATHER: Names = ['leather', 'genuine leather', 'suede'];
const VINTAGE: Names = ['vintage', 'retro', 'classic'];

const product = (priceEur: number, ...names: string[]): Category['products'][number] => ({ names, priceEur });

export const CATEGORIES: readonly Category[] = [
  {
    name: 'Shoes',
    products: [
      product(80, 'running shoes', 'trainers', 'jogging sneakers'),
      product(120, 'hiking boots', 'trekking boots', 'mountain boots'),
      product(40, 'sandals', 'flip flops', 'beach slippers'),
      product(95, 'office shoes', 'oxfords', 'dress shoes'),
      product(60, 'rain boots', 'wellingtons', 'rubber boots'),
      product(30, 'house slippers', 'indoor shoes', 'felt slippers'),
    ],
    properties: [WATERPROOF, LIGHT, WARM, LEATHER, CHILDREN, CHEAP, LUXURY],
  },
  {
    name: 'Clothing',
    products: [
      product(150, 'winter coat', 'parka', 'down jacket'),
      product(45, 'sweater', 'pullover', 'knitted jumper'),
      product(25, 't-shirt', 'cotton tee', 'short sleeve top'),
      product(70, 'jeans', 'denim trousers', 'blue denims'),
      product(90, 'evening dress', 'gown', 'cocktail dress'),
      product(15, 'socks', 'ankle socks', 'stockings'),
    ],
    properties: [WATERPROOF, WARM, ORGANIC, VINTAGE, CHILDREN, CHEAP, LUXURY],
  },
  {
    name: 'Kitchen',
    products: [
      product(220, 'espresso machine', 'coffee maker', 'barista machine'),
      product(60, 'frying pan', 'skillet', 'non-stick pan'),
      product(75, 'blender', 'smoothie mixer', 'liquidiser'),
      product(45, 'kettle', 'water boiler', 'teapot heater'),
      product(85, 'chef knife', 'kitchen knife', 'cooking blade'),
      product(30, 'lunch box', 'food container', 'bento box'),
    ],
    properties: [SMALL, QUIET, FAST, STURDY, LUXURY, CHEAP],
  },
  {
    name: 'Furniture',
    products: [
      product(450, 'sofa', 'couch', 'three seater settee'),
      product(180, 'desk', 'writing table', 'work table'),
      product(140, 'office chair', 'swivel chair', 'task seat'),
      product(110, 'bookshelf', 'bookcase', 'shelving unit'),
      product(350, 'bed frame', 'double bed', 'bedstead'),
      product(50, 'floor lamp', 'standing light', 'reading lamp'),
    ],
    properties: [WOODEN, FOLDING, SMALL, STURDY, VINTAGE, LEATHER, CHEAP],
  },
  {
    name: 'Electronics',
    products: [
      product(130, 'headphones', 'earphones', 'headset'),
      product(700, 'laptop', 'notebook computer', 'ultrabook'),
      product(90, 'speaker', 'loudspeaker', 'sound box'),
      product(35, 'phone charger', 'power adapter', 'usb charging plug'),
      product(260, 'tablet', 'touchscreen reader', 'e-reader'),
      product(65, 'keyboard', 'mechanical keyboard', 'typing board'),
    ],
    properties: [WIRELESS, LIGHT, FAST, QUIET, SMALL, WATERPROOF, LUXURY],
  },
  {
    name: 'Outdoor',
    products: [
      product(210, 'tent', 'camping shelter', 'dome tent'),
      product(95, 'backpack', 'rucksack', 'hiking bag'),
      product(110, 'sleeping bag', 'mummy bag', 'camp bedding'),
      product(40, 'water bottle', 'drinking flask', 'canteen'),
      product(55, 'head torch', 'headlamp', 'camping flashlight'),
      product(70, 'camping stove', 'gas cooker', 'portable burner'),
    ],
    properties: [WATERPROOF, LIGHT, WARM, FOLDING, STURDY, CHILDREN],
  },
  {
    name: 'Toys',
    products: [
      product(35, 'building blocks', 'construction bricks', 'stacking cubes'),
      product(28, 'board game', 'family game', 'tabletop game'),
      product(22, 'stuffed animal', 'teddy bear', 'plush toy'),
      product(18, 'jigsaw puzzle', 'picture puzzle', 'thousand piece puzzle'),
      product(60, 'toy train', 'model railway', 'train set'),
      product(45, 'doll house', 'miniature house', 'dollhouse'),
    ],
    properties: [WOODEN, ORGANIC, CHILDREN, VINTAGE, CHEAP, STURDY],
  },
  {
    name: 'Garden',
    products: [
      product(280, 'lawn mower', 'grass cutter', 'mowing machine'),
      product(45, 'garden hose', 'watering pipe', 'irrigation tube'),
      product(190, 'patio table', 'outdoor table', 'terrace table'),
      product(25, 'flower pot', 'planter', 'plant tub'),
      product(160, 'barbecue', 'charcoal grill', 'bbq'),
      product(35, 'pruning shears', 'secateurs', 'hedge clippers'),
    ],
    properties: [WIRELESS, QUIET, STURDY, FOLDING, WOODEN, SMALL],
  },
];

export const BRANDS = [
  'Norrland',
  'Halden &amp; Co',
  'Brisa',
  'Tamarind',
  'Kestrel',
  'Møller',
  'Aoyama 青山',
  'Petit Jour',
  'Vetro',
  'Quillon',
] as const;

export const COUNTRIES = ['DE', 'FR', 'NL', 'PL', 'SE', 'JP'] as const;

export const PHRASES = [
  'Ships in two days.',
  'Tested by our team over a long season.',
  'Comes with a two year guarantee.',
  'A favourite of our customers.',
  'Made in small series.',
  'Now in five colours.',
  'Simple to look after.',
  'Designed for every day.',
] as const;
