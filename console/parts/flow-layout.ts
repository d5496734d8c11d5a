/** Where the stages of a drawing stand, by its width. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Edge {
  readonly path: string;
  /** Where its rate is written. */
  readonly labelX: number;
  readonly labelY: number;
  readonly anchor: 'start' | 'middle';
}

/** A topic beside the pipeline: its text and the path that joins it. */
export interface Side {
  readonly path: string;
  readonly textX: number;
  readonly textY: number;
  readonly anchor: 'start' | 'end';
}

export interface Layout {
  readonly height: number;
  readonly boxes: readonly Box[];
  /** Edge i joins box i with box i + 1. */
  readonly edges: readonly Edge[];
  readonly inputs: readonly Side[];
  readonly outputs: readonly Side[];
}

const SIDE = 110;
const BOX_HEIGHT = 58;
/** Between two rows: what waits is written there, and the way on to the next row runs there. */
const GUTTER = 92;
const LINE_HEIGHT = 34;

/** Rows of boxes from left to right, or one column where the width is that of a telephone. */
export function layoutOf(width: number, stageCount: number, inputCount: number, outputCount: number): Layout {
  return width < 680
    ? column(width, stageCount, inputCount, outputCount)
    : rows(width, stageCount, inputCount, outputCount);
}

function rows(width: number, stageCount: number, inputCount: number, outputCount: number): Layout {
  const perRow = width >= 960 ? Math.ceil(stageCount / 2) : Math.ceil(stageCount / 3);
  const rowCount = Math.ceil(stageCount / perRow);
  const pitch = (width - 2 * SIDE) / perRow;
  const boxWidth = Math.min(112, pitch - 50);
  const top = 26;
  const boxes = Array.from({ length: stageCount }, (_, at) => ({
    x: SIDE + (at % perRow) * pitch + (pitch - boxWidth) / 2,
    y: top + Math.floor(at / perRow) * (BOX_HEIGHT + GUTTER),
    width: boxWidth,
    height: BOX_HEIGHT,
  }));
  const edges = boxes.slice(1).map((to, at) => {
    const from = boxes[at]!;
    const [startX, startY] = [from.x + from.width, from.y + BOX_HEIGHT / 2];
    const [endX, endY] = [to.x, to.y + BOX_HEIGHT / 2];
    if (from.y === to.y)
      return {
        path: `M${startX} ${startY}H${endX}`,
        labelX: (startX + endX) / 2,
        labelY: startY - 12,
        anchor: 'middle' as const,
      };
    const turn = 18;
    const right = Math.min(width - 24, startX + 34);
    const left = Math.max(24, endX - 34);
    const middle = to.y - 34;
    return {
      path: `M${startX} ${startY}H${right - turn}q${turn} 0 ${turn} ${turn}V${middle - turn}q0 ${turn} ${-turn} ${turn}H${left + turn}q${-turn} 0 ${-turn} ${turn}V${endY - turn}q0 ${turn} ${turn} ${turn}H${endX}`,
      labelX: (left + right) / 2,
      labelY: middle - 12,
      anchor: 'middle' as const,
    };
  });
  const first = boxes[0]!;
  const last = boxes.at(-1)!;
  return {
    height: top + rowCount * BOX_HEIGHT + (rowCount - 1) * GUTTER + 64,
    boxes,
    edges,
    inputs: sides(inputCount, first.y + BOX_HEIGHT / 2, (y, middle) => ({
      path: `M${SIDE - 22} ${y}C${SIDE} ${y} ${first.x - 30} ${middle} ${first.x} ${middle}`,
      textX: SIDE - 30,
      textY: y,
      anchor: 'end',
    })),
    outputs: sides(outputCount, last.y + BOX_HEIGHT / 2, (y, middle) => {
      const start = last.x + last.width;
      const end = width - SIDE + 20;
      return {
        path: `M${start} ${middle}C${start + 30} ${middle} ${end - 30} ${y} ${end} ${y}`,
        textX: end + 8,
        textY: y,
        anchor: 'start',
      };
    }),
  };
}

/** So many lines around the middle, apart by the height of two lines of text. */
function sides(count: number, middle: number, of: (y: number, middle: number) => Side): Side[] {
  return Array.from({ length: count }, (_, at) => of(middle + (at - (count - 1) / 2) * LINE_HEIGHT, middle));
}

function column(width: number, stageCount: number, inputCount: number, outputCount: number): Layout {
  const height = 46;
  const pitch = height + 34;
  const top = 56;
  const boxWidth = Math.min(width - 2, 420);
  const middle = boxWidth / 2;
  const boxes = Array.from({ length: stageCount }, (_, at) => ({
    x: 1,
    y: top + at * pitch,
    width: boxWidth,
    height,
  }));
  const edges = boxes.slice(1).map((to) => ({
    path: `M${middle} ${to.y - 34}V${to.y}`,
    labelX: middle + 16,
    labelY: to.y - 17,
    anchor: 'start' as const,
  }));
  const first = boxes[0]!;
  const bottom = boxes.at(-1)!.y + height;
  return {
    height: bottom + 30 + outputCount * LINE_HEIGHT,
    boxes,
    edges,
    inputs: Array.from({ length: inputCount }, (_, at) => {
      const x = (boxWidth * (at + 0.5)) / inputCount;
      return { path: `M${x} 36V${first.y}`, textX: x - 44, textY: 14, anchor: 'start' as const };
    }),
    outputs: Array.from({ length: outputCount }, (_, at) => {
      const y = bottom + 30 + at * LINE_HEIGHT;
      return { path: `M24 ${bottom}V${y - 12}q0 12 12 12H48`, textX: 58, textY: y, anchor: 'start' as const };
    }),
  };
}
