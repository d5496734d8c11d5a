import { useState } from 'preact/hooks';
import type { FlowView, StageView, TopicRate, Waiting } from '../../src/console/api.js';
import { duration, rate, share, whole } from '../format';
import { type Box, type Edge, layoutOf, type Side } from '../parts/flow-layout';
import { useWidth } from '../parts/use-width';

/** Topics that the stream itself writes to; snapshots and checkpoints go another way. */
const SHOWN_OUTPUTS = ['training', 'audit', 'late', 'dead-letters'];

/** The pipeline as the code lists its stages, as wide in every place as what flows there. */
export function FlowDrawing({ flow }: { readonly flow: FlowView }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const [chosen, choose] = useState<string>();
  const outputs = flow.outputs.filter(({ topic }) => SHOWN_OUTPUTS.includes(topic));
  const { stages, inputs, waiting } = flow;
  const layout = layoutOf(width, stages.length, inputs.length, outputs.length);
  const most = Math.max(1, ...stages.map(({ inPerSecond, outPerSecond }) => Math.max(inPerSecond, outPerSecond)));
  const stage = stages.find(({ name }) => name === chosen);
  return (
    <div class="drawing" ref={frame}>
      {width > 0 && (
        <svg width={width} height={layout.height} role="group" aria-label="The stages of the pipeline">
          {inputs.map((topic, at) => (
            <Topic key={topic.topic} topic={topic} side={layout.inputs[at]!} most={most} />
          ))}
          {outputs.map((topic, at) => (
            <Topic key={topic.topic} topic={topic} side={layout.outputs[at]!} most={most} />
          ))}
          {layout.edges.map((edge, at) => (
            <Channel
              key={stages[at]!.name}
              edge={edge}
              perSecond={stages[at]!.outPerSecond}
              unit={stages[at]!.gives}
              isNewUnit={stages[at]!.gives !== stages[at]!.takes || at === 0}
              most={most}
            />
          ))}
          {stages.map((one, at) => (
            <Stage
              key={one.name}
              stage={one}
              box={layout.boxes[at]!}
              waiting={waiting[one.name as keyof FlowView['waiting']]}
              isWide={layout.boxes[at]!.width > 120}
              isChosen={one.name === chosen}
              choose={() => choose(one.name === chosen ? undefined : one.name)}
            />
          ))}
        </svg>
      )}
      <p class="detail" aria-live="polite">
        {stage ? <Detail stage={stage} /> : 'Choose a stage to read what it does.'}
      </p>
    </div>
  );
}

/** A width that grows with the square root of the rate: a tenth of the water is a third as wide. */
function widthOf(perSecond: number, most: number): number {
  return perSecond <= 0 ? 1 : 1.5 + 14 * Math.sqrt(perSecond / most);
}

/** Seconds that a ripple takes for its way: the more flows, the faster. */
function rippleSeconds(perSecond: number): string {
  return `${(2.6 / (1 + Math.log10(1 + perSecond))).toFixed(2)}s`;
}

function Water({ path, perSecond, most }: { path: string; perSecond: number; most: number }) {
  const width = widthOf(perSecond, most);
  return (
    <>
      <path class="water" d={path} stroke-width={width} />
      {perSecond > 0 && (
        <path class="ripple" d={path} stroke-width={width} style={{ animationDuration: rippleSeconds(perSecond) }} />
      )}
    </>
  );
}

function Channel(props: { edge: Edge; perSecond: number; unit: string; isNewUnit: boolean; most: number }) {
  const { edge, perSecond, unit, isNewUnit, most } = props;
  const isBeside = edge.anchor === 'start';
  return (
    <g>
      <Water path={edge.path} perSecond={perSecond} most={most} />
      <text class="rate" x={edge.labelX} y={edge.labelY} text-anchor={edge.anchor} dy={isBeside ? 4 : 0}>
        {rate(perSecond)}/s
        {isBeside && <tspan class="unit"> {unit}</tspan>}
      </text>
      {!isBeside && isNewUnit && (
        <text class="unit" x={edge.labelX} y={edge.labelY + 34} text-anchor="middle">
          {unit}
        </text>
      )}
    </g>
  );
}

function Topic({ topic, side, most }: { topic: TopicRate; side: Side; most: number }) {
  return (
    <g>
      <Water path={side.path} perSecond={topic.recordsPerSecond} most={most} />
      <text class="topic" x={side.textX} y={side.textY} text-anchor={side.anchor} dy="-2">
        {topic.topic}
      </text>
      <text class="rate" x={side.textX} y={side.textY} text-anchor={side.anchor} dy="12">
        {rate(topic.recordsPerSecond)}/s
      </text>
    </g>
  );
}

interface StageProps {
  readonly stage: StageView;
  readonly box: Box;
  readonly waiting: Waiting | undefined;
  readonly isWide: boolean;
  readonly isChosen: boolean;
  readonly choose: () => void;
}

function Stage({ stage, box, waiting, isWide, isChosen, choose }: StageProps) {
  const { name, busyShare, refused, errors } = stage;
  const busy = Math.max(0, Math.min(1, busyShare));
  const faults = [refused > 0 && `${whole(refused)} refused`, errors > 0 && `${whole(errors)} errors`].filter(Boolean);
  const noteX = isWide ? box.width - 12 : box.width / 2;
  return (
    <g
      class={`stage ${isChosen ? 'chosen' : ''}`}
      transform={`translate(${box.x} ${box.y})`}
      role="button"
      tabindex={0}
      aria-pressed={isChosen}
      aria-label={`${name}: ${rate(stage.inPerSecond)} in, ${rate(stage.outPerSecond)} out a second, busy ${share(busy, 0)}`}
      data-stage={name}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        choose();
      }}
    >
      <rect class="box" width={box.width} height={box.height} rx="8" />
      <text class="name" x={isWide ? 12 : box.width / 2} y={isWide ? 21 : 24} text-anchor={isWide ? 'start' : 'middle'}>
        {name}
      </text>
      <text class="busy" x={isWide ? 12 : box.width / 2} y={isWide ? 36 : 40} text-anchor={isWide ? 'start' : 'middle'}>
        {name === 'read' ? 'waits and reads' : `busy ${share(busy, busy < 0.1 ? 1 : 0)}`}
      </text>
      <rect class="track" x="8" y={box.height - 7} width={box.width - 16} height="3" rx="1.5" />
      {name !== 'read' && (
        <rect class="fill" x="8" y={box.height - 7} width={Math.max(0, (box.width - 16) * busy)} height="3" rx="1.5" />
      )}
      {waiting !== undefined && (
        <text class="waits" x={noteX} y={isWide ? 21 : box.height + 16} text-anchor={isWide ? 'end' : 'middle'}>
          <tspan data-number={`waiting-${name}`}>{whole(waiting.count)} wait</tspan>
          {waiting.oldestSeconds !== null && (
            <tspan x={noteX} dy="14">
              oldest {duration(waiting.oldestSeconds)}
            </tspan>
          )}
        </text>
      )}
      {faults.length > 0 && (
        <text
          class="faults"
          x={noteX}
          y={isWide && waiting === undefined ? 21 : -7}
          text-anchor={isWide ? 'end' : 'middle'}
        >
          {faults.join(', ')}
        </text>
      )}
    </g>
  );
}

function Detail({ stage }: { readonly stage: StageView }) {
  const { name, does, takes, gives, inPerSecond, outPerSecond, refused, errors } = stage;
  return (
    <>
      <b>{name}</b> {does}. In: {rate(inPerSecond)} {takes}/s; out: {rate(outPerSecond)} {gives}/s; refused since the
      process began: {whole(refused)}; errors: {whole(errors)}.
    </>
  );
}
