import type { ColumnGain, Evaluation, ModelMetrics, ModelView } from '../../src/console/api.js';
import { decimal, share, signed, whole } from '../format';
import { useAnswer } from '../live';
import { Reliability } from '../parts/reliability';
import { Empty, Panel } from '../parts/tile';

const MOST_COLUMNS = 14;

/** One snapshot: against the champion of its time, how reliable it is, and what it looks at. */
export function ModelDetail({ version, news }: { readonly version: string | undefined; readonly news: unknown }) {
  const { value, refusal } = useAnswer<ModelView>(version && `/api/models/${encodeURIComponent(version)}`, news);
  if (refusal) return <Empty>{`${refusal.error}. ${refusal.remedy}`}</Empty>;
  if (!value) return null;
  const { model, candidate } = value;
  return (
    <div data-model={model.version}>
      <Panel
        title={`${model.version}${model.isChampion ? ', the champion' : ''}`}
        caption={`${sentence(value.decision.reason)} Learner ${model.learner}, ${whole(model.rows)} rows of which ${whole(model.positives)} are positive, fitted in ${decimal(model.fitMs / 1000, 1)} s.${value.calibration === null ? '' : ` Calibration: ${sentence(value.calibration)}`}`}
      >
        <Comparison model={value} />
      </Panel>
      <div class="pair">
        <Panel
          title="Reliability"
          caption="Audit samples in bins of neighbouring predictions: how often they were clicked, against how often that was predicted. On the line, the predictions are right; whiskers are 95 %."
        >
          {candidate?.reliability?.length ? (
            <Reliability bins={candidate.reliability} />
          ) : (
            <Empty>There were too few audit samples when it was judged.</Empty>
          )}
        </Panel>
        <Panel
          title="What it looks at"
          caption={`Columns by share of the gain${model.isChampion ? '' : '; the mark is the champion of now'}.`}
        >
          <Columns columns={value.columns} />
        </Panel>
      </div>
    </div>
  );
}

function sentence(text: string): string {
  const begun = `${text.charAt(0).toUpperCase()}${text.slice(1)}`.trim();
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

interface Measure {
  readonly name: string;
  readonly of: (metrics: ModelMetrics) => number | null;
}

const MEASURES: readonly Measure[] = [
  { name: 'NE', of: ({ normalisedEntropy }) => normalisedEntropy },
  { name: 'AUC', of: ({ auc }) => auc },
  { name: 'calibration', of: ({ calibration }) => calibration },
  { name: 'log loss', of: ({ logLoss }) => logLoss },
  { name: 'calibration error', of: ({ expectedCalibrationError }) => expectedCalibrationError },
  { name: 'F1', of: ({ f1 }) => f1 },
];

function Comparison({ model: { candidate, champion, parent } }: { readonly model: ModelView }) {
  if (!candidate) return <Empty>It was not judged: it was brought, or there were no audit samples.</Empty>;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>on {whole(candidate.overall.sampleCount)} audit samples</th>
            {MEASURES.map(({ name }) => (
              <th class="n" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Measured name="this one" of={candidate.overall} />
          {champion && <Measured name={`champion then, ${parent ?? 'none'}`} of={champion.overall} />}
          {champion && <Difference candidate={candidate} champion={champion} />}
          {surfacesOf(candidate).map(([surface, metrics]) => (
            <Measured key={surface} name={`this one, ${surface.toLowerCase()}`} of={metrics} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function surfacesOf({ surfaces }: Evaluation): readonly (readonly [string, ModelMetrics])[] {
  const all = Object.entries(surfaces);
  return all.length > 1 ? all : [];
}

function Measured({ name, of }: { readonly name: string; readonly of: ModelMetrics }) {
  return (
    <tr>
      <td>{name}</td>
      {MEASURES.map((measure) => (
        <td class="n" key={measure.name}>
          {decimal(measure.of(of))}
        </td>
      ))}
    </tr>
  );
}

function Difference({ candidate, champion }: { readonly candidate: Evaluation; readonly champion: Evaluation }) {
  return (
    <tr class="difference">
      <td>difference</td>
      {MEASURES.map(({ name, of }) => {
        const [own, other] = [of(candidate.overall), of(champion.overall)];
        return (
          <td class="n" key={name}>
            {signed(own === null || other === null ? null : own - other)}
          </td>
        );
      })}
    </tr>
  );
}

function Columns({ columns }: { readonly columns: readonly ColumnGain[] }) {
  const shown = columns.filter(({ gain }) => gain > 0).slice(0, MOST_COLUMNS);
  if (shown.length === 0) return <Empty>Its learner does not say.</Empty>;
  const most = Math.max(...shown.flatMap(({ gain, championGain }) => [gain, championGain ?? 0]));
  return (
    <ol class="bars">
      {shown.map(({ column, gain, championGain }) => (
        <li key={column}>
          <span class="name" title={column}>
            {column}
          </span>
          <span class="bar-track">
            <span class="bar-fill" style={{ width: `${(100 * gain) / most}%` }} />
            {championGain !== null && <span class="bar-mark" style={{ left: `${(100 * championGain) / most}%` }} />}
          </span>
          <span class="n">{share(gain)}</span>
        </li>
      ))}
    </ol>
  );
}
