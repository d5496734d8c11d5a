/** Powers of ten that a double holds exactly: 10⁰ to 10²². */
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
