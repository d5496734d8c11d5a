import type { RecentSelection, SelectionView as Selection, SurfaceView } from '../../src/console/api.js';
import { compact, decimal, share, whole } from '../format';
import type { Live } from '../live';
import { Chart, type Line } from '../parts/chart';
import { Histogram } from '../parts/histogram';
import { Empty, Panel, Tile } from '../parts/tile';

/** Two-sided 95 % quantile of the normal distribution. */
const Z_95 = 1.96;

const asShare = (value: number): string => share(value);
const SHARE_LINES: readonly Line[] = [
  { name: 'kept', tone: 'accent', value: asShare },
  { name: 'budget', tone: 'quiet', isDashed: true, value: asShare },
];
const asRatio = (value: number): string => decimal(value);
const RATIO_LINES: readonly Line[] = [
  { name: 'Σ weights / seen', tone: 'accent', value: asRatio },
  { name: '95 %: from', tone: 'edge', value: asRatio },
  { name: 'to', tone: 'edge', value: asRatio },
  { name: 'honest', tone: 'quiet', isDashed: true, value: asRatio },
];

/** Is the budget held, and are the numbers honest? */
export function SelectionView({ frame, history }: Live) {
  if (!frame) return <Empty>Asking the run…</Empty>;
  const { selection } = frame;
  const { total, recent } = selection;
  const decided = total.seen - total.audit;
  return (
    <>
      <h2 class="question">Is the budget held, and are the numbers honest?</h2>
      <Tiles selection={selection} />
      {decided === 0 ? (
        <Panel title="Nothing is decided yet">
          <Empty>
            A sample is decided on when its attribution window has closed and its outcome is final. Until then
            impressions wait in <a href="#flow">join</a>.
          </Empty>
        </Panel>
      ) : (
        <>
          <div class="pair">
            <Panel
              title="Kept, over time"
              caption="Share of what was decided on in ten seconds. It swings with the samples and holds the budget on average."
            >
              <Chart
                label="Kept share over time"
                lines={SHARE_LINES}
                columns={[
                  history.map(({ atMs }) => atMs / 1000),
                  history.map(({ keptShare }) => keptShare),
                  history.map(() => (selection.perSecond > 0 ? null : selection.budget)),
                ]}
                tick={(value) => share(value, 0)}
              />
            </Panel>
            <Panel
              title="Σ weights / seen, over time"
              caption="The kept samples' weights, added up, over the samples decided on since the application began. Within the band around 1 nothing is lost."
            >
              <Chart
                label="Sum of weights over samples seen, over time"
                lines={RATIO_LINES}
                columns={ratioColumns(history)}
                band={[3, 2]}
                range={aroundOne}
                tick={(value) => decimal(value, 2)}
              />
            </Panel>
          </div>
          <Probabilities recent={recent} />
          <Surfaces recent={recent} />
        </>
      )}
    </>
  );
}

function Tiles({ selection }: { readonly selection: Selection }) {
  const { total, budget, perSecond, thresholds, scorer } = selection;
  const error = total.weightError === null ? null : Z_95 * total.weightError;
  const decided = total.seen - total.audit;
  return (
    <div class="tiles">
      <Tile name="Kept" id="keptShare" value={share(total.keptShare)}>
        {whole(total.kept)} of {whole(decided)}; the budget is{' '}
        {perSecond > 0 ? `${whole(perSecond)} a second` : share(budget)}
      </Tile>
      <Tile
        name="Σ weights / seen"
        id="weightRatio"
        value={decimal(total.weightRatio)}
        unit={error === null ? undefined : `± ${decimal(error)}`}
      >
        {verdict(total.weightRatio, error)}
      </Tile>
      <Tile name="Threshold μ" id="threshold" value={thresholds.length === 0 ? '–' : compact(thresholds[0]!.threshold)}>
        importance from which π is at its highest{thresholds.length > 1 ? ', first partition' : ''}; scorer {scorer}
      </Tile>
      <Tile name="Clicked" id="positiveShare" value={share(total.seen === 0 ? null : total.positive / total.seen, 2)}>
        {whole(total.positive)} of {whole(total.seen)} samples have label 1
      </Tile>
      <Tile name="Audit slice" id="audit" value={whole(total.audit)} unit="samples">
        set aside at random, to judge on
      </Tile>
    </div>
  );
}

function verdict(ratio: number | null, error: number | null): string {
  if (ratio === null || error === null) return 'no sample has been decided on yet';
  return Math.abs(ratio - 1) <= error ? '1 lies within: nothing is lost' : '1 lies outside of the 95 % band';
}

function ratioColumns(history: Live['history']): (number | null)[][] {
  const edge = (sign: number) =>
    history.map(({ weightRatio, weightError }) =>
      weightRatio === null || weightError === null ? null : weightRatio + sign * Z_95 * weightError,
    );
  return [
    history.map(({ atMs }) => atMs / 1000),
    history.map(({ weightRatio }) => weightRatio),
    edge(-1),
    edge(1),
    history.map(() => 1),
  ];
}

/** At least ±5 %, the same on both sides: 1 is in the middle. */
function aroundOne(min: number, max: number): [number, number] {
  const reach = Math.max(0.05, 1.1 * Math.abs(min - 1), 1.1 * Math.abs(max - 1));
  return [1 - reach, 1 + reach];
}

function Probabilities({ recent }: { readonly recent: RecentSelection }) {
  const { edges, seen, kept } = recent.histogram;
  const isEmpty = seen.every((count) => count === 0);
  return (
    <Panel
      title="Inclusion probability π"
      caption={`Samples of the last ${recent.seconds} s by the chance with which they were kept; solid: those that were. On the right is what teaches most.`}
    >
      {isEmpty ? (
        <Empty>No sample was decided on in the last {recent.seconds} s.</Empty>
      ) : (
        <Histogram edges={edges} all={seen} part={kept} />
      )}
    </Panel>
  );
}

function Surfaces({ recent }: { readonly recent: RecentSelection }) {
  return (
    <Panel title="By surface" caption={`Samples of the last ${recent.seconds} s.`}>
      {recent.surfaces.length === 0 ? (
        <Empty>No sample was decided on in the last {recent.seconds} s.</Empty>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>surface</th>
                <th class="n">seen</th>
                <th class="n">label 1</th>
                <th class="n">audit</th>
                <th class="n">kept</th>
                <th class="n">kept share</th>
                <th class="n">Σ weights / seen</th>
              </tr>
            </thead>
            <tbody>
              {recent.surfaces.map((one) => (
                <Surface key={one.surface} one={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Surface({ one }: { readonly one: SurfaceView }) {
  return (
    <tr data-surface={one.surface}>
      <td>{one.surface.toLowerCase()}</td>
      <td class="n">{whole(one.seen)}</td>
      <td class="n">{share(one.seen === 0 ? null : one.positive / one.seen, 2)}</td>
      <td class="n">{whole(one.audit)}</td>
      <td class="n">{whole(one.kept)}</td>
      <td class="n">{share(one.keptShare)}</td>
      <td class="n">
        {decimal(one.weightRatio, 2)}
        {one.weightError !== null && <small class="quiet"> ± {decimal(Z_95 * one.weightError, 2)}</small>}
      </td>
    </tr>
  );
}
