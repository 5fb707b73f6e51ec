/** Entry of the store's thread: samples in, answers to queries out. */
import { parentPort, workerData } from 'node:worker_threads';
import { GatheredCounts, PackedCounts } from '@weft/core/traffic';
import type { FromStore, ToStore } from './messages.ts';
import { answerQuery } from './prometheus-api.ts';
import { Labels, METRIC_NAME } from './query/index.ts';
import { SeriesStore, type SeriesChange, type SeriesStoreOptions } from './store/series-store.ts';
import { LabelPairs } from './store/label-pairs.ts';
import { EdgeSeries } from './store/traffic-series.ts';

const port = parentPort;
if (port === null) throw new Error('this module is the entry of a thread');
const store = new SeriesStore(workerData as SeriesStoreOptions);
const edges = new Map<number, EdgeSeries>();
const pairs = new LabelPairs();
const say = (message: FromStore): void => port.postMessage(message);

function record(sample: Extract<ToStore, { kind: 'sample' }>): void {
  for (const [id, edge] of sample.edges) edges.set(id, new EdgeSeries(store, edge, pairs));
  store.record(sample.at, changes(sample));
  for (const [id, exemplars] of sample.exemplars) {
    const series = edges.get(id)?.durations;
    if (series !== undefined) store.exemplars.add(series, exemplars);
  }
  for (const id of sample.gone) edges.delete(id);
}

/** Edge by edge: all at once they would outlive the young generation, every five seconds. */
function* changes({ rows, counts, gauges }: Extract<ToStore, { kind: 'sample' }>): Generator<SeriesChange> {
  const packed = new PackedCounts(counts);
  const gathered = new GatheredCounts();
  for (const [row, id] of rows.entries()) {
    gathered.clear();
    gathered.mergeRow(packed, row);
    yield* edges.get(id)?.changes(gathered.counts()) ?? [];
  }
  for (const { name, labels, value } of gauges) {
    const series = store.series('gauge', Labels.of([[METRIC_NAME, name], ...labels]));
    if (series !== undefined) yield { series, change: { value } };
  }
}

port.on('message', (message: ToStore) => {
  switch (message.kind) {
    case 'sample':
      record(message);
      return;
    case 'query': {
      const { code, body } = answerQuery(store, message.path, new URLSearchParams(message.parameters), message.now);
      say({ id: message.id, kind: 'answer', code, body: JSON.stringify(body) });
      return;
    }
    case 'health':
      say({ id: message.id, kind: 'health', health: store.health });
      return;
    case 'close':
      store.close();
      say({ id: message.id, kind: 'closed' });
      port.close();
      return;
    default:
      message satisfies never;
  }
});
