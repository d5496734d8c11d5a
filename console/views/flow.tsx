import type { FlowView as Flow, PartitionView } from '../../src/console/api.js';
import { clock, duration, rate, share, whole } from '../format';
import type { Live } from '../live';
import { Chart, type Line } from '../parts/chart';
import { Empty, Panel, Tile } from '../parts/tile';
import { FlowDrawing } from './flow-drawing';

const LINES: readonly Line[] = [
  { name: 'impressions read /s', tone: 'accent', value: rate },
  { name: 'samples decided /s', tone: 'quiet', value: rate },
  { name: 'samples kept /s', tone: 'quiet', isDashed: true, value: rate },
];

/** Is it flowing, and where does it wait? */
export function FlowView({ frame, history, link }: Live) {
  if (!frame) return <Empty>{link === 'lost' ? 'The run does not answer.' : 'Asking the run…'}</Empty>;
  const { flow, point } = frame;
  const columns = [
    history.map(({ atMs }) => atMs / 1000),
    history.map(({ impressionsPerSecond }) => impressionsPerSecond),
    history.map(({ samplesPerSecond }) => samplesPerSecond),
    history.map(({ keptPerSecond }) => keptPerSecond),
  ];
  return (
    <>
      <h2 class="question">Is it flowing, and where does it wait?</h2>
      <div class="tiles">
        <Tile name="Impressions" id="impressionsPerSecond" value={rate(flow.impressionsPerSecond)} unit="/s">
          read from the log
        </Tile>
        <Tile name="Interactions" id="interactionsPerSecond" value={rate(flow.interactionsPerSecond)} unit="/s">
          clicks and the like
        </Tile>
        <Tile name="Samples" id="samplesPerSecond" value={rate(point.samplesPerSecond)} unit="/s">
          outcome final, decided on
        </Tile>
        <Tile name="Kept" id="keptPerSecond" value={rate(point.keptPerSecond)} unit="/s">
          {point.samplesPerSecond > 0
            ? `${share(point.keptPerSecond / point.samplesPerSecond)} of those, to train on`
            : 'to train on'}
        </Tile>
        <Tile name="Watermark" id="behindSeconds" value={duration(point.behindSeconds)}>
          behind the wall clock
        </Tile>
      </div>
      <Panel
        title="The pipeline"
        caption={`As wide as what flows; rates are means over the last ${duration(frame.intervalMs / 1000)}. Busy is the share of a partition's time that a stage takes.`}
      >
        <FlowDrawing flow={flow} />
      </Panel>
      <Panel title="The last ten minutes" caption="Since somebody has been looking.">
        {history.length < 2 ? (
          <Empty>The lines begin now.</Empty>
        ) : (
          <Chart label="Rates over time" lines={LINES} columns={columns} tick={rate} />
        )}
      </Panel>
      <Partitions flow={flow} />
    </>
  );
}

function Partitions({ flow }: { readonly flow: Flow }) {
  const { partitions, partitionCount } = flow;
  const elsewhere = partitionCount === null ? 0 : partitionCount - partitions.length;
  const furthest = Math.max(1, ...partitions.map(({ behindSeconds }) => behindSeconds ?? 0));
  return (
    <Panel
      title="Partitions"
      caption={
        elsewhere > 0
          ? `This instance owns ${partitions.length} of ${whole(partitionCount)}; others own the rest, and their consoles show them.`
          : 'The watermark says up to which event time everything has come. How far it lies behind the wall clock is how long a click may still be awaited.'
      }
    >
      {partitions.length === 0 ? (
        <Empty>This instance owns no partition: other instances own them all, or it has just begun.</Empty>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th class="n">partition</th>
                <th>owner</th>
                <th>watermark</th>
                <th class="wide-only">behind the wall clock</th>
                <th class="n">behind</th>
                <th class="n">lag, lists</th>
                <th class="n">lag, interactions</th>
                <th class="n">open impressions</th>
                <th class="n">last commit</th>
              </tr>
            </thead>
            <tbody>
              {partitions.map((one) => (
                <Row key={one.partition} one={one} furthest={furthest} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ one, furthest }: { readonly one: PartitionView; readonly furthest: number }) {
  const { partition, state, owner, watermarkMs, behindSeconds, lagRecords, openImpressions, lastCommitMs } = one;
  const part = Math.max(0, Math.min(1, (behindSeconds ?? 0) / furthest));
  return (
    <tr data-partition={partition}>
      <td class="n">{partition}</td>
      <td>
        {owner}
        {state === 'restoring' && <span class="pill warn">restoring</span>}
      </td>
      <td>{watermarkMs === null ? 'none yet' : clock(watermarkMs)}</td>
      <td class="wide-only">
        <span class="meter">
          <span style={{ width: `${100 * part}%` }} />
        </span>
      </td>
      <td class="n">{duration(behindSeconds)}</td>
      <td class="n">{whole(lagRecords.impressions)}</td>
      <td class="n">{whole(lagRecords.interactions)}</td>
      <td class="n">{whole(openImpressions)}</td>
      <td class="n">{clock(lastCommitMs)}</td>
    </tr>
  );
}
